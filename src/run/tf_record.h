// Records in a file as TensorFlow frames them.
#pragma once

#include <string>

#include "base/file.h"

namespace submask {

void append_little_endian(std::string& out, uint64_t number, int bytes);

// CRC of the Castagnoli polynomial, as RFC 3720 (iSCSI) has it: 0xE3069283 for "123456789".
uint32_t crc32c(Bytes bytes);

// Length (8 bytes, little-endian), its checksum (4), payload, its checksum (4).
std::string tf_record(std::string_view payload);

}  // namespace submask
