#include "capi/task_handle.h"

#include "base/json_text.h"
#include "kernels/sleeping_pool.h"
#include "taskfile/array_bytes.h"
#include "taskfile/describe.h"

submask_task::submask_task(submask::PackedTask packed_task)
    : packed(std::move(packed_task)), coded_bytes(submask::first_coded_bytes(packed)) {
  for (const submask::PackedNorm& norm : packed.norms)
    for (const std::string& buffer : norm.buffers())
      statistics.push_back({buffer, static_cast<size_t>(norm.channels)});
  for (const auto& item : packed.head) head.push_back(&item.first);
}

const std::string& submask_task::describe() const {
  const std::string* known = description_.load();
  if (known == nullptr) {
    const auto bytes = std::ssize(submask::packed_task_bytes(packed));
    auto made =
        std::make_unique<const std::string>(submask::json_text(submask::describe(packed, bytes)));
    // Another thread may have been first.
    if (description_.compare_exchange_strong(known, made.get())) known = made.release();
  }
  return *known;
}

void submask_task::forget_description() {
  if (const std::string* old = description_.exchange(nullptr)) old_descriptions_.emplace_back(old);
}

namespace submask::capi {

submask_task* new_task(PackedTask packed) { return new submask_task(std::move(packed)); }

// What a caller makes of parts may be what no reader takes: it is told at once.
submask_task* new_plain_task(const UnpackedTask& task) {
  PackedTask packed = pack(kernels::sleeping_parallel(), task, nullptr, plain_options);
  try {
    parse_packed_task(packed_task_bytes(packed), "the task");
  } catch (const Error& error) {
    fail(ErrorKind::invalid_argument, error.what());
  }
  return new_task(std::move(packed));
}

std::string name_of(const char* name) {
  expect_pointer(name, "a name");
  return name;
}

std::vector<int64_t> shape_of(const char* name, size_t rank, const int64_t* shape) {
  constexpr size_t most_dimensions = 64;
  constexpr int64_t most_elements = int64_t{1} << 40;
  expect_pointer(name, "a name");
  if (rank > most_dimensions) fail_argument(text("at most 64 dimensions of ", name), rank);
  if (rank > 0) expect_pointer(shape, "a shape");
  int64_t count = 1;
  for (size_t i = 0; i < rank; ++i) {
    if (shape[i] < 0) fail_argument(text("a shape of positive sizes for ", name), shape[i]);
    if (shape[i] > 0 && count > most_elements / shape[i])
      fail_argument(text("at most 2^40 elements of ", name), "more");
    count *= std::max<int64_t>(shape[i], 1);
  }
  return {shape, shape + rank};
}

std::span<const float> values_of(const submask_array& array) {
  const auto count =
      static_cast<size_t>(elements_of(shape_of(array.name, array.rank, array.shape)));
  if (count > 0) expect_pointer(array.data, array.name);
  return {array.data, count};
}

ArrayMap array_map(const submask_array* arrays, size_t count) {
  ArrayMap map;
  for (const submask_array& array : list_of(arrays, count, "arrays")) {
    const auto shape = shape_of(array.name, array.rank, array.shape);
    if (!map.emplace(array.name, make_array(Dtype::f32, shape, values_of(array))).second)
      fail_argument("an array of each name once", array.name);
  }
  return map;
}

UnpackedTask values_of(const submask_task& task, const char* name) {
  if (needs_backbone(task.packed) || !task.packed.parent_masks.empty())
    fail_argument(text("an unpacked ", name, " (submask_task_unpack())"), "a packed one");
  return unpack(kernels::sleeping_parallel(), task.packed, nullptr, nullptr);
}

}  // namespace submask::capi
