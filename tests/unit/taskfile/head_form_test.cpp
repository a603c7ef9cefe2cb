#include "taskfile/head_form.h"

#include <cmath>
#include <gtest/gtest.h>

#include "arrays.h"
#include "base/half.h"
#include "error_of.h"
#include "taskfile/head_shape.h"

namespace submask {
namespace {

// A bank of three features.
ArrayMap bank() {
  return {{"bank", floats({3, 2}, {1, 0, 0, 1, -1, 0})},
          {"bank_labels", floats({3}, {0, 2, 1})},
          {"bank_votes", floats({3}, {2, 0.07F, 4})}};
}

ArrayMap changed_bank(const char* name, const Array& array) {
  ArrayMap head = bank();
  head[name] = array;
  return head;
}

TEST(HeadShape, TellsClassesAndWidth) {
  const HeadShape linear =
      head_shape({{"weight", zeros({2, 8})}, {"bias", zeros({2})}}, "head", "FILE");
  EXPECT_EQ(linear.classes(), 2);
  EXPECT_EQ(linear.width(), 8);
  EXPECT_EQ(head_shape({{"cosine", zeros({3, 5})}}, "head", "FILE").classes(), 3);
  const HeadShape shape = head_shape(bank(), "head", "FILE");
  EXPECT_EQ(shape.classes(), 4);
  EXPECT_EQ(shape.width(), 2);
  EXPECT_EQ(shape.k, 2);
  EXPECT_EQ(shape.largest_label, 2);
}

TEST(HeadShape, OfNoHeadIsRefused) {
  const Array matrix = zeros({2, 8}), vector = zeros({2});
  const std::string names = "weight and bias, cosine, or bank, bank_labels and bank_votes";
  const std::string whole = "whole numbers below 2^24 as labels, k and C of a bank";
  const std::string parts = "a bank of features [M,D] and labels [M], M at least 1";
  const std::string votes = "a bank with k of at least 1, T above 0, k and classes below 2^24";
  const std::vector<std::tuple<ArrayMap, std::string, std::string>> cases = {
      {{{"weight", matrix}}, names, "weight [2,8]"},
      {{{"bias", vector}, {"cosine", matrix}}, names, "bias [2], cosine [2,8]"},
      {{{"weight", matrix}, {"bias", vector}, {"scale", vector}},
       names,
       "bias [2], scale [2], weight [2,8]"},
      {{{"weight", matrix}, {"bias", zeros({3})}},
       "a linear head of weight [C,D] and bias [C]",
       "weight [2,8] and bias [3]"},
      {{{"cosine", vector}}, "a cosine head of shape [C,D]", "[2]"},
      {changed_bank("weight", matrix), names,
       "bank [3,2], bank_labels [3], bank_votes [3], weight [2,8]"},
      {changed_bank("bank", zeros({3})), parts, "features [3] and labels [3]"},
      {changed_bank("bank", zeros({0, 2})), parts, "features [0,2] and labels [3]"},
      {changed_bank("bank_labels", floats({2}, {0, 1})), parts, "features [3,2] and labels [2]"},
      {changed_bank("bank_labels", floats({3}, {0, 1, 4})), "a bank of labels in 0 ... 3", "4"},
      {changed_bank("bank_labels", floats({3}, {0, 1, -1})), "a bank of labels in 0 ... 3", "-1"},
      {changed_bank("bank_labels", floats({3}, {0, 1, 0.5F})), whole, "others"},
      {changed_bank("bank_labels", floats({3}, {0, 1, NAN})), whole, "others"},
      {changed_bank("bank_labels", floats({3}, {0, 1, INFINITY})), whole, "others"},
      {changed_bank("bank_votes", floats({3}, {2, 0.5F, 1e9F})), whole, "others"},
      {changed_bank("bank_votes", floats({3}, {1.5F, 0.5F, 4})), whole, "others"},
      {changed_bank("bank_votes", floats({2}, {2, 0.5F})), "bank_votes [3]", "[2]"},
      {changed_bank("bank_votes", floats({3, 1}, {2, 0.5F, 4})), "bank_votes [3]", "[3,1]"},
      {changed_bank("bank_votes", floats({3}, {0, 0.5F, 4})), votes, "k 0, T 0.5, 4 classes"},
      {changed_bank("bank_votes", floats({3}, {2, 0, 4})), votes, "k 2, T 0, 4 classes"},
      {changed_bank("bank_votes", floats({3}, {2, NAN, 4})), votes, "k 2, T nan, 4 classes"},
  };
  for (const auto& each : cases) {
    const auto& [head_arrays, expected, got] = each;
    const ArrayMap& head = head_arrays;  // clang 14 captures no structured binding
    EXPECT_EQ(error_of(ErrorKind::corrupt_file, [&] { head_shape(head, "expert1.head", "FILE"); }),
              "expected " + expected + " as expert1.head, got " + got + ", in FILE");
    EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { check_head(head); }),
              "expected " + expected + ", got " + got);
  }
  EXPECT_EQ(error_of(ErrorKind::invalid_argument,
                     [&] {
                       check_head({{"cosine", make_array(Dtype::f16, {2, 2})}});
                     }),
            "expected cosine of a head as F32, got F16");
}

