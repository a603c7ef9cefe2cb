// Reads TOML files, turns their values into words of options, and reports mistakes in them.
#pragma once

#include <string>
#include <toml++/toml.h>
#include <utility>
#include <vector>

#include "base/field_form.h"

namespace submask {

// Throws corrupt_file: "expected ..., got ..., in FILE".
[[noreturn]] void fail_toml(const std::string& expected, const std::string& got,
                            const std::string& path);

// Throws corrupt_file (a folder, no valid TOML) and io.
toml::table parse_toml(const std::string& path);

// A text, number, true or false, as a word of the command line. Throws corrupt_file with `key` for
// another value.
std::string toml_text(const toml::node& node, const std::string& key, const std::string& path);

// Reads the options of a table: key = value, a list for an option that takes several values, and
// [[crop]] tables with the fields of a crop. The key `skipped_key`, "" for none, is left to the
// caller. Throws corrupt_file.
Assignments read_assignments(const toml::table& table, const std::string& skipped_key,
                             const std::string& path);

// `base` with the options of `overrides` in place of its own. A list is replaced, not lengthened.
// The overrides come last.
Assignments overridden(const Assignments& base, const Assignments& overrides);

}  // namespace submask
