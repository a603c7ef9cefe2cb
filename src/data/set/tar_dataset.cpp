// Shards as WebDataset writes them: .tar archives of pairs KEY.jpg (or another image's ending) and
// KEY.cls, which is the label as a decimal number. What belongs to no pair is counted. Images are
// read from the shard itself. A shard compressed by zstd or gzip is unpacked first, for as long as
// the data set lives.
//
// The spec is one pattern of shards, split 80:20 by the seed, or TRAIN,TEST. Classes are named by
// the lines of classnames.txt beside the first shard or, without it, by their numbers.
#include <algorithm>
#include <cctype>
#include <utility>

#include "base/fail.h"
#include "base/file.h"
#include "base/lower_case.h"
#include "base/parse_number.h"
#include "base/quoted_name.h"
#include "base/text_lines.h"
#include "data/format/compressed_shard.h"
#include "data/format/tar_directory.h"
#include "data/set/damaged_images.h"
#include "data/set/dataset_registry.h"
#include "data/set/decode_rules.h"
#include "data/set/kept_digest.h"
#include "data/set/listed_files.h"
#include "data/set/passed_over.h"
#include "data/set/shard_names.h"
#include "image/image.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

struct Sample {
  std::string name;
  uint64_t offset = 0, size = 0;
  uint32_t shard = 0;
  int32_t label = 0;
};

struct Shard {
  std::string path;
  std::shared_ptr<const InflatedFile> inflated;  // null for a file that is not compressed
};

using Shards = std::vector<Shard>;

class TarDataset final : public Dataset {
 public:
  TarDataset(std::shared_ptr<const Shards> shards, std::vector<Sample> samples,
             std::vector<std::string> class_names, const DecodeRules& rules)
      : shards_(std::move(shards)),
        samples_(std::move(samples)),
        class_names_(std::move(class_names)),
        rules_(rules) {}

  int64_t size() const override { return std::ssize(samples_); }
  int64_t label(int64_t index) const override { return sample(index).label; }
  const std::vector<std::string>& class_names() const override { return class_names_; }
  std::vector<std::string> damaged_images() const override { return damaged_.names(); }
  std::string image_name(int64_t index) const override {
    return (*shards_)[sample(index).shard].path + "/" + sample(index).name;
  }

  Image read(int64_t index, const ImageRequest& request) const override {
    const Sample& item = sample(index);
    const Shard& shard = (*shards_)[item.shard];
    const auto decode = [&](Bytes bytes) {
      const std::string name = image_name(index);
      return damaged_.noted(
          decode_image(bytes.subspan(item.offset, item.size), name, rules_, request), name);
    };
    if (shard.inflated != nullptr) return decode(shard.inflated->bytes());
    const MappedFile file(shard.path);
    const Bytes bytes = file.bytes();
    if (item.offset > bytes.size() || item.size > bytes.size() - item.offset)
      fail_corrupt("the shard as long as when it was opened", text(bytes.size(), " bytes"),
                   shard.path);
    return decode(bytes);
  }

  std::string digest() const override {
    return digest_.get([this](Sha256& hash) {
      hash_decode_rules(rules_, hash);
      add_class_names(class_names_, hash);
      for (const Sample& item : samples_)
        hash.update(text(item.name, '\0', item.label, '\0', item.size, '\n'));
    });
  }

 private:
  const Sample& sample(int64_t index) const { return samples_.at(static_cast<size_t>(index)); }

  std::shared_ptr<const Shards> shards_;
  std::vector<Sample> samples_;
  std::vector<std::string> class_names_;
  DecodeRules rules_;
  DamagedImages damaged_;
  KeptDigest digest_;
};

// A name up to the first dot after its last slash, and what follows that dot in lower case.
std::pair<std::string_view, std::string> split_name(std::string_view name) {
  const size_t slash = name.rfind('/');
  const size_t dot = name.find('.', slash == std::string_view::npos ? 0 : slash);
  if (dot == std::string_view::npos) return {name, ""};
  return {name.substr(0, dot), lower_case(name.substr(dot + 1))};
}

int32_t parse_label(Bytes content, const std::string& name, const std::string& shard) {
  constexpr int32_t most_classes = 100'000;
  std::string_view digits = as_text(content);
  while (!digits.empty() && std::isspace(static_cast<unsigned char>(digits.back())) != 0)
    digits.remove_suffix(1);
  const auto label = parse_number<int32_t>(digits);
  if (!label || *label < 0 || *label >= most_classes)
    fail_corrupt(text("a label of 0 to ", most_classes - 1, " in ", shown_name(name)),
                 quoted_name(digits), shard);
  return *label;
}

constexpr PassReason unpaired{"members of shards without an image or without a .cls beside them",
                              true},
    second_images{"second images of a sample", true},
    other_fields{"other fields of samples", false};

// Collects the pairs of a shard, whose two files follow one another, and what belongs to no pair.
class PairReader {
 public:
  PairReader(Bytes shard, const std::string& path, uint32_t number, PassedOverFiles& passed_over)
      : shard_(shard), path_(path), number_(number), passed_over_(passed_over) {}

