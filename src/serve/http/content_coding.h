// Bodies of requests that came compressed (RFC 9110, 8.4).
#pragma once

#include <string>
#include <string_view>

namespace submask {

// The content itself of a body of this Content-Encoding ("", identity, gzip, deflate, and lists of
// them). Throws invalid_argument for another coding, and for a body that is not of its coding or
// gives more than `most_bytes`.
std::string undo_content_coding(std::string body, std::string_view coding, size_t most_bytes);

}  // namespace submask
