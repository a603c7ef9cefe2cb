// Short ways to throw submask::Error, so that a check reads as one line where it is made.
#pragma once

#include <sstream>
#include <string>
#include <utility>

#include <submask/error.h>

namespace submask {

// Literals of every length as one type, so that what takes them is compiled once.
inline const char* as_part(const char* literal) { return literal; }
template <typename Part>
const Part& as_part(const Part& part) {
  return part;
}

template <typename... Parts>
std::string text_of_parts(const Parts&... parts) {
  std::ostringstream out;
  out.exceptions(std::ios::badbit | std::ios::failbit);  // lost memory must not shorten a text
  (out << ... << parts);
  return out.str();
}

template <typename... Parts>
std::string text(const Parts&... parts) {
  return text_of_parts(as_part(parts)...);
}

template <typename... Parts>
[[noreturn]] void fail(ErrorKind kind, const Parts&... parts) {
  throw Error(kind, text(parts...));
}

// Control characters become question marks, those of two bytes in UTF-8 (U+0080 to U+009F) too.
[[gnu::noinline]] inline std::string in_one_line(std::string text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](size_t at) { return static_cast<unsigned char>(text[at]); };
    if (byte(i) < ' ' || byte(i) == 0x7F) text[i] = '?';
    if (byte(i) == 0xC2 && i + 1 < text.size() && byte(i + 1) >= 0x80 && byte(i + 1) <= 0x9F)
      text.replace(i, 2, "?");
  }
  return text;
}

// A text from a file as one line of about 300 bytes at most.
[[gnu::noinline]] inline std::string shown(std::string line) {
  constexpr size_t longest = 300;
  if (line.size() > longest) {
    size_t end = longest;
    while (end > 0 && (line[end] & 0xC0) == 0x80) --end;  // not within a character of UTF-8
    line.replace(end, std::string::npos, "...");
  }
  return in_one_line(std::move(line));
}

[[noreturn, gnu::noinline]] inline void fail_expected(ErrorKind kind, const std::string& expected,
                                                      const std::string& got,
                                                      const std::string& place) {
  throw Error(kind, "expected " + expected + ", got " + got + place);
}

// "expected ..., got ..., in FILE" for a file that is not what it should be.
template <typename Expected, typename Got>
[[noreturn]] void fail_corrupt(const Expected& expected, const Got& got, const std::string& file) {
  fail_expected(ErrorKind::corrupt_file, shown(text(expected)), shown(text(got)), ", in " + file);
}

// "expected ..., got ..." for a request that cannot be met.
template <typename Expected, typename Got>
[[noreturn]] void fail_argument(const Expected& expected, const Got& got) {
  fail_expected(ErrorKind::invalid_argument, text(expected), text(got), "");
}

}  // namespace submask
