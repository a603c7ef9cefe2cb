// What the tests of train() share: short settings, a network, a folder for files.
#pragma once

#include <filesystem>
#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <submask/predictor.h>
#include <submask/task_file.h>
#include <submask/train.h>

#include "base/file.h"
#include "error_of.h"
#include "scratch_folder.h"
#include "toy_data.h"

namespace submask {

inline TrainSettings short_settings(Method method) {
  TrainSettings settings = recipe_settings("one-rate", method, backbone_info("resnet20"));
  settings.epochs = 2;
  settings.input.batch_size = 12;
  settings.head_update.rate = 0.05;
  settings.input.workers = 1;
  return settings;
}

class Train : public testing::Test {
 protected:
  std::string task_bytes(const Task& task) {
    write_task(folder_ / "task", pack_task(task));
    return read_text_file(folder_ / "task");
  }
  std::string refused(const TrainSettings& settings) {
    return error_of(ErrorKind::invalid_argument,
                    [&] { train(*backbone_, toy_splits(), settings); });
  }
  at::Tensor logits(const Task& task) {
    Predictor predictor(*backbone_);
    predictor.select(task);
    return predictor.logits(images_);
  }

  std::filesystem::path folder_ = fresh_folder("train");
  std::unique_ptr<Backbone> backbone_ = Backbone::create("resnet20", 3);
  at::Tensor images_ = at::linspace(-1, 1, int64_t{2} * 3 * 32 * 32).view({2, 3, 32, 32});
};

}  // namespace submask
