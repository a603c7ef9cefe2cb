#include "data/format/coop_split.h"

#include <map>
#include <utility>

#include "base/fail.h"
#include "base/quoted_name.h"
#include "base/strict_json.h"

namespace submask {
namespace {

// At depth 1 the parts, at 2 a part's images, at 3 the fields of one image.
class SplitReader final : private StrictJson {
 public:
  SplitReader(const std::string& file, bool own_validation)
      : StrictJson("a split file", "parts train, val and test of images [path, label, class name]",
                   file),
        own_validation_(own_validation) {}

  ListedFiles read(Bytes bytes) {
    parse(bytes);
    for (auto& [label, name] : names_) {
      if (label != std::ssize(files_.class_names))
        fail_corrupt(text("images of label ", files_.class_names.size()), "none", file());
      files_.class_names.push_back(std::move(name));
    }
    return std::move(files_);
  }

 private:
  void on_object_begin() override {
    if (depth() != 0) refuse("an object");
  }

  void on_name(const std::string& part) override {
    if (part != "train" && part != "val" && part != "test") refuse("the part " + quoted_name(part));
    part_ = part == "test"                     ? &files_.test
            : part == "val" && own_validation_ ? &files_.validation
                                               : &files_.train;
  }

  void on_array_begin() override {
    if (depth() != 1 && depth() != 2) refuse("an array");
    field_ = 0;
  }

  void on_array_end() override {
    if (depth() == 3 && field_ != 3) refuse("one of fewer fields");
  }

  void on_string(const std::string& value) override {
    if (depth() != 3 || (field_ != 0 && field_ != 2)) refuse("a string");
    if (field_ == 0) {
      if (!lies_below(value)) refuse("the path " + quoted_name(value));
      part_->add(value, 0);
    } else {
      const int64_t label = part_->label(part_->size() - 1);
      const std::string& name = names_.try_emplace(label, value).first->second;
      if (name != value)
        refuse(text("label ", label, " as ", quoted_name(name), " and as ", quoted_name(value)));
    }
    ++field_;
  }

  void on_number(uint64_t value) override {
    constexpr uint64_t most_classes = 100'000;
    if (depth() != 3 || field_ != 1) refuse("a number");
    if (value >= most_classes) refuse(text("the label ", value));
    part_->set_label(part_->size() - 1, static_cast<int64_t>(value));
    ++field_;
  }

  std::string_view last_item() const override {
    return part_ == nullptr || part_->empty() ? "" : part_->name(part_->size() - 1);
  }

  bool own_validation_;
  ListedFiles files_;
  std::map<int64_t, std::string> names_;  // of the classes, by their labels
  LabelledFiles* part_ = nullptr;
  int field_ = 0;
};

}  // namespace

ListedFiles parse_coop_split(Bytes bytes, const std::string& file, bool own_validation) {
  return SplitReader(file, own_validation).read(bytes);
}

}  // namespace submask
