// UTF-8: whether bytes are, and their characters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace submask {

// How many bytes the character has that `bytes` begin with; 0 where they begin with none.
size_t utf8_length(std::string_view bytes);

bool is_utf8(std::string_view bytes);

// Bytes that are not UTF-8 become U+FFFD, one each.
std::u32string decode_utf8(std::string_view bytes);
std::string encode_utf8(std::u32string_view text);

}  // namespace submask
