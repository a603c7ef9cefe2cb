// TOML files: one way to read them, to turn their values into text and to complain about them.
#pragma once

#include <string>
#include <toml++/toml.h>

namespace submask {

// Throws corrupt_file: "expected ..., got ..., in FILE".
[[noreturn]] void fail_toml(const std::string& expected, const std::string& got,
                            const std::string& path);

// Throws corrupt_file (a folder, no TOML), io.
toml::table parse_toml(const std::string& path);

// A text, number, true or false as the command line has it. Throws corrupt_file, naming `key`.
std::string toml_text(const toml::node& node, const std::string& key, const std::string& path);

}  // namespace submask
