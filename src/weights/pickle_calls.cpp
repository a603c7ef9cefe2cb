#include "weights/pickle_calls.h"

#include <string_view>
#include <unordered_set>

namespace submask {

bool is_usual_call(const std::string& function) {
  static const std::unordered_set<std::string_view> usual{
      // Tensors. Those that are not dense are listed too, so that the error can name their kind.
      "torch._utils._rebuild_tensor",
      "torch._utils._rebuild_tensor_v2",
      "torch._utils._rebuild_tensor_v3",
      "torch._utils._rebuild_parameter",
      "torch._utils._rebuild_parameter_with_state",
      "torch._tensor._rebuild_from_type_v2",
      "torch._utils._rebuild_qtensor",
      "torch._utils._rebuild_sparse_tensor",
      "torch._utils._rebuild_sparse_csr_tensor",
      "torch._utils._rebuild_nested_tensor",
      "torch._utils._rebuild_meta_tensor_no_storage",
      "torch._utils._rebuild_wrapper_subclass",
      "torch._utils._rebuild_device_tensor_from_numpy",
      "torch.serialization._get_layout",
      "torch.Size",
      "torch.device",
      // Containers, by their names in Python 2 and 3.
      "collections.OrderedDict",
      "collections.defaultdict",
      "collections.Counter",
      "builtins.set",
      "builtins.frozenset",
      "builtins.bytearray",
      "__builtin__.set",
      "__builtin__.frozenset",
      "__builtin__.bytearray",
      // Lists among the attributes of TorchScript's modules.
      "torch.jit._pickle.build_intlist",
      "torch.jit._pickle.build_doublelist",
      "torch.jit._pickle.build_boollist",
      "torch.jit._pickle.build_tensorlist",
      "torch.jit._pickle.restore_type_tag",
      // Other things in training checkpoints: accuracies, settings, paths.
      "numpy.dtype",
      "numpy.core.multiarray.scalar",
      "numpy.core.multiarray._reconstruct",
      "numpy._core.multiarray.scalar",
      "numpy._core.multiarray._reconstruct",
      "_codecs.encode",
      "argparse.Namespace",
      "copyreg._reconstructor",
      "copy_reg._reconstructor",
      "numpy.random._pickle.__randomstate_ctor",
      "numpy.random._pickle.__generator_ctor",
      "numpy.random._pickle.__bit_generator_ctor",
      "pathlib.PosixPath",
      "pathlib.WindowsPath",
      "pathlib.PurePosixPath",
      "builtins.complex",
      "builtins.getattr",
      "builtins.range",
      "builtins.slice",
      "collections.deque",
      "datetime.date",
      "datetime.datetime",
      "datetime.timedelta",
      "datetime.timezone",
      "decimal.Decimal",
      "fractions.Fraction",
      "functools.partial",
      "types.SimpleNamespace",
      "uuid.UUID",
  };
  return usual.contains(function);
}

}  // namespace submask
