#include "fetch/fetch_dataset.h"

#include <algorithm>
#include <cstdio>

#include "base/fail.h"
#include "base/name_list.h"
#include "base/output_file.h"
#include "fetch/archive.h"
#include "fetch/fetch_hooks.h"
#include "fetch/file_digest.h"
#include "fetch/file_lock.h"
#include "fetch/http_client.h"
#include "fetch/place_file.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

std::string last_name(const std::string& url) { return url.substr(url.rfind('/') + 1); }

std::string digest_like(const std::string& digest, const fs::path& path) {
  return digest.starts_with("MD5 ") ? "MD5 " + file_md5(path) : "SHA-256 " + file_sha256(path);
}

class DatasetFetch {
 public:
  DatasetFetch(const CatalogSet& set, const fs::path& folder)
      : set_(set), folder_(folder), work_(folder / (".fetch-" + set.name)), client_("") {}

  std::vector<FetchedFile> run() {
    if (folder_.empty()) fail_argument("a folder for the data set", "''");
    std::error_code missing;
    if (look() && !fs::exists(work_, missing)) return files_;
    const FileLock lock(work_ / "lock");
    try {
      if (!look()) {
        announce();
        for (FetchedFile& file : files_)
          if (!file.was_there) fetch(file);
      }
    } catch (...) {
      leave_bytes_alone();
      throw;
    }
    fs::remove_all(work_, missing);
    return files_;
  }

 private:
  // Whether all of it is there.
  bool look() {
    files_.clear();
    bool is_whole = true;
    for (const CatalogFile& file : set_.files) {
      files_.push_back({.file = file, .was_there = is_there(file)});
      is_whole = is_whole && files_.back().was_there;
    }
    return is_whole;
  }

  // A folder is there as a whole or not at all; a file may be somebody's other one.
  bool is_there(const CatalogFile& file) const {
    const fs::path path = folder_ / file.path;
    std::error_code missing;
    if (fs::symlink_status(path, missing).type() == fs::file_type::not_found) return false;
    if (file.is_archive ? !fs::is_directory(path, missing) : !fs::is_regular_file(path, missing))
      fail_corrupt(file.is_archive ? "a folder or nothing" : "a file or nothing", "another thing",
                   path.string());
    if (file.is_archive) return true;
    const std::string got = digest_like(file.digest, path);
    if (got != file.digest) fail_corrupt(file.digest, got, path.string());
    return true;
  }

  // Of a fetch that failed, what has come is kept, for the next one to go on with.
  void leave_bytes_alone() {
    std::error_code error;
    fs::remove_all(unpacked(), error);
    const bool has_bytes = std::ranges::any_of(set_.files, [&](const CatalogFile& file) {
      std::error_code missing;
      return fs::exists(unfinished(file), missing) && fs::file_size(unfinished(file), missing) > 0;
    });
    if (!has_bytes) fs::remove_all(work_, error);
  }

  fs::path unpacked() const { return work_ / "unpacked"; }
  fs::path unfinished(const CatalogFile& file) const {
    return work_ / (last_name(file.url) + ".incomplete");
  }

  void announce() {
    std::error_code error;
    fs::remove_all(unpacked(), error);  // what a killed process left
    uint64_t missing_bytes = 0;
    for (FetchedFile& file : files_) {
      if (file.was_there) continue;
      file.bytes = client_.size(file.file.url);
      missing_bytes += missing_of(file);
      tell_of_fetch(text(file.file.url, ": ", size_text(file.bytes), ", ", file.file.digest));
    }
    tell_of_fetch(text("licence of ", set_.name, ": ", set_.licence));
    std::error_code unknown;
    const fs::space_info space = fs::space(folder_, unknown);
    if (!unknown && space.available < missing_bytes)
      fail(ErrorKind::io, "expected ", size_text(missing_bytes), " free, got ",
           size_text(space.available), ", in ", folder_.string());
  }

  // An archive is there beside what it unpacks as.
  uint64_t missing_of(const FetchedFile& file) const {
    std::error_code missing;
    const uint64_t all = file.bytes.value_or(0),
                   there = fs::exists(unfinished(file.file), missing)
                               ? std::min(fs::file_size(unfinished(file.file), missing), all)
                               : 0;
    return all - there + (file.file.is_archive ? all : 0);
  }

  void fetch(const FetchedFile& fetched) {
    const CatalogFile& file = fetched.file;
    const fs::path from = unfinished(file);
    client_.download(last_name(file.url), file.url, from, fetched.bytes);
    const std::string got = digest_like(file.digest, from);
    std::error_code gone;
    if (got != file.digest) {
      fs::remove(from, gone);
      fail_corrupt(file.digest, got, file.url);
    }
    make_folder((folder_ / file.path).parent_path());
    if (!file.is_archive) return move_to(folder_ / file.path, from);
    try {
      unpack(from, file);
    } catch (const Error& error) {
      // The bytes are the publisher's: what is wrong with them stays wrong.
      if (error.kind() == ErrorKind::corrupt_file) fs::remove(from, gone);
      throw;
    }
  }

  void unpack(const fs::path& archive, const CatalogFile& file) {
    const fs::path target = folder_ / file.path, made = unpacked() / target.filename();
    std::error_code error;
    fs::remove_all(unpacked(), error);
    make_folder(unpacked());
    unpack_archive(archive, unpacked());
    if (!fs::is_directory(made, error))
      fail_corrupt("the folder " + target.filename().string(), "none", file.url);
    move_to(target, made);
    tell_others(unpacked(), file);
    fs::remove_all(unpacked(), error);
    fs::remove(archive, error);
  }

  static void tell_others(const fs::path& unpacked, const CatalogFile& file) {
    NameList others;
    for (const fs::directory_entry& entry : fs::directory_iterator(unpacked))
      others.add(entry.path().filename().string());
    if (others.count() > 0)
      tell_of_fetch(text("left out of ", last_name(file.url), ": ", others.joined()));
  }

  static std::string size_text(std::optional<uint64_t> bytes) {
    if (!bytes) return "size not stated";
    constexpr uint64_t small = 100'000;
    constexpr double megabyte = 1e6;
    if (*bytes < small) return text(*bytes, " bytes");
    char size[40];
    std::snprintf(size, sizeof size, "%.1f MB", static_cast<double>(*bytes) / megabyte);
    return size;
  }

  const CatalogSet& set_;
  fs::path folder_, work_;
  HttpClient client_;
  std::vector<FetchedFile> files_;
};

}  // namespace

std::vector<FetchedFile> fetch_dataset(const CatalogSet& set, const fs::path& folder) {
  return DatasetFetch(set, folder).run();
}

}  // namespace submask
