#include "cascade/description.h"

#include <ATen/ATen.h>

#include "backbone/head_tensors.h"
#include "base/names.h"
#include "cascade/adaptation.h"
#include "taskfile/describe.h"
#include "taskfile/description_json.h"
#include "taskfile/task_origin.h"

namespace submask {
namespace {

using Json = nlohmann::ordered_json;

int64_t total_bytes(const TensorMap& tensors) {
  int64_t bytes = 0;
  for (const auto& [name, tensor] : tensors) bytes += static_cast<int64_t>(tensor.nbytes());
  return bytes;
}

int64_t total_bytes(const Projection& projection) {
  return static_cast<int64_t>(projection.mean.nbytes() + projection.components.nbytes() +
                              projection.scale.nbytes());
}

Json member_json(const std::string& name, const PackedTask& task) {
  return {{"name", name},
          {"masked_fraction", task.masked_fraction()},
          {"weights", task.weights()},
          {"mask_bytes", mask_bytes(task)},
          {"statistics_bytes", std::ssize(task.statistics.bytes)}};
}

}  // namespace

Json describe(const Cascade& cascade, int64_t file_bytes) {
  Json members = Json::array();
  members.push_back(member_json("dispatcher", cascade.dispatcher));
  for (size_t k = 0; k < cascade.experts.size(); ++k)
    members.push_back(member_json("expert " + std::to_string(k + 1), cascade.experts[k]));
  int64_t masks = 0, statistics = 0;
  for (const Json& member : members) {
    masks += member["mask_bytes"].get<int64_t>();
    statistics += member["statistics_bytes"].get<int64_t>();
  }
  const Json parts = {{"mask_bytes", masks},
                      {"statistics_bytes", statistics},
                      {"router_bytes", total_bytes(cascade.router.projection) +
                                           total_bytes(cascade.router.parameters)},
                      {"projection_bytes", total_bytes(cascade.conditional.projection) +
                                               total_bytes(cascade.unconditional.projection)},
                      {"head_bytes", total_bytes(head_tensors(cascade.conditional.head)) +
                                         total_bytes(head_tensors(cascade.unconditional.head))}};
  Json result = {{"kind", "cascade"},
                 {"backbone", cascade.dispatcher.backbone},
                 {"weights_identity", cascade.dispatcher.weights_identity},
                 {"router", cascade.router.kind},
                 {"router_width", cascade.router.projection.width()},
                 {"width", cascade.unconditional.projection.width()},
                 {"members", members},
                 {"masked_fraction", masked_fraction(cascade)}};
  result.update(parts);
  result["metadata_bytes"] = metadata_bytes(file_bytes, parts);
  result["cascade_bytes"] = file_bytes;
  result["classes"] = cascade.classes;
  result["preprocessing"] = preprocessing_to_json(cascade.dispatcher.preprocessing);
  add_measured(origin_of(cascade.provenance), result);
  result["provenance"] = Json::parse(cascade.provenance);
  return result;
}

}  // namespace submask
