#include "weights/safetensors_tensors.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include <torch/types.h>

#include "base/fail.h"
#include "base/quoted_name.h"
#include "weights/mapped_tensor.h"

namespace submask {
namespace {

struct Dtype {
  const char* name;
  at::ScalarType type;
};

// In the order of the format's own library, which puts the last of these first in a file.
constexpr std::array<Dtype, 10> dtypes{{{"BOOL", at::kBool},
                                        {"U8", at::kByte},
                                        {"I8", at::kChar},
                                        {"I16", at::kShort},
                                        {"F16", at::kHalf},
                                        {"BF16", at::kBFloat16},
                                        {"I32", at::kInt},
                                        {"F32", at::kFloat},
                                        {"F64", at::kDouble},
                                        {"I64", at::kLong}}};

size_t dtype_rank(const std::string& name) {
  const auto same = [&](const Dtype& dtype) { return dtype.name == name; };
  const auto found = std::find_if(dtypes.begin(), dtypes.end(), same);
  return static_cast<size_t>(found - dtypes.begin());
}

}  // namespace

bool is_read_dtype(const std::string& dtype) { return dtype_rank(dtype) < dtypes.size(); }

at::Tensor entry_tensor(const SafetensorsEntry& entry,
                        const std::shared_ptr<const MappedFile>& owner) {
  assert(is_read_dtype(entry.dtype));
  return tensor_over(entry.data, dtypes[dtype_rank(entry.dtype)].type, entry.shape, owner);
}

SafetensorsEntry tensor_entry(const std::string& name, const at::Tensor& tensor) {
  assert(tensor.is_contiguous() && tensor.is_cpu());
  const auto same = [&](const Dtype& dtype) { return dtype.type == tensor.scalar_type(); };
  const auto found = std::find_if(dtypes.begin(), dtypes.end(), same);
  if (found == dtypes.end()) {
    fail_argument(text("a dtype that safetensors holds of ", quoted_name(name)),
                  c10::toString(tensor.scalar_type()));
  }
  return {name, found->name, tensor.sizes().vec(),
          Bytes(static_cast<const uint8_t*>(tensor.const_data_ptr()), tensor.nbytes())};
}

void write_safetensors(const std::filesystem::path& path, const TensorMap& tensors,
                       const std::map<std::string, std::string>& metadata) {
  TensorMap stored;
  std::vector<SafetensorsEntry> entries;
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor& copy = stored[name] = tensor.detach().cpu().contiguous();
    entries.push_back(tensor_entry(name, copy));
  }
  // Wide elements first: each tensor is then aligned to its own element.
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return dtype_rank(a.dtype) > dtype_rank(b.dtype);
  });
  write_safetensors_entries(path, entries, metadata);
}

}  // namespace submask
