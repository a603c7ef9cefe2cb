#include "taskfile/pack.h"

#include <gtest/gtest.h>
#include <random>

#include "arrays.h"
#include "base/fail.h"
#include "error_of.h"

namespace submask {
namespace {

const kernels::ParallelFor in_turn = [](int64_t count, const auto& work) { work(0, count); };

// A unit of several blocks and a small one, over random weights.
struct Example {
  Example() {
    std::mt19937 random(5);
    std::normal_distribution<float> normal;
    task.weights_identity = "id";
    for (const auto& shape : std::vector<std::vector<int64_t>>{{300, 64, 8, 8}, {3, 5}}) {
      UnitMask unit{"unit" + std::to_string(task.units.size()), shape, 0, {}};
      const auto count = static_cast<size_t>(unit.count());
      auto& values = weights.emplace_back(count);
      for (float& value : values) value = normal(random);
      unit.bits.resize((count + 7) / 8);
      for (size_t i = 0; i < count; ++i)
        if (random() % 20 != 0) {
          unit.bits[i / 8] |= static_cast<uint8_t>(1U << i % 8);
          ++unit.on;
        }
      task.units.push_back(unit);
    }
    for (const auto& values : weights) backbone.weights.emplace_back(values);
  }

  UnpackedTask task;
  std::vector<std::vector<float>> weights;
  BackboneValues backbone;
};

TEST(Pack, EveryUnitIsDecodedAlone) {
  const Example example;
  for (const MaskProfile profile : {MaskProfile::plain, MaskProfile::small, MaskProfile::fast}) {
    PackOptions options = plain_options;
    options.profile = profile;
    const PackedTask packed = pack(in_turn, example.task, &example.backbone, options);
    EXPECT_EQ(packed.masks[0].block_bytes.size(), 2U);
    for (size_t i = 0; i < 2; ++i)
      EXPECT_EQ(
          unpack_mask(in_turn, packed, i, first_coded_bytes(packed)[i], example.weights[i], {})
              .bits,
          example.task.units[i].bits);
    const UnpackedTask unpacked = unpack(in_turn, packed, &example.backbone, nullptr);
    EXPECT_EQ(masks_identity(unpacked), masks_identity(example.task));
  }
}

TEST(Pack, RefusesUnitsThatDoNotHoldTogether) {
  const Example example;
  const auto refusal = [&](const auto& change) {
    UnpackedTask task = example.task;
    change(task.units[1]);
    return error_of(ErrorKind::invalid_argument,
                    [&] { pack(in_turn, task, nullptr, plain_options); });
  };
  const int64_t on = example.task.units[1].on;
  EXPECT_EQ(refusal([](UnitMask& unit) { ++unit.on; }),
            text("expected ", on + 1, " weights on in unit1, got ", on));
  EXPECT_EQ(refusal([](UnitMask& unit) { unit.bits.pop_back(); }),
            "expected 2 bytes of bits of unit1, got 1");
  EXPECT_EQ(refusal([](UnitMask& unit) {
              unit.bits[1] |= 128;
              ++unit.on;
            }),
            "expected zeros after the last bit of unit1, got ones");
  EXPECT_EQ(refusal([](UnitMask& unit) {
              unit.shape = {3, -5};
            }),
            "expected a shape of positive sizes for unit1, got -5");
  EXPECT_EQ(refusal([](UnitMask& unit) {
              unit.shape = {int64_t{1} << 20, int64_t{1} << 20};
            }),
            "expected at most 2^36 bits a mask unit, got more in unit1");
}

// Half keeps a difference from the backbone, exact the value; a variance that nearly vanished is
// kept exactly whatever the form.
TEST(Pack, StatisticsAreDifferencesWhereThatIsNearEnough) {
  const std::vector<float> base_mean{100, 200}, base_variance{1, 2};
  const BackboneValues backbone{
      {}, {{"bn.running_mean", base_mean}, {"bn.running_var", base_variance}}};
  UnpackedTask task;
  task.statistics = {{"bn.running_mean", floats({2}, {100.125F, 200.0001F})},
                     {"bn.running_var", floats({2}, {1.5F, 2.25F})}};
  const PackedTask packed = pack(in_turn, task, &backbone, {.profile = MaskProfile::plain});
  EXPECT_EQ(packed.statistics.dtype, Dtype::f16);
  EXPECT_TRUE(needs_backbone(packed));
  const UnpackedTask read = unpack(in_turn, packed, &backbone, nullptr);
  EXPECT_EQ(read.statistics.at("bn.running_mean").as<float>()[0], 100.125F);
  EXPECT_NEAR(read.statistics.at("bn.running_mean").as<float>()[1], 200.0001F, 1e-4);
  EXPECT_EQ(read.statistics.at("bn.running_var"), task.statistics.at("bn.running_var"));

  const std::vector<float> other{1, 3};
  const BackboneValues another{{}, {{"bn.running_mean", base_mean}, {"bn.running_var", other}}};
  EXPECT_EQ(
      error_of(ErrorKind::invalid_argument, [&] { unpack(in_turn, packed, &another, nullptr); }),
      "expected a backbone with the batch norm statistics that the task was packed with, got "
      "others");
  EXPECT_EQ(
      error_of(ErrorKind::invalid_argument, [&] { unpack(in_turn, packed, nullptr, nullptr); }),
      "expected the backbone that statistics differ from, got none");
  const std::vector<float> short_mean{100};
  const BackboneValues narrow{{},
                              {{"bn.running_mean", short_mean}, {"bn.running_var", base_variance}}};
  EXPECT_EQ(
      error_of(ErrorKind::invalid_argument, [&] { unpack(in_turn, packed, &narrow, nullptr); }),
      "expected the backbone's bn.running_mean [2], got [1]");

  task.statistics["bn.running_var"] = floats({2}, {1e-4F, 2});
  const PackedTask exact = pack(in_turn, task, &backbone, {.profile = MaskProfile::plain});
  EXPECT_EQ(exact.statistics.dtype, Dtype::f32);
  EXPECT_EQ(unpack(in_turn, exact, nullptr, nullptr).statistics, task.statistics);
}

}  // namespace
}  // namespace submask
