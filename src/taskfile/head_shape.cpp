#include "taskfile/head_shape.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <initializer_list>

#include "base/fail.h"
#include "base/names.h"
#include "taskfile/array_bytes.h"

namespace submask {
namespace {

// Throws an error of what was expected and what was got.
using Refusal = std::function<void(const std::string& expected, const std::string& got)>;

constexpr int64_t whole_bound = 1 << 24;  // float32 holds all whole numbers below it

bool has_names(const ArrayMap& arrays, std::initializer_list<const char*> names) {
  return arrays.size() == names.size() &&
         std::ranges::all_of(names, [&](const char* name) { return arrays.contains(name); });
}

// NaN is no whole number.
bool is_whole(float value) {
  return std::fabs(value) < static_cast<float>(whole_bound) && value == std::floor(value);
}

HeadShape bank_shape(const ArrayMap& head, const Refusal& refuse) {
  const Array &bank = head.at("bank"), &labels = head.at("bank_labels"),
              &votes = head.at("bank_votes");
  if (votes.shape != std::vector<int64_t>{3}) refuse("bank_votes [3]", in_brackets(votes.shape));
  const auto numbers = labels.as<float>(), vote = votes.as<float>();
  if (!std::ranges::all_of(numbers, is_whole) || !is_whole(vote[0]) || !is_whole(vote[2]))
    refuse("whole numbers below 2^24 as labels, k and C of a bank", "others");
  HeadShape shape{HeadShape::Form::bank, bank.shape, labels.shape};
  shape.k = static_cast<int64_t>(vote[0]);
  shape.temperature = vote[1];
  shape.bank_classes = static_cast<int64_t>(vote[2]);
  if (!numbers.empty()) {
    const auto [least, largest] = std::ranges::minmax(numbers);
    shape.least_label = static_cast<int64_t>(least);
    shape.largest_label = static_cast<int64_t>(largest);
  }
  return shape;
}

std::optional<Fault> bank_fault(const HeadShape& bank) {
  if (bank.matrix.size() != 2 || bank.matrix[0] == 0 || bank.vector.size() != 1 ||
      bank.vector[0] != bank.matrix[0])
    return Fault{
        "a bank of features [M,D] and labels [M], M at least 1",
        text("features ", in_brackets(bank.matrix), " and labels ", in_brackets(bank.vector))};
  const auto stored = static_cast<float>(bank.temperature);
  if (bank.k < 1 || bank.k >= whole_bound || bank.bank_classes >= whole_bound ||
      !std::isfinite(stored) || stored <= 0)
    return Fault{"a bank with k of at least 1, T above 0, k and classes below 2^24",
                 text("k ", bank.k, ", T ", bank.temperature, ", ", bank.bank_classes, " classes")};
  if (bank.least_label >= 0 && bank.largest_label < bank.bank_classes) return std::nullopt;
  return Fault{text("a bank of labels in 0 ... ", bank.bank_classes - 1),
               text(bank.least_label < 0 ? bank.least_label : bank.largest_label)};
}

HeadShape read_shape(const ArrayMap& head, const Refusal& refuse) {
  HeadShape shape;
  if (has_names(head, {"weight", "bias"}))
    shape = {HeadShape::Form::linear, head.at("weight").shape, head.at("bias").shape};
  else if (has_names(head, {"cosine"}))
    shape = {HeadShape::Form::cosine, head.at("cosine").shape, {}};
  else if (has_names(head, {"bank", "bank_labels", "bank_votes"}))
    shape = bank_shape(head, refuse);
  else
    refuse("weight and bias, cosine, or bank, bank_labels and bank_votes", listed(head));
  if (const auto fault = shape.fault()) refuse(fault->expected, fault->got);
  for (const auto& [name, array] : head)
    if (!all_finite(array)) refuse("finite numbers in " + name, "others");
  return shape;
}

}  // namespace

std::optional<Fault> HeadShape::fault() const {
  const auto no_classes = [this] {
    return matrix[0] > 0 ? std::nullopt : std::optional(Fault{"a head of a class or more", "none"});
  };
  switch (form) {
    case Form::linear:
      if (matrix.size() == 2 && vector.size() == 1 && vector[0] == matrix[0]) return no_classes();
      return Fault{"a linear head of weight [C,D] and bias [C]",
                   text("weight ", in_brackets(matrix), " and bias ", in_brackets(vector))};
    case Form::cosine:
      if (matrix.size() == 2) return no_classes();
      return Fault{"a cosine head of shape [C,D]", in_brackets(matrix)};
    case Form::bank:
      break;
  }
  return bank_fault(*this);
}

HeadShape check_head(const ArrayMap& head) {
  for (const auto& [name, array] : head)
    if (array.dtype != Dtype::f32)
      fail_argument(text(name, " of a head as F32"), name_of(array.dtype));
  return read_shape(head, [](const std::string& expected, const std::string& got) {
    fail_argument(expected, got);
  });
}

HeadShape head_shape(const ArrayMap& head, const std::string& head_name, const std::string& file) {
  return read_shape(head, [&](const std::string& expected, const std::string& got) {
    fail_corrupt(text(expected, " as ", head_name), got, file);
  });
}

}  // namespace submask
