// Making, packing and comparing of tasks.
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/hash.h"
#include "base/json_text.h"
#include "base/quoted_name.h"
#include "capi/task_handle.h"
#include "codec/packed_bits.h"
#include "kernels/sleeping_pool.h"
#include "taskfile/array_bytes.h"
#include "taskfile/description_json.h"
#include "taskfile/task_difference.h"
#include "taskfile/task_merge.h"
#include "taskfile/task_signature.h"

namespace submask::capi {
namespace {

// Errors of the description are the caller's.
TaskDescription parse_description(const char* description) {
  try {
    auto record = parse_json<nlohmann::json>(description, "the description");
    if (!record.is_object()) fail_argument("a JSON object as the description of a task", "none");
    const bool says_needs = record.contains("needs");
    if (!says_needs) record["needs"] = nlohmann::json::array();
    if (record.value("licence", "-").empty()) record.erase("licence");
    auto task = description_from_json(record, "the description");
    const nlohmann::json expected = description_to_json(task);
    // They follow from the preprocessing, so that the caller may leave them out.
    if (!says_needs) record["needs"] = expected.at("needs");
    const std::string other = first_difference(expected, record);
    if (!other.empty()) fail_argument("the fields of a description", quoted_name(other));
    constexpr size_t identity_bytes = 32;
    if (from_hex(task.weights_identity).size() != identity_bytes)
      fail_argument("64 small hexadecimal digits as weights_identity",
                    quoted_name(task.weights_identity));
    return task;
  } catch (const nlohmann::json::exception& error) {
    const std::string line = error.what();  // "[json.exception.out_of_range.403] key ..."
    fail_argument("the description of a task", line.substr(line.find("] ") + 2));
  } catch (const Error& error) {
    fail(ErrorKind::invalid_argument, error.what());
  }
}

UnitMask unit_of(const submask_mask& mask) {
  UnitMask unit{name_of(mask.name), shape_of(mask.name, mask.rank, mask.shape), 0, {}};
  const int64_t count = elements_of(unit.shape);
  if (count > 0) expect_pointer(mask.bits, "bits");
  unit.bits.assign(mask.bits, mask.bits + packed_bytes(count));
  unit.on = count_on(unit.bits);
  return unit;
}

template <typename Enum, typename CallersEnum>
Enum enum_of(const CallersEnum& value, std::initializer_list<Enum> values, const char* kind) {
  const int number = number_of(value);
  if (number < 0 || static_cast<size_t>(number) >= values.size())
    fail_argument(text("a ", kind, " of 0 to ", values.size() - 1), number);
  return values.begin()[number];
}

MaskProfile profile_of(const submask_profile& profile) {
  return enum_of(profile, {MaskProfile::plain, MaskProfile::small, MaskProfile::fast}, "profile");
}

HeadForm head_form_of(const submask_form& form) {
  return enum_of(form, {HeadForm::half, HeadForm::int8, HeadForm::exact}, "form of the head");
}

StatisticsForm statistics_form_of(const submask_form& form) {
  if (number_of(form) == SUBMASK_INT8)
    fail_argument("statistics as SUBMASK_HALF or SUBMASK_EXACT", "SUBMASK_INT8");
  return head_form_of(form) == HeadForm::half ? StatisticsForm::half : StatisticsForm::exact;
}

// What the options name of the network, and the parent.
struct CallerValues {
  explicit CallerValues(const submask_pack_options& options) {
    for (const auto& array : list_of(options.weights, options.weight_count, "weights"))
      values.weights.push_back(values_of(array));
    for (const auto& array :
         list_of(options.statistics_base, options.statistics_base_count, "statistics_base"))
      values.statistics[array.name] = values_of(array);
    if (options.parent != nullptr) parent = values_of(*options.parent, "parent");
  }

  const TaskMasks* parent_masks() const { return parent ? &*parent : nullptr; }

  BackboneValues values;
  std::optional<UnpackedTask> parent;
};

}  // namespace
}  // namespace submask::capi

using namespace submask;        // NOLINT(google-build-using-namespace): the C functions below
using namespace submask::capi;  // NOLINT(google-build-using-namespace)

