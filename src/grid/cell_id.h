// Grids: many runs over combinations of settings, each done once.
#pragma once

#include <cstdint>
#include <string>

#include <submask/train.h>

namespace submask {

// Names a cell by what gives it its numbers: SHA-256 (hex) over the recipe's version, `settings`
// (JSON, resolved), the backbone's identity and the digests of the data.
std::string cell_id(int64_t version, const std::string& settings, const Backbone& backbone,
                    const DataSplits& data);

// Of a cell whose network or data cannot be opened: over its command line.
std::string cell_id(const std::string& command);

}  // namespace submask
