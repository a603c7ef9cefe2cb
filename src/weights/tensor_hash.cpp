#include "weights/tensor_hash.h"

#include <ATen/ATen.h>

#include "base/fail.h"

namespace submask {

void hash_tensors(const TensorMap& tensors, Sha256& hash) {
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor stored = tensor.detach().to(at::kCPU).contiguous();
    hash.update(text('\n', name, ' ', stored.scalar_type(), ' ', stored.sizes(), ' '));
    hash.update(Bytes(static_cast<const uint8_t*>(stored.const_data_ptr()), stored.nbytes()));
  }
}

}  // namespace submask
