#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include <ATen/ATen.h>

#include "backbone/head_tensors.h"
#include "base/fail.h"
#include "base/json_text.h"
#include "cascade/cascade.h"
#include "cascade/cascade_check.h"
#include "mask/task_arrays.h"
#include "taskfile/array_bytes.h"
#include "taskfile/description_json.h"
#include "taskfile/head_shape.h"
#include "taskfile/packed_entries.h"
#include "taskfile/packed_json.h"
#include "taskfile/sealed_file.h"

namespace submask {
namespace {

using nlohmann::json;

constexpr const char* dispatcher_prefix = "dispatcher.";

std::string expert_prefix(size_t expert) { return text("expert", expert + 1, "."); }

void add_projection(const std::string& prefix, const Projection& projection, at::ScalarType type,
                    EntryList& list) {
  list.add(prefix + "mean", array_of(projection.mean, type));
  list.add(prefix + "components", array_of(projection.components, type));
  list.add(prefix + "scale", array_of(projection.scale, type));
}

void add_view(const std::string& prefix, const CascadeView& view, EntryList& list) {
  add_projection(prefix, view.projection, at::kFloat, list);
  for (const auto& [name, tensor] : head_tensors(view.head))
    list.add(text(prefix, "head.", name), array_of(tensor));
}

std::string description_of(const Cascade& cascade) {
  json experts = json::array();
  for (const PackedTask& expert : cascade.experts)
    experts.push_back(json::parse(packed_to_json(expert)));
  const json record = {{"router", cascade.router.kind},
                       {"dispatcher", json::parse(packed_to_json(cascade.dispatcher))},
                       {"experts", experts},
                       {"classes", cascade.classes},
                       {"provenance", json::parse(cascade.provenance)},
                       {"needs", json::array()}};
  return json_text(record);
}

// The parts of the file that is written for a cascade, and what they point to.
struct CascadeParts {
  explicit CascadeParts(const Cascade& cascade) {
    add_projection("router.", cascade.router.projection, at::kDouble, list);
    for (const auto& [name, tensor] : cascade.router.parameters)
      list.add("router." + name, array_of(tensor, at::kDouble));
    add_view("conditional.", cascade.conditional, list);
    add_view("unconditional.", cascade.unconditional, list);
    add_packed(dispatcher_prefix, cascade.dispatcher, list);
    for (size_t k = 0; k < cascade.experts.size(); ++k)
      add_packed(expert_prefix(k), cascade.experts[k], list);
    parts = {list.sorted(), description_of(cascade), ""};
  }

  EntryList list;
  SealedParts parts;
};

// Gives each entry to the member that it belongs to. Entries of no member belong to the cascade.
class CascadeReader {
 public:
  CascadeReader(const SealedParts& parts, const std::string& file) : parts_(parts), file_(file) {
    try {
      const auto record = parse_json<json>(parts.description, file);
      check_needs(record.at("needs").get<std::vector<std::string>>(), {}, file);
      cascade_.router.kind = value_in_file<RouterKind>(record.at("router"), "a router", file);
      cascade_.classes = record.at("classes").get<std::vector<std::string>>();
      cascade_.provenance = provenance_from_json(record.at("provenance"), file);
      members_.emplace_back(json_text(record.at("dispatcher")), dispatcher_prefix, file);
      for (const json& expert : record.at("experts"))
        members_.emplace_back(json_text(expert), expert_prefix(members_.size() - 1), file);
    } catch (const json::exception& error) {
      fail_corrupt("the description of a cascade", error.what(), file);
    }
  }

  Cascade read() {
    for (const SafetensorsEntry& entry : parts_.entries)
      if (!member_takes(entry)) cascade_entries_[entry.name] = &entry;
    Cascade& cascade = cascade_;
    cascade.dispatcher = members_.front().finish();
    for (size_t i = 1; i < members_.size(); ++i) cascade.experts.push_back(members_[i].finish());
    cascade.router.projection = take_projection("router.", Dtype::f64);
    cascade.router.parameters = tensors_of(take_prefixed("router.", Dtype::f64));
    cascade.conditional = take_view("conditional.");
    cascade.unconditional = take_view("unconditional.");
    if (!cascade_entries_.empty())
      fail_corrupt("tensors of a cascade", cascade_entries_.begin()->first, file_);
    check_cascade(cascade, file_);
    check_description(parts_.description, description_of(cascade), file_);
    return std::move(cascade_);
  }

 private:
  bool member_takes(const SafetensorsEntry& entry) {
    for (PackedReader& member : members_)
      if (member.take(entry)) return true;
    return false;
  }

  Array take(const std::string& name, Dtype dtype) {
    const auto found = cascade_entries_.find(name);
    if (found == cascade_entries_.end()) fail_corrupt(name, "none", file_);
    Array values = read_array(*found->second, file_);
    if (values.dtype != dtype)
      fail_corrupt(text(name, " as ", name_of(dtype)), name_of(values.dtype), file_);
    cascade_entries_.erase(found);
    return values;
  }

  ArrayMap take_prefixed(const std::string& prefix, Dtype dtype) {
    ArrayMap arrays;
    while (true) {
      const auto found = cascade_entries_.lower_bound(prefix);
      if (found == cascade_entries_.end() || !found->first.starts_with(prefix)) return arrays;
      const std::string name = found->first;
      arrays[name.substr(prefix.size())] = take(name, dtype);
    }
  }

  Projection take_projection(const std::string& prefix, Dtype dtype) {
    return {tensor_of(take(prefix + "mean", dtype)), tensor_of(take(prefix + "components", dtype)),
            tensor_of(take(prefix + "scale", dtype))};
  }

  CascadeView take_view(const std::string& prefix) {
    Projection projection = take_projection(prefix, Dtype::f32);
    const std::string head_name = prefix + "head";
    const ArrayMap head = take_prefixed(head_name + ".", Dtype::f32);
    if (!head.empty()) head_shape(head, head_name, file_);
    return {std::move(projection), head_from_tensors(tensors_of(head))};
  }

  const SealedParts& parts_;
  const std::string& file_;
  Cascade cascade_;
  std::vector<PackedReader> members_;
  std::map<std::string, const SafetensorsEntry*> cascade_entries_;
};

}  // namespace

void write_cascade(const std::filesystem::path& path, const Cascade& cascade) {
  write_sealed_file(path, cascade_format, CascadeParts(cascade).parts);
}

Cascade read_cascade(const std::filesystem::path& path) {
  return parse_cascade(as_bytes(read_text_file(path)), path.string());
}

Cascade parse_cascade(std::span<const uint8_t> bytes, const std::string& name) {
  const SealedParts parts = parse_sealed_file(bytes, name, cascade_format);
  Cascade cascade = CascadeReader(parts, name).read();
  if (!std::ranges::equal(sealed_bytes(cascade_format, CascadeParts(cascade).parts), bytes))
    fail_corrupt("a cascade as its writer writes it", "other tensors for the same cascade", name);
  return cascade;
}

bool is_cascade_file(const std::filesystem::path& path) {
  return is_cascade(as_bytes(read_text_file(path)), path.string());
}

bool is_cascade(std::span<const uint8_t> bytes, const std::string& name) {
  return has_format(bytes, name, cascade_format);
}

}  // namespace submask
