#include "data/format/clevr_scenes.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/fail.h"
#include "base/quoted_name.h"

namespace submask {
namespace {

using nlohmann::json;

// Receives the JSON piece by piece, because the training file has gigabytes of objects and only
// their number matters. level_ is 1 in the file's object, 2 in its list of scenes, 3 in a scene, 4
// in its list of objects. What else a scene has is passed over, so this is no StrictJson.
class SceneReader : public nlohmann::json_sax<json> {
 public:
  SceneReader(std::string prefix, const std::string& file)
      : prefix_(std::move(prefix)), file_(file) {}
  LabelledFiles take() { return std::move(scenes_); }

  bool start_object(size_t) override { return open(/*is_array=*/false); }
  bool start_array(size_t) override { return open(/*is_array=*/true); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(std::string& key) override {
    key_ = key;
    return true;
  }

  bool string(std::string& value) override {
    if (in_scenes_ && level_ == 3 && key_ == "image_filename") name_ = value;
    return true;
  }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(int64_t) override { return true; }
  bool number_unsigned(uint64_t) override { return true; }
  bool number_float(double, const std::string&) override { return true; }
  bool binary(json::binary_t&) override { return true; }
  bool parse_error(size_t position, const std::string&, const json::exception&) override {
    fail_corrupt("CLEVR's scenes in JSON", text("an error at byte ", position), file_);
  }

 private:
  bool open(bool is_array) {
    ++level_;
    if (level_ == 1 && is_array) refuse("an array");
    if (level_ == 2) in_scenes_ = is_array && key_ == "scenes";
    if (!in_scenes_) return true;
    if (level_ == 3) {
      if (is_array) refuse("an array among the scenes");
      name_.clear();
      objects_ = -1;
    }
    if (level_ == 4 && is_array && key_ == "objects") {
      in_objects_ = true;
      objects_ = 0;
    }
    if (level_ == 5 && in_objects_) ++objects_;
    return true;
  }

  bool close() {
    if (level_ == 4) in_objects_ = false;
    if (level_ == 3 && in_scenes_) add_scene();
    if (level_ == 2) in_scenes_ = false;
    --level_;
    return true;
  }

  void add_scene() {
    if (!lies_below(name_)) refuse("the image_filename " + quoted_name(name_));
    if (objects_ < fewest_clevr_objects || objects_ > most_clevr_objects)
      refuse(text(objects_ < 0 ? "no" : std::to_string(objects_), " objects in the scene of ",
                  quoted_name(name_)));
    scenes_.add(prefix_ + name_, objects_ - fewest_clevr_objects);
  }

  [[noreturn]] void refuse(const std::string& got) const {
    fail_corrupt("scenes, each with its image_filename and 3 to 10 objects", got, file_);
  }

  std::string prefix_;
  const std::string& file_;
  LabelledFiles scenes_;
  std::string key_, name_;
  int64_t level_ = 0, objects_ = -1;
  bool in_scenes_ = false, in_objects_ = false;
};

}  // namespace

LabelledFiles parse_clevr_scenes(Bytes bytes, const std::string& prefix, const std::string& file) {
  SceneReader reader(prefix, file);
  json::sax_parse(bytes.begin(), bytes.end(), &reader);
  return reader.take();
}

}  // namespace submask
