// The Hugging Face hub's cache on this machine, in the layout of huggingface_hub, so that timm and
// transformers find what was fetched here, and their files are found:
//   models--ORG--NAME/refs/REVISION           a commit
//   models--ORG--NAME/blobs/ETAG              a file by its digest
//   models--ORG--NAME/snapshots/COMMIT/FILE   a link to the blob
//   .locks/models--ORG--NAME/ETAG.lock        held while a blob is fetched
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace submask {

class HubCache {
 public:
  // The folder of a model, "ORG/NAME".
  HubCache(const std::filesystem::path& cache, const std::string& repository);

  // The commit that a revision was when it was last asked for.
  std::optional<std::string> commit_of(const std::string& revision) const;
  void keep_commit(const std::string& revision, const std::string& commit) const;

  std::filesystem::path snapshot(const std::string& commit) const {
    return folder_ / "snapshots" / commit;
  }
  bool has(const std::string& commit, const std::string& file) const;
  std::vector<std::string> files_of(const std::string& commit) const;  // relative, sorted

  std::filesystem::path blob(const std::string& etag) const { return folder_ / "blobs" / etag; }
  std::filesystem::path unfinished(const std::string& etag) const {
    return folder_ / "blobs" / (etag + ".incomplete");
  }
  std::filesystem::path lock(const std::string& etag) const { return locks_ / (etag + ".lock"); }

  // Makes the folders of blobs and locks.
  void make_folders() const;

  // Makes snapshots/COMMIT/FILE a link to the blob.
  void link(const std::string& commit, const std::string& file, const std::string& etag) const;

 private:
  std::filesystem::path folder_, locks_;
};

}  // namespace submask
