// Reads TOML files, turns their values into words of options, and reports mistakes in them.
#pragma once

#include <string>
#include <toml++/toml.h>
#include <utility>
#include <vector>

#include "base/field_form.h"
#include "run/option_places.h"

namespace submask {

// Throws corrupt_file: "expected ..., got ..., in PLACE", a file or a line of one.
[[noreturn]] void fail_toml(const std::string& expected, const std::string& got,
                            const std::string& place);

// Throws corrupt_file (a folder, no valid TOML) and io.
toml::table parse_toml(const std::string& path);

// "FILE, line N"
std::string place_of(const toml::node& node, const std::string& path);

// The places of the keys of a table.
OptionPlaces places_of(const toml::table& table, const std::string& path);

// Returns a text, number, true or false as a word of the command line. Throws corrupt_file for
// another value, with `key` in the message.
std::string toml_text(const toml::node& node, const std::string& key, const std::string& path);

// Reads the options of a table: key = value, a list for an option that takes several values, and
// [[crop]] tables with the fields of a crop. The key `skipped_key`, "" for none, is left to the
// caller. Throws corrupt_file.
Assignments read_assignments(const toml::table& table, const std::string& skipped_key,
                             const std::string& path);

// Returns the options of `base` that `overrides` does not have, and then all of `overrides`. So a
// list is replaced, not lengthened.
Assignments overridden(const Assignments& base, const Assignments& overrides);

}  // namespace submask
