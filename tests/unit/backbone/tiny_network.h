// A network of three matrices, for tests of how checkpoints are searched.
#pragma once

#include <string>
#include <vector>

#include <ATen/ops/full.h>

#include <submask/backbone.h>

#include "backbone/layers.h"
#include "backbone/network.h"

namespace submask {

// One matrix has parts in the layout "split", another lies turned there.
class TinyNetwork final : public Network {
 public:
  TinyNetwork() {
    register_module("stem", Linear(1, 2, /*bias=*/false));
    register_module("qkv", Linear(2, 3, /*bias=*/false));
    register_module("projection", Linear(2, 4, /*bias=*/false));
  }
  at::Tensor forward_features(const at::Tensor& images) override { return images; }
  int64_t stage_of(std::string_view /*parameter*/) const override { return 0; }
  std::vector<CheckpointLayout> layouts() const override {
    return {{.name = "split",
             .rules = {{.from = "conv.*", .to = "stem.*"},
                       {.from = "att.query.*", .to = "qkv.*", .part = 0, .parts = 3},
                       {.from = "att.key.*", .to = "qkv.*", .part = 1, .parts = 3},
                       {.from = "att.value.*", .to = "qkv.*", .part = 2, .parts = 3},
                       {.from = "att.k.*", .to = "qkv.*", .part = 1, .parts = 3},
                       {.from = "proj", .to = "projection.weight", .transposed = true}},
             .ignored = {"text.*"}}};
  }
};

inline BackboneInfo tiny_info() {
  BackboneInfo info;
  info.name = "tiny";
  info.head_name = "fc";
  info.feature_width = 2;
  return info;
}

inline void add_network(TensorMap& tensors, const std::string& prefix, double value) {
  tensors[prefix + "stem.weight"] = at::full({2, 1}, value);
  tensors[prefix + "qkv.weight"] = at::full({3, 2}, value);
  tensors[prefix + "projection.weight"] = at::full({4, 2}, value);
}

}  // namespace submask
