// The sets that CoOp split into train, val and test, each in the folders that CoOp's instructions
// make of its authors' archive. Without CoOp's file the authors' own split is read, of sets that
// have one.
#include <algorithm>
#include <optional>

#include "base/fail.h"
#include "base/file.h"
#include "data/format/coop_split.h"
#include "data/set/archive_folder.h"
#include "data/set/authors_split.h"
#include "data/set/dataset_registry.h"
#include "data/set/listed_files.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

struct CoopSet {
  std::string name, title;
  std::string folder, split, images;  // as CoOp names them
  std::string source;
  int64_t train_images = 0, validation_images = 0, test_images = 0, classes = 0;
  std::optional<AuthorsSplit> authors = {};
};

const std::vector<CoopSet>& coop_sets() {
  static const std::vector<CoopSet> sets{
      {"dtd", "Describable Textures", "dtd", "split_zhou_DescribableTextures.json", "images",
       "https://www.robots.ox.ac.uk/~vgg/data/dtd/", 2'820, 1'128, 1'692, 47, dtd_split()},
      {"eurosat", "EuroSAT", "eurosat", "split_zhou_EuroSAT.json", "2750",
       "https://github.com/phelber/EuroSAT, the RGB version", 13'500, 5'400, 8'100, 10,
       eurosat_split()},
      {"flowers", "Oxford Flowers 102", "oxford_flowers", "split_zhou_OxfordFlowers.json", "jpg",
       "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/", 4'093, 1'633, 2'463, 102,
       flowers_split()},
      {"food101", "Food-101", "food-101", "split_zhou_Food101.json", "images",
       "https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/", 50'500, 20'200, 30'300, 101,
       food101_split()},
      {"oxfordpets", "Oxford-IIIT Pets", "oxford_pets", "split_zhou_OxfordPets.json", "images",
       "https://www.robots.ox.ac.uk/~vgg/data/pets/", 2'944, 736, 3'669, 37, oxford_pets_split()},
      {"sun397", "SUN397", "sun397", "split_zhou_SUN397.json", "SUN397",
       "https://vision.princeton.edu/projects/2010/SUN/", 15'880, 3'970, 19'850, 397},
      {"ucf101", "UCF101, middle frames", "ucf101", "split_zhou_UCF101.json", "UCF-101-midframes",
       "https://www.crcv.ucf.edu/data/UCF101.php; CoOp has the frames", 7'639, 1'898, 3'783, 101},
  };
  return sets;
}

// The authors' split, where it is there and CoOp's is not.
const AuthorsSplit* authors_split_in(const CoopSet& set, const fs::path& archive) {
  std::error_code missing;
  if (!set.authors || fs::exists(archive / set.split, missing)) return nullptr;
  return fs::exists(archive / set.authors->marker, missing) ? &*set.authors : nullptr;
}

ReadParts read_coop_set(const CoopSet& set, const fs::path& folder, const ReadOptions& options) {
  const fs::path archive = find_archive(folder, set.folder);
  if (const AuthorsSplit* authors = authors_split_in(set, archive)) {
    ReadParts parts = authors->read(archive, options);
    parts.notes.push_back(text("the split is that of ", authors->marker, ", as there is no ",
                               set.split, " of CoOp's"));
    return parts;
  }
  const MappedFile split(archive / set.split);
  return open_listed_files(archive / set.images,
                           parse_coop_split(split.bytes(), split.path(), options.own_validation),
                           split.path(), options.decode);
}

// "NAME:DIR"
ReadParts read_coop(const std::string& name_and_folder, const ReadOptions& options) {
  const size_t colon = name_and_folder.find(':');
  const auto set = std::ranges::find(coop_sets(), name_and_folder.substr(0, colon), &CoopSet::name);
  if (set == coop_sets().end() || colon == std::string::npos ||
      colon + 1 == name_and_folder.size()) {
    std::string names;
    for (const CoopSet& each : coop_sets()) names += (names.empty() ? "" : ", ") + each.name;
    fail_argument("coop:NAME:DIR with a NAME of " + names, "coop:" + name_and_folder);
  }
  return read_coop_set(*set, name_and_folder.substr(colon + 1), options);
}

DatasetEntry entry_of(const CoopSet& set) {
  std::string layout = set.folder + "/" + set.split, source = set.source;
  source += "; the split from CoOp's DATASETS.md";
  if (set.authors) {
    layout += " or " + set.folder + "/" + set.authors->marker;
    source += ", or the archive's own";
  }
  layout += ", " + set.folder + "/" + set.images + "/...; train and val are the training part";
  return {
      .name = set.name,
      .info = {set.title, set.name + ":DIR", layout, source},
      .published = [&set](const std::string& folder) -> std::optional<PublishedSet> {
        if (const auto* authors = authors_split_in(set, find_archive(folder, set.folder)))
          return authors->published;
        return PublishedSet{set.train_images + set.validation_images, set.test_images, set.classes};
      },
      .read = [&set](const std::string& folder,
                     const ReadOptions& options) { return read_coop_set(set, folder, options); }};
}

}  // namespace

std::vector<DatasetEntry> coop_entries() {
  std::vector<DatasetEntry> entries;
  for (const CoopSet& set : coop_sets()) entries.push_back(entry_of(set));
  entries.push_back({.name = "coop",
                     .info = {"A set split by CoOp", "coop:NAME:DIR",
                              "as NAME:DIR, for the sets that have a split_zhou_*.json",
                              "https://github.com/KaiyangZhou/CoOp, DATASETS.md"},
                     .read = read_coop});
  return entries;
}

}  // namespace submask
