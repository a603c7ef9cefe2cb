#include "run/tf_record.h"

#include <array>

namespace submask {
namespace {

// The remainder of each byte. The lowest bit comes first, so the polynomial is mirrored.
constexpr std::array<uint32_t, 256> make_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit)
      remainder = remainder >> 1 ^ ((remainder & 1) != 0 ? 0x82F63B78 : 0);
    table[byte] = remainder;
  }
  return table;
}

constexpr std::array<uint32_t, 256> table = make_table();

// The CRC of data that contains its own CRC detects little, so the format stores a changed CRC.
uint32_t masked_crc(uint32_t crc) { return (crc >> 15 | crc << 17) + 0xA282EAD8; }

}  // namespace

void append_little_endian(std::string& out, uint64_t number, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(number >> 8 * i & 255);
}

uint32_t crc32c(Bytes bytes) {
  uint32_t crc = ~uint32_t{0};
  for (const uint8_t byte : bytes) crc = crc >> 8 ^ table[(crc ^ byte) & 255];
  return ~crc;
}

std::string tf_record(std::string_view payload) {
  std::string record;
  append_little_endian(record, payload.size(), 8);
  append_little_endian(record, masked_crc(crc32c(as_bytes(record))), 4);
  record += payload;
  append_little_endian(record, masked_crc(crc32c(as_bytes(payload))), 4);
  return record;
}

}  // namespace submask
