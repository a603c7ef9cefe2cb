// The tensors in the pickled object of a PyTorch checkpoint.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <ATen/core/Tensor.h>

#include "base/file.h"
#include "weights/torch_archive.h"

namespace submask {

// Makes the tensors of one archive. Tensors of the same storage share its memory, which is the
// file's mapping where the data is aligned. A tensor that is not contiguous is copied.
class TensorBuilder {
 public:
  TensorBuilder(const TorchArchive& archive, std::shared_ptr<const MappedFile> owner);

  // Why a tensor's kind is not read, as "torch._utils._rebuild_sparse_tensor" or
  // "torch.QInt8Storage"; empty where it is.
  std::string unread_kind(const PickleNode& node) const;

  // Errors show `name`. Throws corrupt_file for a tensor that reaches beyond its storage, a storage
  // that is missing or of another size, and a tensor of a kind that is not read.
  at::Tensor build(const PickleNode& node, const std::string& name);

 private:
  struct Layout;
  at::Tensor storage(const PickleNode& node, const std::optional<std::string>& dtype,
                     const std::string& name);
  at::Tensor view(const at::Tensor& storage, const Layout& layout, const std::string& name);
  Layout read_layout(const std::vector<const PickleNode*>& arguments,
                     const std::string& name) const;
  void charge(uint64_t bytes, const std::string& name);

  const TorchArchive& archive_;
  std::shared_ptr<const MappedFile> owner_;
  const std::string& file_;
  std::map<std::tuple<const uint8_t*, size_t, at::ScalarType>, at::Tensor> storages_;
  uint64_t copy_budget_bytes_;
};

}  // namespace submask
