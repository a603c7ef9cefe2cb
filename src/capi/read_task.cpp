// Reading of task files.
#include <algorithm>
#include <optional>

#include "base/ceil_div.h"
#include "base/half.h"
#include "capi/task_handle.h"
#include "codec/packed_bits.h"
#include "kernels/sleeping_pool.h"
#include "taskfile/array_bytes.h"
#include "taskfile/mask_scale.h"

namespace submask::capi {
namespace {

template <typename List>
auto& element_of(const List& list, size_t index, const char* kind) {
  if (index >= list.size())
    fail_argument(text("the number of one of ", list.size(), ' ', kind), index);
  return list[index];
}

constexpr int64_t block = 4096;  // weights

// Of a dtype of two bytes, on all threads.
template <typename ToFloat, typename FromFloat>
void apply_half(float scale, float off_scale, const void* theta, const uint8_t* bits, void* weights,
                int64_t count, const ToFloat& to_float, const FromFloat& from_float) {
  const auto* from = static_cast<const uint16_t*>(theta);
  auto* to = static_cast<uint16_t*>(weights);
  const std::span packed(bits, packed_bytes(count));
  kernels::sleeping_parallel()(ceil_div(count, block), [&](int64_t begin, int64_t end) {
    const int64_t last = std::min(end * block, count);
    for (int64_t i = begin * block; i < last; ++i) {
      const bool on = bit_at(packed, static_cast<size_t>(i));
      to[i] = from_float((on ? scale : off_scale) * to_float(from[i]));
    }
  });
}

}  // namespace
}  // namespace submask::capi

using namespace submask;        // NOLINT(google-build-using-namespace): the C functions below
using namespace submask::capi;  // NOLINT(google-build-using-namespace)

submask_status submask_set_threads(int threads) {
  return guarded([&] { kernels::set_sleeping_threads(threads); });
}

submask_status submask_task_open(const char* path, submask_task** out) {
  return guarded([&] {
    expect_pointer(path, "a path");
    expect_pointer(out, "out");
    *out = new_task(read_packed_task(path));
  });
}

submask_status submask_task_open_memory(const void* bytes, size_t size, const char* name,
                                        submask_task** out) {
  return guarded([&] {
    expect_pointer(name, "a name");
    expect_pointer(out, "out");
    const auto list = list_of(static_cast<const uint8_t*>(bytes), size, "bytes");
    *out = new_task(parse_packed_task(list, name));
  });
}

void submask_task_free(submask_task* task) { delete task; }

submask_status submask_task_describe(const submask_task* task, const char** json) {
  return guarded([&] {
    expect_pointer(task, "a task");
    expect_pointer(json, "json");
    *json = task->describe().c_str();
  });
}

size_t submask_task_unit_count(const submask_task* task) {
  return task == nullptr ? 0 : task->packed.masks.size();
}

submask_status submask_task_unit(const submask_task* task, size_t unit, submask_unit* out) {
  return guarded([&] {
    expect_pointer(task, "a task");
    expect_pointer(out, "out");
    const PackedMask& mask = element_of(task->packed.masks, unit, "units");
    const Criterion criterion{.kind = task->packed.criterion, .scale = task->packed.scale};
    const double scale = mask_scale(criterion, mask.on, mask.count());
    *out = {mask.name.c_str(),
            mask.shape.size(),
            mask.shape.data(),
            mask.count(),
            mask.on,
            static_cast<float>(scale),
            criterion.kind == CriterionKind::flip ? -static_cast<float>(scale) : 0.0F};
  });
}

