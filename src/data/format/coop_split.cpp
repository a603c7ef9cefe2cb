#include "data/format/coop_split.h"

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/fail.h"
#include "base/quoted_name.h"

namespace submask {
namespace {

using nlohmann::json;

// Receives the JSON piece by piece: what does not belong there is refused where it stands, however
// deep or long the rest is. level_ 1: the parts; 2: a part's images; 3: the fields of one image.
class SplitReader : public nlohmann::json_sax<json> {
 public:
  explicit SplitReader(const std::string& file) : file_(file) {}

  ListedFiles take() {
    for (auto& [label, name] : names_) {
      if (label != std::ssize(files_.class_names))
        fail_corrupt(text("images of label ", files_.class_names.size()), "none", file_);
      files_.class_names.push_back(std::move(name));
    }
    return std::move(files_);
  }

  bool start_object(size_t) override {
    if (level_ != 0) refuse("an object");
    ++level_;
    return true;
  }

  bool key(std::string& key) override {
    if (key != "train" && key != "val" && key != "test") refuse("the part " + quoted_name(key));
    if (!parts_.insert(key).second) refuse("a second part " + quoted_name(key));
    part_ = key == "test" ? &files_.test : &files_.train;
    return true;
  }

  bool start_array(size_t) override {
    if (level_ != 1 && level_ != 2) refuse("an array");
    if (++level_ == 3) field_ = 0;
    return true;
  }

  bool string(std::string& value) override {
    if (level_ != 3 || (field_ != 0 && field_ != 2)) refuse("a string");
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
    return true;
  }

  bool number_unsigned(uint64_t value) override {
    constexpr uint64_t most_classes = 100'000;
    if (level_ != 3 || field_ != 1) refuse("a number");
    if (value >= most_classes) refuse(text("the label ", value));
    part_->set_label(part_->size() - 1, static_cast<int64_t>(value));
    ++field_;
    return true;
  }

  bool end_array() override {
    if (level_-- == 3 && field_ != 3) refuse("one of fewer fields");
    return true;
  }

  bool end_object() override {
    --level_;
    return true;
  }

  bool null() override { refuse("null"); }
  bool boolean(bool) override { refuse("a boolean"); }
  bool number_integer(int64_t) override { refuse("a negative number"); }
  bool number_float(double, const std::string&) override { refuse("a fraction"); }
  bool binary(json::binary_t&) override { refuse("binary data"); }
  bool parse_error(size_t position, const std::string&, const json::exception&) override {
    fail_corrupt("a split file in JSON", text("an error at its byte ", position), file_);
  }

 private:
  [[noreturn]] void refuse(const std::string& got) const {
    const bool is_before_all = part_ == nullptr || part_->empty();
    const std::string where =
        is_before_all ? "" : " at or after " + quoted_name(part_->name(part_->size() - 1));
    fail_corrupt("parts train, val and test of images [path, label, class name]", got + where,
                 file_);
  }

  const std::string& file_;
  ListedFiles files_;
  std::map<int64_t, std::string> names_;
  std::set<std::string> parts_;
  LabelledFiles* part_ = nullptr;
  int level_ = 0, field_ = 0;
};

}  // namespace

ListedFiles parse_coop_split(Bytes bytes, const std::string& file) {
  SplitReader reader(file);
  json::sax_parse(bytes.begin(), bytes.end(), &reader);
  return reader.take();
}

}  // namespace submask
