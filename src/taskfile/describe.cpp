#include "taskfile/describe.h"

#include "base/names.h"
#include "taskfile/description_json.h"
#include "taskfile/task_origin.h"

namespace submask {

using Json = nlohmann::ordered_json;

int64_t mask_bytes(const PackedTask& task) {
  return std::ssize(task.coded) + 8 * std::ssize(task.masks);
}

int64_t metadata_bytes(int64_t file_bytes, const Json& parts) {
  for (const auto& [name, bytes] : parts.items()) file_bytes -= bytes.get<int64_t>();
  return file_bytes;
}

Json describe(const PackedTask& task, int64_t file_bytes) {
  Json units = Json::array();
  for (const PackedMask& unit : task.masks)
    units.push_back({{"name", unit.name},
                     {"shape", unit.shape},
                     {"weights", unit.count()},
                     {"masked_fraction", unit.masked_fraction()},
                     {"bytes", unit.bytes()}});
  const Json parts = {{"mask_bytes", mask_bytes(task)},
                      {"statistics_bytes", std::ssize(task.statistics.bytes)},
                      {"head_bytes", packed_head_bytes(task)}};
  Json result = {{"backbone", task.backbone},
                 {"weights_identity", task.weights_identity},
                 {"criterion", task.criterion},
                 {"scale", task.scale},
                 {"units", units},
                 {"masked_fraction", task.masked_fraction()},
                 {"weights", task.weights()}};
  result.update(parts);
  result["metadata_bytes"] = metadata_bytes(file_bytes, parts);
  result["task_bytes"] = file_bytes;
  result["profile"] = name_of(task.profile);
  if (!task.norms.empty())
    result["statistics"] = task.statistics.dtype == Dtype::f16 ? "half" : "exact";
  if (!task.head.empty()) result["head"] = name_of(task.head_form);
  if (!task.parent_masks.empty()) {
    result["parent"] = task.parent_file;
    result["parent_masks"] = task.parent_masks;
  }
  if (!task.licence.empty()) result["licence"] = task.licence;
  result["signed"] = !task.signature.empty();
  result["classes"] = task.classes;
  result["preprocessing"] = preprocessing_to_json(task.preprocessing);
  add_measured(origin_of(task.provenance), result);
  // Parsed without an order of keys: files have them sorted.
  result["provenance"] = nlohmann::json::parse(task.provenance);
  return result;
}

}  // namespace submask
