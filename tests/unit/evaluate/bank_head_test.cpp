#include <cmath>
#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/evaluate.h>
#include <submask/head.h>

namespace submask {
namespace {

TensorMap small_bank() {
  const at::Tensor features = at::tensor({1., 0., 0., 1., -1., 0.}, at::kFloat).view({3, 2});
  return bank_head(features, at::tensor({0, 2, 1}, at::kLong), 4, {2, .5});
}

TEST(BankHead, AnswersAsItsNeighboursVote) {
  const TensorMap head = small_bank();
  EXPECT_TRUE(is_head(head));
  EXPECT_EQ(head_size(head).classes, 4);
  EXPECT_EQ(head_size(head).width, 2);
  const at::Tensor queries = at::tensor({3., 4., -2., .1}, at::kFloat).view({2, 2});
  const Features bank{head.at("bank"), at::tensor({0, 2, 1}, at::kLong), {}};
  const at::Tensor shares = knn_scores(bank, queries, 4, {2, .5});
  EXPECT_TRUE(at::allclose(head_scores(head, queries).softmax(1), shares));
  // Cosines .6, .8 and -.6: the second neighbour's share is 1 / (1 + exp(-.4)).
  EXPECT_NEAR(shares[0][2].item<double>(), 1 / (1 + std::exp(-.4)), 1e-6);
  EXPECT_EQ(shares[0][3].item<double>(), 0);
}

TEST(BankHead, RefusesValuesThatDoNotGoTogether) {
  const auto changed = [](const char* name, const at::Tensor& tensor) {
    TensorMap head = small_bank();
    head[name] = tensor;
    return head;
  };
  const auto floats = [](std::vector<float> values) { return at::tensor(values, at::kFloat); };
  for (const TensorMap& head :
       {changed("bank_labels", floats({0, 1})), changed("bank_labels", floats({0, 1, 4})),
        changed("bank_labels", floats({0, 1, -1})), changed("bank_labels", floats({0, 1, .5})),
        changed("bank_labels", floats({0, 1, NAN})), changed("bank_votes", floats({0, .5, 4})),
        changed("bank_votes", floats({2, 0, 4})), changed("bank_votes", floats({2, NAN, 4})),
        changed("bank_votes", floats({2, .5, 1e9})), changed("bank_votes", floats({2, .5})),
        changed("bank", at::zeros({0, 2})), changed("bank", at::zeros({3})),
        changed("weight", at::zeros({4, 2}))}) {
    EXPECT_FALSE(is_head(head));
    EXPECT_THROW(head_size(head), Error);
  }
  const at::Tensor features = at::ones({2, 3});
  EXPECT_THROW(bank_head(features, at::tensor({0, 3}, at::kLong), 3, {}), Error);
  EXPECT_THROW(bank_head(features, at::tensor({0}, at::kLong), 3, {}), Error);
  EXPECT_THROW(bank_head(features, at::tensor({0, 1}, at::kLong), 3, {0, .1}), Error);
  EXPECT_THROW(bank_head(features * NAN, at::tensor({0, 1}, at::kLong), 3, {}), Error);
  EXPECT_THROW(head_scores(small_bank(), at::zeros({1, 3})), Error);
}

}  // namespace
}  // namespace submask
