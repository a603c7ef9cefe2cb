// Bytes as letters (RFC 4648, 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace submask {

// Nothing for what is no base64. The padding at the end may be missing.
std::optional<std::string> base64_decoded(std::string_view letters);

}  // namespace submask
