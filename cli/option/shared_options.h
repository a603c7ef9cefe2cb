// Options every command has, and how a command prints: results to stdout, all else to stderr.
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>

namespace submask::cli {

using Json = nlohmann::ordered_json;

struct SharedOptions {
  uint64_t seed = 0;
  int threads = 0;  // 0: as many as the machine has cores
  std::string device = "cpu";
  std::string precision = "float32";
  bool json = false;
  bool quiet = false;

  void add_to(CLI::App& command);
  void apply() const;  // thread count; checks that the device is there
};

// --json: one JSON object as the last line of stdout. Otherwise its scalars as "name  value" lines.
void print_result(const SharedOptions& options, const Json& result);

// A line to stderr, unless --quiet.
void note(const SharedOptions& options, const std::string& line);

std::string format_bytes(double bytes);       // "34.1 kB"
std::string format_duration(double seconds);  // "1 min 05 s"
std::string format_share(double share);       // ".895", "-" for NaN

}  // namespace submask::cli
