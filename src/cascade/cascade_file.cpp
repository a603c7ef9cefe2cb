#include <map>
#include <nlohmann/json.hpp>

#include <ATen/ATen.h>

#include "backbone/head_tensors.h"
#include "base/fail.h"
#include "base/json_text.h"
#include "cascade/cascade.h"
#include "cascade/cascade_check.h"
#include "mask/packed_entries.h"
#include "mask/sealed_file.h"
#include "mask/task_json.h"

namespace submask {
namespace {

using nlohmann::json;

constexpr const char* dispatcher_prefix = "dispatcher.";

std::string expert_prefix(size_t expert) { return text("expert", expert + 1, "."); }

void add_projection(const std::string& prefix, const Projection& projection, at::ScalarType type,
                    EntryList& list) {
  list.add(prefix + "mean", projection.mean, type);
  list.add(prefix + "components", projection.components, type);
  list.add(prefix + "scale", projection.scale, type);
}

void add_view(const std::string& prefix, const CascadeView& view, EntryList& list) {
  add_projection(prefix, view.projection, at::kFloat, list);
  for (const auto& [name, tensor] : head_tensors(view.head))
    list.add(prefix + "head." + name, tensor);
}

std::string description_of(const Cascade& cascade) {
  json experts = json::array();
  for (const PackedTask& expert : cascade.experts)
    experts.push_back(json::parse(packed_to_json(expert)));
  const json record = {{"router", cascade.router.kind},
                       {"dispatcher", json::parse(packed_to_json(cascade.dispatcher))},
                       {"experts", experts},
                       {"classes", cascade.classes},
                       {"provenance", json::parse(cascade.provenance)}};
  return json_text(record);
}

// Reads a member of a cascade file of version 1, which holds it as task files of version 1 hold
// tasks.
class Version1Member {
 public:
  template <typename... Arguments>
  explicit Version1Member(Arguments&&... arguments) : reader_(arguments...) {}
  bool take(const SafetensorsEntry& entry) { return reader_.take(entry); }
  PackedTask finish() { return pack_task(reader_.finish()); }

 private:
  TaskReader reader_;
};

// Gives each entry to the member that it belongs to. Entries of no member belong to the cascade.
template <typename Member>
class CascadeReader {
 public:
  explicit CascadeReader(const SealedFile& file) : file_(file) {
    const std::string& path = file.path();
    try {
      const json record = json::parse(file.description());
      cascade_.router.kind = value_in_file<RouterKind>(record.at("router"), "a router", path);
      cascade_.classes = record.at("classes").get<std::vector<std::string>>();
      cascade_.provenance = provenance_from_json(record.at("provenance"), path);
      members_.emplace_back(json_text(record.at("dispatcher")), dispatcher_prefix, path);
      for (const json& expert : record.at("experts"))
        members_.emplace_back(json_text(expert), expert_prefix(members_.size() - 1), path);
    } catch (const json::exception& error) {
      fail_corrupt("the description of a cascade", error.what(), path);
    }
  }

  Cascade read() {
    for (const SafetensorsEntry& entry : file_.entries())
      if (!member_takes(entry)) cascade_entries_[entry.name] = &entry;
    Cascade& cascade = cascade_;
    cascade.dispatcher = members_.front().finish();
    for (size_t i = 1; i < members_.size(); ++i) cascade.experts.push_back(members_[i].finish());
    cascade.router.projection = take_projection("router.", at::kDouble);
    cascade.router.parameters = take_prefixed("router.", at::kDouble);
    cascade.conditional = take_view("conditional.");
    cascade.unconditional = take_view("unconditional.");
    if (!cascade_entries_.empty())
      fail_corrupt("tensors of a cascade", cascade_entries_.begin()->first, file_.path());
    check_cascade(cascade, file_.path());
    return std::move(cascade_);
  }

 private:
  bool member_takes(const SafetensorsEntry& entry) {
    for (Member& member : members_)
      if (member.take(entry)) return true;
    return false;
  }

  at::Tensor take(const std::string& name, at::ScalarType type) {
    const auto found = cascade_entries_.find(name);
    if (found == cascade_entries_.end()) fail_corrupt(name, "none", file_.path());
    const at::Tensor values = entry_values(*found->second, type, file_.path());
    cascade_entries_.erase(found);
    return values;
  }

  TensorMap take_prefixed(const std::string& prefix, at::ScalarType type) {
    TensorMap tensors;
    while (true) {
      const auto found = cascade_entries_.lower_bound(prefix);
      if (found == cascade_entries_.end() || !found->first.starts_with(prefix)) return tensors;
      const std::string name = found->first;
      tensors[name.substr(prefix.size())] = take(name, type);
    }
  }

  Projection take_projection(const std::string& prefix, at::ScalarType type) {
    return {take(prefix + "mean", type), take(prefix + "components", type),
            take(prefix + "scale", type)};
  }

  CascadeView take_view(const std::string& prefix) {
    Projection projection = take_projection(prefix, at::kFloat);
    const std::string head_name = prefix + "head";
    const TensorMap head = take_prefixed(head_name + ".", at::kFloat);
    return {std::move(projection), head_from_tensors(head, head_name, file_.path())};
  }

  const SealedFile& file_;
  Cascade cascade_;
  std::vector<Member> members_;
  std::map<std::string, const SafetensorsEntry*> cascade_entries_;
};

}  // namespace

void write_cascade(const std::filesystem::path& path, const Cascade& cascade) {
  EntryList list;
  add_projection("router.", cascade.router.projection, at::kDouble, list);
  for (const auto& [name, tensor] : cascade.router.parameters)
    list.add("router." + name, tensor, at::kDouble);
  add_view("conditional.", cascade.conditional, list);
  add_view("unconditional.", cascade.unconditional, list);
  add_packed(dispatcher_prefix, cascade.dispatcher, list);
  for (size_t k = 0; k < cascade.experts.size(); ++k)
    add_packed(expert_prefix(k), cascade.experts[k], list);
  list.sort();
  write_sealed_file(path, cascade_format, list.entries(), description_of(cascade));
}

Cascade read_cascade(const std::filesystem::path& path) {
  const SealedFile file(path, cascade_format);
  if (file.version() == "1") return CascadeReader<Version1Member>(file).read();
  return CascadeReader<PackedReader>(file).read();
}

bool is_cascade_file(const std::filesystem::path& path) { return has_format(path, cascade_format); }

}  // namespace submask
