// The sets that CoOp split into train, val and test, each in the folders that CoOp's instructions
// make of its authors' archive.
#include <algorithm>

#include "base/fail.h"
#include "base/file.h"
#include "data/format/coop_split.h"
#include "data/set/listed_files.h"
#include "data/set/readers.h"

namespace submask {
namespace fs = std::filesystem;

const std::vector<CoopSet>& coop_sets() {
  static const std::vector<CoopSet> sets{
      {"dtd", "Describable Textures", "dtd", "split_zhou_DescribableTextures.json", "images",
       "https://www.robots.ox.ac.uk/~vgg/data/dtd/"},
      {"eurosat", "EuroSAT", "eurosat", "split_zhou_EuroSAT.json", "2750",
       "https://github.com/phelber/EuroSAT, the RGB version"},
      {"flowers", "Oxford Flowers 102", "oxford_flowers", "split_zhou_OxfordFlowers.json", "jpg",
       "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/"},
      {"food101", "Food-101", "food-101", "split_zhou_Food101.json", "images",
       "https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/"},
      {"oxfordpets", "Oxford-IIIT Pets", "oxford_pets", "split_zhou_OxfordPets.json", "images",
       "https://www.robots.ox.ac.uk/~vgg/data/pets/"},
      {"sun397", "SUN397", "sun397", "split_zhou_SUN397.json", "SUN397",
       "https://vision.princeton.edu/projects/2010/SUN/"},
      {"ucf101", "UCF101, middle frames", "ucf101", "split_zhou_UCF101.json", "UCF-101-midframes",
       "https://www.crcv.ucf.edu/data/UCF101.php; CoOp has the frames"},
  };
  return sets;
}

TrainAndTest read_coop(const CoopSet& set, const fs::path& folder, const ReadOptions& options) {
  const fs::path archive = find_archive(folder, set.folder);
  const MappedFile split(archive / set.split);
  return open_listed_files(archive / set.images, parse_coop_split(split.bytes(), split.path()),
                           split.path(), options.pixel_limit);
}

TrainAndTest read_coop(const std::string& name_and_folder, const ReadOptions& options) {
  const size_t colon = name_and_folder.find(':');
  const auto set = std::find_if(coop_sets().begin(), coop_sets().end(), [&](const CoopSet& each) {
    return each.name == name_and_folder.substr(0, colon);
  });
  if (set == coop_sets().end() || colon == std::string::npos ||
      colon + 1 == name_and_folder.size()) {
    std::string names;
    for (const CoopSet& each : coop_sets()) names += (names.empty() ? "" : ", ") + each.name;
    fail_argument("coop:NAME:DIR with a NAME of " + names, "coop:" + name_and_folder);
  }
  return read_coop(*set, name_and_folder.substr(colon + 1), options);
}

}  // namespace submask
