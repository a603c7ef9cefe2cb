#include "data/set/authors_split.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "base/fail.h"
#include "base/file.h"
#include "base/parse_number.h"
#include "base/quoted_name.h"
#include "base/text_lines.h"
#include "data/format/mat_file.h"
#include "data/set/folder_dataset.h"
#include "data/set/listed_files.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

// Lists with a line CLASS/IMAGE for each image. The classes are in the order of their names.
class ClassLists {
 public:
  // `suffix` follows each name.
  ClassLists(fs::path folder, std::string suffix)
      : folder_(std::move(folder)), suffix_(std::move(suffix)) {}

  void read(const std::string& list, LabelledFiles& images) {
    const fs::path path = folder_ / list;
    const std::string content = read_text_file(path);
    visit_lines(content, [&](std::string_view line, int64_t number) {
      if (line.empty()) return;
      const size_t slash = line.find('/');
      if (slash == 0 || slash == std::string_view::npos || line.starts_with("./") ||
          !lies_below(line))
        fail_corrupt(text("CLASS/IMAGE in line ", number), quoted_name(line), path.string());
      lines_.push_back({&images, std::string(line), std::string(line.substr(0, slash))});
      classes_.insert(lines_.back().class_name);
    });
  }

  // Adds the images of all lists to their parts.
  std::vector<std::string> finish() {
    std::vector<std::string> names(classes_.begin(), classes_.end());
    for (const Line& line : lines_) {
      const auto found = std::lower_bound(names.begin(), names.end(), line.class_name);
      line.images->add(line.image + suffix_, found - names.begin());
    }
    return names;
  }

 private:
  struct Line {
    LabelledFiles* images;
    std::string image, class_name;
  };

  fs::path folder_;
  std::string suffix_;
  std::vector<Line> lines_;
  std::set<std::string> classes_;
};

LabelledFiles& validation_of(ListedFiles& files, const ReadOptions& options) {
  return options.own_validation ? files.validation : files.train;
}

ReadParts read_dtd(const fs::path& folder, const ReadOptions& options) {
  ListedFiles files;
  ClassLists lists(folder / "labels", "");
  lists.read("train1.txt", files.train);
  lists.read("val1.txt", validation_of(files, options));
  lists.read("test1.txt", files.test);
  files.class_names = lists.finish();
  return open_listed_files(folder / "images", std::move(files), (folder / "labels").string(),
                           options.decode);
}

ReadParts read_food101(const fs::path& folder, const ReadOptions& options) {
  ListedFiles files;
  ClassLists lists(folder / "meta", ".jpg");
  lists.read("train.txt", files.train);
  lists.read("test.txt", files.test);
  files.class_names = lists.finish();
  return open_listed_files(folder / "images", std::move(files), (folder / "meta").string(),
                           options.decode);
}

// "american_bulldog_12" is the image 12 of "American Bulldog".
std::string breed_of(const std::string& image) {
  std::string breed = image.substr(0, image.rfind('_'));
  bool begins_word = true;
  for (char& c : breed) {
    if (c == '_') c = ' ';
    const auto letter = static_cast<unsigned char>(c);
    c = static_cast<char>(begins_word ? std::toupper(letter) : std::tolower(letter));
    begins_word = c == ' ';
  }
  return breed;
}

// Lines "american_bulldog_12 2 2 1": image, class from 1 on, species, breed of the species.
void read_pets_list(const fs::path& list, LabelledFiles& images,
                    std::map<int64_t, std::string>& names) {
  constexpr int64_t most_classes = 10'000;
  const std::string content = read_text_file(list);
  visit_lines(content, [&](std::string_view line, int64_t number) {
    if (line.empty() || line.starts_with('#')) return;
    std::istringstream fields{std::string(line)};
    std::string image, label_word, species, breed, more;
    const bool is_line = fields >> image >> label_word >> species >> breed && !(fields >> more);
    const auto label = parse_number<int64_t>(label_word);
    if (!is_line || !label || *label < 1 || *label > most_classes || !lies_below(image) ||
        image.find('_') == std::string::npos)
      fail_corrupt(text("IMAGE CLASS SPECIES BREED in line ", number), quoted_name(line),
                   list.string());
    images.add(image + ".jpg", *label - 1);
    const std::string& name = names.try_emplace(*label - 1, breed_of(image)).first->second;
    if (name != breed_of(image))
      fail_corrupt(text("images of ", name, " as class ", *label, " in line ", number),
                   quoted_name(image), list.string());
  });
}

ReadParts read_oxford_pets(const fs::path& folder, const ReadOptions& options) {
  const fs::path lists = folder / "annotations";
  ListedFiles files;
  std::map<int64_t, std::string> names;
  read_pets_list(lists / "trainval.txt", files.train, names);
  read_pets_list(lists / "test.txt", files.test, names);
  for (auto& [label, name] : names) {
    if (label != std::ssize(files.class_names))
      fail_corrupt(text("images of class ", files.class_names.size() + 1), "none", lists.string());
    files.class_names.push_back(std::move(name));
  }
  return open_listed_files(folder / "images", std::move(files), lists.string(), options.decode);
}

