#include "data/set/file_dataset.h"

#include <utility>

#include "base/fail.h"
#include "data/set/kept_digest.h"
#include "data/set/pixel_limit.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

class FileDataset final : public Dataset {
 public:
  FileDataset(fs::path folder, LabelledFiles files, std::vector<std::string> class_names,
              int64_t pixel_limit)
      : folder_(std::move(folder)),
        files_(std::move(files)),
        class_names_(std::move(class_names)),
        pixel_limit_(pixel_limit) {}

  int64_t size() const override { return static_cast<int64_t>(files_.size()); }
  int64_t label(int64_t index) const override { return files_.label(static_cast<size_t>(index)); }
  Image read(int64_t index, const ImageRequest& request) const override {
    return read_image(path(index), pixel_limit_, request);
  }
  std::string image_name(int64_t index) const override { return path(index).string(); }
  const std::vector<std::string>& class_names() const override { return class_names_; }

  std::string digest() const override {
    return digest_.get([this](Sha256& hash) {
      hash_pixel_limit(pixel_limit_, hash);
      add_class_names(class_names_, hash);
      for (int64_t i = 0; i < size(); ++i) {
        std::error_code unreadable;  // reading the image reports it; its size counts as -1 here
        const auto size_bytes = static_cast<int64_t>(fs::file_size(path(i), unreadable));
        hash.update(
            text(files_.name(static_cast<size_t>(i)), '\0', label(i), '\0', size_bytes, '\n'));
      }
    });
  }

 private:
  fs::path path(int64_t index) const { return folder_ / files_.name(static_cast<size_t>(index)); }

  fs::path folder_;
  LabelledFiles files_;
  std::vector<std::string> class_names_;
  int64_t pixel_limit_;
  KeptDigest digest_;
};

}  // namespace

std::shared_ptr<const Dataset> file_dataset(fs::path folder, LabelledFiles files,
                                            std::vector<std::string> class_names,
                                            int64_t pixel_limit) {
  return std::make_shared<FileDataset>(std::move(folder), std::move(files), std::move(class_names),
                                       pixel_limit);
}

std::shared_ptr<const Dataset> image_list(std::vector<std::string> paths, int64_t pixel_limit) {
  LabelledFiles files;
  for (const std::string& path : paths) files.add(path, 0);
  return file_dataset({}, std::move(files), {"unlabelled"}, pixel_limit);
}

}  // namespace submask
