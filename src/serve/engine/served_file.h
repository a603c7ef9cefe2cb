// One version of a task or cascade file, whole in memory: what a request holds from its admission
// to its answer, whatever becomes of the file meanwhile.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <submask/task_file.h>

#include "base/file.h"
#include "cascade/cascade.h"

namespace submask {

struct ServedFile {
  std::string name;  // the file's, without its ending
  // SHA-256 over the file, 64 hexadecimal digits: by which memory and queues tell files. Two files
  // of one version can be made in minutes, and one of them be sent by a client.
  std::string digest;
  std::string version;  // the first 16 of them, for people: what answers name
  std::filesystem::path path;
  std::variant<PackedTask, Cascade> content;
  std::optional<Head> head;                  // of a task; a cascade has one of each mode
  std::shared_ptr<const ServedFile> parent;  // of a task that is coded against another's masks

  const Cascade* cascade() const { return std::get_if<Cascade>(&content); }
  const TaskDescription& description() const;  // of a cascade its dispatcher's, without classes
  const std::vector<std::string>& classes() const;
  const std::string& provenance() const;

  // The networks that it makes of the backbone: one, or a cascade's dispatcher and its experts.
  size_t members() const { return cascade() == nullptr ? 1 : 1 + cascade()->experts.size(); }
  const PackedTask& member(size_t number) const;

  // A task as its file has it, with the head.
  PackedTask packed_task() const;

  // The file whose masks a task is coded against; "": none.
  const std::string& parent_file() const;
  double masked_fraction() const;  // over all members
  uint64_t memory_bytes() const;   // without the parent's
};

// How the names of files end that are served; of two that differ in it alone the first comes first.
inline constexpr std::array served_endings{".cascade", ".task"};

bool has_served_ending(const std::string& file_name);

// Whether a file of this name is served: [A-Za-z0-9._-]+ and .task or .cascade behind it.
bool is_served_name(const std::string& file_name);

std::string version_of_digest(const std::string& digest);
std::string version_of(Bytes content);

// Of the JSON at a file's beginning: what names thousands of classes takes up to thirty times as
// many bytes while it is parsed. Throws corrupt_file where the file begins as no task file does,
// which the size of its description would not tell.
uint64_t described_bytes(Bytes file, const std::string& name);

// Without its parent, which is the caller's to set where there is a parent_file(). Throws as
// read_packed_task() and read_cascade() do, and invalid_argument for a file of another backbone.
std::shared_ptr<ServedFile> parse_served_file(Bytes bytes, const std::filesystem::path& path,
                                              const Backbone& backbone);

}  // namespace submask
