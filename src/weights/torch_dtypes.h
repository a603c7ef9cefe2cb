// PyTorch's element types by their names in pickles. No torch.
#pragma once

#include <cstdint>
#include <string_view>

namespace submask {

struct TorchDtype {
  std::string_view storage;  // the class of a storage with such elements
  std::string_view name;
  uint64_t element_bytes;
};

inline constexpr TorchDtype torch_dtypes[] = {
    {"torch.DoubleStorage", "torch.float64", 8},
    {"torch.FloatStorage", "torch.float32", 4},
    {"torch.HalfStorage", "torch.float16", 2},
    {"torch.BFloat16Storage", "torch.bfloat16", 2},
    {"torch.LongStorage", "torch.int64", 8},
    {"torch.IntStorage", "torch.int32", 4},
    {"torch.ShortStorage", "torch.int16", 2},
    {"torch.CharStorage", "torch.int8", 1},
    {"torch.ByteStorage", "torch.uint8", 1},
    {"torch.BoolStorage", "torch.bool", 1},
    {"torch.ComplexFloatStorage", "torch.complex64", 8},
    {"torch.ComplexDoubleStorage", "torch.complex128", 16},
    // A storage without a type counts bytes.
    {"torch.storage.UntypedStorage", "torch.uint8", 1},
};

}  // namespace submask
