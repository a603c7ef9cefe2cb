// Tasks, a cascade and an image as files over the embedded resnet20, and what an image's input is.
#pragma once

#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include <submask/predictor.h>

#include "cascade/cascade.h"
#include "error_of.h"
#include "run/small_runs.h"

namespace submask {

class ServedFiles : public testing::Test {
 protected:
  Task task_with(const std::optional<Head>& head, const std::vector<std::string>& classes) const {
    Task task = random_task(*backbone_, 3, 0.9);
    task.head = head;
    task.classes = classes;
    task.preprocessing = backbone_->info().preprocessing;
    return task;
  }

  // Another seed gives another head.
  LinearHead linear_head(uint64_t seed = 1) const {
    at::manual_seed(seed);
    return {at::randn({3, backbone_->info().feature_width}), at::randn({3})};
  }

  std::string file_of(const std::string& name, const Task& task) const {
    const auto path = scratch_folder() / name;
    write_task(path, pack_task(task, *backbone_));
    return path.string();
  }

  // A task with a head of three classes, the names of which are given or not.
  std::string task_file(const std::string& name, const std::vector<std::string>& classes,
                        uint64_t seed = 1) const {
    return file_of(name, task_with(linear_head(seed), classes));
  }

  // A dispatcher and two experts, which it adds to `members`, with heads of three classes.
  Cascade cascade_of(std::vector<Task>& members) const {
    Cascade cascade;
    for (const uint64_t seed : {4, 5, 6}) {
      Task member = random_task(*backbone_, seed, 0.9);
      member.preprocessing = backbone_->info().preprocessing;
      PackOptions options;
      options.parent = members.empty() ? nullptr : &members.front();
      const PackedTask packed = pack_task(member, *backbone_, options);
      members.push_back(unpack_task(packed, *backbone_, options.parent));
      if (members.size() == 1)
        cascade.dispatcher = packed;
      else
        cascade.experts.push_back(packed);
    }
    const int64_t width = backbone_->info().feature_width;
    cascade.router.projection = {at::zeros({width}, at::kDouble), at::eye(1, width, at::kDouble),
                                 at::ones({1}, at::kDouble)};
    cascade.router.kind = RouterKind::kmeans;
    cascade.router.parameters = {{"centres", at::tensor({-1.0, 1.0}, at::kDouble).view({2, 1})}};
    for (CascadeView* view : {&cascade.conditional, &cascade.unconditional}) {
      view->projection = {at::randn({3 * width}), at::randn({5, 3 * width}) / 10, at::ones({5})};
      view->head = LinearHead{at::randn({3, 5}), at::randn({3})};
    }
    cascade.classes = {"x", "y", "z"};
    return cascade;
  }

  // For an image of the network's size, which is neither resized nor cropped.
  static at::Tensor input_of(const Image& image, const Preprocessing& preprocessing) {
    EXPECT_EQ(image.width, preprocessing.input_size);
    EXPECT_EQ(image.height, preprocessing.input_size);
    const at::Tensor pixels =
        at::tensor(image.pixels, at::kByte).view({image.height, image.width, 3}).to(at::kDouble);
    const at::Tensor mean = at::tensor(at::ArrayRef<double>(preprocessing.mean), at::kDouble);
    const at::Tensor std = at::tensor(at::ArrayRef<double>(preprocessing.std), at::kDouble);
    return ((pixels / 255 - mean) / std).permute({2, 0, 1}).unsqueeze(0).to(at::kFloat);
  }

  // The predictions have the classes in the order of their probabilities, and their names.
  static void expect_predictions(const std::vector<Prediction>& got,
                                 const at::Tensor& probabilities,
                                 const std::vector<std::string>& names) {
    const auto [values, classes] = probabilities.flatten().sort(/*dim=*/0, /*descending=*/true);
    ASSERT_EQ(std::ssize(got), values.numel());
    for (int64_t i = 0; i < values.numel(); ++i) {
      const auto label = static_cast<size_t>(classes[i].item<int64_t>());
      EXPECT_EQ(got[static_cast<size_t>(i)].label, names.at(label)) << i;
      EXPECT_NEAR(got[static_cast<size_t>(i)].probability, values[i].item<double>(), 1e-5) << i;
    }
  }

  std::unique_ptr<Backbone> backbone_ = Backbone::load("resnet20", "");
  std::string image_ = small_images() + "/test/light/1.png";
  std::string large_image_ = small_images() + "/test/light/0.png";
};

}  // namespace submask