constexpr std::array<const char*, 102> flower_names = {"pink primrose",
                                                       "hard-leaved pocket orchid",
                                                       "canterbury bells",
                                                       "sweet pea",
                                                       "english marigold",
                                                       "tiger lily",
                                                       "moon orchid",
                                                       "bird of paradise",
                                                       "monkshood",
                                                       "globe thistle",
                                                       "snapdragon",
                                                       "colt's foot",
                                                       "king protea",
                                                       "spear thistle",
                                                       "yellow iris",
                                                       "globe-flower",
                                                       "purple coneflower",
                                                       "peruvian lily",
                                                       "balloon flower",
                                                       "giant white arum lily",
                                                       "fire lily",
                                                       "pincushion flower",
                                                       "fritillary",
                                                       "red ginger",
                                                       "grape hyacinth",
                                                       "corn poppy",
                                                       "prince of wales feathers",
                                                       "stemless gentian",
                                                       "artichoke",
                                                       "sweet william",
                                                       "carnation",
                                                       "garden phlox",
                                                       "love in the mist",
                                                       "mexican aster",
                                                       "alpine sea holly",
                                                       "ruby-lipped cattleya",
                                                       "cape flower",
                                                       "great masterwort",
                                                       "siam tulip",
                                                       "lenten rose",
                                                       "barbeton daisy",
                                                       "daffodil",
                                                       "sword lily",
                                                       "poinsettia",
                                                       "bolero deep blue",
                                                       "wallflower",
                                                       "marigold",
                                                       "buttercup",
                                                       "oxeye daisy",
                                                       "common dandelion",
                                                       "petunia",
                                                       "wild pansy",
                                                       "primula",
                                                       "sunflower",
                                                       "pelargonium",
                                                       "bishop of llandaff",
                                                       "gaura",
                                                       "geranium",
                                                       "orange dahlia",
                                                       "pink-yellow dahlia?",
                                                       "cautleya spicata",
                                                       "japanese anemone",
                                                       "black-eyed susan",
                                                       "silverbush",
                                                       "californian poppy",
                                                       "osteospermum",
                                                       "spring crocus",
                                                       "bearded iris",
                                                       "windflower",
                                                       "tree poppy",
                                                       "gazania",
                                                       "azalea",
                                                       "water lily",
                                                       "rose",
                                                       "thorn apple",
                                                       "morning glory",
                                                       "passion flower",
                                                       "lotus",
                                                       "toad lily",
                                                       "anthurium",
                                                       "frangipani",
                                                       "clematis",
                                                       "hibiscus",
                                                       "columbine",
                                                       "desert-rose",
                                                       "tree mallow",
                                                       "magnolia",
                                                       "cyclamen",
                                                       "watercress",
                                                       "canna lily",
                                                       "hippeastrum",
                                                       "bee balm",
                                                       "ball moss",
                                                       "foxglove",
                                                       "bougainvillea",
                                                       "camellia",
                                                       "mallow",
                                                       "mexican petunia",
                                                       "bromelia",
                                                       "blanket flower",
                                                       "trumpet creeper",
                                                       "blackberry lily"};
static_assert(flower_names.back() != nullptr, "fewer names than classes");

// setid.mat has the numbers of the images of each part, from 1 on, imagelabels.mat the class of
// each image, from 1 on.
ReadParts read_flowers(const fs::path& folder, const ReadOptions& options) {
  const MappedFile parts(folder / "setid.mat"), classes(folder / "imagelabels.mat");
  const auto labels = read_mat_numbers(classes.bytes(), "labels", classes.path());
  for (const uint16_t label : labels)
    if (label < 1 || label > flower_names.size())
      fail_corrupt(text("labels of 1 to ", flower_names.size()), label, classes.path());
  ListedFiles files;
  files.class_names.assign(flower_names.begin(), flower_names.end());
  const auto read_part = [&](const char* name, LabelledFiles& images) {
    for (const uint16_t number : read_mat_numbers(parts.bytes(), name, parts.path())) {
      if (number < 1 || number > labels.size())
        fail_corrupt(text("numbers of images of 1 to ", labels.size()), number, parts.path());
      char image[24];
      std::snprintf(image, sizeof image, "image_%05d.jpg", int{number});
      images.add(image, labels[number - size_t{1}] - 1);
    }
  };
  read_part("trnid", files.train);
  read_part("valid", validation_of(files, options));
  read_part("tstid", files.test);
  return open_listed_files(folder / "jpg", std::move(files), parts.path(), options.decode);
}

ReadParts read_eurosat(const fs::path& folder, const ReadOptions& options) {
  return read_class_folders(folder / "2750", options);
}

}  // namespace

AuthorsSplit dtd_split() { return {"labels/train1.txt", {3'760, 1'880, 47}, read_dtd}; }
AuthorsSplit flowers_split() { return {"setid.mat", {2'040, 6'149, 102}, read_flowers}; }
AuthorsSplit food101_split() { return {"meta/train.txt", {75'750, 25'250, 101}, read_food101}; }
AuthorsSplit oxford_pets_split() {
  return {"annotations/trainval.txt", {3'680, 3'669, 37}, read_oxford_pets};
}
AuthorsSplit eurosat_split() { return {"2750", {21'600, 5'400, 10}, read_eurosat}; }

}  // namespace submask
