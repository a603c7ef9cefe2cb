#include "cli/output/print.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>

#include "base/fail.h"

namespace submask::cli {

void print_result(const OutputOptions& output, const Json& result) {
  if (output.json) {
    std::cout << json_text(result) << std::endl;
    return;
  }
  for (const auto& [key, value] : result.items()) {
    if (value.is_structured()) continue;
    std::cout << key << std::string(key.size() < 22 ? 22 - key.size() : 1, ' ')
              << (value.is_string() ? in_one_line(value.get<std::string>()) : json_text(value))
              << '\n';
  }
  std::cout << std::flush;
}

std::string format_bytes(double bytes) {
  char out[32];
  if (bytes < 1e3) {
    std::snprintf(out, sizeof out, "%.0f B", bytes);
  } else if (bytes < 1e6) {
    std::snprintf(out, sizeof out, "%.1f kB", bytes / 1e3);
  } else {
    std::snprintf(out, sizeof out, "%.2f MB", bytes / 1e6);
  }
  return out;
}

std::string format_duration(double seconds) {
  const auto whole = static_cast<long>(std::llround(std::max(0.0, seconds)));
  char out[48];
  if (whole < 60) {
    std::snprintf(out, sizeof out, "%ld s", whole);
  } else if (whole < 3600) {
    std::snprintf(out, sizeof out, "%ld min %02ld s", whole / 60, whole % 60);
  } else {
    std::snprintf(out, sizeof out, "%ld h %02ld min", whole / 3600, whole / 60 % 60);
  }
  return out;
}

std::string format_share(double share) {
  char out[16];
  std::snprintf(out, sizeof out, "%.4f", share);
  return out;
}

}  // namespace submask::cli