TEST(HeadShape, HasNumbersThatFloatsHold) {
  HeadShape shape{HeadShape::Form::bank, {1, 2}, {1}};
  shape.k = shape.bank_classes = (1 << 24) - 1;
  shape.temperature = 1;
  EXPECT_FALSE(shape.fault());
  shape.k = 1;
  EXPECT_FALSE(shape.fault());
  HeadShape votes = shape, classes = shape;
  votes.k = 1 << 24;
  classes.bank_classes = 1 << 24;
  for (const HeadShape& large : {votes, classes})
    EXPECT_EQ(large.fault().value_or(Fault{}).expected,
              "a bank with k of at least 1, T above 0, k and classes below 2^24");
}

TEST(HeadForm, ExponentsBelongToEightBitsAlone) {
  for (const auto& [form, dtype] :
       {std::pair(HeadForm::exact, Dtype::f32), {HeadForm::half, Dtype::f16}}) {
    const ArrayMap stored{{"weight", make_array(dtype, {1, 2})},
                          {"weight_exponents", make_array(Dtype::i8, {1})}};
    EXPECT_EQ(error_of(ErrorKind::corrupt_file,
                       [&, form = form] { unpack_head(stored, form, "head", "FILE"); }),
              "expected tensors of a head, got weight_exponents, in FILE");
  }
}

TEST(HeadForm, RoundedOnceStaysAsItIs) {
  const ArrayMap head{{"bias", floats({2}, {0.1F, -1e9F})},
                      {"weight", floats({2, 3}, {0.1F, -0.2F, 0.3F, 100, -33.3F, 1e-3F})}};
  for (const HeadForm form : {HeadForm::exact, HeadForm::half, HeadForm::int8}) {
    const ArrayMap rounded = round_head(head, form);
    EXPECT_EQ(rounded.at("bias"), head.at("bias"));
    EXPECT_EQ(rounded.at("weight") == head.at("weight"), form == HeadForm::exact);
    EXPECT_EQ(round_head(rounded, form), rounded);
    EXPECT_EQ(unpack_head(pack_head(rounded, form), form, "head", "FILE"), rounded);
    const auto before = head.at("weight").as<float>(), after = rounded.at("weight").as<float>();
    for (size_t i = 0; i < before.size(); ++i)
      EXPECT_NEAR(after[i], before[i], i < 3 ? 0.3 / 127 : 100.0 / 127) << i;
  }
}

