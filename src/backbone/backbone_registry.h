// The backbones of this build, one entry each. Each family has a file of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <submask/backbone.h>

#include "backbone/network.h"

namespace submask {

struct BackboneEntry {
  BackboneInfo info;
  std::function<std::shared_ptr<Network>()> make;  // a network whose weights are not initialised
};

// The entries of each family, defined in the file of its architecture.
std::vector<BackboneEntry> cifar_resnet_entries();
std::vector<BackboneEntry> resnet_entries();
std::vector<BackboneEntry> efficientnet_lite_entries();
std::vector<BackboneEntry> mobilenet_v3_entries();
std::vector<BackboneEntry> convnext_entries();
std::vector<BackboneEntry> vit_entries();
std::vector<BackboneEntry> clip_vit_entries();
std::vector<BackboneEntry> clip_resnet_entries();

const std::vector<BackboneEntry>& backbone_registry();

// Throws invalid_argument that names the nearest backbone, where `name` is unknown.
const BackboneEntry& backbone_entry(const std::string& name);

}  // namespace submask
