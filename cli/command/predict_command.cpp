#include <fstream>
#include <iostream>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/head.h>

#include "base/fail.h"
#include "cascade/adaptation.h"
#include "cli/command/commands.h"
#include "cli/option/cascade_mode.h"
#include "cli/option/field_options.h"
#include "cli/option/input_options.h"
#include "cli/option/value_checks.h"
#include "cli/output/print.h"
#include "data/batch/input_fields.h"

namespace submask::cli {
namespace {

struct PredictOptions : NetworkOptions {
  std::vector<std::string> tasks;
  CascadeMode mode = CascadeMode::unconditional;  // for tasks that are cascades
  std::string classes;
  std::vector<std::string> images;
  int64_t top = 5;
  InputSettings input;
  DataOptions data;  // only the pixel limit is used
};

// The top classes of each image by one task: [{label, probability}, ...] by index in the image
// list. `bad` becomes the images that do not decode.
std::map<int64_t, Json> predict_classes(AdaptedNetwork& network, const Adaptation& task,
                                        const std::shared_ptr<const Dataset>& images,
                                        const PredictOptions& options,
                                        std::vector<std::string>& bad) {
  Transform transform;
  transform.preprocessing = task.description().preprocessing;
  Loader loader(images, transform, loader_options(options.input));
  loader.start_epoch(0);
  std::map<int64_t, Json> result;
  while (auto batch = loader.next()) {
    if (batch->indices.empty()) continue;
    const at::Tensor inputs = normalise(batch->images().to(at::Device(options.compute.device)),
                                        task.description().preprocessing);
    const at::Tensor probabilities = network.logits(inputs).softmax(1).to(at::kCPU);
    const auto [values, classes] =
        probabilities.topk(std::min<int64_t>(options.top, probabilities.size(1)), 1);
    for (size_t i = 0; i < batch->indices.size(); ++i) {
      Json& list = result[batch->indices[i]] = Json::array();
      for (int64_t j = 0; j < values.size(1); ++j) {
        const auto row = static_cast<int64_t>(i);
        list.push_back({{"label", task.classes().at(classes[row][j].item<int64_t>())},
                        {"probability", values[row][j].item<float>()}});
      }
    }
  }
  bad = loader.bad_images();
  return result;
}

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

// Reads the names of `count` classes, one a line. Without a file the names are numbers.
std::vector<std::string> read_class_names(const std::string& path, int64_t count) {
  std::vector<std::string> names;
  if (path.empty()) {
    for (int64_t i = 0; i < count; ++i) names.push_back(std::to_string(i));
    return names;
  }
  std::ifstream file(path);
  if (!file) fail(ErrorKind::io, "cannot open ", path);
  for (std::string line; std::getline(file, line);) names.push_back(line);
  if (static_cast<int64_t>(names.size()) != count)
    fail_corrupt(text(count, " class names, one a line"), names.size(), path);
  return names;
}

// The backbone's own classifier as a task without masks.
Adaptation plain_task(const Backbone& backbone, const std::string& classes) {
  if (!backbone.head()) fail_argument("--task FILE or a weight file with a classifier", "neither");
  PackedTask task;
  task.preprocessing = backbone.info().preprocessing;
  task.classes = read_class_names(classes, head_size(*backbone.head()).classes);
  return {backbone.info().name, task};
}

void predict(PredictOptions& options) {
  std::vector<Adaptation> tasks;
  for (const std::string& path : options.tasks)
    tasks.push_back(read_adaptation(path, options.mode));
  const bool plain = tasks.empty();
  const auto backbone =
      options.load_backbone(plain ? std::string() : tasks.front().description().backbone);
  if (plain) tasks.push_back(plain_task(*backbone, options.classes));
  const auto images = image_list(options.images, options.data.pixel_limit);
  AdaptedNetwork network(*backbone);
  Json result = Json::array();
  for (const std::string& path : options.images)
    result.push_back({{"image", path}, {"predictions", Json::array()}});
  std::vector<std::string> bad;
  for (const Adaptation& task : tasks) {
    if (!plain) network.select(task);
    const std::map<int64_t, Json> predicted = predict_classes(network, task, images, options, bad);
    if (predicted.empty()) fail_corrupt("images that decode", "none", bad.front());
    for (const auto& [index, classes] : predicted)
      result[index]["predictions"].push_back({{"task", task.path}, {"classes", classes}});
  }
  for (const std::string& name : bad) note(options, "skipped " + name + ": it does not decode");
  if (options.json) {
    print_result(options,
                 {{"backbone", backbone->info().name}, {"images", result}, {"bad_images", bad}});
  } else {
    print_predictions(result);
  }
}

}  // namespace

void add_predict_command(CLI::App& program) {
  auto* command = program.add_subcommand("predict", "Label images by one or more tasks");
  auto options = std::make_shared<PredictOptions>();
  options->add_to(*command);
  command
      ->add_option("--task", options->tasks,
                   "Task or cascade file; give it again for more tasks over one backbone; none: "
                   "the backbone's own classifier")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false)  // the words after one are images
      ->type_name("FILE");
  add_cascade_mode(*command, options->mode);
  command
      ->add_option("--classes", options->classes,
                   "Names of the backbone's own classes, one a line; none: their numbers")
      ->type_name("FILE");
  command->add_option("IMAGES", options->images, "JPEG, PNG or WebP files")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->required();
  command->add_option("--top", options->top, "Classes to name")->check(positive_number());
  add_field_options(*command,
                    chosen_fields(input_fields(), {"batch-size", "workers", "skip-bad-images"}),
                    options->input);
  add_pixel_limit_option(*command, options->data);
  command->callback([options] { predict(*options); });
}

}  // namespace submask::cli
