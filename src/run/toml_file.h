// TOML files: one way to read them, to turn their values into words and to complain about them.
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

// Throws corrupt_file (a folder, no TOML), io.
toml::table parse_toml(const std::string& path);

// A text, number, true or false as the command line has it. Throws corrupt_file, naming `key`.
std::string toml_text(const toml::node& node, const std::string& key, const std::string& path);

// Options by their long names, each with its words.
using Assignments = std::vector<std::pair<std::string, Words>>;

// The keys of a table: key = value, a list for an option that takes several, [[crop]] tables of a
// crop's fields. `tables` is the one other key that may hold tables: they are the caller's.
Assignments read_assignments(const toml::table& table, const std::string& tables,
                             const std::string& path);

// Those of `base` that `winning` has not too, and then `winning`: a list given twice is replaced,
// not lengthened.
Assignments overridden(const Assignments& base, const Assignments& winning);

// The options of each [[task]] table of a file. The keys outside any table hold for all tasks; a
// task's own win.
std::vector<Assignments> read_task_list(const std::string& path);

}  // namespace submask
