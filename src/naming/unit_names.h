// Maps the tensors of a network of any library to mask units by their canonical names.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "naming/mask_units.h"

namespace submask {

// Rows of one of the caller's tensors.
struct NamedUnit {
  size_t tensor = 0;        // index in the caller's list
  bool transposed = false;  // rows are the tensor's last dimension
  MaskUnit unit;            // its rows are the caller's tensor's, its parameter that one's name
};

// A running mean or variance of a batch norm.
struct NamedStatistic {
  size_t tensor = 0;  // index in the caller's list
  std::string name;   // canonical
};

struct UnitNames {
  std::string layout;            // CheckpointLayout::name, or "its own names" (timm's)
  std::string prefix;            // "module.", "visual.", ""
  std::vector<NamedUnit> units;  // in network order
  size_t left_out = 0;           // tensors of two dimensions or more that no unit has rows of
  std::vector<NamedStatistic> statistics;
};

// Finds the network among named tensors (parameters and buffers of a state dict) by the layout in
// which a patch embedding or stem and most other tensors have names; where none has, names are
// taken as they are, without a prefix such as "module." before the stem. The classifier has no
// unit. Networks of unknown architecture get units as mask_units() tells them.
UnitNames unit_names(std::span<const NamedShape> tensors);

}  // namespace submask
