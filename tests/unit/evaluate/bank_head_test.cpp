#include <cmath>
#include <filesystem>
#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/evaluate.h>
#include <submask/task_file.h>

#include "scratch_folder.h"

namespace submask {
namespace {

Features labelled(const at::Tensor& values, std::vector<int64_t> labels) {
  return {values, at::tensor(labels, at::kLong), {}};
}

Features small_bank() {
  return labelled(at::tensor({1., 0., 0., 1., -1., 0.}, at::kFloat).view({3, 2}), {0, 2, 1});
}

at::Tensor queries() { return at::tensor({3., 4., -2., .1}, at::kFloat).view({2, 2}); }

std::string refusal(const auto& act) {
  try {
    act();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    return error.what();
  }
  return "no error";
}

TEST(BankHead, AnswersAsItsNeighboursVote) {
  const BankHead head = bank_head(small_bank(), 4, {2, .5});
  EXPECT_EQ(head_size(head).classes, 4);
  EXPECT_EQ(head_size(head).width, 2);
  const at::Tensor shares = knn_scores(small_bank(), queries(), 4, {2, .5});
  EXPECT_TRUE(at::allclose(head_scores(head, queries()).softmax(1), shares));
  // Cosines .6, .8 and -.6: the second neighbour's share is 1 / (1 + exp(-.4)).
  EXPECT_NEAR(shares[0][2].item<double>(), 1 / (1 + std::exp(-.4)), 1e-6);
  EXPECT_EQ(shares[0][3].item<double>(), 0);
}

TEST(BankHead, AnswersFromAFileAsItDidBefore) {
  Task task;
  task.backbone = "resnet20";
  task.weights_identity = std::string(64, 'a');
  task.classes = {"a", "b", "c", "d"};
  const BankHead head = bank_head(small_bank(), 4, {2, .07});
  EXPECT_EQ(head.knn.temperature, .07F);
  task.head = head;
  const std::filesystem::path path = scratch_folder() / "bank.task";
  write_task(path, pack_task(task));
  const Task read = unpack_task(read_packed_task(path));
  EXPECT_TRUE(at::equal(head_scores(read.head.value(), queries()), head_scores(head, queries())));
}

TEST(BankHead, RefusesWhatMakesNoBank) {
  const at::Tensor features = at::ones({2, 3});
  const auto refused = [&](const Features& bank, const KnnOptions& options) {
    return refusal([&] { bank_head(bank, 3, options); });
  };
  EXPECT_EQ(refused(labelled(features, {0, 3}), {}), "expected bank labels in 0 ... 2, got 3");
  EXPECT_EQ(refused(labelled(features, {0}), {}), "expected bank labels as Long [2], got Long [1]");
  EXPECT_EQ(refused(labelled(features, {0, 1}), {0, .5}),
            "expected a bank with k of at least 1, T above 0, k and classes below 2^24, got k 0, "
            "T 0.5, 3 classes");
  EXPECT_NE(refused(labelled(features * NAN, {0, 1}), {}).find("bank features"), std::string::npos);
  EXPECT_EQ(refused({at::ones({0, 3}), at::zeros({0}, at::kLong), {}}, {}),
            "expected a bank of features [M,D] and labels [M], M at least 1, got features "
            "[0,3] and labels [0]");
}

TEST(BankHead, RefusesFeaturesOfAnotherWidth) {
  const BankHead head = bank_head(small_bank(), 4, {});
  EXPECT_EQ(refusal([&] {
              head_scores(head, at::zeros({1, 3}));
            }),
            "expected queries of the bank's width 2, got 3");
  BankHead wrong = head;
  wrong.classes = 2;
  EXPECT_EQ(refusal([&] { head_scores(wrong, queries()); }),
            "expected a bank of labels in 0 ... 1, got 2");
}

}  // namespace
}  // namespace submask
