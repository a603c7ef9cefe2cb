// The object behind submask_task, and the caller's arrays as values.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <submask/submask.h>

#include "capi/status.h"
#include "taskfile/pack.h"

struct submask_task {
  explicit submask_task(submask::PackedTask packed_task);
  ~submask_task() { delete description_.load(); }
  submask_task(const submask_task&) = delete;
  submask_task& operator=(const submask_task&) = delete;

  submask::PackedTask packed;
  std::vector<uint64_t> coded_bytes;  // where those of each unit begin
  struct Statistic {
    std::string name;  // of the buffer
    size_t channels;
  };
  std::vector<Statistic> statistics;     // in the order of their values
  std::vector<const std::string*> head;  // keys of packed.head, in their order

  // As JSON, made when it is first asked for. There is no lock, which a fork() might copy as held.
  const std::string& describe() const;
  // The task has changed: the next description is a new one, and the last one lives on.
  void forget_description();

 private:
  mutable std::atomic<const std::string*> description_ = nullptr;
  std::vector<std::unique_ptr<const std::string>> old_descriptions_;
};

namespace submask::capi {

submask_task* new_task(PackedTask packed);
submask_task* new_plain_task(const UnpackedTask& task);

// Throws invalid_argument for a name or shape that is missing, and for a shape that no array can
// have.
std::string name_of(const char* name);
std::vector<int64_t> shape_of(const char* name, size_t rank, const int64_t* shape);
std::span<const float> values_of(const submask_array& array);
ArrayMap array_map(const submask_array* arrays, size_t count);

// The list of `count` elements that begins at a pointer, which may be null where there are none.
template <typename T>
std::span<const T> list_of(const T* begin, size_t count, const char* name) {
  if (count > 0) expect_pointer(begin, name);
  return {begin, count};
}

// The values of an unpacked task. Throws invalid_argument for a packed one. `name` is what it is
// for the caller.
UnpackedTask values_of(const submask_task& task, const char* name);

}  // namespace submask::capi
