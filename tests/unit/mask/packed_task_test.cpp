#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/task_file.h>

#include "backbone/head_tensors.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/names.h"
#include "base/random.h"
#include "error_of.h"
#include "mask/weight_set.h"
#include "random_task.h"
#include "scratch_folder.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

Task task_over(const Backbone& backbone, uint64_t seed, double keep) {
  Task task = random_task(backbone, seed, keep);
  task.head = LinearHead{at::randn({3, backbone.info().feature_width}), at::randn({3})};
  task.classes = {"a", "b", "c"};
  return task;
}

class PackedTaskTest : public testing::Test {
 protected:
  PackedTask packed(MaskProfile profile, HeadForm form = HeadForm::half) {
    PackOptions options;
    options.profile = profile;
    options.statistics = form == HeadForm::exact ? StatisticsForm::exact : StatisticsForm::half;
    options.head = form;
    return pack_task(task_, *backbone_, options);
  }

  std::unique_ptr<Backbone> backbone_ = Backbone::create("resnet20", 3);
  Task task_ = task_over(*backbone_, 1, 0.9);
};

void expect_same_masks(const Task& a, const Task& b) {
  ASSERT_EQ(a.units.size(), b.units.size());
  for (size_t i = 0; i < a.units.size(); ++i) {
    EXPECT_EQ(a.units[i].bits, b.units[i].bits) << a.units[i].name;
    EXPECT_EQ(a.units[i].on, b.units[i].on);
  }
}

double largest_difference(const TensorMap& a, const TensorMap& b) {
  double largest = 0;
  for (const auto& [name, tensor] : a)
    largest = std::max(largest, (tensor - b.at(name)).abs().max().item<double>());
  return largest;
}

double largest_difference(const std::optional<Head>& a, const std::optional<Head>& b) {
  return largest_difference(head_tensors(a), head_tensors(b));
}

std::string message(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST_F(PackedTaskTest, EveryProfileKeepsTheMasks) {
  for (const MaskProfile profile : {MaskProfile::plain, MaskProfile::small, MaskProfile::fast}) {
    const fs::path path = scratch_folder() / name_of(profile);
    write_task(path, packed(profile));
    const Task read = read_task(path, *backbone_);
    expect_same_masks(read, task_);
    EXPECT_EQ(masks_identity(read), masks_identity(task_));
    EXPECT_EQ(read_packed_task(path).weights(), task_.weights());
    EXPECT_DOUBLE_EQ(read_packed_task(path).masked_fraction(), task_.masked_fraction());
  }
}

TEST_F(PackedTaskTest, WhatWasPackedIsWhatTheFileHolds) {
  for (const HeadForm form : {HeadForm::half, HeadForm::int8, HeadForm::exact}) {
    const PackedTask before = packed(MaskProfile::small, form);
    write_task(scratch_folder() / "task", before);
    const Task read = read_task(scratch_folder() / "task", *backbone_);
    const Task unpacked = unpack_task(before, *backbone_);
    EXPECT_EQ(largest_difference(read.statistics, unpacked.statistics), 0) << name_of(form);
    EXPECT_EQ(largest_difference(read.head, unpacked.head), 0) << name_of(form);
    // And packing it again rounds no further.
    PackOptions again;
    again.head = form;
    EXPECT_EQ(largest_difference(packed_head(pack_task(read, *backbone_, again)), read.head), 0)
        << name_of(form);
  }
}

TEST_F(PackedTaskTest, RoundsAsTheFormSays) {
  const Task half = unpack_task(packed(MaskProfile::small, HeadForm::half), *backbone_);
  EXPECT_LT(largest_difference(half.statistics, task_.statistics), 0.1 / 2048);
  EXPECT_GT(largest_difference(half.statistics, task_.statistics), 0);
  EXPECT_LT(largest_difference(half.head, task_.head), 4.0 / 2048);
  const Task eight = unpack_task(packed(MaskProfile::small, HeadForm::int8), *backbone_);
  EXPECT_LT(largest_difference(eight.head, task_.head), 4.0 / 127);
  EXPECT_GT(largest_difference(eight.head, task_.head), largest_difference(half.head, task_.head));
  const Task exact = unpack_task(packed(MaskProfile::small, HeadForm::exact), *backbone_);
  EXPECT_EQ(largest_difference(exact.statistics, task_.statistics), 0);
  EXPECT_EQ(largest_difference(exact.head, task_.head), 0);
}

// As a difference in half precision it could come back below 0, and features as NaN.
TEST_F(PackedTaskTest, AVarianceThatNearlyVanishedIsKept) {
  at::Tensor& variance = task_.statistics.at("bn1.running_var");
  variance[0] = 2.1e-4;
  const Task read = unpack_task(packed(MaskProfile::small), *backbone_);
  EXPECT_EQ(largest_difference(read.statistics, task_.statistics), 0);
}

TEST_F(PackedTaskTest, StatisticsOutOfHalfPrecisionStayExact) {
  task_.statistics.begin()->second[0] = 1e6;
  const Task read = unpack_task(packed(MaskProfile::small), *backbone_);
  EXPECT_EQ(largest_difference(read.statistics, task_.statistics), 0);
}

TEST_F(PackedTaskTest, AHeadBeyondHalfPrecisionIsRefused) {
  std::get<LinearHead>(*task_.head).weight[0][0] = 1e6;
  EXPECT_NE(message([&] { packed(MaskProfile::small); }).find("exact keeps others"),
            std::string::npos);
  EXPECT_EQ(
      largest_difference(packed_head(packed(MaskProfile::small, HeadForm::exact)), task_.head), 0);
}

TEST_F(PackedTaskTest, UnpacksWhileAnotherTaskIsBound) {
  const PackedTask one = packed(MaskProfile::small);
  const Task before = unpack_task(one, *backbone_);
  WeightSet weights;
  apply_task(task_over(*backbone_, 2, 0.5), *backbone_, weights);
  const WeightBinding binding(*backbone_, weights);
  const Task bound = unpack_task(one, *backbone_);
  expect_same_masks(bound, before);
  EXPECT_EQ(largest_difference(bound.statistics, before.statistics), 0);
}

TEST_F(PackedTaskTest, OneThreadWritesWhatTwoWrite) {
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const PackedTask one = packed(MaskProfile::small);
  at::set_num_threads(2);
  EXPECT_EQ(packed(MaskProfile::small).coded, one.coded);
  at::set_num_threads(threads);
}

TEST_F(PackedTaskTest, AnotherBackboneIsRefused) {
  const auto other = Backbone::create("resnet20", 4);
  EXPECT_NE(
      message([&] { unpack_task(packed(MaskProfile::small), *other); }).find("expected a task for"),
      std::string::npos);
  EXPECT_NE(message([&] { unpack_task(packed(MaskProfile::small)); }).find("--weights"),
            std::string::npos);
}

// Sealed rightly around coded bytes that are others: no flip may give another mask in silence.
TEST_F(PackedTaskTest, DamagedBlocksAreFoundOut) {
  for (const MaskProfile profile : {MaskProfile::small, MaskProfile::fast}) {
    const PackedTask whole = packed(profile);
    Random random({7});
    for (int i = 0; i < 50; ++i) {
      PackedTask damaged = whole;
      const auto place = static_cast<size_t>(random.below(damaged.coded.size()));
      damaged.coded[place] ^= static_cast<uint8_t>(1 << random.below(8));
      EXPECT_TRUE(error_of(ErrorKind::corrupt_file, [&] { unpack_task(damaged, *backbone_); })
                      .find(", got other bits") != std::string::npos)
          << name_of(profile) << " byte " << place;
    }
  }
}

TEST_F(PackedTaskTest, IsCodedAgainstItsParent) {
  Task child = task_;
  child.units[3].bits[5] ^= 3;
  child.units[3].on += child.units[3].bits[5] & 1 ? 1 : -1;
  child.units[3].on += child.units[3].bits[5] & 2 ? 1 : -1;
  PackOptions options;
  options.parent = &task_;
  options.parent_file = "parent.task";
  const PackedTask alone = pack_task(child, *backbone_);
  const PackedTask against = pack_task(child, *backbone_, options);
  EXPECT_LT(against.coded.size(), alone.coded.size() / 10);
  const fs::path folder = scratch_folder();
  write_task(folder / "parent.task", packed(MaskProfile::small));
  write_task(folder / "child.task", against);
  expect_same_masks(read_task(folder / "child.task", *backbone_), child);
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { unpack_task(against, *backbone_); }),
            "expected the task that this one is coded against (parent.task), got none");

  write_task(folder / "parent.task", pack_task(task_over(*backbone_, 9, 0.5), *backbone_));
  EXPECT_NE(message([&] { read_task(folder / "child.task", *backbone_); }).find("parent.task"),
            std::string::npos);
  fs::remove(folder / "parent.task");
  EXPECT_EQ(error_of(ErrorKind::io, [&] { read_task(folder / "child.task", *backbone_); }),
            "cannot open " + (folder / "parent.task").string() + ": No such file or directory");
}

