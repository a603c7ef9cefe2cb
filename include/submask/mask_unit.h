// The parts of a network that have a mask of their own.
#pragma once

#include <cstdint>
#include <string>

namespace submask {

// Rows [row_begin, row_end) of a parameter's first dimension. A fused qkv is three units of one
// parameter. `kind` is conv, depthwise, downsample.conv, downsample.norm, squeeze, patch, q, k, v,
// out, fc1, fc2, linear, projection, or bias (of q ... linear; the bias of a projection is of kind
// projection). In a TorchScript program it is conv, depthwise, linear or other.
struct MaskUnit {
  std::string name;       // canonical, e.g. "layer1.0.conv1.weight"
  std::string parameter;  // state dict name of the network's parameter
  int64_t row_begin = 0;
  int64_t row_end = 0;
  std::string kind;
  bool masked_by_default = true;  // false: learned only where --mask-only names it

  bool operator==(const MaskUnit&) const = default;
};

}  // namespace submask
