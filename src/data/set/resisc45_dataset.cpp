// NWPU-RESISC45: class folders of 700 images each, of which our split takes 140 to test on.
#include <iterator>
#include <sstream>

#include "data/set/archive_folder.h"
#include "data/set/dataset_registry.h"
#include "data/set/folder_dataset.h"

namespace submask {
namespace {

constexpr const char* names_of_classes =
    "airplane airport baseball_diamond basketball_court beach bridge chaparral church "
    "circular_farmland cloud commercial_area dense_residential desert forest freeway "
    "golf_course ground_track_field harbor industrial_area intersection island lake meadow "
    "medium_residential mobile_home_park mountain overpass palace parking_lot railway "
    "railway_station rectangular_farmland river roundabout runway sea_ice ship snowberg "
    "sparse_residential stadium storage_tank tennis_court terrace thermal_power_station "
    "wetland";

PublishedSet published_resisc45() {
  std::istringstream names(names_of_classes);
  return {25'200, 6'300, 45, {std::istream_iterator<std::string>(names), {}}};
}

}  // namespace

std::vector<DatasetEntry> resisc45_entries() {
  return {
      {.name = "resisc45",
       .info = {"RESISC45", "resisc45:DIR", "NWPU-RESISC45/CLASS/IMAGE, split 80:20 by the seed",
                "https://gcheng-nwpu.github.io/"},
       .published = everywhere(published_resisc45()),
       .read = [](const std::string& folder, const ReadOptions& options) {
         return read_class_folders(find_archive(folder, "NWPU-RESISC45"), options);
       }}};
}

}  // namespace submask
