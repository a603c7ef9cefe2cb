#include "data/format/compressed_shard.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>
#include <zstd.h>

#include "base/fail.h"
#include "data/format/gzip_stream.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

// Whether bytes begin with zstd's magic number, or with that of a frame to be skipped, which may
// come first.
bool is_zstd(Bytes bytes) {
  constexpr std::array<uint8_t, 3> tail = {0xB5, 0x2F, 0xFD}, skip_tail = {0x2A, 0x4D, 0x18};
  if (bytes.size() < 4) return false;
  const Bytes rest = bytes.subspan(1, 3);
  return (bytes[0] == 0x28 && std::equal(rest.begin(), rest.end(), tail.begin())) ||
         ((bytes[0] & 0xF0) == 0x50 && std::equal(rest.begin(), rest.end(), skip_tail.begin()));
}

// A temporary file without a name, written from its beginning up to a limit.
class NamelessFile {
 public:
  NamelessFile(uint64_t most_bytes, const std::string& source)
      : folder_(fs::temp_directory_path()), most_bytes_(most_bytes), source_(source) {
    std::string path = (folder_ / "submask-shard-XXXXXX").string();
    descriptor_ = ::mkostemp(path.data(), O_CLOEXEC);
    if (descriptor_ < 0) fail_unpacking();
    ::unlink(path.c_str());
  }
  ~NamelessFile() { ::close(descriptor_); }
  NamelessFile(const NamelessFile&) = delete;
  NamelessFile& operator=(const NamelessFile&) = delete;

  void write(Bytes bytes) {
    size_ += bytes.size();
    if (size_ > most_bytes_)
      fail_corrupt(text("at most ", most_bytes_, " bytes to unpack"), "more", source_);
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail_unpacking();
      bytes = bytes.subspan(static_cast<size_t>(written));
    }
  }

  Bytes map() const {
    if (size_ == 0) return {};
    void* address = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor_, 0);
    if (address == MAP_FAILED) fail_unpacking();
    return {static_cast<const uint8_t*>(address), size_};
  }

 private:
  [[noreturn]] void fail_unpacking() const {
    const int error = errno;
    fail(ErrorKind::io, "cannot unpack ", source_, " into a temporary file in ", folder_.string(),
         " (another folder by TMPDIR): ", std::strerror(error));
  }

  fs::path folder_;
  uint64_t most_bytes_;
  const std::string& source_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
};

void inflate_gzip(Bytes compressed, NamelessFile& out, const std::string& file) {
  std::vector<uint8_t> buffer(1 << 18);
  GzipStream stream(compressed, file);
  for (size_t got = buffer.size(); got == buffer.size();) {
    got = stream.read(buffer);
    out.write(Bytes(buffer).first(got));
  }
}

// One or more frames. A window of more than 128 MiB (zstd --long=28 and above) is refused.
void inflate_zstd(Bytes compressed, NamelessFile& out, const std::string& file) {
  const std::unique_ptr<ZSTD_DStream, size_t (*)(ZSTD_DStream*)> stream(ZSTD_createDStream(),
                                                                        ZSTD_freeDStream);
  if (stream == nullptr) throw std::bad_alloc();
  std::vector<uint8_t> buffer(ZSTD_DStreamOutSize());
  ZSTD_inBuffer in{compressed.data(), compressed.size(), 0};
  size_t still_wanted = 0;
  bool is_full = false;  // zstd may have more from the bytes that it has taken already
  while (in.pos < in.size || is_full) {
    ZSTD_outBuffer piece{buffer.data(), buffer.size(), 0};
    still_wanted = ZSTD_decompressStream(stream.get(), &piece, &in);
    if (ZSTD_isError(still_wanted) != 0)
      fail_corrupt("data compressed by zstd", ZSTD_getErrorName(still_wanted), file);
    is_full = piece.pos == piece.size && still_wanted != 0;
    out.write(Bytes(buffer).first(piece.pos));
  }
  if (still_wanted != 0) fail_corrupt("whole data compressed by zstd", "its end cut off", file);
}

}  // namespace

InflatedFile::InflatedFile(Bytes compressed, const std::string& file) {
  constexpr uint64_t best_ratio = 100, always_allowed = 64 << 20;
  NamelessFile out(std::max(always_allowed, compressed.size() * best_ratio), file);
  (is_gzip(compressed) ? inflate_gzip : inflate_zstd)(compressed, out, file);
  const Bytes mapped = out.map();
  data_ = mapped.data();
  size_ = mapped.size();
}

InflatedFile::~InflatedFile() {
  if (data_ != nullptr) ::munmap(const_cast<uint8_t*>(data_), size_);
}

std::shared_ptr<const InflatedFile> inflate_if_compressed(const MappedFile& file) {
  if (!is_gzip(file.bytes()) && !is_zstd(file.bytes())) return nullptr;
  return std::make_shared<InflatedFile>(file.bytes(), file.path());
}

}  // namespace submask
