#include "grid/cell_id.h"

#include <nlohmann/json.hpp>

#include "base/hash.h"

namespace submask {

std::string cell_id(int64_t version, const std::string& settings, const Backbone& backbone,
                    const DataSplits& data) {
  nlohmann::json record = {{"version", version},
                           {"settings", settings},
                           {"backbone", {backbone.info().name, backbone.identity()}},
                           {"train", data.train->digest()},
                           {"test", data.test->digest()}};
  if (data.validation) record["validation"] = data.validation->digest();
  return sha256_hex(as_bytes(record.dump()));
}

std::string cell_id(const std::string& command) {
  return sha256_hex(as_bytes("cannot be opened: " + command));
}

}  // namespace submask
