#include "cli/option/training_log_options.h"

namespace submask::cli {

void TrainingLogOptions::add_to(CLI::App& command) {
  const auto group = "Run";
  command.add_option("--log", csv, "Write the numbers of each epoch to this CSV file")
      ->type_name("FILE")
      ->group(group);
  command.add_option("--tensorboard", tensorboard, "Write them to event files in this folder too")
      ->type_name("DIR")
      ->group(group);
}

}  // namespace submask::cli
