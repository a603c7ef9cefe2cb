#include "cli/option/evaluate_options.h"

#include "cli/adaptation.h"

namespace submask::cli {

void EvaluateOptions::add_to(CLI::App& command) {
  shared.add_to(command);
  backbone.add_to(command);
  input.add_to(command, true);
  measure.add_to(command);
  text.add_to(command);
  command.add_option("--task", task, "Task or cascade file; none: the plain backbone")
      ->type_name("FILE");
  add_cascade_mode(command, mode);
  command
      .add_option(
          "--method", methods,
          "task (what the task file holds), head (the backbone's own classifier), zs (CLIP: class "
          "names as text), knn, lp; several by commas, the first gives `accuracy`")
      ->delimiter(',')
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->check(CLI::IsMember({"task", "head", "zs", "knn", "lp"}));
  command.add_option("--probe-l2", probe_l2, "Lambda of the linear probe; negative: .01 / images");
  command
      .add_option("--report", report,
                  "A page to write: accuracy of each class, confusion matrix, calibration and "
                  "images of the worst confusions of the first method")
      ->type_name("FILE.html");
}

}  // namespace submask::cli
