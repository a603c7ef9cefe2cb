// Files of a folder as tasks in memory, each with the parents that it is coded against. Any thread
// may use it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include <submask/backbone.h>

#include "serve/engine/held_file.h"
#include "serve/engine/served_file.h"
#include "serve/engine/task_memory.h"

namespace submask {

struct ParsedFile {
  std::shared_ptr<ServedFile> file;  // without its parent
  uint64_t bytes;                    // on disk
  double seconds;                    // that parsing it took
};

class TaskReader {
 public:
  // `backbone` and `memory` must outlive it.
  TaskReader(std::filesystem::path folder, const Backbone& backbone, TaskMemory& memory)
      : folder_(std::move(folder)), backbone_(backbone), memory_(memory) {}

  // Of a file: it takes up to four times as many while it is parsed, beside its description.
  uint64_t most_bytes() const { return memory_.rest().most_bytes() / 4; }

  // Throws corrupt_file for a file of more than most_bytes().
  std::string content_of(const HeldFile& file, const std::string& file_name) const;

  // Throws as parse_served_file() does, and corrupt_file for a description of more than an eighth
  // of most_bytes().
  ParsedFile parse(const std::string& file_name, const std::string& content) const;

  // The file with its parents, which are kept in memory as it is itself where `is_kept`. Throws as
  // parse() for a parent, and corrupt_file for one that leads back or more than 16.
  std::shared_ptr<const ServedFile> load(ParsedFile child, bool is_kept) const;

  // Whether the file is of this digest; and its masks are decoded. Throws as load() and
  // unpack_task() where they cannot be, with the parents that are there.
  bool decodes(const HeldFile& file, const std::string& file_name, const std::string& digest) const;

 private:
  const std::filesystem::path folder_;
  const Backbone& backbone_;
  TaskMemory& memory_;
};

}  // namespace submask
