// Any bytes as a zip archive, and as a checkpoint or a TorchScript archive in one.
#include "reader_check.h"
#include "weights/tensor_tree.h"
#include "weights/torch_archive.h"
#include "weights/zip_archive.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const submask::Bytes bytes(data, size);
  submask::check_reader(bytes, /*factor=*/16, [&] {
    for (const submask::ZipEntry& entry : submask::read_zip_directory(bytes, "FILE")) {
      submask::touch(entry.data);
    }
  });
  submask::check_reader(bytes, /*factor=*/256, [&] {
    const submask::TorchArchive archive = submask::read_torch_zip(bytes, "FILE");
    for (const auto& [key, storage] : archive.storages) submask::touch(storage);
    if (archive.is_script) {
      submask::find_module_tensors(archive.object, "FILE");
    } else {
      submask::find_state_dicts(archive.object, "FILE");
    }
  });
  return 0;
}
