// The backbones this build knows: one entry each.
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
  std::function<std::shared_ptr<Network>()> make;  // weights uninitialised
};

const std::vector<BackboneEntry>& backbone_registry();

// Throws invalid_argument naming the known ones.
const BackboneEntry& backbone_entry(const std::string& name);

}  // namespace submask