submask_status submask_task_new(const char* description, const submask_mask* masks,
                                size_t mask_count, const submask_array* statistics,
                                size_t statistic_count, const submask_array* head,
                                size_t head_count, submask_task** out) {
  return guarded([&] {
    expect_pointer(description, "a description");
    expect_pointer(out, "out");
    UnpackedTask task;
    static_cast<TaskDescription&>(task) = parse_description(description);
    for (const submask_mask& mask : list_of(masks, mask_count, "masks"))
      task.units.push_back(unit_of(mask));
    task.statistics = array_map(statistics, statistic_count);
    task.head = array_map(head, head_count);
    *out = new_plain_task(task);
  });
}

submask_status submask_task_pack(const submask_task* task, const submask_pack_options* options,
                                 submask_task** out) {
  return guarded([&] {
    expect_pointer(task, "a task");
    expect_pointer(options, "options");
    expect_pointer(out, "out");
    const CallerValues backbone(*options);
    PackOptions how{.profile = profile_of(options->profile),
                    .statistics = statistics_form_of(options->statistics),
                    .head = head_form_of(options->head)};
    if (options->statistics_base == nullptr) how.statistics = StatisticsForm::exact;
    how.parent = backbone.parent_masks();
    if (how.parent != nullptr) {
      expect_pointer(options->parent_file, "parent_file");
      how.parent_file = options->parent_file;
      if (!is_file_name(how.parent_file))
        fail_argument("the file name of the parent, without folders", quoted_name(how.parent_file));
    }
    *out = new_task(
        pack(kernels::sleeping_parallel(), values_of(*task, "task"), &backbone.values, how));
  });
}

submask_status submask_task_unpack(const submask_task* task, const submask_pack_options* options,
                                   submask_task** out) {
  return guarded([&] {
    expect_pointer(task, "a task");
    expect_pointer(options, "options");
    expect_pointer(out, "out");
    const CallerValues backbone(*options);
    *out = new_plain_task(unpack(kernels::sleeping_parallel(), task->packed, &backbone.values,
                                 backbone.parent_masks()));
  });
}

submask_status submask_task_write(const submask_task* task, const char* path) {
  return guarded([&] {
    expect_pointer(task, "a task");
    expect_pointer(path, "a path");
    write_task(path, task->packed);
  });
}

submask_status submask_task_bytes(const submask_task* task, void* bytes, size_t capacity,
                                  size_t* size) {
  return guarded([&] {
    expect_pointer(task, "a task");
    expect_pointer(size, "size");
    const std::vector<uint8_t> file = packed_task_bytes(task->packed);
    *size = file.size();
    if (bytes != nullptr && capacity >= file.size()) std::memcpy(bytes, file.data(), file.size());
  });
}

submask_status submask_task_sign(submask_task* task, const char* private_key) {
  return guarded([&] {
    expect_pointer(task, "a task");
    expect_pointer(private_key, "a path");
    sign_task(task->packed, private_key);
    task->forget_description();
  });
}

submask_status submask_task_verify(const submask_task* task, const char* public_key,
                                   int* is_signed) {
  return guarded([&] {
    expect_pointer(task, "a task");
    expect_pointer(public_key, "a path");
    expect_pointer(is_signed, "is_signed");
    *is_signed = is_signed_by(task->packed, public_key) ? 1 : 0;
  });
}

submask_status submask_merge(const submask_task* const* tasks, size_t count,
                             submask_merge_rule rule, submask_task** out) {
  return guarded([&] {
    expect_pointer(out, "out");
    std::vector<UnpackedTask> values;
    for (const submask_task* task : list_of(tasks, count, "tasks")) {
      expect_pointer(task, "a task");
      values.push_back(values_of(*task, "task"));
    }
    const auto how =
        enum_of(rule, {MergeRule::all, MergeRule::any, MergeRule::majority}, "merge rule");
    *out = new_plain_task(merge_tasks(values, how));
  });
}

submask_status submask_compare(const submask_task* a, const submask_task* b,
                               submask_agreement* out) {
  return guarded([&] {
    expect_pointer(a, "a task");
    expect_pointer(b, "a task");
    expect_pointer(out, "out");
    const MaskAgreement all = compare_tasks(values_of(*a, "task"), values_of(*b, "task")).all;
    *out = {all.weights,       all.off_a,     all.off_b,           all.off_both,
            all.equal_share(), all.jaccard(), all.chance_jaccard()};
  });
}
