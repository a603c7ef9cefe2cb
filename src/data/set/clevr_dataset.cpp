// CLEVR as VTAB counts it: how many objects a scene holds, 3 to 10, read from the scene files. The
// validation images are the test part, as the test images have no scenes.
#include <algorithm>
#include <iterator>
#include <utility>

#include "base/file.h"
#include "base/visit_folder.h"
#include "data/format/clevr_scenes.h"
#include "data/set/archive_folder.h"
#include "data/set/dataset_registry.h"
#include "data/set/listed_files.h"
#include "data/set/passed_over.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

LabelledFiles read_scenes(const fs::path& archive, const std::string& part) {
  const MappedFile file(archive / "scenes" / ("CLEVR_" + part + "_scenes.json"));
  return parse_clevr_scenes(file.bytes(), part + "/", file.path());
}

constexpr PassReason without_scenes{"images without scenes, which nothing counts"};

std::vector<PassedOver> pass_over_test_images(const fs::path& images) {
  PassedOverFiles passed_over;
  std::error_code missing;
  if (fs::is_directory(images / "test", missing))
    visit_folder(images / "test", [&](const fs::directory_entry& entry) {
      const std::string name = entry.path().filename().string();
      passed_over.add(is_leftover(name) ? leftovers : without_scenes, "test/" + name);
    });
  return passed_over.list();
}

ReadParts read_clevr_count(const fs::path& folder, const ReadOptions& options) {
  const fs::path archive = find_archive(folder, "CLEVR_v1.0");
  ListedFiles files;
  files.train = read_scenes(archive, "train");
  files.test = read_scenes(archive, "val");
  for (int64_t count = fewest_clevr_objects; count <= most_clevr_objects; ++count)
    files.class_names.push_back(std::to_string(count));
  ReadParts parts = open_listed_files(archive / "images", std::move(files),
                                      (archive / "scenes").string(), options.decode);
  std::ranges::move(pass_over_test_images(archive / "images"),
                    std::back_inserter(parts.passed_over));
  return parts;
}

}  // namespace

std::vector<DatasetEntry> clevr_entries() {
  return {{.name = "clevr_count",
           .info = {"CLEVR, objects counted", "clevr_count:DIR",
                    "CLEVR_v1.0/images/{train,val}/IMAGE, "
                    "CLEVR_v1.0/scenes/CLEVR_{train,val}_scenes.json; val is the test part",
                    "https://cs.stanford.edu/people/jcjohns/clevr/"},
           .published = everywhere({70'000, 15'000, 8}),
           .read = read_clevr_count}};
}

}  // namespace submask