TEST_F(PackedTaskTest, HasSixteenAncestorsAtMost) {
  const fs::path folder = fresh_folder("ancestors");
  PackOptions options;
  write_task(folder / "0.task", pack_task(task_, *backbone_, options));
  options.parent = &task_;
  for (int i = 1; i <= 17; ++i) {
    options.parent_file = std::to_string(i - 1) + ".task";
    write_task(folder / (std::to_string(i) + ".task"), pack_task(task_, *backbone_, options));
  }
  expect_same_masks(read_task(folder / "16.task", *backbone_), task_);
  EXPECT_NE(message([&] { read_task(folder / "17.task", *backbone_); }).find("at most 16 parents"),
            std::string::npos);
}

TEST_F(PackedTaskTest, AParentIsLookedForBesideTheFileOnly) {
  PackOptions options;
  options.parent = &task_;
  options.parent_file = "child.task";  // its own parent
  const PackedTask child = pack_task(task_, *backbone_, options);
  for (const char* name : {"..", "../parent.task", "/etc/passwd"}) {
    options.parent_file = name;
    EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { pack_task(task_, *backbone_, options); }),
              "expected a parent's file name, without folders, got '" + std::string(name) + "'");
    PackedTask hostile = child;
    hostile.parent_file = name;
    EXPECT_EQ(error_of(ErrorKind::corrupt_file,
                       [&] { parse_packed_task(packed_task_bytes(hostile), "FILE"); }),
              "expected a parent's file name, got '" + std::string(name) + "', in FILE");
  }
  PackedTask of_a_cascade = child;
  of_a_cascade.parent_file = "";
  write_task(scratch_folder() / "child.task", of_a_cascade);
  EXPECT_NE(message([&] {
              read_task(scratch_folder() / "child.task", *backbone_);
            }).find("a parent's file name"),
            std::string::npos);
  write_task(scratch_folder() / "child.task", child);
  EXPECT_NE(message([&] {
              read_task(scratch_folder() / "child.task", *backbone_);
            }).find("at most 16 parents"),
            std::string::npos);
}

}  // namespace
}  // namespace submask
