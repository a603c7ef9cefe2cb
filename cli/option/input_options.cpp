#include "cli/option/input_options.h"

#include <submask/error.h>

#include "cli/option/number_checks.h"

namespace submask::cli {

void BackboneOptions::add_to(CLI::App& command) {
  command
      .add_option(
          "--backbone", name,
          "Backbone by its usual name (submask backbones lists them), or torchscript:FILE: any "
          "program that torch.jit.script saved; it is run")
      ->group("Backbone");
  command
      .add_option(
          "--weights", weights,
          "Its weight file (safetensors, .pth, .pt, .bin) or a folder of one, as Hugging Face "
          "keeps; none: the embedded weights where it has them")
      ->type_name("FILE")
      ->group("Backbone");
}

std::unique_ptr<Backbone> BackboneOptions::load(const SharedOptions& shared,
                                                const std::string& task_backbone) const {
  const std::string& wanted = name.empty() ? task_backbone : name;
  if (wanted.empty())
    throw Error(ErrorKind::invalid_argument,
                "expected --backbone NAME (submask backbones lists them), got none");
  if (name.empty() && wanted.starts_with("torchscript:"))
    throw Error(ErrorKind::invalid_argument,
                "expected --backbone torchscript:FILE, because the task's backbone is a program "
                "that runs only where it is named, got none");
  auto backbone = Backbone::load(wanted, weights, shared.precision);
  backbone->to(at::Device(shared.device));
  backbone->set_precision(shared.precision);
  return backbone;
}

void add_labels(CLI::App& command, std::string& labels) {
  command
      .add_option("--labels", labels,
                  "Training images to learn from: 10p (percent), 4000 (images), 16/class, "
                  "classes:cat,dog or file:FILE (their numbers from 0, one a line)")
      ->group("Data");
}

void add_pixel_limit(CLI::App& command, int64_t& pixel_limit) {
  command
      .add_option("--pixel-limit", pixel_limit,
                  "Pixels that an image may have; one of more does not decode")
      ->check(positive_number())
      ->group("Data");
}

void InputOptions::add_to(CLI::App& command, bool required) {
  const auto group = "Data";
  auto* option =
      command.add_option("--data", data.spec,
                         "A data set as NAME:WHERE, e.g. folder:DIR (submask datasets lists them)");
  option->group(group)->type_name("D");
  if (required) option->required();
  add_labels(command, data.labels);
  command.add_option("--train-limit", data.train_limit, "The first N training images; 0: all")
      ->check(non_negative_number())
      ->group(group);
  command.add_option("--test-limit", data.test_limit, "The first N test images; 0: all")
      ->check(non_negative_number())
      ->group(group);
  command
      .add_option("--validation", data.validation,
                  "Take this much of the training set (10p, 500) to choose the best epoch by")
      ->group(group);
  command
      .add_option("--feature-cache", feature_cache,
                  "Folder that keeps the features which results are measured on, for the next run "
                  "with the same network, data and transform")
      ->type_name("DIR")
      ->group(group);
  add_image_options(command);
}

// How images are read, whatever they are for.
void InputOptions::add_image_options(CLI::App& command) {
  const auto group = "Images";
  command
      .add_option("--input-size", input_size,
                  "Pixels of the network's square input; 0: the backbone's")
      ->check(CLI::Range(0, 4096))
      ->group(group);
  command.add_option("--batch-size", batch_size, "Images a batch")
      ->check(positive_number())
      ->group(group);
  command.add_option("--workers", workers, "Threads that read and transform images")
      ->check(CLI::Range(0, 256))
      ->group(group);
  command
      .add_flag(
          "--fast-decode", fast_decode,
          "Decode JPEGs scaled down where the crops need less: faster, but not Pillow's pixels")
      ->group(group);
  command
      .add_option(
          "--cache", cache.kind,
          "ram or disk: keep decoded images, or resized ones where every epoch sees the same "
          "part of them; results do not change")
      ->check(CLI::IsMember({"ram", "disk"}))
      ->group(group);
  command.add_option("--cache-dir", cache.folder, "Folder of the disk cache")
      ->type_name("DIR")
      ->group(group);
  command
      .add_flag("--skip-bad-images", skip_bad_images,
                "Count and leave out images that do not decode")
      ->group(group);
  add_pixel_limit(command, data.pixel_limit);
}

DataSplits InputOptions::open(const SharedOptions& shared) const {
  DataOptions options = data;
  options.seed = shared.seed;
  return open_data(options);
}

LoaderOptions InputOptions::loader() const {
  LoaderOptions options;
  options.batch_size = batch_size;
  options.workers = workers;
  options.skip_bad_images = skip_bad_images;
  return options;
}

Transform InputOptions::test(const Preprocessing& preprocessing) const {
  Transform transform;
  transform.preprocessing = preprocessing;
  transform.fast_decode = fast_decode;
  if (input_size > 0) transform.preprocessing.input_size = input_size;
  return transform;
}

DataSplits OpenedData::open(const InputOptions& input, const SharedOptions& shared) {
  constexpr size_t most = 4;
  const DataOptions& data = input.data;
  const std::string key = Json({data.spec, data.labels, data.train_limit, data.test_limit,
                                data.validation, data.pixel_limit, shared.seed})
                              .dump();
  for (const auto& [name, splits] : opened_)
    if (name == key) return splits;
  opened_.emplace_front(key, input.open(shared));
  if (opened_.size() > most) opened_.pop_back();
  return opened_.front().second;
}

}  // namespace submask::cli
