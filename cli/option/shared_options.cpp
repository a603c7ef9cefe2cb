#include "cli/option/shared_options.h"

#include <cmath>
#include <cstdio>
#include <iostream>
#include <thread>

#include <ATen/Context.h>
#include <ATen/Parallel.h>

#include <submask/error.h>

#include "cli/option/number_checks.h"

namespace submask::cli {

void SharedOptions::add_to(CLI::App& command) {
  command.option_defaults()
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
      ->always_capture_default();
  const auto group = "Shared by every command";
  command.add_option("--seed", seed, "Seed of every random choice")
      ->check(non_negative_number())
      ->group(group);
  command.add_option("--threads", threads, "Threads of the arithmetic; 0: one a core")
      ->check(non_negative_number())
      ->group(group);
  command.add_option("--device", device, "cpu or cuda[:N]")->group(group);
  command.add_option("--precision", precision, "float32 or bfloat16 (autocast)")
      ->check(CLI::IsMember({"float32", "bfloat16", "float16"}))
      ->group(group);
  command.add_flag("--json", json, "One JSON object as the last line of stdout")->group(group);
  command.add_flag("--quiet", quiet, "No progress on stderr")->group(group);
  command.add_option("--config", "TOML file of options by their long names; the command line wins")
      ->type_name("FILE")
      ->group(group);
}

void SharedOptions::apply() const {
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  at::set_num_threads(threads > 0 ? threads : cores);
  if (device != "cpu" && device.rfind("cuda", 0) != 0)
    throw Error(ErrorKind::invalid_argument, "expected a device: cpu or cuda[:N], got " + device);
  if (device != "cpu" && !at::hasCUDA())
    throw Error(ErrorKind::unavailable, "expected a CUDA device for --device " + device +
                                            ", got none on this machine or in this build");
  if (precision == "float16" && device == "cpu")
    throw Error(ErrorKind::unavailable, "expected float32 or bfloat16 on a CPU, got float16");
}

void print_result(const SharedOptions& options, const Json& result) {
  if (options.json) {
    std::cout << result.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
    return;
  }
  for (const auto& [key, value] : result.items()) {
    if (value.is_structured()) continue;
    std::cout << key << std::string(key.size() < 22 ? 22 - key.size() : 1, ' ')
              << (value.is_string() ? value.get<std::string>() : value.dump()) << '\n';
  }
  std::cout << std::flush;
}

void note(const SharedOptions& options, const std::string& line) {
  if (!options.quiet) std::cerr << line << std::endl;
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
