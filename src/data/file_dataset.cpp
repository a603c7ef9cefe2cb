#include "data/file_dataset.h"

#include <mutex>
#include <utility>

#include "base/fail.h"
#include "base/hash.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

class FileDataset final : public Dataset {
 public:
  FileDataset(fs::path folder, std::vector<LabelledFile> files,
              std::vector<std::string> class_names)
      : folder_(std::move(folder)),
        files_(std::move(files)),
        class_names_(std::move(class_names)) {}

  int64_t size() const override { return static_cast<int64_t>(files_.size()); }
  int64_t label(int64_t index) const override { return file(index).label; }
  Image image(int64_t index) const override { return read_image(folder_ / file(index).name); }
  std::string image_name(int64_t index) const override {
    return (folder_ / file(index).name).string();
  }
  const std::vector<std::string>& class_names() const override { return class_names_; }

  std::string digest() const override {
    std::call_once(digest_once_, [this] {
      Sha256 hash;
      for (const std::string& name : class_names_) hash.update(name + "\n");
      for (const LabelledFile& item : files_) {
        std::error_code unreadable;  // reading the image will say so; here its size counts as -1
        const auto size_bytes = fs::file_size(folder_ / item.name, unreadable);
        hash.update(
            text(item.name, '\0', item.label, '\0', static_cast<int64_t>(size_bytes), '\n'));
      }
      digest_ = hash.hex();
    });
    return digest_;
  }

 private:
  const LabelledFile& file(int64_t index) const { return files_.at(static_cast<size_t>(index)); }

  fs::path folder_;
  std::vector<LabelledFile> files_;
  std::vector<std::string> class_names_;
  mutable std::once_flag digest_once_;
  mutable std::string digest_;
};

}  // namespace

std::shared_ptr<const Dataset> file_dataset(fs::path folder, std::vector<LabelledFile> files,
                                            std::vector<std::string> class_names) {
  return std::make_shared<FileDataset>(std::move(folder), std::move(files), std::move(class_names));
}

std::shared_ptr<const Dataset> image_list(std::vector<std::string> paths) {
  std::vector<LabelledFile> files;
  files.reserve(paths.size());
  for (std::string& path : paths) files.push_back({std::move(path), 0});
  return file_dataset({}, std::move(files), {"unlabelled"});
}

}  // namespace submask
