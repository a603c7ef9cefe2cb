#include <utility>

#include <submask/dataset.h>

#include "base/fail.h"
#include "data/set/kept_digest.h"

namespace submask {
namespace {

class Subset final : public Dataset {
 public:
  Subset(std::shared_ptr<const Dataset> parent, std::vector<int64_t> indices)
      : parent_(std::move(parent)), indices_(std::move(indices)) {}

  int64_t size() const override { return std::ssize(indices_); }
  int64_t label(int64_t index) const override { return parent_->label(in_parent(index)); }
  Image read(int64_t index, const ImageRequest& request) const override {
    return parent_->read(in_parent(index), request);
  }
  std::string image_name(int64_t index) const override {
    return parent_->image_name(in_parent(index));
  }
  std::vector<std::string> damaged_images() const override { return parent_->damaged_images(); }
  const std::vector<std::string>& class_names() const override { return parent_->class_names(); }

  std::string digest() const override {
    return digest_.get([this](Sha256& hash) {
      hash.update(parent_->digest());
      for (const int64_t index : indices_) hash.update(text('\n', index));
    });
  }

 private:
  int64_t in_parent(int64_t index) const { return indices_.at(static_cast<size_t>(index)); }

  std::shared_ptr<const Dataset> parent_;
  std::vector<int64_t> indices_;
  KeptDigest digest_;
};

}  // namespace

std::shared_ptr<const Dataset> subset(std::shared_ptr<const Dataset> dataset,
                                      std::vector<int64_t> indices) {
  for (const int64_t index : indices)
    if (index < 0 || index >= dataset->size())
      fail_argument(text("indices of 0 to ", dataset->size() - 1), index);
  return std::make_shared<Subset>(std::move(dataset), std::move(indices));
}

}  // namespace submask
