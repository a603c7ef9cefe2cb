// Files for runs of a few images: data, weights and tasks, made where they are first asked for.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include <submask/backbone.h>
#include <submask/task_file.h>

#include "base/random.h"
#include "image/png_encode.h"
#include "mask/random_task.h"
#include "scratch_folder.h"

namespace submask {

// A folder data set: two classes of six and three images, of which one is larger than the others.
inline std::string small_images(uint64_t seed = 1) {
  const std::filesystem::path root = scratch_folder() / ("images" + std::to_string(seed));
  if (std::filesystem::exists(root)) return root.string();
  for (const auto& [split, count] : {std::pair{"train", 6}, std::pair{"test", 3}})
    for (const char* label : {"dark", "light"}) {
      const auto folder = root / split / label;
      std::filesystem::create_directories(folder);
      for (int i = 0; i < count; ++i) {
        const int side = i == 0 ? 48 : 32;
        Random random({seed, static_cast<uint64_t>(i), label[0] == 'd' ? 0U : 1U});
        Image image{side, side, {}};
        for (int64_t pixel = 0; pixel < int64_t{3} * side * side; ++pixel)
          image.pixels.push_back(
              static_cast<uint8_t>((label[0] == 'd' ? 40 : 140) + random.below(80)));
        write_png(image, folder / (std::to_string(i) + ".png"));
      }
    }
  return root.string();
}

inline std::string text_file(const std::string& name, const std::string& content) {
  const auto path = scratch_folder() / name;
  std::ofstream(path) << content;
  return path.string();
}

// A weight file of random weights; `shift` moves a running mean.
inline std::string weights_of(const std::string& backbone, double shift = 0) {
  const auto path = scratch_folder() / (backbone + std::to_string(shift) + ".safetensors");
  if (std::filesystem::exists(path)) return path.string();
  const auto network = Backbone::create(backbone, 1);
  TensorMap tensors = network->parameters();
  for (auto& [name, tensor] : network->buffers()) tensors[name] = tensor.clone();
  for (auto& [name, tensor] : tensors)
    if (name.ends_with("running_mean")) tensor.add_(shift);
  for (auto& [name, tensor] : tensors) tensor = tensor.detach();
  write_safetensors(path, tensors, {});
  return path.string();
}
inline std::string plain_weights() { return weights_of("resnet20"); }
inline std::string other_weights() { return weights_of("resnet20", 0.25); }

// Both in one file: model. and its moving average, ema.
inline std::string weights_with_average() {
  const auto path = scratch_folder() / "average.safetensors";
  TensorMap both;
  for (const auto& [prefix, file] :
       {std::pair("model.", plain_weights()), {"ema.", other_weights()}})
    for (const auto& [name, tensor] : read_weight_file(file).tensors) both[prefix + name] = tensor;
  write_safetensors(path, both, {});
  return path.string();
}

// Of the embedded resnet20, by a random mask.
inline std::string small_task(uint64_t seed) {
  const auto path = scratch_folder() / ("random" + std::to_string(seed) + ".task");
  if (std::filesystem::exists(path)) return path.string();
  const auto backbone = Backbone::load("resnet20", "");
  write_task(path, pack_task(random_task(*backbone, seed, 0.9), *backbone));
  return path.string();
}

}  // namespace submask
