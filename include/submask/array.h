// A tensor as files hold it, without LibTorch: numbers of one dtype, row-major.
#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace submask {

enum class Dtype { f64, i64, f32, f16, i8, u8 };
constexpr auto names_of(Dtype) { return std::array{"F64", "I64", "F32", "F16", "I8", "U8"}; }

struct Array {
  Dtype dtype = Dtype::f32;
  std::vector<int64_t> shape;
  std::vector<uint8_t> bytes;  // little-endian; as many as shape and dtype need

  // The elements in place. T must be of the dtype's size; float16 is read as uint16_t.
  template <typename T>
  std::span<const T> as() const {
    assert(bytes.size() % sizeof(T) == 0);
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }
  template <typename T>
  std::span<T> as() {
    assert(bytes.size() % sizeof(T) == 0);
    return {reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T)};
  }

  bool operator==(const Array&) const = default;
};

using ArrayMap = std::map<std::string, Array>;

}  // namespace submask
