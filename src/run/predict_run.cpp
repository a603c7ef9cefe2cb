#include "run/predict_run.h"

#include <fstream>
#include <map>

#include <ATen/ATen.h>

#include "base/fail.h"
#include "cascade/adaptation.h"
#include "run/opened.h"
#include "run/task_source.h"

namespace submask {
namespace {

// Returns the top classes of each image by one task: [{label, probability}, ...] by index in the
// image list. Sets `bad` to the names of the images that do not decode.
std::map<int64_t, ResultJson> predict_classes(AdaptedNetwork& network, const Adaptation& task,
                                              const std::shared_ptr<const Dataset>& images,
                                              const PredictSpec& spec,
                                              std::vector<std::string>& bad) {
  const Transform transform = test_transform(spec.input, task.description().preprocessing);
  Loader loader(images, transform, loader_options(spec.input));
  loader.start_epoch(0);
  std::map<int64_t, ResultJson> result;
  while (auto batch = loader.next()) {
    if (batch->indices.empty()) continue;
    const at::Tensor inputs =
        normalise(batch->images().to(at::Device(spec.compute.device)), transform.preprocessing);
    const at::Tensor probabilities = network.logits(inputs).softmax(1).to(at::kCPU);
    const auto [values, classes] =
        probabilities.topk(std::min<int64_t>(spec.top, probabilities.size(1)), 1);
    for (size_t i = 0; i < batch->indices.size(); ++i) {
      ResultJson& list = result[batch->indices[i]] = ResultJson::array();
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

}  // namespace

ResultJson predict_images(const PredictSpec& spec) {
  apply(spec.compute);
  std::vector<Adaptation> tasks;
  for (const std::string& path : spec.tasks)
    tasks.push_back(read_adaptation(task_path(path), spec.mode));
  const bool plain = tasks.empty();
  const auto backbone = load_backbone(spec.backbone, spec.compute,
                                      plain ? std::string() : tasks.front().description().backbone);
  if (plain) tasks.push_back(plain_task(*backbone, spec.classes));
  const auto images = image_list(spec.images, spec.decode);
  AdaptedNetwork network(*backbone);
  ResultJson predictions = ResultJson::array();
  for (const std::string& path : spec.images)
    predictions.push_back({{"image", path}, {"predictions", ResultJson::array()}});
  std::vector<std::string> bad;
  for (const Adaptation& task : tasks) {
    if (!plain) network.select(task);
    const auto predicted = predict_classes(network, task, images, spec, bad);
    if (predicted.empty()) fail_corrupt("images that decode", "none", bad.front());
    for (const auto& [index, classes] : predicted)
      predictions[static_cast<size_t>(index)]["predictions"].push_back(
          {{"task", task.path}, {"classes", classes}});
  }
  return {{"backbone", backbone->info().name},
          {"images", predictions},
          {"bad_images", bad},
          {"damaged_images", images->damaged_images()},
          {"notes", backbone->checkpoint().notes}};
}

}  // namespace submask
