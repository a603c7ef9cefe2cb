#include "backbone/head_tensors.h"

#include <algorithm>
#include <initializer_list>

#include <ATen/ATen.h>

#include "backbone/head_fault.h"
#include "backbone/tensor_text.h"
#include "base/fail.h"

namespace submask {
namespace {

TensorMap tensors_of(const LinearHead& head) {
  return {{"weight", head.weight}, {"bias", head.bias}};
}

TensorMap tensors_of(const CosineHead& head) { return {{"cosine", head.weight}}; }

TensorMap tensors_of(const BankHead& bank) {
  const at::Tensor votes = at::tensor(
      {static_cast<double>(bank.knn.k), bank.knn.temperature, static_cast<double>(bank.classes)});
  return {{"bank", bank.features}, {"bank_labels", bank.labels}, {"bank_votes", votes}};
}

bool has_names(const TensorMap& tensors, std::initializer_list<const char*> names) {
  return tensors.size() == names.size() &&
         std::all_of(names.begin(), names.end(),
                     [&](const char* name) { return tensors.contains(name); });
}

std::string listed(const TensorMap& tensors) {
  std::string list;
  for (const auto& [name, tensor] : tensors)
    list += text(list.empty() ? "" : ", ", name, " [", shape_text(tensor.sizes()), "]");
  return list;
}

// Whether all values are whole numbers below 2^24, which float32 holds exactly. NaN is not one.
bool are_whole(const at::Tensor& values) {
  constexpr double bound = 1 << 24;
  return ((values.abs() < bound) & (values == values.floor())).all().item<bool>();
}

Head transformed(const LinearHead& head, const auto& change) {
  return LinearHead{change(head.weight), change(head.bias)};
}

Head transformed(const CosineHead& head, const auto& change) {
  return CosineHead{change(head.weight)};
}

Head transformed(const BankHead& bank, const auto& change) {
  return BankHead{change(bank.features), change(bank.labels), bank.classes, bank.knn};
}

// Makes a head of its tensors in a file.
class HeadReader {
 public:
  HeadReader(const TensorMap& tensors, const std::string& head_name, const std::string& file)
      : tensors_(tensors), head_name_(head_name), file_(file) {}

  Head read() const {
    Head head = read_form();
    if (const auto fault = head_fault(head)) fail_as_head(fault->expected, fault->got);
    return head;
  }

 private:
  // The names of the tensors tell the form of the head.
  Head read_form() const {
    if (has_names(tensors_, {"weight", "bias"}))
      return LinearHead{tensors_.at("weight"), tensors_.at("bias")};
    if (has_names(tensors_, {"cosine"})) return CosineHead{tensors_.at("cosine")};
    if (has_names(tensors_, {"bank", "bank_labels", "bank_votes"})) return read_bank();
    fail_as_head("weight and bias, cosine, or bank, bank_labels and bank_votes", listed(tensors_));
  }

  BankHead read_bank() const {
    const at::Tensor &labels = tensors_.at("bank_labels"), &votes = tensors_.at("bank_votes");
    if (votes.dim() != 1 || votes.size(0) != 3)
      fail_as_head("bank_votes [3]", text("[", shape_text(votes.sizes()), "]"));
    if (!are_whole(labels) || !are_whole(votes[0]) || !are_whole(votes[2]))
      fail_as_head("whole numbers below 2^24 as labels, k and C of a bank", "others");
    return {tensors_.at("bank"), labels.to(at::kLong), votes[2].item<int64_t>(),
            KnnOptions{votes[0].item<int64_t>(), votes[1].item<double>()}};
  }

  [[noreturn]] void fail_as_head(const std::string& expected, const std::string& got) const {
    fail_corrupt(text(expected, " as ", head_name_), got, file_);
  }

  const TensorMap& tensors_;
  const std::string &head_name_, &file_;
};

}  // namespace

TensorMap head_tensors(const std::optional<Head>& head) {
  if (!head) return {};
  TensorMap tensors = std::visit([](const auto& form) { return tensors_of(form); }, *head);
  for (auto& [name, tensor] : tensors) tensor = tensor.to(at::kFloat);
  return tensors;
}

std::optional<Head> head_from_tensors(const TensorMap& tensors, const std::string& head_name,
                                      const std::string& file) {
  if (tensors.empty()) return std::nullopt;
  return HeadReader(tensors, head_name, file).read();
}

Head transform_head(const Head& head, const std::function<at::Tensor(const at::Tensor&)>& change) {
  return std::visit([&](const auto& form) { return transformed(form, change); }, head);
}

}  // namespace submask
