#include "fetch/fetch_dataset.h"

#include <cstdio>

#include "base/fail.h"
#include "base/name_list.h"
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
    if (look()) return files_;
    make_folder(work_);
    const FileLock lock(work_ / "lock");
    if (!look()) {
      announce();
      for (FetchedFile& file : files_)
        if (!file.was_there) fetch(file);
    }
    std::error_code gone;
    fs::remove_all(work_, gone);
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
    if (file.is_archive || !fs::exists(path, missing)) return fs::exists(path, missing);
    const std::string got = digest_like(file.digest, path);
    if (got != file.digest) fail_corrupt(file.digest, got, path.string());
    return true;
  }

  void announce() {
    uint64_t missing_bytes = 0;
    for (FetchedFile& file : files_) {
      if (file.was_there) continue;
      file.bytes = client_.size(file.file.url);
      missing_bytes += file.bytes.value_or(0) * (file.file.is_archive ? 2 : 1);
      note(text(file.file.url, ": ", size_text(file.bytes), ", ", file.file.digest));
    }
    note(text("licence of ", set_.name, ": ", set_.licence));
    std::error_code unknown;
    const fs::space_info space = fs::space(folder_, unknown);
    if (!unknown && space.available < missing_bytes)
      fail(ErrorKind::io, "expected ", size_text(missing_bytes), " free, got ",
           size_text(space.available), ", in ", folder_.string());
  }

  void fetch(const FetchedFile& fetched) {
    const CatalogFile& file = fetched.file;
    const fs::path unfinished = work_ / (last_name(file.url) + ".incomplete");
    client_.download(last_name(file.url), file.url, unfinished, fetched.bytes);
    const std::string got = digest_like(file.digest, unfinished);
    if (got != file.digest) {
      std::error_code gone;
      fs::remove(unfinished, gone);
      fail_corrupt(file.digest, got, file.url);
    }
    make_folder((folder_ / file.path).parent_path());
    if (!file.is_archive) return move_to(folder_ / file.path, unfinished);
    unpack(unfinished, file);
  }

  void unpack(const fs::path& archive, const CatalogFile& file) {
    const fs::path unpacked = work_ / "unpacked", target = folder_ / file.path;
    std::error_code error;
    fs::remove_all(unpacked, error);  // what a killed process left
    make_folder(unpacked);
    unpack_archive(archive, unpacked);
    if (!fs::is_directory(unpacked / target.filename(), error))
      fail_corrupt("the folder " + target.filename().string(), "none", file.url);
    move_to(target, unpacked / target.filename());
    tell_others(unpacked, file);
    fs::remove_all(unpacked, error);
    fs::remove(archive, error);
  }

  static void tell_others(const fs::path& unpacked, const CatalogFile& file) {
    NameList others;
    for (const fs::directory_entry& entry : fs::directory_iterator(unpacked))
      others.add(entry.path().filename().string());
    if (others.count() > 0) note(text("left out of ", last_name(file.url), ": ", others.joined()));
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

  static void note(const std::string& line) {
    if (fetch_hooks().note) fetch_hooks().note(line);
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
