#include <algorithm>

#include <submask/packed_task.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/quoted_name.h"
#include "taskfile/array_bytes.h"
#include "taskfile/head_form.h"
#include "taskfile/packed_entries.h"
#include "taskfile/packed_json.h"
#include "taskfile/sealed_file.h"
#include "taskfile/task_signature.h"
#include "taskfile/unit_sums.h"

namespace submask {
namespace {

// The parts of the file that is written for a task, and what they point to.
struct TaskParts {
  explicit TaskParts(const PackedTask& task) {
    add_packed("", task, list);
    parts = {list.sorted(), packed_to_json(task), task.signature};
  }

  EntryList list;
  SealedParts parts;
};

}  // namespace

int64_t UnitMask::count() const { return elements_of(shape); }

int64_t TaskMasks::weights() const { return weights_of(units); }

double TaskMasks::masked_fraction() const { return masked_fraction_of(units); }

int64_t PackedMask::count() const { return elements_of(shape); }

uint64_t PackedMask::bytes() const {
  uint64_t sum = 0;
  for (const uint64_t block : block_bytes) sum += block;
  return sum;
}

int64_t PackedTask::weights() const { return weights_of(masks); }

double PackedTask::masked_fraction() const { return masked_fraction_of(masks); }

int64_t packed_head_bytes(const PackedTask& packed) {
  int64_t bytes = 0;
  for (const auto& [name, array] : pack_head(packed.head, packed.head_form))
    bytes += std::ssize(array.bytes);
  return bytes;
}

std::string masks_identity(const TaskMasks& task) {
  Sha256 hash;
  for (const UnitMask& unit : task.units) {
    hash.update(unit.name);
    for (const int64_t size : unit.shape) hash.update(text(' ', size));
    hash.update("\n");
    hash.update(Bytes(unit.bits));
  }
  return hash.hex();
}

void write_task(const std::filesystem::path& path, const PackedTask& task) {
  write_sealed_file(path, task_format, TaskParts(task).parts);
}

std::vector<uint8_t> packed_task_bytes(const PackedTask& task) {
  return sealed_bytes(task_format, TaskParts(task).parts);
}

std::string task_digest(const PackedTask& task) { return sealed_digest(TaskParts(task).parts); }

PackedTask read_packed_task(const std::filesystem::path& path) {
  return parse_packed_task(as_bytes(read_text_file(path)), path.string());
}

PackedTask parse_packed_task(std::span<const uint8_t> bytes, const std::string& name) {
  SealedParts stored = parse_sealed_file(bytes, name, task_format);
  if (!stored.signature.empty() && !is_signature(stored.signature))
    fail_corrupt("128 hexadecimal digits as a signature", quoted_name(stored.signature), name);
  PackedReader reader(stored.description, "", name);
  for (const SafetensorsEntry& entry : stored.entries)
    if (!reader.take(entry)) fail_corrupt("tensors of a task", entry.name, name);
  PackedTask task = reader.finish();
  check_description(stored.description, packed_to_json(task), name);
  task.signature = std::move(stored.signature);
  // One task has one file: what is signed is what is read, and writing it again changes nothing.
  if (!std::ranges::equal(packed_task_bytes(task), bytes))
    fail_corrupt("a task as its writer writes it", "other tensors for the same task", name);
  return task;
}

}  // namespace submask
