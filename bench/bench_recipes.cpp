// Question: how many images a second does one core read, decode, transform and normalise, beside
// torchvision with Pillow on the same files? One line a recipe.
#include <algorithm>
#include <exception>
#include <filesystem>
#include <iostream>

#include <ATen/Parallel.h>

#include <submask/loader.h>

#include "base/names.h"
#include "bench/child_process.h"
#include "bench/options.h"
#include "bench/paired_timing.h"
#include "data/batch/image_cache.h"

namespace submask::bench {
namespace {

std::vector<std::string> list_images(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& item : std::filesystem::directory_iterator(folder))
    if (item.path().extension() == ".jpg") files.push_back(item.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

struct Settings {
  std::string folder;
  int rounds = 7;
  bool fast_decode = false;
  std::string cache;
};

Transform transform_of(const std::string& recipe, const Settings& settings) {
  Transform transform;
  transform.fast_decode = settings.fast_decode;
  for (const ImageRecipe& each : image_recipes())
    if (each.name == recipe) transform.crops = each.crops;
  return transform;
}

void measure(ChildProcess& torchvision, const std::string& recipe, const Settings& settings) {
  const auto files = list_images(settings.folder);
  LoaderOptions options;
  options.batch_size = 16;
  options.workers = 0;
  const Transform transform = transform_of(recipe, settings);
  const auto images = image_list(files);
  std::optional<CacheKind> kind;
  if (!settings.cache.empty()) kind = value_named<CacheKind>(settings.cache, "a cache");
  options.cache = open_image_cache(*images, transform, {kind, ""});
  Loader loader(images, transform, options);
  int64_t epoch = 0;
  const auto ours = [&] {
    loader.start_epoch(epoch++);
    while (const auto batch = loader.next())
      for (const at::Tensor& crops : batch->crops) normalise(crops, transform.preprocessing);
  };
  const PairedTimes times = measure_in_turn(
      settings.rounds, [&] { return seconds_of(ours); },
      [&] { return std::stod(torchvision.ask("run " + recipe + " " + settings.folder)); });
  const auto count = static_cast<double>(files.size());
  std::vector<double> ratios;  // of images a second
  for (const double ratio : times.ratios()) ratios.push_back(1 / ratio);
  print_result(
      {"recipes", count / median(times.ours), count / median(times.theirs), ratios, "images/s"},
      {{"recipe", recipe}, {"images", files.size()}, {"threads", 1}});
}

}  // namespace
}  // namespace submask::bench

int main(int argc, char** argv) {
  submask::bench::Options options(
      "Decoding and transforming JPEGs: submask (ours), torchvision and Pillow (theirs)");
  std::string python = "python3";
  submask::bench::Settings settings;
  std::vector<std::string> recipes{"test", "paper-supervised", "paper-ssl"};
  options.add("RECIPES", recipes);
  options.add("--python", python, "A Python with torchvision");
  options.add_required("--images", settings.folder,
                       "JPEGs, as torchvision_recipes.py --make cuts them");
  options.add_positive("--rounds", settings.rounds);
  options.add_flag("--fast-decode", settings.fast_decode, "Ours alone");
  options.add("--cache", settings.cache, "ram or disk, ours alone");
  options.parse(argc, argv);
  at::set_num_threads(1);
  try {
    submask::bench::ChildProcess torchvision({python, SUBMASK_TORCHVISION_RECIPES});
    std::cerr << torchvision.ask("version") << '\n';
    for (const std::string& recipe : recipes)
      submask::bench::measure(torchvision, recipe, settings);
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
}
