// Records of TensorFlow's TFRecord files.
#pragma once

#include <string>

#include "base/file.h"

namespace submask {

// Appends the lowest `bytes` bytes of a number.
void append_little_endian(std::string& out, uint64_t number, int bytes);

// CRC-32C (Castagnoli polynomial, RFC 3720): 0xE3069283 for "123456789".
uint32_t crc32c(Bytes bytes);

// Returns the payload in its frame: length (8 bytes, little-endian), checksum of the length (4
// bytes), payload, checksum of the payload (4 bytes).
std::string tf_record(std::string_view payload);

}  // namespace submask
