#include "codec/weight_classes.h"

#include <algorithm>
#include <array>
#include <gmock/gmock.h>

#include "codec/key_bounds.h"
#include "random_mask.h"

namespace submask {
namespace {

constexpr WeightKind weight_kinds[] = {WeightKind::normal, WeightKind::equal, WeightKind::zero,
                                       WeightKind::any_bits, WeightKind::sparse};

TEST(KeyBounds, InstructionsOfAProcessorGiveTheMapsOfAnyOther) {
  Random random({1});
  for (const WeightKind kind : weight_kinds)
    for (int first = 0; first < MagnitudeScale::keys; first += 31) {
      const auto weights = random_weights(random, kind, map_weights);
      const std::array bounds = {first, first + 1, std::min(first + 120, MagnitudeScale::keys)};
      EXPECT_EQ(reaching(weights.data(), bounds), reaching_anywhere(weights.data(), bounds));
    }
}

// The class that a weight is in by what the header says; -1: none.
int expected_class(const MagnitudeScale& scale, float weight, int group, int groups, bool off) {
  constexpr std::array bins = {20, 25, 27, 29, 30, 31, 33, 35};
  if (group == 0) return -1;
  const auto size = std::ranges::count_if(bins, [&](int bin) { return scale.bin(weight) >= bin; });
  return static_cast<int>(size) + 9 * (group - 1) + (off ? 9 * groups : 0);
}

struct ClassesCase {
  WeightKind kind;
  size_t weights;
  PositionGroups groups;
  bool with_parent;
};

class WeightClassesOf : public ::testing::TestWithParam<ClassesCase> {};

TEST_P(WeightClassesOf, HaveEachWeightWhereItsSizePositionAndParentPutIt) {
  const auto& [kind, count, groups, with_parent] = GetParam();
  Random random({2});
  const auto weights = random_weights(random, kind, count);
  const auto parent =
      with_parent ? random_bits(random, weights, .2, false) : std::vector<uint8_t>();
  const MagnitudeScale scale(weights);
  const int group_count = std::ranges::count(groups, 2) > 0 ? 2 : 1;
  WeightClasses classes(weights, parent, groups);
  ASSERT_EQ(classes.count(), static_cast<size_t>(9 * group_count * (with_parent ? 2 : 1)));
  for (size_t first = 0; first < count; first += WeightClasses::chunk) {
    classes.find(first);
    std::vector<int> found(std::min(WeightClasses::chunk, count - first), -1), expected(found);
    for (size_t c = 0; c < classes.count(); ++c) {
      const auto members = classes.members(c);
      uint32_t total = 0;
      for (size_t i = 0; i < members.map.size() * map_weights; ++i) {
        if ((members.map[i / map_weights] >> (i % map_weights) & 1) == 0) continue;
        ASSERT_LT(i, found.size());
        ASSERT_EQ(found[i], -1);
        found[i] = static_cast<int>(c);
        ++total;
      }
      EXPECT_EQ(members.count, total);
      for (size_t word = 0; word < members.map.size(); ++word)
        ASSERT_EQ(members.counts[word], std::popcount(members.map[word]));
    }
    for (size_t i = 0; i < expected.size(); ++i) {
      const size_t at = first + i;
      const int group = groups.empty() ? 1 : groups[at % groups.size()];
      const bool off = with_parent && (parent[at / 8] >> (at % 8) & 1) == 0;
      expected[i] = expected_class(scale, weights[at], group, group_count, off);
    }
    EXPECT_EQ(found, expected);
  }
}

const PositionGroups centre_of_nine = {0, 1, 0, 1, 2, 1, 0, 1, 0}, two_of_three = {1, 0, 1};

INSTANTIATE_TEST_SUITE_P(
    , WeightClassesOf,
    ::testing::Values(ClassesCase{WeightKind::normal, 1, {}, false},
                      ClassesCase{WeightKind::normal, 64, {}, false},
                      ClassesCase{WeightKind::any_bits, 1000, {}, true},
                      ClassesCase{WeightKind::equal, 200, two_of_three, true},
                      ClassesCase{WeightKind::zero, 130, {}, false},
                      ClassesCase{WeightKind::normal, 2304, centre_of_nine, false},
                      ClassesCase{WeightKind::normal, 70000, {}, true},
                      ClassesCase{WeightKind::sparse, 72000, centre_of_nine, true}));

}  // namespace
}  // namespace submask
