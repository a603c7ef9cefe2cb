#include <cmath>
#include <gtest/gtest.h>
#include <limits>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/head.h>

namespace submask {
namespace {

BankHead small_bank() {
  return {at::tensor({1.F, 0.F, 0.F, 1.F, -1.F, 0.F}).view({3, 2}),
          at::tensor({0, 2, 1}, at::kLong), 4, KnnOptions{2, 0.5}};
}

std::string refusal(const auto& act) {
  try {
    act();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    return error.what();
  }
  return "no error";
}

TEST(Head, KnowsItsSize) {
  for (const Head& head : {Head(LinearHead{at::zeros({4, 2}), at::zeros({4})}),
                           Head(CosineHead{at::zeros({4, 2})}), Head(small_bank())}) {
    EXPECT_EQ(head_size(head).classes, 4);
    EXPECT_EQ(head_size(head).width, 2);
  }
}

TEST(Head, LinearAddsItsBias) {
  const LinearHead head{at::tensor({1.F, 0.F, 2.F, -1.F}).view({2, 2}), at::tensor({.5F, 0.F})};
  const at::Tensor logits = head_logits(head, at::tensor({3.F, 4.F}).view({1, 2}));
  EXPECT_TRUE(at::equal(logits, at::tensor({3.5F, 2.F}).view({1, 2})));
}

TEST(Head, CosineDoesNotSeeALength) {
  const CosineHead head{at::tensor({2.F, 0.F, 0.F, 4.F}).view({2, 2})};
  const at::Tensor features = at::tensor({3.F, 4.F, 6.F, 8.F}).view({2, 2});
  const at::Tensor expected = at::tensor({1.2F, 3.2F}).expand({2, 2});
  EXPECT_TRUE(at::allclose(head_logits(head, features), expected));
  EXPECT_TRUE(at::equal(head_logits(head, at::zeros({1, 2})), at::zeros({1, 2})));
}

TEST(Head, LogitsPassGradientsOn) {
  const LinearHead head{at::ones({2, 3}).requires_grad_(true), at::zeros({2})};
  head_logits(head, at::ones({1, 3})).sum().backward();
  EXPECT_TRUE(at::equal(head.weight.grad(), at::ones({2, 3})));
}

TEST(Head, RefusesLogitsThatItHasNot) {
  const LinearHead head{at::zeros({2, 4}), at::zeros({2})};
  EXPECT_EQ(refusal([&] {
              head_logits(head, at::zeros({1, 3}));
            }),
            "expected features [N,4] for a head, got [1,3]");
  EXPECT_EQ(refusal([&] { head_logits(head, at::zeros({4})); }),
            "expected features [N,4] for a head, got [4]");
  EXPECT_EQ(refusal([&] {
              head_logits(small_bank(), at::zeros({1, 2}));
            }),
            "expected a linear or cosine head, got a bank");
  EXPECT_EQ(refusal([&] {
              head_logits(CosineHead{at::zeros({4})}, at::zeros({1, 4}));
            }),
            "expected a cosine head of shape [C,D], got [4]");
}

TEST(Head, RefusesTensorsThatDoNotGoTogether) {
  const std::string linear = "expected a linear head of weight [C,D] and bias [C], got ";
  const std::vector<std::pair<Head, std::string>> cases = {
      {LinearHead{at::zeros({2, 4}), at::zeros({3})}, linear + "weight [2,4] and bias [3]"},
      {LinearHead{at::zeros({8}), at::zeros({2})}, linear + "weight [8] and bias [2]"},
      {LinearHead{at::zeros({2, 4}), at::zeros({2, 1})}, linear + "weight [2,4] and bias [2,1]"},
      {LinearHead{at::zeros({2, 4}), {}}, linear + "weight [2,4] and bias [0]"},
      {LinearHead{}, linear + "weight [0] and bias [0]"},
      {CosineHead{}, "expected a cosine head of shape [C,D], got [0]"},
  };
  for (const auto& [head, message] : cases)
    EXPECT_EQ(refusal([&, head = head] { head_size(head); }), message);
}

TEST(Head, RefusesABankThatDoesNotGoTogether) {
  using Change = void (*)(BankHead&);
  const std::string parts = "a bank of features [M,D] and labels [M], M at least 1";
  const std::string votes = "a bank with k of at least 1, T above 0, k and classes below 2^24";
  const std::vector<std::tuple<Change, std::string, std::string>> cases = {
      {[](BankHead& bank) { bank.features = at::zeros({3}); }, parts,
       "features [3] and labels [3]"},
      {[](BankHead& bank) {
         bank.features = at::zeros({2, 2});
       },
       parts, "features [2,2] and labels [3]"},
      {[](BankHead& bank) {
         bank.features = at::zeros({0, 2});
         bank.labels = at::zeros({0}, at::kLong);
       },
       parts, "features [0,2] and labels [0]"},
      {[](BankHead& bank) { bank.labels = bank.labels.to(at::kFloat); }, "labels of a bank as Long",
       "Float"},
      {[](BankHead& bank) {
         bank.labels = bank.labels.view({3, 1});
       },
       parts, "features [3,2] and labels [3,1]"},
      {[](BankHead& bank) { bank.knn.k = 0; }, votes, "k 0, T 0.5, 4 classes"},
      {[](BankHead& bank) { bank.knn.k = 1 << 24; }, votes, "k 16777216, T 0.5, 4 classes"},
      {[](BankHead& bank) { bank.knn.temperature = 0; }, votes, "k 2, T 0, 4 classes"},
      {[](BankHead& bank) { bank.knn.temperature = NAN; }, votes, "k 2, T nan, 4 classes"},
      {[](BankHead& bank) { bank.knn.temperature = INFINITY; }, votes, "k 2, T inf, 4 classes"},
      // 0 and infinity as float32.
      {[](BankHead& bank) { bank.knn.temperature = 1e-60; }, votes, "k 2, T 1e-60, 4 classes"},
      {[](BankHead& bank) { bank.knn.temperature = 1e60; }, votes, "k 2, T 1e+60, 4 classes"},
      {[](BankHead& bank) { bank.classes = 1 << 24; }, votes, "k 2, T 0.5, 16777216 classes"},
      {[](BankHead& bank) { bank.classes = 2; }, "a bank of labels in 0 ... 1", "2"},
      {[](BankHead& bank) { bank.labels = bank.labels - 1; }, "a bank of labels in 0 ... 3", "-1"},
  };
  for (const auto& [change, expected, got] : cases) {
    BankHead bank = small_bank();
    change(bank);
    EXPECT_EQ(refusal([&] { head_size(bank); }), "expected " + expected + ", got " + got);
  }
}

}  // namespace
}  // namespace submask
