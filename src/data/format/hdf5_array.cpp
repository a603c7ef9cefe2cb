#include "data/format/hdf5_array.h"

#include <array>

#include "base/checked.h"
#include "base/fail.h"

namespace submask {
namespace {

std::vector<uint64_t> parse_shape(Bytes message, const std::string& file) {
  constexpr uint64_t most_dimensions = 32;
  Hdf5Fields fields(message, file);
  const uint64_t version = fields.number(1), dimensions = fields.number(1);
  if (version != 1 && version != 2)
    fail_corrupt("an array's shape of version 1 or 2", text("version ", version), file);
  if (dimensions == 0 || dimensions > most_dimensions)
    fail_corrupt(text("1 to ", most_dimensions, " dimensions"), dimensions, file);
  fields.take(version == 1 ? 6 : 2);
  std::vector<uint64_t> shape;
  while (shape.size() < dimensions) shape.push_back(fields.number(8));
  return shape;
}

// The bits where sign and exponent lie, the sizes of exponent and mantissa, and the bias.
struct FloatFields {
  uint64_t bytes, sign, exponent, exponent_bits, mantissa_bits, bias;
};
constexpr std::array<FloatFields, 2> ieee_formats = {
    {{4, 31, 23, 8, 23, 127}, {8, 63, 52, 11, 52, 1023}}};

bool is_ieee(Hdf5Fields& fields, const FloatFields& format, uint64_t sign) {
  const bool has_all_bits = fields.number(2) == 0 && fields.number(2) == format.bytes * 8;
  const bool has_exponent =
      fields.number(1) == format.exponent && fields.number(1) == format.exponent_bits;
  const bool has_mantissa = fields.number(1) == 0 && fields.number(1) == format.mantissa_bits;
  return has_all_bits && has_exponent && has_mantissa && sign == format.sign &&
         fields.number(4) == format.bias;
}

NumberType parse_type(Bytes message, const std::string& file) {
  enum Class : uint64_t { fixed_point = 0, floating_point = 1 };
  constexpr uint64_t big_endian = 1, has_sign = 8, other_endian = 0x40;
  Hdf5Fields fields(message, file);
  const uint64_t type_class = fields.number(1) & 0xF, flags = fields.number(1),
                 sign = fields.number(1);
  fields.take(1);
  const uint64_t bytes = fields.number(4);
  if ((flags & (big_endian | other_endian)) == 0) {
    if (type_class == fixed_point && (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8) &&
        fields.number(2) == 0 && fields.number(2) == bytes * 8)
      return {(flags & has_sign) != 0 ? NumberType::Kind::signed_integer
                                      : NumberType::Kind::unsigned_integer,
              bytes};
    if (type_class == floating_point)
      for (const FloatFields& format : ieee_formats)
        if (bytes == format.bytes && is_ieee(fields, format, sign))
          return {NumberType::Kind::floating_point, bytes};
  }
  fail_corrupt("an array of little-endian real numbers",
               text("type ", type_class, " of ", bytes, " bytes"), file);
}

// In version 1 each filter has a name, and padding; in version 2 only filters that HDF5 does not
// define have a name.
Hdf5Filters parse_filters(Bytes message, NumberType type, const std::string& file) {
  enum Filter : uint64_t { deflate = 1, shuffle = 2, first_undefined = 256 };
  Hdf5Filters filters;
  if (message.empty()) return filters;
  Hdf5Fields fields(message, file);
  const uint64_t version = fields.number(1), count = fields.number(1);
  if (version != 1 && version != 2)
    fail_corrupt("filters of version 1 or 2", text("version ", version), file);
  if (version == 1) fields.take(6);
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t filter = fields.number(2);
    const uint64_t name_bytes = version == 1 || filter >= first_undefined ? fields.number(2) : 0;
    fields.take(2);
    const uint64_t values = fields.number(2);
    fields.take((name_bytes + 7) / 8 * 8);
    Hdf5Fields parameters(fields.take(values * 4), file);
    if (version == 1 && values % 2 == 1) fields.take(4);
    const bool is_shuffle =
        filter == shuffle && i == 0 && values == 1 && parameters.number(4) == type.bytes;
    const bool is_deflate = filter == deflate && !filters.deflate;
    if (!is_shuffle && !is_deflate)
      fail_corrupt("chunks that are shuffled, deflated or both",
                   text("filter ", filter, " in place ", i), file);
    (is_shuffle ? filters.shuffle : filters.deflate) = true;
    (is_shuffle ? filters.shuffle_bit : filters.deflate_bit) = uint64_t{1} << i;
  }
  return filters;
}

void parse_layout(const Hdf5File& file, Bytes message, Hdf5ArrayHeader& array) {
  using Layout = Hdf5ArrayHeader::Layout;
  Hdf5Fields fields(message, file.name());
  fields.expect_version(3, "an array's layout");
  const uint64_t layout = fields.number(1);
  if (layout > static_cast<uint64_t>(Layout::chunked))
    fail_corrupt("numbers that lie in the file, in one piece or in chunks", text("layout ", layout),
                 file.name());
  array.layout = static_cast<Layout>(layout);
  if (array.layout == Layout::in_header) {
    array.stored = fields.take(fields.number(2));
  } else if (array.layout == Layout::contiguous) {
    const uint64_t address = fields.number(8);
    array.stored = file.at(address, fields.number(8));
  } else {
    const uint64_t dimensions = fields.number(1);
    if (dimensions != array.shape.size() + 1)
      fail_corrupt(text("chunks of ", array.shape.size(), " dimensions"), dimensions - 1,
                   file.name());
    array.chunk_tree = fields.number(8);
    for (size_t i = 0; i < array.shape.size(); ++i) {
      array.chunk_shape.push_back(fields.number(4));
      if (array.chunk_shape.back() == 0) fail_corrupt("chunks of 1 or more", 0, file.name());
    }
    if (const uint64_t bytes = fields.number(4); bytes != array.type.bytes)
      fail_corrupt(text("chunks of ", array.type.bytes, "-byte numbers"), bytes, file.name());
  }
}

}  // namespace

uint64_t count_numbers(const std::vector<uint64_t>& shape, const std::string& file) {
  uint64_t count = 1;
  for (const uint64_t length : shape) count = checked_multiply(count, length, file);
  return count;
}

Hdf5ArrayHeader parse_hdf5_array(const Hdf5File& file, const Hdf5Object& object) {
  if (object.dataspace.empty() || object.datatype.empty() || object.layout.empty())
    fail_corrupt("an array of numbers", "a group or a part of an array", file.name());
  Hdf5ArrayHeader array;
  array.shape = parse_shape(object.dataspace, file.name());
  array.type = parse_type(object.datatype, file.name());
  array.filters = parse_filters(object.filters, array.type, file.name());
  parse_layout(file, object.layout, array);
  return array;
}

}  // namespace submask
