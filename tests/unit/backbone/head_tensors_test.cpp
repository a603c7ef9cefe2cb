#include "backbone/head_tensors.h"

#include <cmath>
#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <submask/error.h>

namespace submask {
namespace {

at::Tensor floats(std::vector<float> values) { return at::tensor(values, at::kFloat); }

// A bank of three features, by the names that files have.
TensorMap bank_tensors() {
  return {{"bank", floats({1, 0, 0, 1, -1, 0}).view({3, 2})},
          {"bank_labels", floats({0, 2, 1})},
          {"bank_votes", floats({2, 0.07F, 4})}};
}

void expect_equal(const TensorMap& a, const TensorMap& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, tensor] : a) {
    EXPECT_TRUE(at::equal(tensor, b.at(name))) << name;
    EXPECT_EQ(tensor.scalar_type(), at::kFloat) << name;
  }
}

TEST(HeadTensors, OfEveryKindComeBack) {
  for (const TensorMap& tensors :
       {TensorMap{{"weight", floats({1, 2, 3, 4}).view({2, 2})}, {"bias", floats({5, 6})}},
        TensorMap{{"cosine", floats({1, 2, 3, 4}).view({2, 2})}}, bank_tensors(), TensorMap{}})
    expect_equal(head_tensors(head_from_tensors(tensors, "head", "FILE")), tensors);
}

TEST(HeadTensors, SayWhichHeadItIs) {
  const at::Tensor matrix = at::ones({2, 3}), vector = at::ones({2});
  const auto linear = head_from_tensors({{"weight", matrix}, {"bias", vector}}, "head", "FILE");
  EXPECT_TRUE(std::get<LinearHead>(linear.value()).weight.is_same(matrix));
  EXPECT_TRUE(std::get<LinearHead>(linear.value()).bias.is_same(vector));
  const auto cosine = head_from_tensors({{"cosine", matrix}}, "head", "FILE");
  EXPECT_TRUE(std::get<CosineHead>(cosine.value()).weight.is_same(matrix));
  EXPECT_FALSE(head_from_tensors({}, "head", "FILE"));

  const auto head = head_from_tensors(bank_tensors(), "head", "FILE");
  const auto& bank = std::get<BankHead>(head.value());
  EXPECT_TRUE(at::equal(bank.features, bank_tensors().at("bank")));
  EXPECT_TRUE(at::equal(bank.labels, at::tensor({0, 2, 1}, at::kLong)));
  EXPECT_EQ(bank.classes, 4);
  EXPECT_EQ(bank.knn.k, 2);
  EXPECT_EQ(bank.knn.temperature, 0.07F);
}

TEST(HeadTensors, HoldTheLargestNumbersOfABankExactly) {
  constexpr int64_t largest = (1 << 24) - 1;
  const BankHead bank{at::ones({1, 1}), at::tensor({largest - 1}, at::kLong), largest,
                      KnnOptions{largest, 1e-30F}};
  const auto head = head_from_tensors(head_tensors(bank), "head", "FILE");
  const auto& again = std::get<BankHead>(head.value());
  EXPECT_TRUE(at::equal(again.labels, bank.labels));
  EXPECT_EQ(again.classes, largest);
  EXPECT_EQ(again.knn.k, largest);
  EXPECT_EQ(again.knn.temperature, 1e-30F);
}

