// Prints results to stdout.
#pragma once

#include <string>

#include "cli/option/shared_options.h"
#include "run/result_json.h"

namespace submask::cli {

using Json = ResultJson;

// With --json prints the object as the last line of stdout, else its scalars as "name  value"
// lines.
void print_result(const OutputOptions& output, const Json& result);

std::string format_bytes(double bytes);       // "34.1 kB"
std::string format_duration(double seconds);  // "1 min 05 s"
std::string format_share(double share);       // "0.8950"

}  // namespace submask::cli
