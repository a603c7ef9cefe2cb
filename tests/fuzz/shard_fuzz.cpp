// Any bytes as a compressed shard and, as nothing gets past a checksum by chance, as the content of
// one: what zstd or gzip compressed comes back, and is read as a tar archive.
#include <cstdlib>
#include <vector>
#include <zlib.h>
#include <zstd.h>

#include "data/format/compressed_shard.h"
#include "data/format/tar_directory.h"
#include "reader_check.h"

namespace {

using submask::Bytes;

std::vector<uint8_t> gzipped(Bytes bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    std::abort();
  std::vector<uint8_t> out(deflateBound(&stream, bytes.size()));
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::vector<uint8_t> zstd_compressed(Bytes bytes) {
  std::vector<uint8_t> out(ZSTD_compressBound(bytes.size()));
  const size_t size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 1);
  if (ZSTD_isError(size) != 0) std::abort();
  out.resize(size);
  return out;
}

void check_tar(Bytes archive) {
  for (const submask::TarEntry& entry : submask::read_tar_directory(archive, "FILE")) {
    if (entry.offset > archive.size() || entry.size > archive.size() - entry.offset) std::abort();
    submask::touch(archive.subspan(entry.offset, entry.size));
  }
}

// What it unpacks lies in a file. In memory are a tar's entries, and a buffer.
void check_shard(Bytes compressed) {
  submask::check_reader(compressed, /*factor=*/1024, [&] {
    const submask::InflatedFile file(compressed, "FILE");
    check_tar(file.bytes());
  });
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  setenv("TMPDIR", "/dev/shm", /*overwrite=*/0);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes bytes(data, size);
  check_shard(bytes);
  for (const auto& compressed : {gzipped(bytes), zstd_compressed(bytes)}) {
    const submask::InflatedFile file(compressed, "FILE");
    if (!std::equal(bytes.begin(), bytes.end(), file.bytes().begin(), file.bytes().end()))
      std::abort();
    check_shard(compressed);
  }
  return 0;
}
