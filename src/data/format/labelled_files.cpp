#include "data/format/labelled_files.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <utility>

#include "base/fail.h"
#include "base/natural_order.h"

namespace submask {

// Stores names one after the other in blocks that never move. Each block is twice as large as the
// one before, up to a limit.
class LabelledFiles::Names {
 public:
  const char* add(std::string_view name) {
    if (name.size() > left_) {
      constexpr size_t largest_block = 1 << 20;
      block_bytes_ = std::min(block_bytes_ * 2, largest_block);
      left_ = std::max(block_bytes_, name.size());
      blocks_.push_back(std::make_unique<char[]>(left_));
      next_ = blocks_.back().get();
    }
    char* const begin = std::exchange(next_, next_ + name.size());
    left_ -= name.size();
    std::copy(name.begin(), name.end(), begin);
    return begin;
  }

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  size_t left_ = 0;
  size_t block_bytes_ = 128;
};

void LabelledFiles::add(std::string_view name, int64_t label) {
  if (name.size() > std::numeric_limits<uint32_t>::max())
    fail_argument("a name below 4 GiB", text(name.size(), " bytes"));
  if (names_ == nullptr) names_ = std::make_shared<Names>();
  items_.push_back({names_->add(name), static_cast<uint32_t>(name.size()), 0});
  set_label(items_.size() - 1, label);
}

std::string_view LabelledFiles::name(size_t index) const {
  const Item& item = items_.at(index);
  return {item.name, item.name_bytes};
}

void LabelledFiles::set_label(size_t index, int64_t label) {
  items_.at(index).label = static_cast<int32_t>(label);
}

void LabelledFiles::sort_from(size_t begin) {
  std::sort(items_.begin() + static_cast<ptrdiff_t>(begin), items_.end(),
            [](const Item& a, const Item& b) {
              return NaturalOrder()({a.name, a.name_bytes}, {b.name, b.name_bytes});
            });
}

LabelledFiles LabelledFiles::select(std::span<const size_t> indices) const {
  LabelledFiles selected;
  selected.names_ = names_;
  selected.items_.reserve(indices.size());
  for (const size_t index : indices) selected.items_.push_back(items_.at(index));
  return selected;
}

bool lies_below(std::string_view name) {
  const std::filesystem::path path(name);
  return !name.empty() && name.find('\0') == std::string_view::npos && !path.is_absolute() &&
         std::find(path.begin(), path.end(), "..") == path.end();
}

}  // namespace submask
