// PyTorch's element types by the names pickles give them.
#pragma once

#include <string_view>

#include <c10/core/ScalarType.h>

namespace submask {

struct TorchDtype {
  std::string_view storage;  // the class of a storage of such elements
  std::string_view name;
  at::ScalarType type;
};

inline constexpr TorchDtype kTorchDtypes[] = {
    {"torch.DoubleStorage", "torch.float64", at::kDouble},
    {"torch.FloatStorage", "torch.float32", at::kFloat},
    {"torch.HalfStorage", "torch.float16", at::kHalf},
    {"torch.BFloat16Storage", "torch.bfloat16", at::kBFloat16},
    {"torch.LongStorage", "torch.int64", at::kLong},
    {"torch.IntStorage", "torch.int32", at::kInt},
    {"torch.ShortStorage", "torch.int16", at::kShort},
    {"torch.CharStorage", "torch.int8", at::kChar},
    {"torch.ByteStorage", "torch.uint8", at::kByte},
    {"torch.BoolStorage", "torch.bool", at::kBool},
    {"torch.ComplexFloatStorage", "torch.complex64", at::kComplexFloat},
    {"torch.ComplexDoubleStorage", "torch.complex128", at::kComplexDouble},
    // A storage without a type counts bytes.
    {"torch.storage.UntypedStorage", "torch.uint8", at::kByte},
};

}  // namespace submask
