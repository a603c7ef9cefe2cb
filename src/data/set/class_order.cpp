#include "data/set/class_order.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/fail.h"
#include "base/file.h"
#include "base/name_list.h"
#include "base/natural_order.h"
#include "base/text_lines.h"
#include "data/set/kept_digest.h"

namespace submask {
namespace {

class RenumberedClasses final : public Dataset {
 public:
  RenumberedClasses(std::shared_ptr<const Dataset> parent, std::vector<std::string> names)
      : parent_(std::move(parent)), names_(std::move(names)) {
    std::map<std::string, int64_t> numbers;
    for (const std::string& name : names_) numbers.emplace(name, std::ssize(numbers));
    for (const std::string& name : parent_->class_names()) number_.push_back(numbers.at(name));
  }

  int64_t size() const override { return parent_->size(); }
  int64_t label(int64_t index) const override {
    return number_.at(static_cast<size_t>(parent_->label(index)));
  }
  Image read(int64_t index, const ImageRequest& request) const override {
    return parent_->read(index, request);
  }
  std::string image_name(int64_t index) const override { return parent_->image_name(index); }
  std::vector<std::string> damaged_images() const override { return parent_->damaged_images(); }
  const std::vector<std::string>& class_names() const override { return names_; }

  std::string digest() const override {
    return digest_.get([this](Sha256& hash) {
      hash.update(parent_->digest());
      add_class_names(names_, hash);
    });
  }

 private:
  std::shared_ptr<const Dataset> parent_;
  std::vector<std::string> names_;
  std::vector<int64_t> number_;  // of the parent's classes
  KeptDigest digest_;
};

std::vector<std::string> read_names(const std::string& path) {
  std::vector<std::string> names;
  visit_lines(read_text_file(path), [&](std::string_view line, int64_t) {
    if (!line.empty()) names.emplace_back(line);
  });
  return names;
}

// The names of `names` that `others` lacks; of one that is there twice `others` needs two.
NameList beyond(std::vector<std::string> names, std::vector<std::string> others) {
  std::sort(names.begin(), names.end(), NaturalOrder());
  std::sort(others.begin(), others.end(), NaturalOrder());
  std::vector<std::string> difference;
  std::set_difference(names.begin(), names.end(), others.begin(), others.end(),
                      std::back_inserter(difference), NaturalOrder());
  NameList list(10);
  for (const std::string& name : difference) list.add(name);
  return list;
}

}  // namespace

std::vector<std::string> ordered_classes(const std::vector<std::string>& names,
                                         const std::string& order) {
  std::vector<std::string> sorted = names;
  if (order == "natural") {
    std::sort(sorted.begin(), sorted.end(), NaturalOrder());
  } else if (order == "text") {
    std::sort(sorted.begin(), sorted.end());
  } else {
    sorted = read_names(order);
    if (const std::string difference = class_difference(names, sorted); !difference.empty())
      fail_corrupt(text("the data's ", names.size(), " classes, one a line"), difference, order);
  }
  return sorted;
}

std::shared_ptr<const Dataset> renumber_classes(std::shared_ptr<const Dataset> dataset,
                                                const std::vector<std::string>& names) {
  if (dataset == nullptr || dataset->class_names() == names) return dataset;
  return std::make_shared<RenumberedClasses>(std::move(dataset), names);
}

std::string class_difference(const std::vector<std::string>& expected,
                             const std::vector<std::string>& got) {
  const NameList missing = beyond(expected, got), extra = beyond(got, expected);
  std::string difference;
  if (missing.count() > 0) difference = "no " + missing.joined();
  if (extra.count() > 0) difference += (difference.empty() ? "" : "; ") + extra.joined() + " too";
  return difference;
}

bool share_a_class(const std::vector<std::string>& names, const std::vector<std::string>& others) {
  return beyond(names, others).count() < std::ssize(names);
}

DataSplits match_class_order(DataSplits data, const std::vector<std::string>& names) {
  const std::vector<std::string> own = data.test->class_names();
  if (own == names || !class_difference(names, own).empty()) return data;
  std::erase(data.notes, explain_class_order(own));
  for (auto* part : {&data.train, &data.validation, &data.test, &data.labelled_of})
    *part = renumber_classes(std::move(*part), names);
  return data;
}

std::string explain_class_order(const std::vector<std::string>& names) {
  const bool is_natural = std::is_sorted(names.begin(), names.end(), NaturalOrder());
  const bool is_text = std::is_sorted(names.begin(), names.end());
  if (is_natural == is_text) return "";
  constexpr size_t most_shown = 3;
  std::string shown;
  for (size_t i = 0; i + 1 < names.size() && i < most_shown; ++i)
    shown += shown_name(names[i]) + ", ";
  return text(
      "classes in ", is_natural ? "natural" : "text", " order: ", shown,
      names.size() > most_shown + 1 ? "... " : "", shown_name(names.back()), " (--class-order ",
      is_natural ? "text: as torchvision and timm sort folders" : "natural: by number", ")");
}

}  // namespace submask
