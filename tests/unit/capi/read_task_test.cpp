// Reading of task files by the C interface.
#include <cmath>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "small_task.h"

namespace {

extern "C" int submask_header_as_c(void);

TEST(CHeader, IsC) { EXPECT_EQ(submask_header_as_c(), SUBMASK_OK); }

TEST(CHeader, TellsTheVersion) { EXPECT_EQ(std::string(submask_version()).substr(0, 2), "0."); }

TEST(CReadTask, GoldenFileIsDescribed) {
  submask_task* task = nullptr;
  EXPECT_OK(submask_task_open(SUBMASK_TEST_DATA "/golden/mask/small.task", &task));
  const TaskPointer keep = owned(task);
  const char* json = nullptr;
  EXPECT_OK(submask_task_describe(task, &json));
  const auto described = nlohmann::json::parse(json);
  EXPECT_EQ(described["backbone"], "resnet20");
  EXPECT_EQ(described["task_bytes"],
            std::filesystem::file_size(SUBMASK_TEST_DATA "/golden/mask/small.task"));
  EXPECT_EQ(described["mask_bytes"], 7 + 16);
  EXPECT_EQ(described["statistics_bytes"], 32);
  EXPECT_EQ(described["head_bytes"], 40);
  EXPECT_EQ(described["metadata_bytes"], 1055 - 7 - 16 - 32 - 40);
  ASSERT_EQ(submask_task_unit_count(task), 2U);
  submask_unit unit;
  EXPECT_OK(submask_task_unit(task, 0, &unit));
  EXPECT_STREQ(unit.name, "conv1.weight");
  EXPECT_EQ(std::vector<int64_t>(unit.shape, unit.shape + unit.rank),
            (std::vector<int64_t>{4, 1, 3, 3}));
  EXPECT_EQ(unit.weights, 36);
  EXPECT_EQ(unit.on, 24);
  EXPECT_EQ(unit.scale, static_cast<float>(std::sqrt(36.0 / 24)));
  EXPECT_EQ(unit.off_scale, 0);
  uint8_t bits[5] = {};
  EXPECT_OK(submask_task_decode(task, 0, nullptr, 0, nullptr, bits, sizeof bits));
  const float few[5] = {};
  EXPECT_EQ(refusal(SUBMASK_INVALID_ARGUMENT,
                    submask_task_decode(task, 0, few, 5, nullptr, bits, sizeof bits))
                .substr(0, 9),
            "expected ");
  EXPECT_EQ(refusal(SUBMASK_INVALID_ARGUMENT,
                    submask_task_decode(task, 0, nullptr, 0, bits, bits, sizeof bits)),
            "expected no parent's bits, as the task has no parent, got some");
  const uint8_t expected[5] = {0xb6, 0x6d, 0xdb, 0xb6, 0x0d};
  EXPECT_EQ(std::memcmp(bits, expected, 5), 0);

  ASSERT_EQ(submask_task_statistic_count(task), 2U);
  const char* name = nullptr;
  size_t channels = 0;
  EXPECT_OK(submask_task_statistic(task, 1, &name, &channels));
  EXPECT_STREQ(name, "bn1.running_var");
  EXPECT_EQ(channels, 4U);
  float values[8];
  EXPECT_OK(submask_task_statistics(task, nullptr, values, 8));
  for (int i = 0; i < 8; ++i) EXPECT_EQ(values[i], static_cast<float>(i) / 8);

  ASSERT_EQ(submask_task_head_count(task), 2U);
  submask_array head;
  EXPECT_OK(submask_task_head(task, 1, &head));
  EXPECT_STREQ(head.name, "weight");
  EXPECT_EQ(head.rank, 2U);
  EXPECT_EQ(head.shape[1], 4);
  EXPECT_EQ(head.data[7], 0.875F);
}

TEST(CReadTask, EveryProfileGivesTheBitsBack) {
  const SmallTask small;
  for (const submask_profile profile : {SUBMASK_PLAIN, SUBMASK_SMALL, SUBMASK_FAST}) {
    const TaskPointer packed = small.packed(profile);
    const std::vector<uint8_t> file = file_bytes(packed.get());
    submask_task* read = nullptr;
    EXPECT_OK(submask_task_open_memory(file.data(), file.size(), "memory", &read));
    const TaskPointer keep = owned(read);
    for (size_t i = 0; i < 2; ++i) {
      std::vector<uint8_t> bits(small.bits[i].size());
      EXPECT_OK(submask_task_decode(read, i, small.theta[i].data(), small.theta[i].size(), nullptr,
                                    bits.data(), bits.size()));
      EXPECT_EQ(bits, small.bits[i]) << profile;
    }
    std::vector<float> base = small.base_mean, values(8);
    base.insert(base.end(), small.base_variance.begin(), small.base_variance.end());
    EXPECT_OK(submask_task_statistics(read, base.data(), values.data(), 8));
    for (size_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(values[i], small.mean[i], 1e-4);
      EXPECT_EQ(values[4 + i], small.variance[i]);  // a difference of an eighth is exact
    }
  }
}

TEST(CReadTask, IsTheSameOnAnyNumberOfThreads) {
  const SmallTask small;
  std::vector<std::vector<uint8_t>> files;
  for (const int threads : {1, 2, 5, 0}) {
    EXPECT_OK(submask_set_threads(threads));
    files.push_back(file_bytes(small.packed(SUBMASK_SMALL).get()));
  }
  for (const auto& file : files) EXPECT_EQ(file, files[0]);
  EXPECT_EQ(refusal(SUBMASK_INVALID_ARGUMENT, submask_set_threads(-1)),
            "expected 0 to 1024 threads, got -1");
}

TEST(CReadTask, OneTaskServesManyThreads) {
  const SmallTask small;
  const TaskPointer packed = small.packed(SUBMASK_FAST);
  EXPECT_OK(submask_set_threads(3));
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        const size_t i = static_cast<size_t>(round % 2);
        std::vector<uint8_t> bits(small.bits[i].size());
        const char* json = nullptr;
        if (submask_task_decode(packed.get(), i, small.theta[i].data(), small.theta[i].size(),
                                nullptr, bits.data(), bits.size()) != SUBMASK_OK ||
            bits != small.bits[i] || submask_task_describe(packed.get(), &json) != SUBMASK_OK)
          ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_OK(submask_set_threads(0));
}

TEST(CReadTask, ErrorsBelongToTheirThread) {
  submask_task* task = nullptr;
  EXPECT_EQ(submask_task_open("/missing/file.task", &task), SUBMASK_IO);
  EXPECT_NE(std::string(submask_last_error()).find("/missing/file.task"), std::string::npos);
  std::thread([] { EXPECT_STREQ(submask_last_error(), ""); }).join();
  EXPECT_EQ(task, nullptr);
}

TEST(CReadTask, RefusesOtherSizes) {
  const SmallTask small;
  const TaskPointer packed = small.packed(SUBMASK_SMALL);
  std::vector<uint8_t> bits(144);
  const float* theta = small.theta[0].data();
  EXPECT_EQ(refusal(SUBMASK_INVALID_ARGUMENT,
                    submask_task_decode(packed.get(), 0, theta, 1151, nullptr, bits.data(), 144)),
            "expected 1152 weights of conv1.weight, got 1151");
  EXPECT_EQ(refusal(SUBMASK_INVALID_ARGUMENT,
                    submask_task_decode(packed.get(), 0, theta, 1152, nullptr, bits.data(), 143)),
            "expected 144 bytes for the bits of conv1.weight, got 143");
  EXPECT_EQ(refusal(SUBMASK_INVALID_ARGUMENT,
                    submask_task_decode(packed.get(), 0, nullptr, 0, nullptr, bits.data(), 144)),
            "expected 1152 weights of conv1.weight, got none");
  EXPECT_EQ(refusal(SUBMASK_INVALID_ARGUMENT,
                    submask_task_decode(packed.get(), 2, theta, 1152, nullptr, bits.data(), 144)),
            "expected the number of one of 2 units, got 2");
  std::vector<float> other = small.theta[0];
  for (float& value : other) value = -value * 3;
  EXPECT_NE(refusal(SUBMASK_CORRUPT_FILE, submask_task_decode(packed.get(), 0, other.data(), 1152,
                                                              nullptr, bits.data(), 144))
                .find("in conv1.weight that were packed, got other bits"),
            std::string::npos);
  float values[8];
  EXPECT_EQ(
      refusal(SUBMASK_INVALID_ARGUMENT, submask_task_statistics(packed.get(), nullptr, values, 8)),
      "expected the backbone that statistics differ from, got none");
  EXPECT_EQ(
      refusal(SUBMASK_INVALID_ARGUMENT, submask_task_statistics(packed.get(), values, values, 7)),
      "expected 8 statistics, got 7");
}

// The same numbers as one would compute by hand, in each dtype.
TEST(CApply, RoundsEachDtype) {
  const size_t n = 10007;
  std::vector<float> theta(n);
  std::vector<uint8_t> bits((n + 7) / 8);
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  for (size_t i = 0; i < n; ++i) {
    theta[i] = normal(random);
    if (random() % 3 != 0) bits[i / 8] |= static_cast<uint8_t>(1U << i % 8);
  }
  const auto is_on = [&](size_t i) { return (bits[i / 8] >> (i % 8) & 1) != 0; };
  std::vector<float> weights(n);
  EXPECT_OK(
      submask_apply(SUBMASK_FLOAT32, 1.25F, -1.25F, theta.data(), bits.data(), weights.data(), n));
  for (size_t i = 0; i < n; ++i) ASSERT_EQ(weights[i], (is_on(i) ? 1.25F : -1.25F) * theta[i]);

  std::vector<uint16_t> half(n), result(n);
  for (size_t i = 0; i < n; ++i) half[i] = static_cast<uint16_t>(random());
  EXPECT_OK(submask_apply(SUBMASK_FLOAT16, 1, 0, half.data(), bits.data(), result.data(), n));
  for (size_t i = 0; i < n; ++i) {
    const bool is_nan = (half[i] & 0x7FFF) > 0x7C00, is_infinite = (half[i] & 0x7FFF) == 0x7C00;
    if (is_nan || (is_infinite && !is_on(i))) {
      ASSERT_GT(result[i] & 0x7FFF, 0x7C00) << half[i];
    } else {
      ASSERT_EQ(result[i], is_on(i) ? half[i] : half[i] & 0x8000) << half[i];
    }
  }
  EXPECT_OK(submask_apply(SUBMASK_BFLOAT16, 2, 0, half.data(), bits.data(), result.data(), n));
  for (size_t i = 0; i < n; ++i) {
    const uint32_t exponent = half[i] >> 7 & 0xFF;
    if (is_on(i) && exponent > 0 && exponent < 254) {
      ASSERT_EQ(result[i], half[i] + 0x80);
    }
  }
  EXPECT_EQ(
      refusal(SUBMASK_INVALID_ARGUMENT, submask_apply(static_cast<submask_dtype>(9), 1, 0,
                                                      half.data(), bits.data(), result.data(), n)),
      "expected a dtype: SUBMASK_FLOAT32, SUBMASK_FLOAT16 or SUBMASK_BFLOAT16, got 9");
}

}  // namespace