submask_status submask_task_decode(const submask_task* task, size_t unit, const float* theta,
                                   size_t count, const uint8_t* parent_bits, uint8_t* bits,
                                   size_t bits_bytes) {
  return guarded([&] {
    expect_pointer(task, "a task");
    const PackedTask& packed = task->packed;
    const PackedMask& mask = element_of(packed.masks, unit, "units");
    const size_t bytes = packed_bytes(mask.count());
    if (bits_bytes != bytes)
      fail_argument(text(bytes, " bytes for the bits of ", mask.name), bits_bytes);
    expect_pointer(bits, "bits");
    const auto weights = list_of(theta, count, "theta");
    if (packed.profile != MaskProfile::plain && weights.empty())
      fail_argument(text(mask.count(), " weights of ", mask.name), "none");
    if (!weights.empty() && std::ssize(weights) != mask.count())
      fail_argument(text(mask.count(), " weights of ", mask.name), weights.size());
    if (parent_bits != nullptr && packed.parent_masks.empty())
      fail_argument("no parent's bits, as the task has no parent", "some");
    const std::span<const uint8_t> parent(parent_bits, parent_bits == nullptr ? 0 : bytes);
    const UnitMask decoded = unpack_mask(kernels::sleeping_parallel(), packed, unit,
                                         task->coded_bytes[unit], weights, parent);
    std::ranges::copy(decoded.bits, bits);
  });
}

submask_status submask_apply(submask_dtype dtype, float scale, float off_scale, const void* theta,
                             const uint8_t* bits, void* weights, size_t count) {
  return guarded([&] {
    if (count == 0) return;
    expect_pointer(theta, "theta");
    expect_pointer(bits, "bits");
    expect_pointer(weights, "weights");
    const auto size = static_cast<int64_t>(count);
    switch (number_of(dtype)) {
      case SUBMASK_FLOAT32:
        return kernels::materialise_packed(kernels::sleeping_parallel(), scale, off_scale,
                                           static_cast<const float*>(theta), bits,
                                           static_cast<float*>(weights), size);
      case SUBMASK_FLOAT16:
        return apply_half(scale, off_scale, theta, bits, weights, size, half_to_float,
                          float_to_half);
      case SUBMASK_BFLOAT16:
        return apply_half(scale, off_scale, theta, bits, weights, size, bfloat16_to_float,
                          float_to_bfloat16);
    }
    fail_argument("a dtype: SUBMASK_FLOAT32, SUBMASK_FLOAT16 or SUBMASK_BFLOAT16",
                  number_of(dtype));
  });
}

size_t submask_task_statistic_count(const submask_task* task) {
  return task == nullptr ? 0 : task->statistics.size();
}

submask_status submask_task_statistic(const submask_task* task, size_t statistic, const char** name,
                                      size_t* channels) {
  return guarded([&] {
    expect_pointer(task, "a task");
    expect_pointer(name, "name");
    expect_pointer(channels, "channels");
    const auto& found = element_of(task->statistics, statistic, "statistics");
    *name = found.name.c_str();
    *channels = found.channels;
  });
}

submask_status submask_task_statistics(const submask_task* task, const float* base, float* values,
                                       size_t count) {
  return guarded([&] {
    expect_pointer(task, "a task");
    const PackedTask& packed = task->packed;
    const auto expected = static_cast<size_t>(elements_of(packed.statistics.shape));
    if (count != expected) fail_argument(text(expected, " statistics"), count);
    if (count == 0) return;
    expect_pointer(values, "values");
    std::optional<std::vector<float>> in_order;
    if (base != nullptr) in_order.emplace(base, base + count);
    std::ranges::copy(restore_statistics(packed, std::move(in_order)), values);
  });
}

size_t submask_task_head_count(const submask_task* task) {
  return task == nullptr ? 0 : task->head.size();
}

submask_status submask_task_head(const submask_task* task, size_t array, submask_array* out) {
  return guarded([&] {
    expect_pointer(task, "a task");
    expect_pointer(out, "out");
    const std::string& name = *element_of(task->head, array, "arrays of the head");
    const Array& values = task->packed.head.at(name);
    *out = {name.c_str(), values.shape.size(), values.shape.data(), values.as<float>().data()};
  });
}
