// Any bytes as a pickle, as the tree of tensors in it, and as a legacy checkpoint.
//
// The factor: a value of one byte, as None, is a node of 104 bytes with a reference to it on the
// stack (measured: 136 times the file); dicts copied from memoised lists came to 154 times.
#include "reader_check.h"
#include "weights/tensor_tree.h"
#include "weights/torch_archive.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t factor = 256;
  const submask::Bytes bytes(data, size);
  submask::check_reader(bytes, factor, [&] {
    const submask::Pickle pickle = submask::read_pickle(bytes, "FILE");
    if (pickle.size_bytes > size) std::abort();
    submask::find_state_dicts(pickle, "FILE");
  });
  submask::check_reader(bytes, factor, [&] {
    submask::find_module_tensors(submask::read_pickle(bytes, "FILE"), "FILE");
  });
  submask::check_reader(bytes, factor, [&] {
    const submask::TorchArchive archive = submask::read_torch_legacy(bytes, "FILE");
    for (const auto& [key, storage] : archive.storages) submask::touch(storage);
  });
  return 0;
}
