// Any bytes as an archive of a data set. What it unpacks are files and folders below one folder.
#include <cstdlib>

#include "fetch/archive.h"
#include "memory_folder.h"
#include "reader_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace fs = std::filesystem;
  const submask::Bytes bytes(data, size);
  const fs::path archive = submask::write_in_memory("archive", bytes);
  const fs::path folder = submask::memory_folder() / "unpacked";
  fs::remove_all(folder);
  fs::create_directory(folder);
  // libarchive allocates by malloc, which -malloc_limit_mb bounds; the disk may refuse long names.
  submask::check_reader(
      bytes, /*factor=*/64, [&] { submask::unpack_archive(archive, folder); },
      submask::ErrorKind::io);
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_symlink() || !(entry.is_regular_file() || entry.is_directory())) std::abort();
  int beside = 0;  // the archive, and the folder
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(submask::memory_folder()))
    ++beside;
  if (beside != 2) std::abort();
  return 0;
}
