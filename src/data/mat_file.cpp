#include "data/mat_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>

#include "base/checked.h"
#include "base/fail.h"
#include "data/mat_element.h"
#include "weights/quoted_name.h"

namespace submask {
namespace {

constexpr size_t header_bytes = 128;

// Bytes of one stored number; 0 for what holds no numbers.
uint64_t number_bytes(MatType type) {
  switch (type) {
    case MatType::int8:
    case MatType::uint8:
      return 1;
    case MatType::int16:
    case MatType::uint16:
      return 2;
    case MatType::int32:
    case MatType::uint32:
    case MatType::single_float:
      return 4;
    case MatType::double_float:
    case MatType::int64:
    case MatType::uint64:
      return 8;
    default:
      return 0;
  }
}

// A stored number as it is, or one above 255. Negative integers come out as large ones.
double number_at(const uint8_t* raw, MatType type) {
  uint64_t bits = 0;
  for (uint64_t i = number_bytes(type); i-- > 0;) bits = bits << 8 | raw[i];
  if (type == MatType::double_float) return std::bit_cast<double>(bits);
  if (type == MatType::single_float) return std::bit_cast<float>(static_cast<uint32_t>(bits));
  return static_cast<double>(bits);
}

void expect_version_5(Bytes bytes, const std::string& file) {
  constexpr std::string_view hdf5_beginning = "MATLAB 7.3";
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with(hdf5_beginning) || text.starts_with("\x89HDF"))
    fail_corrupt("a .mat file of version 5 to 7",
                 "version 7.3 (save it again by MATLAB's save -v7 or Python's scipy.io.savemat)",
                 file);
  if (bytes.size() < header_bytes || text.substr(124, 4) != std::string_view("\0\1IM", 4))
    fail_corrupt("a little-endian .mat file of version 5 to 7", "another file", file);
}

std::vector<uint8_t> read_values(MatElement& element, uint64_t count, const std::string& file) {
  const MatTag tag = element.read_tag();
  const uint64_t width = number_bytes(tag.type);
  if (width == 0 || tag.size != checked_multiply(count, width, file))
    fail_corrupt(text(count, " numbers"),
                 text(tag.size, " bytes of type ", static_cast<uint32_t>(tag.type)), file);
  // Only then is memory taken for them: a few bytes cannot claim a lot.
  if (tag.size > element.most_bytes())
    fail_corrupt(text("at most the ", element.most_bytes(), " bytes there can be"), tag.size, file);
  std::vector<uint8_t> values(count);
  if (width == 1 && tag.type == MatType::uint8) {
    element.read(tag, values);
  } else {
    std::vector<uint8_t> raw(tag.size);
    element.read(tag, raw);
    for (uint64_t i = 0; i < count; ++i) {
      const double number = number_at(&raw[i * width], tag.type);
      if (!(number >= 0 && number <= 255 && number == std::floor(number)))
        fail_corrupt("whole numbers of 0 to 255", number, file);
      values[i] = static_cast<uint8_t>(number);
    }
  }
  element.expect_end();
  return values;
}

// Nothing where the element holds another array.
std::optional<MatArray> read_array(MatElement& element, std::string_view wanted,
                                   const std::string& file) {
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
  MatArray array;
  uint64_t count = 1;
  for (size_t i = 0; i + 4 <= shape.size(); i += 4) {
    array.shape.push_back(little_endian_32(&shape[i]));
    count = checked_multiply(count, array.shape.back(), file);
  }
  array.values = read_values(element, count, file);
  return array;
}

}  // namespace

MatArray read_mat_array(Bytes bytes, std::string_view name, const std::string& file) {
  expect_version_5(bytes, file);
  Bytes rest = bytes.subspan(header_bytes);
  while (!rest.empty()) {
    MatElement element(rest, file);
    if (element.is_matrix())
      if (auto array = read_array(element, name, file)) return *std::move(array);
    rest = rest.subspan(std::min<uint64_t>(element.stored_bytes(), rest.size()));
  }
  fail_corrupt("an array " + quoted_name(name), "none", file);
}

}  // namespace submask
