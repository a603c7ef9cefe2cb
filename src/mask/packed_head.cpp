#include "mask/packed_head.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>

#include "backbone/head_fault.h"
#include "backbone/head_tensors.h"
#include "base/fail.h"

namespace submask {
namespace {

constexpr const char* exponents_suffix = "_exponents";
constexpr double largest_number = 127;  // of eight bits with a sign

// Whether the forms store this tensor of a head differently. The other tensors are few numbers, and
// a probe's bias for a class without images is too large for float16.
bool is_matrix(const std::string& name) {
  return name == "weight" || name == "cosine" || name == "bank";
}

// Returns the least e in -126 ... 127 with |row| <= 127 * 2^e.
int8_t row_exponent(const float* row, int64_t width) {
  double largest = 0;
  for (int64_t i = 0; i < width; ++i)
    largest = std::max(largest, std::abs(static_cast<double>(row[i])));
  int exponent = 0;
  const double share = std::frexp(largest / largest_number, &exponent);  // in [.5, 1), or 0
  return static_cast<int8_t>(std::clamp(share == 0.5 ? exponent - 1 : exponent, -126, 127));
}

struct EightBitMatrix {
  at::Tensor numbers;    // int8 [C, D]
  at::Tensor exponents;  // int8 [C]
};

EightBitMatrix to_eight_bits(const at::Tensor& matrix) {
  const int64_t rows = matrix.size(0), width = matrix.size(1);
  EightBitMatrix result{at::empty({rows, width}, at::kChar), at::empty({rows}, at::kChar)};
  const float* from = matrix.const_data_ptr<float>();
  auto* to = result.numbers.data_ptr<int8_t>();
  for (int64_t row = 0; row < rows; ++row, from += width, to += width) {
    const int8_t exponent = row_exponent(from, width);
    result.exponents.data_ptr<int8_t>()[row] = exponent;
    for (int64_t i = 0; i < width; ++i)
      to[i] = static_cast<int8_t>(std::nearbyint(std::ldexp(from[i], -exponent)));
  }
  return result;
}

at::Tensor from_eight_bits(const EightBitMatrix& matrix) {
  const int64_t rows = matrix.numbers.size(0), width = matrix.numbers.size(1);
  at::Tensor result = at::empty({rows, width}, at::kFloat);
  const auto* from = matrix.numbers.const_data_ptr<int8_t>();
  auto* to = result.data_ptr<float>();
  for (int64_t i = 0; i < rows * width; ++i)
    to[i] = std::ldexp(static_cast<float>(from[i]),
                       matrix.exponents.const_data_ptr<int8_t>()[i / width]);
  return result;
}

// Returns the matrix with the values that the form can hold. `name` is its name in a file.
at::Tensor round_values(const at::Tensor& values, HeadForm form, const char* name) {
  if (form == HeadForm::exact) return values;
  if (!at::isfinite(values).all().item<bool>())
    fail_argument("a head of finite numbers", text("others in ", name));
  at::Tensor result = form == HeadForm::int8 ? from_eight_bits(to_eight_bits(values))
                                             : values.to(at::kHalf).to(at::kFloat);
  if (!at::isfinite(result).all().item<bool>())
    fail_argument("a head that float16 reaches (--head exact keeps others)", name);
  return result;
}

at::Tensor float_values(const at::Tensor& tensor) {
  return tensor.to(at::kCPU, at::kFloat).contiguous();
}

Head round_values(const LinearHead& head, HeadForm form) {
  return LinearHead{round_values(float_values(head.weight), form, "weight"),
                    float_values(head.bias)};
}

Head round_values(const CosineHead& head, HeadForm form) {
  return CosineHead{round_values(float_values(head.weight), form, "cosine")};
}

Head round_values(const BankHead& bank, HeadForm form) {
  const double temperature = static_cast<float>(bank.knn.temperature);
  return BankHead{round_values(float_values(bank.features), form, "bank"),
                  bank.labels.to(at::kCPU).contiguous(), bank.classes,
                  KnnOptions{bank.knn.k, temperature}};
}

}  // namespace

std::optional<Head> round_head(const std::optional<Head>& head, HeadForm form) {
  if (!head) return std::nullopt;
  check_head(*head);
  return std::visit([&](const auto& kind) { return round_values(kind, form); }, *head);
}

TensorMap pack_head(const std::optional<Head>& head, HeadForm form) {
  TensorMap stored;
  for (const auto& [name, tensor] : head_tensors(head)) {
    if (form == HeadForm::exact || !is_matrix(name)) {
      stored[name] = tensor;
    } else if (form == HeadForm::int8) {
      const EightBitMatrix matrix = to_eight_bits(tensor);
      stored[name] = matrix.numbers;
      stored[name + exponents_suffix] = matrix.exponents;
    } else {
      stored[name] = tensor.to(at::kHalf);
    }
  }
  return stored;
}

std::optional<Head> unpack_head(const TensorMap& stored, HeadForm form,
                                const std::string& head_name, const std::string& file) {
  TensorMap tensors;
  const auto expect = [&](const std::string& name, const at::Tensor& tensor, at::ScalarType type) {
    if (tensor.scalar_type() != type)
      fail_corrupt(text(head_name, ".", name, " as ", c10::toString(type)),
                   c10::toString(tensor.scalar_type()), file);
  };
  for (const auto& [name, tensor] : stored) {
    if (name.ends_with(exponents_suffix)) {
      const std::string matrix = name.substr(0, name.size() - std::string(exponents_suffix).size());
      if (form != HeadForm::int8 || !is_matrix(matrix) || !stored.contains(matrix))
        fail_corrupt("tensors of a head", name, file);
    } else if (form == HeadForm::exact || !is_matrix(name)) {
      expect(name, tensor, at::kFloat);
      tensors[name] = tensor;
    } else if (form == HeadForm::int8) {
      expect(name, tensor, at::kChar);
      const auto exponents = stored.find(name + exponents_suffix);
      if (tensor.dim() != 2 || exponents == stored.end() ||
          exponents->second.sizes() != at::IntArrayRef{tensor.size(0)})
        fail_corrupt(text("an exponent for each row of ", head_name, ".", name), "others", file);
      expect(exponents->first, exponents->second, at::kChar);
      tensors[name] = from_eight_bits({tensor, exponents->second});
    } else {
      expect(name, tensor, at::kHalf);
      tensors[name] = tensor.to(at::kFloat);
    }
  }
  // A writer rounds finite numbers only, but a damaged exponent can give 127 * 2^127.
  for (const auto& [name, tensor] : tensors)
    if (form != HeadForm::exact && is_matrix(name) && !at::isfinite(tensor).all().item<bool>())
      fail_corrupt(text("finite numbers in ", head_name, ".", name), "others", file);
  return head_from_tensors(tensors, head_name, file);
}

}  // namespace submask
