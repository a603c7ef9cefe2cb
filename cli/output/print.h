// Prints results to stdout and all other lines to stderr.
#pragma once

#include <string>

#include "cli/option/shared_options.h"
#include "run/result_json.h"

namespace submask::cli {

using Json = ResultJson;

// With --json prints the object as the last line of stdout, else its scalars as "name  value"
// lines.
void print_result(const OutputOptions& output, const Json& result);

// Prints a line to stderr, unless --quiet.
void note(const OutputOptions& output, const std::string& line);

std::string format_bytes(double bytes);       // "34.1 kB"
std::string format_duration(double seconds);  // "1 min 05 s"
std::string format_share(double share);       // "0.8950"

}  // namespace submask::cli
