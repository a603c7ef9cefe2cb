// A task of two units over random weights, made by the C interface alone.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <submask/submask.h>

using TaskPointer = std::unique_ptr<submask_task, decltype(&submask_task_free)>;

inline TaskPointer owned(submask_task* task) { return {task, &submask_task_free}; }

// The line of a call that fails with this status.
inline std::string refusal(submask_status expected, submask_status got) {
  EXPECT_EQ(got, expected) << submask_last_error();
  return submask_last_error();
}

#define EXPECT_OK(call) ASSERT_EQ(call, SUBMASK_OK) << submask_last_error()

struct SmallTask {
  explicit SmallTask(unsigned seed = 1, double keep = 0.9) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::mt19937 random_weights(7);  // the same network for all seeds
    for (const auto& shape : shapes) {
      const size_t n = count(shape);
      auto& weights = theta.emplace_back(n);
      for (float& value : weights) value = normal(random_weights);
      auto& packed = bits.emplace_back((n + 7) / 8);
      for (size_t i = 0; i < n; ++i)
        if (std::generate_canonical<double, 32>(random) < keep)
          packed[i / 8] |= static_cast<uint8_t>(1U << i % 8);
    }
    for (size_t i = 0; i < 4; ++i) {
      base_mean.push_back(normal(random_weights));
      base_variance.push_back(1 + static_cast<float>(i));
      mean.push_back(base_mean[i] + 0.01F * normal(random));
      variance.push_back(base_variance[i] + 0.125F);
    }
  }

  static size_t count(const std::vector<int64_t>& shape) {
    size_t n = 1;
    for (const int64_t length : shape) n *= static_cast<size_t>(length);
    return n;
  }

  std::vector<submask_mask> masks() const {
    return {{names[0], shapes[0].size(), shapes[0].data(), bits[0].data()},
            {names[1], shapes[1].size(), shapes[1].data(), bits[1].data()}};
  }
  std::vector<submask_array> weights() const {
    return {{names[0], shapes[0].size(), shapes[0].data(), theta[0].data()},
            {names[1], shapes[1].size(), shapes[1].data(), theta[1].data()}};
  }
  std::vector<submask_array> statistics() const {
    return {{"bn1.running_mean", 1, &channels, mean.data()},
            {"bn1.running_var", 1, &channels, variance.data()}};
  }
  std::vector<submask_array> statistics_base() const {
    return {{"bn1.running_mean", 1, &channels, base_mean.data()},
            {"bn1.running_var", 1, &channels, base_variance.data()}};
  }
  std::vector<submask_array> head() const {
    return {{"weight", 2, head_shape.data(), head_weight.data()},
            {"bias", 1, head_shape.data(), head_bias.data()}};
  }

  TaskPointer plain() const {
    submask_task* task = nullptr;
    const auto m = masks();
    const auto s = statistics(), h = head();
    EXPECT_EQ(submask_task_new(description.c_str(), m.data(), m.size(), s.data(), s.size(),
                               h.data(), h.size(), &task),
              SUBMASK_OK)
        << submask_last_error();
    return owned(task);
  }

  // Calls use(options) with what the task is packed with.
  template <typename Use>
  void with_options(submask_profile profile, const Use& use) const {
    const auto w = weights(), b = statistics_base();
    submask_pack_options options{};
    options.profile = profile;
    options.head = SUBMASK_EXACT;
    options.weights = w.data();
    options.weight_count = w.size();
    options.statistics_base = b.data();
    options.statistics_base_count = b.size();
    use(options);
  }

  TaskPointer packed(submask_profile profile) const {
    submask_task* task = nullptr;
    with_options(profile, [&](const submask_pack_options& options) {
      EXPECT_EQ(submask_task_pack(plain().get(), &options, &task), SUBMASK_OK)
          << submask_last_error();
    });
    return owned(task);
  }

  std::string description =
      R"({"backbone":"net","weights_identity":")" + std::string(64, 'a') +
      R"(","criterion":"threshold","scale":true,)"
      R"("classes":["cat","dog"],"preprocessing":{"input_size":32,"crop_share":1.0,)"
      R"("interpolation":"bicubic","mean":[0.5,0.5,0.5],"std":[0.5,0.5,0.5]},"provenance":{}})";
  const char* names[2] = {"conv1.weight", "layer1.0.conv1.weight"};
  std::vector<std::vector<int64_t>> shapes{{16, 8, 3, 3}, {64, 100}};
  std::vector<std::vector<float>> theta;
  std::vector<std::vector<uint8_t>> bits;
  int64_t channels = 4;
  std::vector<float> mean, variance, base_mean, base_variance;
  std::vector<int64_t> head_shape{2, 3};
  std::vector<float> head_weight{1, 2, 3, 4, 5, 6}, head_bias{7, 8};
};

inline std::vector<uint8_t> file_bytes(const submask_task* task) {
  size_t size = 0;
  EXPECT_EQ(submask_task_bytes(task, nullptr, 0, &size), SUBMASK_OK);
  std::vector<uint8_t> bytes(size);
  EXPECT_EQ(submask_task_bytes(task, bytes.data(), bytes.size(), &size), SUBMASK_OK);
  return bytes;
}
