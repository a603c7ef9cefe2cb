// Weight files: named tensors from the checkpoints people have, and the one form submask writes.
//
// Read: safetensors, PyTorch's zip format (.pth, .pt), its legacy pickle format (.pth, .th,
// .pth.tar), the weights in TorchScript archives (.pt), and folders of these as Hugging Face's
// libraries save and cache them. The kind of a file is told from the content, never from the name.
// Pickles are read by a restricted reader that executes nothing: unlisted classes become inert
// nodes, any call of an unlisted function is refused by name. TorchScript's code is not even read.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

namespace submask {

using TensorMap = std::map<std::string, at::Tensor>;

struct WeightFile {
  std::string format;  // "safetensors", "zip pickle", "legacy pickle" or "TorchScript"
  std::string layout;  // how the tensors lay in it: "flat", "nested", "sharded", "module.",
                       // "state_dict, module.", ...
  TensorMap tensors;   // CPU, as stored (any dtype), names without prefix
  std::map<std::string, std::string> metadata;  // safetensors' __metadata__; empty for pickles
  // The texts of config.json and preprocessor_config.json beside weights that bear one of Hugging
  // Face's names (model.safetensors, pytorch_model.bin, ...); "" without.
  std::string config, preprocessor_config;
};

// Reads a state dict. One nested under "state_dict", "model" or "model_state_dict" is found; where
// there is none, all dicts of the file are read, their keys joined by dots ("nested":
// "teacher.backbone.conv1.weight"), and so are a TorchScript module's attributes. A prefix
// "module." common to all names is taken off. Tensors may share the file's memory mapping; treat
// them as read-only.
//
// `path` may also be a folder that holds one weight file, an index of shards ("*.index.json", every
// tensor in it read from its file) or a folder of Hugging Face's cache (models--ORG--NAME).
//
// Throws corrupt_file (truncated, hostile, no tensors in it, of another kind; several files to
// choose from, named; a missing shard or tensor of one) or io.
WeightFile read_weight_file(const std::filesystem::path& path);

// Writes a safetensors file atomically: tensors (any device, stored contiguous, little-endian),
// those of wide elements first as the format's own library orders them, then by name, so that each
// is aligned to its elements. The same input gives the same bytes. Throws io, or invalid_argument
// for a dtype the format lacks.
void write_safetensors(const std::filesystem::path& path, const TensorMap& tensors,
                       const std::map<std::string, std::string>& metadata);

}  // namespace submask
