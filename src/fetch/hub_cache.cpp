#include "fetch/hub_cache.h"

#include <algorithm>
#include <cctype>

#include "base/fail.h"
#include "base/file.h"
#include "base/output_file.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

std::string folder_name(std::string repository) {
  const size_t slash = repository.find('/');
  repository.replace(slash, 1, "--");
  return "models--" + repository;
}

}  // namespace

HubCache::HubCache(const fs::path& cache, const std::string& repository)
    : folder_(cache / folder_name(repository)),
      locks_(cache / ".locks" / folder_name(repository)) {}

std::optional<std::string> HubCache::commit_of(const std::string& revision) const {
  const fs::path ref = folder_ / "refs" / revision;
  std::error_code missing;
  if (!fs::is_regular_file(ref, missing)) return std::nullopt;
  std::string commit = read_text_file(ref);
  while (!commit.empty() && std::isspace(static_cast<unsigned char>(commit.back())) != 0)
    commit.pop_back();
  return commit;
}

void HubCache::keep_commit(const std::string& revision, const std::string& commit) const {
  const fs::path ref = folder_ / "refs" / revision;
  if (commit_of(revision) == commit) return;
  make_folder(ref.parent_path());
  write_file_atomically(ref, as_bytes(commit));
}

bool HubCache::has(const std::string& commit, const std::string& file) const {
  std::error_code missing;
  return fs::is_regular_file(snapshot(commit) / file, missing);
}

std::vector<std::string> HubCache::files_of(const std::string& commit) const {
  std::vector<std::string> files;
  const fs::path folder = snapshot(commit);
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code broken;
    if (entry->is_regular_file(broken)) files.push_back(entry->path().lexically_relative(folder));
  }
  std::sort(files.begin(), files.end());
  return files;
}

void HubCache::make_folders() const {
  make_folder(folder_ / "blobs");
  make_folder(locks_);
}

void HubCache::link(const std::string& commit, const std::string& file,
                    const std::string& etag) const {
  const fs::path pointer = snapshot(commit) / file;
  make_folder(pointer.parent_path());
  std::error_code error;
  if (fs::is_symlink(pointer, error) || fs::exists(pointer, error)) fs::remove(pointer, error);
  fs::create_symlink(blob(etag).lexically_relative(pointer.parent_path()), pointer, error);
  // Another process may have made the same link.
  if (error && error != std::errc::file_exists)
    fail(ErrorKind::io, "cannot link ", pointer.string(), ": ", error.message());
}

}  // namespace submask