  void read(std::vector<Sample>& samples) {
    for (TarEntry& entry : read_tar_directory(shard_, path_)) {
      if (leads_to_leftover(entry.name)) {
        passed_over_.add(leftovers, path_ + "/" + entry.name);
        continue;
      }
      const auto [key, ending] = split_name(entry.name);
      if (key != key_) {
        finish(samples);
        key_ = key;
      }
      add(std::move(entry), ending);
    }
    finish(samples);
  }

 private:
  void add(TarEntry entry, const std::string& ending) {
    if (ending == "cls") {
      sample_.label = parse_label(shard_.subspan(entry.offset, entry.size), entry.name, path_);
      label_name_ = std::move(entry.name);
    } else if (!is_image_ending(ending)) {
      others_.push_back(std::move(entry.name));
    } else if (!sample_.name.empty()) {
      passed_over_.add(second_images, path_ + "/" + entry.name);
    } else {
      sample_.shard = number_;
      sample_.offset = entry.offset;
      sample_.size = entry.size;
      sample_.name = std::move(entry.name);
    }
  }

  void finish(std::vector<Sample>& samples) {
    const bool is_pair = !sample_.name.empty() && !label_name_.empty();
    for (const std::string& name : others_)
      passed_over_.add(is_pair ? other_fields : unpaired, path_ + "/" + name);
    for (const std::string* name : {&sample_.name, &label_name_})
      if (!is_pair && !name->empty()) passed_over_.add(unpaired, path_ + "/" + *name);
    if (is_pair) samples.push_back(std::move(sample_));
    sample_ = {};
    label_name_.clear();
    others_.clear();
  }

  Bytes shard_;
  const std::string& path_;
  uint32_t number_;
  PassedOverFiles& passed_over_;
  std::string key_;  // of the sample that is read
  Sample sample_;
  std::string label_name_;
  std::vector<std::string> others_;
};

std::vector<Sample> read_shards(const std::string& pattern, Shards& shards,
                                PassedOverFiles& passed_over) {
  std::vector<Sample> samples;
  for (const fs::path& path : find_shards(pattern)) {
    const MappedFile file(path);
    auto inflated = inflate_if_compressed(file);
    PairReader(inflated == nullptr ? file.bytes() : inflated->bytes(), file.path(),
               static_cast<uint32_t>(shards.size()), passed_over)
        .read(samples);
    shards.push_back({file.path(), std::move(inflated)});
  }
  if (samples.empty()) fail_corrupt("images with labels (KEY.jpg, KEY.cls)", "none", pattern);
  return samples;
}

// The names of the classes. A training label without a name, where classnames.txt lists them, is an
// error, and so is a test label beyond those of training.
std::vector<std::string> name_classes(const Shards& shards, const std::vector<Sample>& train,
                                      const std::vector<Sample>& test) {
  std::vector<std::string> names;
  const fs::path listed = fs::path(shards.front().path).parent_path() / "classnames.txt";
  std::error_code missing;
  const bool is_listed = fs::exists(listed, missing);
  if (is_listed) {
    visit_lines(read_text_file(listed), [&](std::string_view line, int64_t) {
      if (!line.empty()) names.emplace_back(line);
    });
  } else {
    for (const Sample& item : train)
      while (item.label >= std::ssize(names)) names.push_back(std::to_string(names.size()));
  }
  for (const auto* part : {&train, &test})
    for (const Sample& item : *part)
      if (item.label >= std::ssize(names))
        fail_corrupt(text("labels below ", names.size(),
                          is_listed ? ", the lines of classnames.txt" : " as in training"),
                     text(item.label, " of ", shown_name(item.name)), shards[item.shard].path);
  return names;
}

ReadParts read_tar(const std::string& patterns, const ReadOptions& options) {
  const auto shards = std::make_shared<Shards>();
  const size_t comma = patterns.find(',');
  PassedOverFiles passed_over;
  std::vector<Sample> train = read_shards(patterns.substr(0, comma), *shards, passed_over), test;
  if (comma != std::string::npos)
    test = read_shards(patterns.substr(comma + 1), *shards, passed_over);
  std::vector<std::string> names = name_classes(*shards, train, test);
  if (comma == std::string::npos) {
    std::vector<int64_t> labels;
    for (const Sample& item : train) labels.push_back(item.label);
    const auto is_test = choose_test_images(labels, names, options.seed, patterns);
    std::vector<Sample> all = std::exchange(train, {});
    for (size_t i = 0; i < all.size(); ++i)
      (is_test[i] ? test : train).push_back(std::move(all[i]));
  }
  ReadParts parts;
  parts.train = std::make_shared<TarDataset>(shards, std::move(train), names, options.decode);
  parts.test = std::make_shared<TarDataset>(shards, std::move(test), names, options.decode);
  parts.passed_over = passed_over.list();
  return parts;
}

}  // namespace

std::vector<DatasetEntry> tar_entries() {
  return {{.name = "tar",
           .info = {"WebDataset shards", "tar:PATTERN[,TEST_PATTERN]",
                    ".tar archives, plain or compressed (.tar.zst, .tar.gz), of KEY.jpg (.jpeg "
                    ".png .webp .bmp .gif .tif .tiff .ppm .pgm) and KEY.cls, named with * ? "
                    "{000..012}; classnames.txt beside "
                    "them if wanted; without TEST_PATTERN split 80:20 by the seed",
                    "any images of your own"},
           .read = read_tar}};
}

}  // namespace submask
