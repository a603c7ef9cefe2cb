// How a command prints: results to stdout, all else to stderr.
#pragma once

#include <string>

#include "cli/option/shared_options.h"
#include "run/result_json.h"

namespace submask::cli {

using Json = ResultJson;

// --json: one JSON object as the last line of stdout. Otherwise its scalars as "name  value" lines.
void print_result(const Talk& talk, const Json& result);

// A line to stderr, unless --quiet.
void note(const Talk& talk, const std::string& line);

std::string format_bytes(double bytes);       // "34.1 kB"
std::string format_duration(double seconds);  // "1 min 05 s"
std::string format_share(double share);       // "0.8950"

}  // namespace submask::cli
