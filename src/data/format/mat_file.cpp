#include "data/format/mat_file.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <span>

#include "base/checked.h"
#include "base/fail.h"
#include "base/quoted_name.h"
#include "data/format/mat_element.h"
#include "data/format/mat_numbers.h"

namespace submask {
namespace {

constexpr size_t header_bytes = 128;
constexpr uint64_t most_listed_numbers = 1'000'000;  // a small file may claim to hold billions

std::optional<NumberType> number_type(MatType type) {
  using Kind = NumberType::Kind;
  switch (type) {
    case MatType::int8:
      return NumberType{Kind::signed_integer, 1};
    case MatType::uint8:
      return NumberType{Kind::unsigned_integer, 1};
    case MatType::int16:
      return NumberType{Kind::signed_integer, 2};
    case MatType::uint16:
      return NumberType{Kind::unsigned_integer, 2};
    case MatType::int32:
      return NumberType{Kind::signed_integer, 4};
    case MatType::uint32:
      return NumberType{Kind::unsigned_integer, 4};
    case MatType::int64:
      return NumberType{Kind::signed_integer, 8};
    case MatType::uint64:
      return NumberType{Kind::unsigned_integer, 8};
    case MatType::single_float:
      return NumberType{Kind::floating_point, 4};
    case MatType::double_float:
      return NumberType{Kind::floating_point, 8};
    default:
      return std::nullopt;
  }
}

struct StoredArray {
  std::vector<uint64_t> shape;
  uint64_t count = 1;
  NumberType type;
  std::vector<uint8_t> bytes;
};

void read_values(MatElement& element, StoredArray& array, const std::string& file) {
  const MatTag tag = element.read_tag();
  const auto type = number_type(tag.type);
  if (!type || tag.size != checked_multiply(array.count, type->bytes, file))
    fail_corrupt(text(array.count, " numbers"),
                 text(tag.size, " bytes of type ", static_cast<uint32_t>(tag.type)), file);
  // Checked before any memory is taken, so that a small file cannot make it take a lot.
  if (tag.size > element.most_bytes())
    fail_corrupt(text("at most the ", element.most_bytes(), " bytes there can be"), tag.size, file);
  array.type = *type;
  array.bytes.resize(tag.size);
  element.read(tag, array.bytes);
  element.expect_end();
}

// Nothing where the element holds another array.
std::optional<StoredArray> read_array(MatElement& element, std::string_view wanted,
                                      uint64_t most_numbers, const std::string& file) {
  constexpr uint8_t first_numeric = 6, last_numeric = 15, complex_flag = 8;
  constexpr uint64_t most_dimensions = 32, longest_name = 63;
  std::array<uint8_t, 8> flags{};
  element.read(element.expect_tag(MatType::uint32, flags.size(), flags.size()), flags);
  const MatTag shape_tag = element.expect_tag(MatType::int32, 4, most_dimensions * 4);
  std::vector<uint8_t> shape(shape_tag.size), name;
  element.read(shape_tag, shape);
  const MatTag name_tag = element.expect_tag(MatType::int8, 0, longest_name);
  name.resize(name_tag.size);
  element.read(name_tag, name);
  if (!std::equal(name.begin(), name.end(), wanted.begin(), wanted.end())) return std::nullopt;
  if (flags[0] < first_numeric || flags[0] > last_numeric || (flags[1] & complex_flag) != 0)
    fail_corrupt(text("an array of real numbers as ", wanted), text("class ", int{flags[0]}), file);
  StoredArray array;
  for (size_t i = 0; i + 4 <= shape.size(); i += 4) {
    array.shape.push_back(little_endian_32(&shape[i]));
    array.count = checked_multiply(array.count, array.shape.back(), file);
  }
  if (array.count > most_numbers)
    fail_corrupt(text("at most ", most_numbers, " numbers"), array.count, file);
  read_values(element, array, file);
  return array;
}

StoredArray read_version_5(Bytes bytes, std::string_view name, uint64_t most_numbers,
                           const std::string& file) {
  Bytes rest = bytes.subspan(header_bytes);
  while (!rest.empty()) {
    MatElement element(rest, file);
    if (element.is_matrix())
      if (auto array = read_array(element, name, most_numbers, file)) return *std::move(array);
    rest = rest.subspan(std::min<uint64_t>(element.stored_bytes(), rest.size()));
  }
  fail_corrupt("an array " + quoted_name(name), "none", file);
}

StoredArray read_stored(Bytes bytes, std::string_view name, uint64_t most_numbers,
                        const std::string& file) {
  const std::string_view text = as_text(bytes);
  if (bytes.size() >= header_bytes && text.substr(124, 4) == std::string_view("\0\1IM", 4))
    return read_version_5(bytes, name, most_numbers, file);
  const char* expected = "a little-endian .mat file of version 5, as MATLAB's save -v7 writes it";
  fail_corrupt(expected, text.starts_with("MATLAB 7.3") ? "one of version 7.3" : "another file",
               file);
}

}  // namespace

MatArray read_mat_array(Bytes bytes, std::string_view name, const std::string& file) {
  StoredArray stored = read_stored(bytes, name, std::numeric_limits<uint64_t>::max(), file);
  std::vector<uint8_t>& values = stored.bytes;
  if (stored.type.kind != NumberType::Kind::unsigned_integer || stored.type.bytes != 1) {
    // In place: the byte of a number is written before those that are still to be read.
    convert_numbers(values, stored.type, std::span(values).first(stored.count), file);
    values.resize(stored.count);
    values.shrink_to_fit();
  }
  return {std::move(stored.shape), std::move(values)};
}

std::vector<uint16_t> read_mat_numbers(Bytes bytes, std::string_view name,
                                       const std::string& file) {
  const StoredArray stored = read_stored(bytes, name, most_listed_numbers, file);
  std::vector<uint16_t> numbers(stored.count);
  convert_numbers(stored.bytes, stored.type, numbers, file);
  return numbers;
}

}  // namespace submask
