#include "cli/option/shared_options.h"

#include <iostream>

#include "cli/option/field_options.h"
#include "run/run_fields.h"

namespace submask::cli {

void prepare_options(CLI::App& command) {
  command.option_defaults()
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
      ->always_capture_default();
}

void note(const OutputOptions& output, const std::string& line) {
  if (!output.quiet) std::cerr << line << std::endl;
}

void OutputOptions::add_to(CLI::App& command) {
  const auto& group = compute_fields().title;
  command.add_flag("--json", json, "One JSON object as the last line of stdout")->group(group);
  command.add_flag("--quiet", quiet, "No progress on stderr")->group(group);
  command.add_option("--config", "TOML file of options by their long names; the command line wins")
      ->type_name("FILE")
      ->group(group);
}

void SharedOptions::add_to(CLI::App& command) {
  prepare_options(command);
  add_field_options(command, compute_fields(), compute);
  OutputOptions::add_to(command);
}

}  // namespace submask::cli
