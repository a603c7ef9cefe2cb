#include <iostream>

#include "cli/command/commands.h"
#include "cli/option/cascade_mode.h"
#include "cli/option/field_options.h"
#include "cli/option/input_options.h"
#include "cli/option/value_checks.h"
#include "cli/output/print.h"
#include "data/batch/input_fields.h"
#include "run/predict_run.h"

namespace submask::cli {
namespace {

struct PredictOptions : NetworkOptions {
  PredictSpec spec;  // without backbone and compute
  DataOptions data;  // only how images are decoded is used
};

void print_predictions(const Json& images) {
  for (const Json& image : images) {
    std::cout << image["image"].get<std::string>() << '\n';
    for (const Json& prediction : image["predictions"]) {
      std::cout << "  " << prediction["task"].get<std::string>() << ':';
      for (const Json& answer : prediction["classes"])
        std::cout << "  " << answer["label"].get<std::string>() << ' '
                  << format_share(answer["probability"].get<double>());
      std::cout << '\n';
    }
  }
  std::cout << std::flush;
}

void predict(PredictOptions& options) {
  PredictSpec& spec = options.spec;
  spec.backbone = options.backbone;
  spec.compute = options.compute;
  spec.decode = options.data.decode;
  const Json result = predict_images(spec);
  for (const Json& line : result["notes"]) note(options, line);
  for (const Json& name : result["bad_images"])
    note(options, "skipped " + name.get<std::string>() + ": it does not decode");
  for (const Json& name : result["damaged_images"])
    note(options, name.get<std::string>() + " is damaged and decodes all the same");
  if (options.json)
    print_result(options, result);
  else
    print_predictions(result["images"]);
}

}  // namespace

void add_predict_command(CLI::App& program) {
  auto* command = program.add_subcommand("predict", "Label images by one or more tasks");
  auto options = std::make_shared<PredictOptions>();
  options->add_to(*command);
  command
      ->add_option("--task", options->spec.tasks,
                   "Task or cascade file; give it again for more tasks over one backbone; none: "
                   "the backbone's own classifier")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false)  // the words after the file are images
      ->type_name("FILE");
  add_cascade_mode(*command, options->spec.mode);
  command
      ->add_option("--classes", options->spec.classes,
                   "Names of the backbone's own classes, one a line; none: their numbers")
      ->type_name("FILE");
  command->add_option("IMAGES", options->spec.images, "Image files")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->required();
  command->add_option("--top", options->spec.top, "Classes to name")->check(positive_number());
  add_field_options(
      *command,
      chosen_fields(input_fields(), {"input-size", "crop-share", "interpolation", "resize",
                                     "batch-size", "workers", "skip-bad-images"}),
      options->spec.input);
  add_decode_options(*command, options->data);
  command->callback([options] { predict(*options); });
}

}  // namespace submask::cli
