// Tasks in memory, in three forms within one bound: files as they were read, masks as bits, and
// expanded weights. Any thread may use it.
//
// Of the memory a quarter, and no less than workers and pinned tasks need, is for weights:
// expanding bits takes little beside a pass through the network, while bits are what takes long to
// decode.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <submask/task.h>

#include "serve/engine/bounded_memory.h"
#include "serve/engine/served_file.h"
#include "serve/engine/weight_slots.h"

namespace submask {

// The nearest form in which a task is in memory.
enum class TaskTier { none, file, bits, weights };

class TaskMemory {
 public:
  // `backbone` must outlive it. Throws invalid_argument where the memory is too small for the
  // weights that so many workers use at once, beside those of so many tasks that are pinned.
  TaskMemory(const Backbone& backbone, uint64_t most_bytes, int workers, size_t pins = 0);

  // Keeps a file that took so many seconds to parse; where it is kept already, that one is
  // returned.
  std::shared_ptr<const ServedFile> keep(std::shared_ptr<const ServedFile> file, double seconds);

  // The file of this name and digest, or null where it is not in memory.
  std::shared_ptr<const ServedFile> find_file(const std::string& file_name,
                                              const std::string& digest);

  // How near a file of this name and digest is to an answer.
  TaskTier tier_of(const std::string& file_name, const std::string& digest) const;

  // The bits of a member, its statistics and no head. Throws as unpack_task() does.
  std::shared_ptr<const Task> bits(const ServedFile& file, size_t member);

  // Whether a task of a file of so many bytes, and its bits, have room where nothing is now.
  bool has_room(uint64_t file_bytes) const;

  // Decodes the bits of all members. Throws as bits().
  void keep_bits(const ServedFile& file);

  // Unpacks all members and keeps nothing of it. Throws as unpack_task() does.
  void check(const ServedFile& file);

  // What is bound to a network for a member.
  std::shared_ptr<const WeightSet> weights(const ServedFile& file, size_t member);

  // Files of these digests stay expanded.
  void pin(const std::vector<std::string>& digests);

  const WeightSlots& slots() const { return slots_; }
  const BoundedMemory& rest() const { return rest_; }  // of files and bits
  uint64_t slot_bytes() const { return slot_bytes_; }

 private:
  Task unpack(const ServedFile& file, size_t member, const Task* dispatcher);

  const Backbone& backbone_;
  uint64_t slot_bytes_;
  WeightSlots slots_;
  BoundedMemory rest_;
};

}  // namespace submask
