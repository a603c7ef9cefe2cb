#include "backbone/head_tensors.h"

#include <gtest/gtest.h>

#include <ATen/ATen.h>

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
    expect_equal(head_tensors(head_from_tensors(tensors)), tensors);
}

TEST(HeadTensors, SayWhichHeadItIs) {
  const at::Tensor matrix = at::ones({2, 3}), vector = at::ones({2});
  const auto linear = head_from_tensors({{"weight", matrix}, {"bias", vector}});
  EXPECT_TRUE(std::get<LinearHead>(linear.value()).weight.is_same(matrix));
  EXPECT_TRUE(std::get<LinearHead>(linear.value()).bias.is_same(vector));
  const auto cosine = head_from_tensors({{"cosine", matrix}});
  EXPECT_TRUE(std::get<CosineHead>(cosine.value()).weight.is_same(matrix));
  EXPECT_FALSE(head_from_tensors({}));

  const auto head = head_from_tensors(bank_tensors());
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
  const auto head = head_from_tensors(head_tensors(bank));
  const auto& again = std::get<BankHead>(head.value());
  EXPECT_TRUE(at::equal(again.labels, bank.labels));
  EXPECT_EQ(again.classes, largest);
  EXPECT_EQ(again.knn.k, largest);
  EXPECT_EQ(again.knn.temperature, 1e-30F);
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
