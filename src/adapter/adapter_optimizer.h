// Adapters other than masks as optimisers that write w (submask/adapter.h), with plain ATen
// operations on any device.
#pragma once

#include <memory>
#include <vector>

#include <submask/adapter.h>
#include <submask/packed_task.h>

#include "mask/optimizer.h"

namespace submask {

// What a file of an adapter holds beside the head and the running statistics.
struct AdapterContent {
  TensorMap values;
  std::vector<UnitMask> bits;
};

class AdapterOptimizer : public Optimizer {
 public:
  // Some learn all weights at first, and go over to their form at the start of an epoch (from 0).
  virtual void start_epoch(int64_t epoch, int64_t epochs) = 0;
  virtual bool has_its_form() const = 0;
  virtual AdapterContent content() const = 0;
};

// A starts as torch.nn.Linear starts its weights and B at 0, as in PEFT; A is drawn by the seed.
std::unique_ptr<AdapterOptimizer> make_lora(std::vector<ParameterRows> tensors,
                                            const AdapterSettings& settings,
                                            const UpdateSettings& update, uint64_t seed);

// Both learn all weights in the first half of the epochs, rounded up.
std::unique_ptr<AdapterOptimizer> make_sparse(std::vector<ParameterRows> tensors,
                                              const AdapterSettings& settings,
                                              const UpdateSettings& update);
std::unique_ptr<AdapterOptimizer> make_bitdelta(std::vector<ParameterRows> tensors,
                                                const UpdateSettings& update);

}  // namespace submask
