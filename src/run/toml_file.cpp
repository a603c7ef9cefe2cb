#include "run/toml_file.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include <submask/error.h>

namespace submask {

void fail_toml(const std::string& expected, const std::string& got, const std::string& path) {
  throw Error(ErrorKind::corrupt_file, "expected " + expected + ", got " + got + ", in " + path);
}

toml::table parse_toml(const std::string& path) {
  std::error_code none;
  if (std::filesystem::is_directory(path, none)) fail_toml("a TOML file", "a folder", path);
  if (!std::ifstream(path))
    throw Error(ErrorKind::io, "cannot open " + path + ": " + std::strerror(errno));
  try {
    return toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    std::ostringstream where;
    where << error.description() << " at " << error.source().begin;
    fail_toml("TOML", where.str(), path);
  }
}

std::string toml_text(const toml::node& node, const std::string& key, const std::string& path) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto flag = node.value_exact<bool>()) return *flag ? "true" : "false";
  if (const auto integer = node.value_exact<int64_t>()) return std::to_string(*integer);
  if (const auto number = node.value_exact<double>()) {
    char digits[32];  // as few as give the same number
    return {digits, std::to_chars(std::begin(digits), std::end(digits), *number).ptr};
  }
  fail_toml("a text, number, true, false or list for " + key, "another value", path);
}

}  // namespace submask
