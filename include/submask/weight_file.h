// Weight files: reads named tensors from common checkpoint formats, and writes safetensors.
//
// Read: safetensors, PyTorch's zip format (.pth, .pt), its legacy pickle format (.pth, .th,
// .pth.tar), the weights in TorchScript archives (.pt), and folders of these as Hugging Face's
// libraries save and cache them. The kind of a file is found from its content, never from its name.
// Pickles are read by a restricted reader that executes nothing: objects and calls become inert
// nodes, and only where a tensor must be one is missed. The code of TorchScript archives is not
// read.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

namespace submask {

using TensorMap = std::map<std::string, at::Tensor>;

struct StateDict {
  std::string key;  // the keys of a pickle that lead to it, joined by dots; "" for the whole file
  std::string layout;  // how the file holds the tensors: "flat", "nested", "sharded", "module.",
                       // "state_dict, module.", ...
  TensorMap tensors;   // CPU, as stored (any dtype), names without prefix
  // Tensors of kinds that are not read (sparse, quantised, of eight-bit floats), and why.
  std::map<std::string, std::string> unread;
};

struct WeightFile : StateDict {
  std::string format;  // "safetensors", "zip pickle", "legacy pickle" or "TorchScript"
  // Where a pickle has more dicts with tensors, such as a moving average beside the weights.
  std::vector<StateDict> others;
  std::vector<std::string> unusual_calls;       // that a pickle asks for; none was executed
  std::map<std::string, std::string> metadata;  // safetensors' __metadata__; empty for pickles
  // The texts of config.json, preprocessor_config.json and open_clip_config.json in the folder of
  // weights that have one of Hugging Face's names (model.safetensors, pytorch_model.bin, ...); ""
  // where there is none.
  std::string config, preprocessor_config, open_clip_config;
};

// Reads a state dict. It may be nested under "state_dict", "model" or "model_state_dict". Where no
// state dict is found, all dicts of the file are read and their keys are joined by dots (layout
// "nested": "teacher.backbone.conv1.weight"); attributes of a TorchScript module are read in the
// same way. A prefix "module." that all names have is removed. Tensors may share the file's memory
// mapping and must not be changed.
//
// `path` may also be a folder that holds one weight file, an index of shards ("*.index.json"; each
// tensor is read from the file that the index names) or a folder of Hugging Face's cache
// (models--ORG--NAME).
//
// Throws corrupt_file (a truncated or hostile file, a file without tensors or of another kind, a
// folder with several weight files, a missing shard, a tensor that its shard lacks) or io.
WeightFile read_weight_file(const std::filesystem::path& path);

// Writes a safetensors file atomically. Tensors may be on any device and are stored contiguous and
// little-endian. As in the format's own library, tensors with wide elements come first, then the
// order is by name, so that each tensor is aligned to its elements. The same input gives the same
// bytes. Throws io, or invalid_argument for a dtype that the format lacks.
void write_safetensors(const std::filesystem::path& path, const TensorMap& tensors,
                       const std::map<std::string, std::string>& metadata);

}  // namespace submask
