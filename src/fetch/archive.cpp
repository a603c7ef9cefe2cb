#include "fetch/archive.h"

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <cerrno>
#include <clocale>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "base/fail.h"
#include "base/output_file.h"
#include "base/quoted_name.h"
#include "fetch/fetch_hooks.h"
#include "fetch/place_file.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

// A file that must not be there yet.
class NewFile {
 public:
  explicit NewFile(const fs::path& path) : path_(path), file_(std::fopen(path.c_str(), "wbx")) {
    if (file_ == nullptr) fail_file();
  }
  ~NewFile() {
    if (file_ != nullptr) std::fclose(file_);
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void write(const void* bytes, size_t count) {
    if (std::fwrite(bytes, 1, count, file_) != count) fail_file();
  }
  void close() {
    if (std::fclose(std::exchange(file_, nullptr)) != 0) fail_file();
  }

 private:
  [[noreturn]] void fail_file() const {
    fail(ErrorKind::io, "cannot write ", path_.string(), ": ", std::strerror(errno));
  }

  fs::path path_;
  std::FILE* file_;
};

// libarchive takes names in the language of the thread.
class Utf8Names {
 public:
  Utf8Names()
      : utf8_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", static_cast<locale_t>(nullptr))),
        before_(utf8_ == nullptr ? nullptr : ::uselocale(utf8_)) {}
  ~Utf8Names() {
    if (utf8_ == nullptr) return;
    ::uselocale(before_);
    ::freelocale(utf8_);
  }
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;

 private:
  locale_t utf8_, before_;
};

class ArchiveReader {
 public:
  explicit ArchiveReader(const fs::path& path)
      : path_(path), size_(fs::file_size(path)), archive_(archive_read_new(), archive_read_free) {
    if (archive_ == nullptr) throw std::bad_alloc();
    archive_read_support_filter_gzip(archive_.get());
    archive_read_support_format_tar(archive_.get());
    archive_read_support_format_zip(archive_.get());
    constexpr size_t block = 1 << 16;
    check(archive_read_open_filename(archive_.get(), path.c_str(), block));
  }

  void unpack(const fs::path& folder) {
    archive_entry* entry = nullptr;
    while (check(archive_read_next_header(archive_.get(), &entry)) != ARCHIVE_EOF) {
      expect_bounded();
      check_fetch();
      const char* name = archive_entry_pathname(entry);
      if (name == nullptr) name = archive_entry_pathname_utf8(entry);
      const fs::path target = folder / checked_name(name == nullptr ? "" : name);
      if (archive_entry_hardlink(entry) != nullptr || archive_entry_symlink(entry) != nullptr)
        refuse("a link", target);
      if (archive_entry_filetype(entry) == AE_IFDIR)
        make_folder(target);
      else if (archive_entry_filetype(entry) == AE_IFREG)
        unpack_file(entry, target);
      else
        refuse("a device, socket or pipe", target);
    }
  }

 private:
  // A warning of libarchive is about times, owners or the language of a name.
  int check(int status) const {
    if (status == ARCHIVE_OK || status == ARCHIVE_EOF || status == ARCHIVE_WARN) return status;
    const char* said = archive_error_string(archive_.get());
    fail_corrupt("a whole tar, tar.gz or zip archive", said == nullptr ? "damage" : said,
                 path_.string());
  }

  [[noreturn]] void refuse(const char* got, const fs::path& name) const {
    fail_corrupt("files and folders alone", text(got, ", ", quoted_name(name.filename().string())),
                 path_.string());
  }

  fs::path checked_name(const std::string& name) const {
    fs::path path = fs::path(name).lexically_normal();
    if (!lies_within(path.string()))
      fail_corrupt("names within the folder", quoted_name(name), path_.string());
    return path;
  }

  void unpack_file(archive_entry* entry, const fs::path& target) {
    if (archive_entry_sparse_count(entry) > 0) refuse("a file with holes", target);
    std::error_code missing;
    if (fs::symlink_status(target, missing).type() != fs::file_type::not_found)
      refuse("a name twice", target);
    make_folder(target.parent_path());
    NewFile file(target);
    const void* bytes = nullptr;
    size_t count = 0;
    la_int64_t at = 0;
    uint64_t file_bytes = 0;
    while (check_data(archive_read_data_block(archive_.get(), &bytes, &count, &at))) {
      if (static_cast<uint64_t>(at) != file_bytes) refuse("a file with holes", target);
      file_bytes += count;
      written_ += count;
      expect_bounded();
      file.write(bytes, count);
      if (fetch_hooks().progress)
        fetch_hooks().progress(path_.stem().string() + ", unpacked",
                               archive_filter_bytes(archive_.get(), -1),
                               static_cast<int64_t>(size_));
    }
    if (archive_entry_size_is_set(entry) != 0 &&
        file_bytes != static_cast<uint64_t>(archive_entry_size(entry)))
      refuse("a file of another size than stated", target);
    file.close();
  }

  // Headers count too.
  void expect_bounded() const {
    constexpr uint64_t most_times = 20, gibibyte = uint64_t{1} << 30;
    const uint64_t most = most_times * size_ + gibibyte;
    constexpr int unpacked = 0;  // the last of the filters
    const auto read = static_cast<uint64_t>(archive_filter_bytes(archive_.get(), unpacked));
    if (std::max(read, written_) > most)
      fail_corrupt(text("at most ", most, " bytes once unpacked"), "more", path_.string());
    constexpr int most_filters = 2;  // gzip, and the file itself
    if (archive_filter_count(archive_.get()) > most_filters)
      fail_corrupt("an archive that is compressed once", "one within another", path_.string());
  }

  // Whether there is more. A warning is about a checksum here.
  bool check_data(int status) const {
    if (status == ARCHIVE_WARN)
      fail_corrupt("a whole archive", in_one_line(archive_error_string(archive_.get())),
                   path_.string());
    return check(status) != ARCHIVE_EOF;
  }

  fs::path path_;
  uint64_t size_;
  std::unique_ptr<archive, decltype(&archive_read_free)> archive_;
  uint64_t written_ = 0;  // bytes of files
};

}  // namespace

void unpack_archive(const fs::path& archive, const fs::path& folder) {
  const Utf8Names names;
  ArchiveReader(archive).unpack(folder);
}

}  // namespace submask
