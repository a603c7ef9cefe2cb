// Shards as WebDataset writes them: .tar archives of pairs KEY.jpg (.jpeg, .png, .webp) and
// KEY.cls, which is the label as a decimal number. Images are read from the shard itself. A shard
// compressed by zstd or gzip is unpacked first, for as long as the data set lives.
//
// The spec is one pattern of shards, split 80:20 by the seed, or TRAIN,TEST. Classes are named by
// the lines of classnames.txt beside the first shard or, without it, by their numbers.
#include <algorithm>
#include <cctype>
#include <utility>

#include "base/fail.h"
#include "base/file.h"
#include "base/parse_number.h"
#include "base/quoted_name.h"
#include "base/text_lines.h"
#include "data/format/compressed_shard.h"
#include "data/format/tar_directory.h"
#include "data/set/dataset_registry.h"
#include "data/set/kept_digest.h"
#include "data/set/listed_files.h"
#include "data/set/pixel_limit.h"
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
             std::vector<std::string> class_names, int64_t pixel_limit)
      : shards_(std::move(shards)),
        samples_(std::move(samples)),
        class_names_(std::move(class_names)),
        pixel_limit_(pixel_limit) {}

  int64_t size() const override { return std::ssize(samples_); }
  int64_t label(int64_t index) const override { return sample(index).label; }
  const std::vector<std::string>& class_names() const override { return class_names_; }
  std::string image_name(int64_t index) const override {
    return (*shards_)[sample(index).shard].path + "/" + sample(index).name;
  }

  Image read(int64_t index, const ImageRequest& request) const override {
    const Sample& item = sample(index);
    const Shard& shard = (*shards_)[item.shard];
    if (shard.inflated != nullptr)
      return decode_image(shard.inflated->bytes().subspan(item.offset, item.size),
                          image_name(index), pixel_limit_, request);
    const MappedFile file(shard.path);
    const Bytes bytes = file.bytes();
    if (item.offset > bytes.size() || item.size > bytes.size() - item.offset)
      fail_corrupt("the shard as long as when it was opened", text(bytes.size(), " bytes"),
                   shard.path);
    return decode_image(bytes.subspan(item.offset, item.size), image_name(index), pixel_limit_,
                        request);
  }

  std::string digest() const override {
    return digest_.get([this](Sha256& hash) {
      hash_pixel_limit(pixel_limit_, hash);
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
  int64_t pixel_limit_;
  KeptDigest digest_;
};

// A name up to the first dot after its last slash, and what follows that dot in lower case.
std::pair<std::string_view, std::string> split_name(std::string_view name) {
  const size_t slash = name.rfind('/');
  const size_t dot = name.find('.', slash == std::string_view::npos ? 0 : slash);
  if (dot == std::string_view::npos) return {name, ""};
  std::string ending(name.substr(dot + 1));
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return {name.substr(0, dot), ending};
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

// Appends the pairs of a shard, whose two files follow one another.
void read_shard(Bytes shard, const std::string& path, uint32_t number,
                std::vector<Sample>& samples) {
  Sample sample;
  std::string key;
  bool has_label = false;
  const auto finish = [&] {
    const bool has_image = !sample.name.empty();
    if (has_image != has_label)
      fail_corrupt(text("an image and a .cls of ", quoted_name(key)),
                   has_image ? "no .cls" : "no image", path);
    if (has_image) samples.push_back(std::exchange(sample, {}));
    has_label = false;
  };
  for (TarEntry& entry : read_tar_directory(shard, path)) {
    const auto [entry_key, ending] = split_name(entry.name);
    if (entry_key != key) {
      finish();
      key = entry_key;
    }
    if (ending == "cls") {
      sample.label = parse_label(shard.subspan(entry.offset, entry.size), entry.name, path);
      has_label = true;
    } else if (is_image_ending(ending)) {
      sample.shard = number;
      sample.offset = entry.offset;
      sample.size = entry.size;
      sample.name = std::move(entry.name);
    }
  }
  finish();
}

std::vector<Sample> read_shards(const std::string& pattern, Shards& shards) {
  std::vector<Sample> samples;
  for (const fs::path& path : find_shards(pattern)) {
    const MappedFile file(path);
    auto inflated = inflate_if_compressed(file);
    read_shard(inflated == nullptr ? file.bytes() : inflated->bytes(), file.path(),
               static_cast<uint32_t>(shards.size()), samples);
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

TrainAndTest read_tar(const std::string& patterns, const ReadOptions& options) {
  const auto shards = std::make_shared<Shards>();
  const size_t comma = patterns.find(',');
  std::vector<Sample> train = read_shards(patterns.substr(0, comma), *shards), test;
  if (comma != std::string::npos) test = read_shards(patterns.substr(comma + 1), *shards);
  std::vector<std::string> names = name_classes(*shards, train, test);
  if (comma == std::string::npos) {
    std::vector<int64_t> labels;
    for (const Sample& item : train) labels.push_back(item.label);
    const auto is_test = choose_test_images(labels, names, options.seed, patterns);
    std::vector<Sample> all = std::exchange(train, {});
    for (size_t i = 0; i < all.size(); ++i)
      (is_test[i] ? test : train).push_back(std::move(all[i]));
  }
  return {std::make_shared<TarDataset>(shards, std::move(train), names, options.pixel_limit),
          std::make_shared<TarDataset>(shards, std::move(test), names, options.pixel_limit)};
}

}  // namespace

std::vector<DatasetEntry> tar_entries() {
  return {{.name = "tar",
           .info = {"WebDataset shards", "tar:PATTERN[,TEST_PATTERN]",
                    ".tar archives, plain or compressed (.tar.zst, .tar.gz), of KEY.jpg (.jpeg "
                    ".png .webp) and KEY.cls, named with * ? {000..012}; classnames.txt beside "
                    "them if wanted; without TEST_PATTERN split 80:20 by the seed",
                    "any images of your own"},
           .read = read_tar}};
}

}  // namespace submask
