// Any bytes as a configuration file. What it sets, written as one, sets the same.
#include <cstdlib>

#include "memory_folder.h"
#include "reader_check.h"
#include "run/toml_file.h"

namespace {

using submask::Assignments;

Assignments read(submask::Bytes bytes) {
  const std::string path = submask::write_in_memory("run.toml", bytes).string();
  return submask::read_assignments(submask::parse_toml(path), "", path);
}

std::string written(const Assignments& assignments) {
  toml::table table;
  for (const auto& [name, words] : assignments) {
    toml::array list;
    for (const std::string& word : words) list.push_back(word);
    table.insert(name, list);
  }
  std::ostringstream text;
  // toml++ writes a text of several lines so that its first line's end is lost.
  text << toml::toml_formatter(table, toml::format_flags::none);
  return text.str();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const submask::Bytes bytes(data, size);
  // The factor: an entry of four bytes is a node of a table, and words.
  submask::check_reader(bytes, /*factor=*/1024, [&] {
    const Assignments assignments = read(bytes);
    if (read(submask::as_bytes(written(assignments))) != assignments) std::abort();
  });
  return 0;
}
