// The tensors of a parsed safetensors file. The public write_safetensors() writes them.
#pragma once

#include <memory>

#include <submask/weight_file.h>

#include "base/file.h"
#include "safetensors/safetensors.h"

namespace submask {

// Whether tensors of a dtype of the format are read here.
bool is_read_dtype(const std::string& dtype);

// The tensor of an entry of such a dtype, which may share the mapping (mapped_tensor.h).
at::Tensor entry_tensor(const SafetensorsEntry& entry,
                        const std::shared_ptr<const MappedFile>& owner);

// An entry whose data points into `tensor`, which must be contiguous, on the CPU, and outlive it.
// Throws invalid_argument for a dtype that safetensors files do not hold here.
SafetensorsEntry tensor_entry(const std::string& name, const at::Tensor& tensor);

}  // namespace submask
