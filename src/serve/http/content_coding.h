// Bodies of requests that came compressed (RFC 9110, 8.4).
#pragma once

#include <string>
#include <string_view>

#include <submask/error.h>

namespace submask {

class UnknownCoding : public Error {
 public:
  explicit UnknownCoding(const std::string& message)
      : Error(ErrorKind::invalid_argument, message) {}
};

class TooMuchContent : public Error {
 public:
  explicit TooMuchContent(const std::string& message)
      : Error(ErrorKind::invalid_argument, message) {}
};

// The content itself of a body of this Content-Encoding ("", identity, gzip, deflate, and lists of
// them). Throws UnknownCoding for another one, TooMuchContent for more than `most_bytes`, and
// invalid_argument for a body that is not of its coding.
std::string undo_content_coding(std::string body, std::string_view coding, size_t most_bytes);

}  // namespace submask
