#include "data/set/file_dataset.h"

#include <utility>

#include "base/fail.h"
#include "data/set/damaged_images.h"
#include "data/set/decode_rules.h"
#include "data/set/kept_digest.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

class FileDataset final : public Dataset {
 public:
  FileDataset(fs::path folder, LabelledFiles files, std::vector<std::string> class_names,
              const DecodeRules& rules)
      : folder_(std::move(folder)),
        files_(std::move(files)),
        class_names_(std::move(class_names)),
        rules_(rules) {}

  int64_t size() const override { return static_cast<int64_t>(files_.size()); }
  int64_t label(int64_t index) const override { return files_.label(static_cast<size_t>(index)); }
  Image read(int64_t index, const ImageRequest& request) const override {
    const fs::path file = path(index);
    std::error_code missing;
    // A link that leads nowhere is a damaged image; a file that is gone is an error.
    if (fs::is_symlink(file, missing) && !fs::exists(file, missing))
      fail_corrupt("an image", "a link that leads nowhere", file.string());
    return damaged_.noted(read_image(file, rules_, request), file.string());
  }
  std::string image_name(int64_t index) const override { return path(index).string(); }
  const std::vector<std::string>& class_names() const override { return class_names_; }
  std::vector<std::string> damaged_images() const override { return damaged_.names(); }

  std::string digest() const override {
    return digest_.get([this](Sha256& hash) {
      hash_decode_rules(rules_, hash);
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
  DecodeRules rules_;
  DamagedImages damaged_;
  KeptDigest digest_;
};

}  // namespace

std::shared_ptr<const Dataset> file_dataset(fs::path folder, LabelledFiles files,
                                            std::vector<std::string> class_names,
                                            const DecodeRules& rules) {
  return std::make_shared<FileDataset>(std::move(folder), std::move(files), std::move(class_names),
                                       rules);
}

std::shared_ptr<const Dataset> image_list(std::vector<std::string> paths,
                                          const DecodeRules& rules) {
  LabelledFiles files;
  for (const std::string& path : paths) files.add(path, 0);
  return file_dataset({}, std::move(files), {"unlabelled"}, rules);
}

}  // namespace submask
