#include "adapter/adapter_bytes.h"

#include <gtest/gtest.h>

#include <torch/torch.h>

#include <submask/task_file.h>

#include "mask/random_task.h"

namespace submask {
namespace {

class AdapterBytes : public testing::Test {
 protected:
  AdapterBytes() {
    task_.units.clear();
    torch::manual_seed(1);
  }
  int64_t bytes(const AdapterContent& content) const {
    return adapter_bytes(content, task_, *backbone_);
  }
  std::unique_ptr<Backbone> backbone_ = Backbone::create("resnet20", 3);
  Task task_ = random_task(*backbone_, 1, 0.9);
};

TEST_F(AdapterBytes, OfNothingAreTheHeadAndTheStatistics) {
  const int64_t int8 = static_cast<int64_t>(
      packed_task_bytes(pack_task(task_, *backbone_, {.head = HeadForm::int8})).size());
  EXPECT_EQ(bytes({}), int8);
}

TEST_F(AdapterBytes, OfNoiseAreOneANumberAndTwoARow) {
  const int64_t added = bytes({{{"a", torch::randn({100, 300})}}, {}}) - bytes({});
  EXPECT_LE(added, 30'000 + 200);
  EXPECT_GT(added, 28'000);
}

TEST_F(AdapterBytes, OfRowsWithoutAScaleAreTwoANumber) {
  EXPECT_EQ(bytes({{{"a", torch::randn({50})}}, {}}) - bytes({}), 100);
}

TEST_F(AdapterBytes, OfRepeatedNumbersAreFew) {
  EXPECT_LT(bytes({{{"a", at::ones({100, 300})}}, {}}) - bytes({}), 400);
}

TEST_F(AdapterBytes, OfBitsAreThoseOfAMask) {
  const Task masked = random_task(*backbone_, 1, 0.99);
  Task file = task_;
  file.units = masked.units;
  const int64_t int8 = static_cast<int64_t>(
      packed_task_bytes(pack_task(file, *backbone_, {.head = HeadForm::int8})).size());
  EXPECT_EQ(bytes({{}, masked.units}), int8);
}

}  // namespace
}  // namespace submask