// Numbers of -127 to 127 with the unit 1: a larger unit would round them.
TEST(HeadForm, EightBitsReachTheirLargestNumber) {
  const ArrayMap head{{"weight", floats({1, 3}, {127, -127, 1})}, {"bias", floats({1}, {0})}};
  EXPECT_EQ(round_head(head, HeadForm::int8), head);
}

// Whoever serves such a head has no scores to give.
TEST(HeadForm, RefusesHeadsWithoutScores) {
  const auto refusal = [](const ArrayMap& head) {
    const std::string line =
        error_of(ErrorKind::corrupt_file, [&] { unpack_head(head, HeadForm::exact, "head", "x"); });
    EXPECT_NE(error_of(ErrorKind::invalid_argument, [&] { round_head(head, HeadForm::exact); }),
              "");
    return line;
  };
  for (const float value : {NAN, INFINITY, -INFINITY})
    EXPECT_EQ(refusal({{"weight", zeros({1, 2})}, {"bias", floats({1}, {value})}}),
              "expected finite numbers in bias as head, got others, in x");
  EXPECT_EQ(refusal({{"cosine", floats({1, 1}, {NAN})}}),
            "expected finite numbers in cosine as head, got others, in x");
  EXPECT_EQ(refusal({{"cosine", zeros({0, 2})}}),
            "expected a head of a class or more as head, got none, in x");
}

// 127 * 2^127 and float16's infinity: nothing that was rounded holds them.
TEST(HeadForm, RefusesNumbersThatNoHeadHas) {
  const Array bias = floats({1}, {-1e30F});
  const auto eight_bits = [&](int8_t exponent) {
    return ArrayMap{
        {"bias", bias},
        {"weight", make_array<int8_t>(Dtype::i8, {1, 2}, std::vector<int8_t>{127, 127})},
        {"weight_exponents", make_array<int8_t>(Dtype::i8, {1}, std::vector{exponent})}};
  };
  const ArrayMap most = unpack_head(eight_bits(121), HeadForm::int8, "head", "x");
  EXPECT_EQ(most.at("weight").as<float>()[0], std::ldexp(127.0F, 121));
  const auto refusal = [](const ArrayMap& stored, HeadForm form) {
    return error_of(ErrorKind::corrupt_file, [&] { unpack_head(stored, form, "head", "x"); });
  };
  const std::string line = "expected finite numbers in weight as head, got others, in x";
  EXPECT_EQ(refusal(eight_bits(122), HeadForm::int8), line);
  for (const float value : {INFINITY, NAN}) {
    const std::vector<uint16_t> values(2, float_to_half(value));
    const ArrayMap half{{"bias", bias},
                        {"weight", make_array<uint16_t>(Dtype::f16, {1, 2}, values)}};
    EXPECT_EQ(refusal(half, HeadForm::half), line);
  }
}

TEST(HeadForm, RefusesArraysOfAnotherForm) {
  const auto refusal = [](const ArrayMap& stored, HeadForm form) {
    return error_of(ErrorKind::corrupt_file, [&] { unpack_head(stored, form, "head", "x"); });
  };
  const ArrayMap exact{{"cosine", zeros({2, 3})}};
  EXPECT_EQ(refusal(exact, HeadForm::half), "expected head.cosine as F16, got F32, in x");
  EXPECT_EQ(refusal(exact, HeadForm::int8), "expected head.cosine as I8, got F32, in x");
  ArrayMap packed = pack_head(exact, HeadForm::int8);
  EXPECT_EQ(refusal(packed, HeadForm::exact), "expected head.cosine as F32, got I8, in x");
  packed["cosine_exponents"] = make_array(Dtype::i8, {3});
  EXPECT_EQ(refusal(packed, HeadForm::int8),
            "expected an exponent for each row of head.cosine, got others, in x");
  packed.erase("cosine");
  EXPECT_EQ(refusal(packed, HeadForm::int8),
            "expected tensors of a head, got cosine_exponents, in x");
}

}  // namespace
}  // namespace submask