TEST(HeadTensors, OfNoHeadAreRefused) {
  const auto changed = [](const char* name, const at::Tensor& tensor) {
    TensorMap tensors = bank_tensors();
    tensors[name] = tensor;
    return tensors;
  };
  const at::Tensor matrix = at::zeros({2, 8}), vector = at::zeros({2});
  const std::string names = "weight and bias, cosine, or bank, bank_labels and bank_votes";
  const std::string whole = "whole numbers below 2^24 as labels, k and C of a bank";
  const std::string parts = "a bank of features [M,D] and labels [M], M at least 1";
  const std::string votes = "a bank with k of at least 1, T above 0, k and classes below 2^24";
  const std::vector<std::tuple<TensorMap, std::string, std::string>> cases = {
      {{{"weight", matrix}}, names, "weight [2,8]"},
      {{{"bias", vector}, {"cosine", matrix}}, names, "bias [2], cosine [2,8]"},
      {{{"weight", matrix}, {"bias", vector}, {"scale", vector}},
       names,
       "bias [2], scale [2], weight [2,8]"},
      {{{"weight", matrix}, {"bias", at::zeros({3})}},
       "a linear head of weight [C,D] and bias [C]",
       "weight [2,8] and bias [3]"},
      {{{"cosine", vector}}, "a cosine head of shape [C,D]", "[2]"},
      {changed("weight", matrix), names,
       "bank [3,2], bank_labels [3], bank_votes [3], weight [2,8]"},
      {changed("bank", at::zeros({3})), parts, "features [3] and labels [3]"},
      {changed("bank", at::zeros({0, 2})), parts, "features [0,2] and labels [3]"},
      {changed("bank_labels", floats({0, 1})), parts, "features [3,2] and labels [2]"},
      {changed("bank_labels", floats({0, 1, 4})), "a bank of labels in 0 ... 3", "4"},
      {changed("bank_labels", floats({0, 1, -1})), "a bank of labels in 0 ... 3", "-1"},
      {changed("bank_labels", floats({0, 1, 0.5F})), whole, "others"},
      {changed("bank_labels", floats({0, 1, NAN})), whole, "others"},
      {changed("bank_labels", floats({0, 1, INFINITY})), whole, "others"},
      {changed("bank_votes", floats({2, 0.5F, 1e9F})), whole, "others"},
      {changed("bank_votes", floats({1.5F, 0.5F, 4})), whole, "others"},
      {changed("bank_votes", floats({2, 0.5F})), "bank_votes [3]", "[2]"},
      {changed("bank_votes", floats({2, 0.5F, 4}).view({3, 1})), "bank_votes [3]", "[3,1]"},
      {changed("bank_votes", floats({0, 0.5F, 4})), votes, "k 0, T 0.5, 4 classes"},
      {changed("bank_votes", floats({2, 0, 4})), votes, "k 2, T 0, 4 classes"},
      {changed("bank_votes", floats({2, NAN, 4})), votes, "k 2, T nan, 4 classes"},
  };
  for (const auto& [tensors, expected, got] : cases) {
    const std::string message =
        "expected " + expected + " as expert1.head, got " + got + ", in FILE";
    try {
      head_from_tensors(tensors, "expert1.head", "FILE");
      ADD_FAILURE() << message;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::corrupt_file);
      EXPECT_EQ(error.what(), message);
    }
  }
}

TEST(TransformHead, ChangesEveryTensorAndNothingElse) {
  const auto doubled = [](const at::Tensor& tensor) { return tensor * 2; };
  const Head linear = transform_head(LinearHead{at::ones({2, 3}), at::ones({2})}, doubled);
  EXPECT_TRUE(at::equal(std::get<LinearHead>(linear).weight, at::full({2, 3}, 2.0F)));
  EXPECT_TRUE(at::equal(std::get<LinearHead>(linear).bias, at::full({2}, 2.0F)));
  const Head cosine = transform_head(CosineHead{at::ones({2, 3})}, doubled);
  EXPECT_TRUE(at::equal(std::get<CosineHead>(cosine).weight, at::full({2, 3}, 2.0F)));
  const BankHead before{at::ones({1, 3}), at::ones({1}, at::kLong), 4, KnnOptions{5, 0.5}};
  const Head head = transform_head(before, doubled);
  const auto& bank = std::get<BankHead>(head);
  EXPECT_TRUE(at::equal(bank.features, at::full({1, 3}, 2.0F)));
  EXPECT_TRUE(at::equal(bank.labels, at::full({1}, 2, at::kLong)));
  EXPECT_EQ(bank.classes, 4);
  EXPECT_EQ(bank.knn.k, 5);
  EXPECT_EQ(bank.knn.temperature, 0.5);
}

}  // namespace
}  // namespace submask
