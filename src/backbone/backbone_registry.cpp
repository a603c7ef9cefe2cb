#include "backbone/backbone_registry.h"

#include <algorithm>

#include "backbone/published_weights.h"
#include "base/nearest_name.h"

namespace submask {
namespace {

std::vector<BackboneEntry> all_entries() {
  std::vector<BackboneEntry> entries;
  for (const auto& family :
       {cifar_resnet_entries, resnet_entries, efficientnet_lite_entries, mobilenet_v3_entries,
        convnext_entries, vit_entries, clip_vit_entries, clip_resnet_entries})
    for (BackboneEntry& entry : family()) {
      entry.info.published = published_weights(entry.info.name);
      entries.push_back(std::move(entry));
    }
  return entries;
}

}  // namespace

const std::vector<BackboneEntry>& backbone_registry() {
  static const std::vector<BackboneEntry> entries = all_entries();
  return entries;
}

const BackboneEntry& backbone_entry(const std::string& name) {
  const auto& entries = backbone_registry();
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const BackboneEntry& entry) {
    return entry.info.name == name;
  });
  if (found != entries.end()) return *found;
  std::vector<std::string> known;
  known.reserve(entries.size());
  for (const BackboneEntry& entry : entries) known.push_back(entry.info.name);
  fail_unknown("a backbone", name, known, "submask backbones lists them");
}

const std::vector<BackboneInfo>& backbone_list() {
  static const std::vector<BackboneInfo> list = [] {
    std::vector<BackboneInfo> infos;
    for (const BackboneEntry& entry : backbone_registry()) infos.push_back(entry.info);
    return infos;
  }();
  return list;
}

const BackboneInfo& backbone_info(const std::string& name) { return backbone_entry(name).info; }

std::vector<MaskUnit> backbone_mask_units(const std::string& name) {
  return backbone_entry(name).make()->mask_units();
}

}  // namespace submask
