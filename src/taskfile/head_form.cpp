#include "taskfile/head_form.h"

#include <algorithm>
#include <cmath>

#include "base/fail.h"
#include "base/half.h"
#include "base/names.h"
#include "taskfile/array_bytes.h"
#include "taskfile/head_shape.h"

namespace submask {
namespace {

constexpr const char* exponents_suffix = "_exponents";
constexpr double largest_number = 127;  // of eight bits with a sign

// Whether the forms store this array of a head differently. The other arrays are few numbers, and a
// probe's bias for a class without images is too large for float16.
bool is_matrix(const std::string& name) {
  return name == "weight" || name == "cosine" || name == "bank";
}

// Returns the least e in -126 ... 127 with |row| <= 127 * 2^e.
int8_t row_exponent(std::span<const float> row) {
  double largest = 0;
  for (const float value : row) largest = std::max(largest, std::fabs(static_cast<double>(value)));
  int exponent = 0;
  const double share = std::frexp(largest / largest_number, &exponent);  // in [.5, 1), or 0
  return static_cast<int8_t>(std::clamp(share == 0.5 ? exponent - 1 : exponent, -126, 127));
}

struct EightBitMatrix {
  Array numbers;    // I8 [C, D]
  Array exponents;  // I8 [C]
};

EightBitMatrix to_eight_bits(const Array& matrix) {
  const auto rows = static_cast<size_t>(matrix.shape[0]),
             width = static_cast<size_t>(matrix.shape[1]);
  EightBitMatrix result{make_array(Dtype::i8, matrix.shape),
                        make_array(Dtype::i8, {matrix.shape[0]})};
  const auto from = matrix.as<float>();
  const auto to = result.numbers.as<int8_t>(), exponents = result.exponents.as<int8_t>();
  for (size_t row = 0; row < rows; ++row) {
    const int8_t exponent = exponents[row] = row_exponent(from.subspan(row * width, width));
    for (size_t i = row * width; i < (row + 1) * width; ++i)
      to[i] = static_cast<int8_t>(std::nearbyint(std::ldexp(from[i], -exponent)));
  }
  return result;
}

Array from_eight_bits(const Array& numbers, const Array& exponents) {
  Array result = make_array(Dtype::f32, numbers.shape);
  const auto width = static_cast<size_t>(numbers.shape[1]);
  const auto from = numbers.as<int8_t>(), exponent = exponents.as<int8_t>();
  const auto to = result.as<float>();
  for (size_t i = 0; i < to.size(); ++i)
    to[i] = std::ldexp(static_cast<float>(from[i]), exponent[i / width]);
  return result;
}

Array to_half(const Array& values) {
  Array result = make_array(Dtype::f16, values.shape);
  std::ranges::transform(values.as<float>(), result.as<uint16_t>().begin(), float_to_half);
  return result;
}

Array from_half(const Array& values) {
  Array result = make_array(Dtype::f32, values.shape);
  std::ranges::transform(values.as<uint16_t>(), result.as<float>().begin(), half_to_float);
  return result;
}

// Returns the matrix with the values that the form can hold. `name` is its name in a file.
Array round_values(const Array& values, HeadForm form, const std::string& name) {
  Array result;
  if (form == HeadForm::half) {
    result = from_half(to_half(values));
  } else {
    const EightBitMatrix matrix = to_eight_bits(values);
    result = from_eight_bits(matrix.numbers, matrix.exponents);
  }
  if (!all_finite(result)) fail_argument("a head that float16 reaches (exact keeps others)", name);
  return result;
}

// Converts the arrays of a file back, and checks their dtypes and names.
class HeadUnpacker {
 public:
  HeadUnpacker(const ArrayMap& stored, HeadForm form, const std::string& head_name,
               const std::string& file)
      : stored_(stored), form_(form), head_name_(head_name), file_(file) {}

  ArrayMap unpack() const {
    ArrayMap head;
    for (const auto& [name, array] : stored_) {
      if (name.ends_with(exponents_suffix)) {
        check_exponents_name(name);
      } else if (form_ == HeadForm::exact || !is_matrix(name)) {
        expect(name, array, Dtype::f32);
        head[name] = array;
      } else {
        head[name] =
            form_ == HeadForm::int8 ? unpack_eight_bits(name, array) : unpack_half(name, array);
      }
    }
    return head;
  }

 private:
  std::string full(const std::string& name) const { return head_name_ + "." + name; }

  void expect(const std::string& name, const Array& array, Dtype dtype) const {
    if (array.dtype != dtype)
      fail_corrupt(text(full(name), " as ", name_of(dtype)), name_of(array.dtype), file_);
  }

  void check_exponents_name(const std::string& name) const {
    const std::string matrix = name.substr(0, name.size() - std::string(exponents_suffix).size());
    if (form_ != HeadForm::int8 || !is_matrix(matrix) || !stored_.contains(matrix))
      fail_corrupt("tensors of a head", name, file_);
  }

  Array unpack_eight_bits(const std::string& name, const Array& numbers) const {
    expect(name, numbers, Dtype::i8);
    const auto exponents = stored_.find(name + exponents_suffix);
    if (numbers.shape.size() != 2 || exponents == stored_.end() ||
        exponents->second.shape != std::vector{numbers.shape[0]})
      fail_corrupt("an exponent for each row of " + full(name), "others", file_);
    expect(exponents->first, exponents->second, Dtype::i8);
    return from_eight_bits(numbers, exponents->second);
  }

  Array unpack_half(const std::string& name, const Array& values) const {
    expect(name, values, Dtype::f16);
    return from_half(values);
  }

  const ArrayMap& stored_;
  const HeadForm form_;
  const std::string &head_name_, &file_;
};

}  // namespace

ArrayMap round_head(const ArrayMap& head, HeadForm form) {
  if (head.empty()) return head;
  check_head(head);
  if (form == HeadForm::exact) return head;
  ArrayMap rounded = head;
  for (auto& [name, array] : rounded)
    if (is_matrix(name)) array = round_values(array, form, name);
  return rounded;
}

ArrayMap pack_head(const ArrayMap& head, HeadForm form) {
  ArrayMap stored;
  for (const auto& [name, array] : head) {
    if (form == HeadForm::exact || !is_matrix(name)) {
      stored[name] = array;
    } else if (form == HeadForm::half) {
      stored[name] = to_half(array);
    } else {
      EightBitMatrix matrix = to_eight_bits(array);
      stored[name] = std::move(matrix.numbers);
      stored[name + exponents_suffix] = std::move(matrix.exponents);
    }
  }
  return stored;
}

ArrayMap unpack_head(const ArrayMap& stored, HeadForm form, const std::string& head_name,
                     const std::string& file) {
  ArrayMap head = HeadUnpacker(stored, form, head_name, file).unpack();
  if (!head.empty()) head_shape(head, head_name, file);
  return head;
}

}  // namespace submask
