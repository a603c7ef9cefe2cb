#include "weights/torch_tensors.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>

#include <torch/types.h>

#include "base/checked.h"
#include "base/quoted_name.h"
#include "base/tensor_shape.h"
#include "weights/mapped_tensor.h"
#include "weights/torch_dtypes.h"

namespace submask {
namespace {

using Kind = PickleNode::Kind;
using Arguments = std::vector<const PickleNode*>;

// The numbers of a tuple or of a torch.Size.
std::vector<int64_t> read_numbers(const PickleNode& node, const std::string& file) {
  const bool wrapped = node.is_call("torch.Size") && node.items.size() == 1;
  const Arguments& items = (wrapped ? *node.items[0] : node).items;
  if (items.size() > most_dimensions) {
    fail_corrupt(text("at most ", most_dimensions, " dimensions"), items.size(), file);
  }
  std::vector<int64_t> numbers;
  for (const PickleNode* item : items) {
    if (!item->is(Kind::integer) || item->integer < 0) {
      fail_corrupt("sizes and strides of at least 0", "another value", file);
    }
    numbers.push_back(item->integer);
  }
  return numbers;
}

// The call that makes a tensor itself, out of a parameter or a tensor with attributes.
struct TensorCall {
  std::string function;
  const Arguments* arguments;
};

TensorCall unwrap(const PickleNode& node) {
  TensorCall call{node.text, &node.items};
  constexpr int most_wrappers = 4;
  for (int depth = 0; depth < most_wrappers; ++depth) {
    const Arguments& arguments = *call.arguments;
    if (call.function.starts_with("torch._utils._rebuild_parameter") && !arguments.empty() &&
        arguments[0]->is(Kind::call)) {
      call = {arguments[0]->text, &arguments[0]->items};
    } else if (call.function == "torch._tensor._rebuild_from_type_v2" && arguments.size() >= 3 &&
               arguments[0]->is(Kind::global)) {
      call = {arguments[0]->text, &arguments[2]->items};
    } else {
      break;
    }
  }
  return call;
}

// The element type that a third-generation call names beside its storage.
std::optional<std::string> named_dtype(const TensorCall& call) {
  constexpr size_t dtype_argument = 6;
  if (call.function != "torch._utils._rebuild_tensor_v3") return std::nullopt;
  return call.arguments->size() > dtype_argument ? (*call.arguments)[dtype_argument]->text : "";
}

bool is_dense(const TensorCall& call) {
  return call.function == "torch._utils._rebuild_tensor" ||
         call.function == "torch._utils._rebuild_tensor_v2" ||
         call.function == "torch._utils._rebuild_tensor_v3";
}

// The element type of a tensor over this storage; null for one that is not read.
const TorchDtype* known_dtype(const StorageReference& reference,
                              const std::optional<std::string>& dtype) {
  const auto* known = std::ranges::find_if(torch_dtypes, [&](const TorchDtype& candidate) {
    return dtype ? candidate.name == *dtype : candidate.storage == reference.type;
  });
  return known == std::end(torch_dtypes) ? nullptr : known;
}

at::ScalarType scalar_type(const TorchDtype& dtype) {
  static const std::unordered_map<std::string_view, at::ScalarType> types{
      {"torch.float64", at::kDouble},
      {"torch.float32", at::kFloat},
      {"torch.float16", at::kHalf},
      {"torch.bfloat16", at::kBFloat16},
      {"torch.int64", at::kLong},
      {"torch.int32", at::kInt},
      {"torch.int16", at::kShort},
      {"torch.int8", at::kChar},
      {"torch.uint8", at::kByte},
      {"torch.bool", at::kBool},
      {"torch.complex64", at::kComplexFloat},
      {"torch.complex128", at::kComplexDouble}};
  return types.at(dtype.name);
}

}  // namespace

struct TensorBuilder::Layout {
  int64_t offset;
  std::vector<int64_t> sizes;
  std::vector<int64_t> strides;
  uint64_t elements;
};

TensorBuilder::TensorBuilder(const TorchArchive& archive, std::shared_ptr<const MappedFile> owner)
    : archive_(archive), owner_(std::move(owner)), file_(owner_->path()) {
  // Misaligned storages are copied, and transposed tensors too. That takes no more than twice the
  // file, unless views repeat their storage, which only small files may do.
  constexpr uint64_t small_file_bytes = 64 << 20;
  copy_budget_bytes_ = 2 * owner_->bytes().size() + small_file_bytes;
}

std::string TensorBuilder::unread_kind(const PickleNode& node) const {
  const TensorCall call = unwrap(node);
  if (!is_dense(call)) return shown_name(call.function);
  if (call.arguments->empty() || !is_storage_reference(*call.arguments->front())) return "";
  const StorageReference reference = read_storage_reference(*call.arguments->front(), file_);
  const auto dtype = named_dtype(call);
  const bool is_known = known_dtype(reference, dtype) != nullptr &&
                        std::ranges::any_of(torch_dtypes, [&](const TorchDtype& known) {
                          return known.storage == reference.type;
                        });
  return is_known ? "" : shown_name(dtype.value_or(reference.type));
}

at::Tensor TensorBuilder::build(const PickleNode& node, const std::string& name) {
  const TensorCall call = unwrap(node);
  if (!is_dense(call)) {
    fail_corrupt(text("a dense tensor for ", quoted_name(name)), shown_name(call.function), file_);
  }
  if (call.arguments->size() < 4) {
    fail_corrupt(text("storage, offset, size and stride of ", quoted_name(name)), "less", file_);
  }
  const Layout layout = read_layout(*call.arguments, name);
  return view(storage(*(*call.arguments)[0], named_dtype(call), name), layout, name);
}

TensorBuilder::Layout TensorBuilder::read_layout(const Arguments& arguments,
                                                 const std::string& name) const {
  const PickleNode& offset = *arguments[1];
  Layout layout{offset.integer, read_numbers(*arguments[2], file_),
                read_numbers(*arguments[3], file_), 0};
  if (!offset.is(Kind::integer) || offset.integer < 0 ||
      layout.sizes.size() != layout.strides.size()) {
    fail_corrupt(text("an offset, and a stride for each size, of ", quoted_name(name)), "others",
                 file_);
  }
  layout.elements = count_elements(layout.sizes, quoted_name(name), file_);
  return layout;
}

at::Tensor TensorBuilder::storage(const PickleNode& node, const std::optional<std::string>& dtype,
                                  const std::string& name) {
  if (!node.is(Kind::persistent)) {
    fail_corrupt(text("a storage for ", quoted_name(name)), "another value", file_);
  }
  const StorageReference reference = read_storage_reference(node, file_);
  const uint64_t stored_element_bytes = storage_element_bytes(reference, file_);
  const auto found = archive_.storages.find(reference.key);
  if (found == archive_.storages.end()) {
    fail_corrupt(text("the data of ", quoted_name(name)), "none (truncated?)", file_);
  }
  const uint64_t stored_bytes =
      checked_multiply(reference.stored_count, stored_element_bytes, file_);
  if (found->second.size() != stored_bytes) {
    fail_corrupt(text(stored_bytes, " bytes of data for ", quoted_name(name)), found->second.size(),
                 file_);
  }
  const Bytes bytes = found->second.subspan(reference.offset * stored_element_bytes,
                                            reference.count * stored_element_bytes);

  const TorchDtype* known = known_dtype(reference, dtype);
  if (known == nullptr || bytes.size() % known->element_bytes != 0) {
    fail_corrupt(text("a known element type of ", quoted_name(name)),
                 shown_name(dtype.value_or(reference.type)), file_);
  }
  const at::ScalarType type = scalar_type(*known);
  at::Tensor& storage = storages_[{bytes.data(), bytes.size(), type}];
  if (!storage.defined()) {
    if (must_copy(bytes, type)) charge(bytes.size(), name);
    const auto count = static_cast<int64_t>(bytes.size() / known->element_bytes);
    storage = tensor_over(bytes, type, {count}, owner_);
  }
  return storage;
}

at::Tensor TensorBuilder::view(const at::Tensor& storage, const Layout& layout,
                               const std::string& name) {
  if (layout.elements == 0) return at::empty(layout.sizes, storage.options());
  auto last = static_cast<uint64_t>(layout.offset);
  for (size_t i = 0; i < layout.sizes.size(); ++i) {
    const auto steps = static_cast<uint64_t>(layout.sizes[i] - 1);
    last = checked_add(
        last, checked_multiply(steps, static_cast<uint64_t>(layout.strides[i]), file_), file_);
  }
  if (last >= static_cast<uint64_t>(storage.numel())) {
    fail_corrupt(text("at most ", storage.numel(), " elements of ", quoted_name(name)),
                 text("an element at ", last), file_);
  }
  at::Tensor tensor = storage.as_strided(layout.sizes, layout.strides, layout.offset);
  if (tensor.is_contiguous()) return tensor;
  charge(checked_multiply(layout.elements, storage.element_size(), file_), name);
  return tensor.contiguous();
}

void TensorBuilder::charge(uint64_t bytes, const std::string& name) {
  if (bytes > copy_budget_bytes_) {
    fail_corrupt("tensors of about the file's size",
                 text(quoted_name(name), ", a view that repeats its storage too often"), file_);
  }
  copy_budget_bytes_ -= bytes;
}

}  // namespace submask
