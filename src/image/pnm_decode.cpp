// Netpbm's binary images, .pgm and .ppm: a header in text, "P5" or "P6", width, height and largest
// value, then the values, of two bytes where the largest is above 255.
#include <cmath>

#include "base/byte_cursor.h"
#include "base/fail.h"
#include "image/decoders.h"

namespace submask {
namespace {

bool is_space(uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

// A number of the header and the one blank behind it. Comments run from '#' to the line's end.
int64_t read_number(ByteCursor& cursor, const std::string& name) {
  uint8_t byte = cursor.number<uint8_t>();
  while (is_space(byte) || byte == '#') {
    if (byte == '#')
      while (byte != '\n' && byte != '\r') byte = cursor.number<uint8_t>();
    byte = cursor.number<uint8_t>();
  }
  int64_t number = 0;
  for (int digits = 0; byte >= '0' && byte <= '9' && digits < 10; ++digits) {
    number = 10 * number + (byte - '0');
    byte = cursor.number<uint8_t>();
  }
  if (!is_space(byte)) fail_corrupt("a header of three numbers", "another byte", name);
  return number;
}

}  // namespace

DecodedImage decode_pnm(Bytes bytes, const std::string& name, const DecodeRules& rules) {
  ByteCursor cursor(bytes, name);
  const size_t channels = cursor.take(2)[1] == '6' ? 3 : 1;
  const int64_t width = read_number(cursor, name), height = read_number(cursor, name),
                largest = read_number(cursor, name);
  if (largest < 1 || largest > 65535) fail_corrupt("a largest value of 1 to 65535", largest, name);
  check_size(width, height, name, rules.pixel_limit);
  const size_t value_bytes = largest > 255 ? 2 : 1;
  const Bytes values = cursor.take(static_cast<uint64_t>(width * height) * channels * value_bytes);
  DecodedImage decoded{make_image(width, height, name, rules.pixel_limit)};
  uint8_t* out = decoded.image.pixels.data();
  for (size_t i = 0; i < values.size(); i += value_bytes) {
    const unsigned value = value_bytes == 2 ? unsigned{values[i]} << 8 | values[i + 1] : values[i];
    const auto byte =
        largest == 255 ? static_cast<uint8_t>(value)
                       : static_cast<uint8_t>(std::min(
                             255.0, std::nearbyint(value / static_cast<double>(largest) * 255.0)));
    for (size_t copies = 0; copies < 3 / channels; ++copies) *out++ = byte;
  }
  return decoded;
}

}  // namespace submask
