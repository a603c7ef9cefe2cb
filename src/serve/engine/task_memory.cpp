#include "serve/engine/task_memory.h"

#include <algorithm>

#include <submask/task_file.h>

#include "base/fail.h"
#include "base/file_in_errors.h"
#include "codec/packed_bits.h"

namespace submask {
namespace {

// Of a weight set that masks every unit and has statistics of its own.
uint64_t largest_weights(const Backbone& backbone) {
  uint64_t bytes = 0;
  for (const auto& [name, tensor] : backbone.theta()) bytes += tensor.nbytes();
  for (const auto& [name, tensor] : backbone.pretrained_buffers()) bytes += tensor.nbytes();
  return bytes;
}

// A worker uses two at a time (of a cascade), and the next one is made ready meanwhile.
size_t fewest_slots(int workers) { return 2 * static_cast<size_t>(workers) + 1; }

size_t slots_within(uint64_t most_bytes, uint64_t slot_bytes, int workers, size_t pins) {
  const size_t fewest = fewest_slots(workers) + pins;
  if (most_bytes < (fewest + 1) * slot_bytes)
    fail_argument(text("--memory of at least ", (fewest + 1) * slot_bytes,
                       " bytes, as the weights of a task take ", slot_bytes),
                  most_bytes);
  constexpr uint64_t share = 4;
  return std::max(fewest, static_cast<size_t>(most_bytes / share / slot_bytes));
}

uint64_t bytes_of(const Task& task) {
  uint64_t bytes = sizeof task + task.provenance.capacity();
  for (const std::string& name : task.classes) bytes += sizeof(std::string) + name.capacity();
  for (const UnitMask& unit : task.units)
    bytes += sizeof(UnitMask) + unit.name.capacity() + unit.bits.capacity();
  for (const auto& [name, tensor] : task.statistics) bytes += name.capacity() + tensor.nbytes();
  return bytes;
}

// At most, of a task that is not unpacked yet.
uint64_t unpacked_bytes(const PackedTask& packed) {
  constexpr uint64_t more_an_item = 256;  // names, and what their containers take
  uint64_t bytes = sizeof(Task) + packed.provenance.size() + more_an_item;
  for (const std::string& name : packed.classes) bytes += name.size() + more_an_item;
  for (const PackedMask& mask : packed.masks)
    bytes += packed_bytes(mask.count()) + mask.name.size() + more_an_item;
  for (const PackedNorm& norm : packed.norms)
    bytes += norm.buffers().size() * (sizeof(float) * static_cast<uint64_t>(norm.channels) +
                                      norm.name.size() + more_an_item);
  return bytes;
}

// About, of a file of so many bytes that is parsed: arrays are as large as in the file, or twice
// where it holds halves; thousands of names take more.
uint64_t parsed_bytes(uint64_t file_bytes) {
  constexpr uint64_t most_times = 4, more = 1 << 16;
  return most_times * file_bytes + more;
}

std::string key_of_file(const std::string& file_name, const std::string& digest) {
  return file_name + "@" + digest;
}

std::string key_of_member(const std::string& digest, size_t member) {
  return text(digest, "/", member);
}

std::string key_of(const ServedFile& file, size_t member) {
  return key_of_member(file.digest, member);
}

}  // namespace

TaskMemory::TaskMemory(const Backbone& backbone, uint64_t most_bytes, int workers, size_t pins)
    : backbone_(backbone),
      slot_bytes_(largest_weights(backbone)),
      slots_(slots_within(most_bytes, slot_bytes_, workers, pins), pins),
      rest_(most_bytes - slots_.size() * slot_bytes_) {}

std::shared_ptr<const ServedFile> TaskMemory::keep(std::shared_ptr<const ServedFile> file,
                                                   double seconds) {
  const uint64_t bytes = file->memory_bytes();
  return rest_.get<ServedFile>(key_of_file(file->path.filename().string(), file->digest), bytes,
                               [&] {
                                 return BoundedMemory::Made{file, bytes, seconds};
                               });
}

std::shared_ptr<const ServedFile> TaskMemory::find_file(const std::string& file_name,
                                                        const std::string& digest) {
  return rest_.find<ServedFile>(key_of_file(file_name, digest));
}

TaskTier TaskMemory::tier_of(const std::string& file_name, const std::string& digest) const {
  if (slots_.has(key_of_member(digest, 0))) return TaskTier::weights;
  if (rest_.has(key_of_member(digest, 0))) return TaskTier::bits;
  return rest_.has(key_of_file(file_name, digest)) ? TaskTier::file : TaskTier::none;
}

std::shared_ptr<const Task> TaskMemory::bits(const ServedFile& file, size_t member) {
  const PackedTask& packed = file.member(member);
  return rest_.get<Task>(key_of(file, member), unpacked_bytes(packed), [&] {
    const auto dispatcher = file.cascade() != nullptr && member > 0 ? bits(file, 0) : nullptr;
    auto task = std::make_shared<Task>(unpack(file, member, dispatcher.get()));
    const uint64_t bytes = bytes_of(*task);
    return BoundedMemory::Made{.value = std::move(task), .bytes = bytes};
  });
}

// The parent of a cascade's expert is the dispatcher; that of a task is a file of its own.
Task TaskMemory::unpack(const ServedFile& file, size_t member, const Task* dispatcher) {
  const PackedTask& packed = file.member(member);
  const std::string path = file.path.string();
  const auto parent = file.parent && !packed.parent_masks.empty() ? bits(*file.parent, 0) : nullptr;
  return with_file_in_errors(ErrorKind::invalid_argument, path, [&] {
    return with_file_in_errors(ErrorKind::corrupt_file, path, [&] {
      return unpack_task(packed, backbone_, dispatcher != nullptr ? dispatcher : parent.get());
    });
  });
}

bool TaskMemory::has_room(uint64_t file_bytes) const {
  // A bit is a 32nd of a weight; statistics and names come beside.
  const uint64_t bits_bytes = slot_bytes_ / 16;
  return rest_.used_bytes() + parsed_bytes(file_bytes) + bits_bytes <= rest_.most_bytes();
}

void TaskMemory::keep_bits(const ServedFile& file) {
  for (size_t member = 0; member < file.members(); ++member) bits(file, member);
}

void TaskMemory::check(const ServedFile& file) {
  const Task first = unpack(file, 0, nullptr);
  for (size_t member = 1; member < file.members(); ++member) unpack(file, member, &first);
}

std::shared_ptr<const WeightSet> TaskMemory::weights(const ServedFile& file, size_t member) {
  return slots_.get(key_of(file, member),
                    [&](WeightSet& into) { apply_task(*bits(file, member), backbone_, into); });
}

void TaskMemory::pin(const std::vector<std::string>& digests) {
  std::vector<std::string> keys;
  keys.reserve(digests.size());
  for (const std::string& digest : digests) keys.push_back(key_of_member(digest, 0));
  slots_.pin(std::move(keys));
}

}  // namespace submask
