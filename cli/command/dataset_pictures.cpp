// Writes images of a data set to files: a grid of crops as a network sees them, or the test images.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include <ATen/ATen.h>

#include <submask/backbone.h>
#include <submask/loader.h>
#include <submask/recipe.h>

#include "base/fail.h"
#include "base/nearest_name.h"
#include "base/output_file.h"
#include "cli/command/datasets_subcommands.h"
#include "cli/option/field_options.h"
#include "cli/option/value_checks.h"
#include "cli/output/print.h"
#include "data/batch/input_fields.h"
#include "image/image_grid.h"
#include "run/opened.h"

namespace submask::cli {
namespace {

struct ShowOptions {
  std::string recipe;
  std::vector<CropRecipe> crops;
  std::string backbone;
  std::string part = "train";
  std::string out;
  int64_t count = 32;
  std::optional<int64_t> input_size;
};

Section<ShowOptions> show_fields() {
  using S = ShowOptions;
  return {"What is shown",
          {
              {"recipe", &S::recipe,
               "How training images are cropped and varied; none: as test images are"},
              {"crop", &S::crops,
               "Instead of a recipe's: a kind of crops by its fields, as submask train takes it "
               "(again for a second kind)"},
              {"backbone", &S::backbone, "Whose input size and resizing to use"},
              {"input-size",
               &S::input_size,
               "Pixels of the network's square input; default: the backbone's, or 224",
               {within(1, 4096)}},
          },
          {}};
}

void check_recipe(const std::string& name) {
  std::vector<std::string> names;
  for (const ImageRecipe& recipe : image_recipes()) names.push_back(recipe.name);
  if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
    fail_unknown("a recipe of images", name, names, "docs/data.md has them");
}

Transform make_transform(const ShowOptions& options) {
  Preprocessing preprocessing;
  if (!options.backbone.empty()) preprocessing = backbone_info(options.backbone).preprocessing;
  InputSettings input;
  std::vector<CropRecipe> crops;
  for (const ImageRecipe& recipe : image_recipes()) {
    if (recipe.name != options.recipe) continue;
    crops = recipe.crops;
    input.crop_share = recipe.crop_share;
    input.interpolation = recipe.interpolation;
  }
  input.input_size = options.input_size;
  Transform transform = test_transform(input, preprocessing);
  transform.crops = options.crops.empty() ? crops : options.crops;
  return transform;
}

Image to_image(const at::Tensor& crop) {
  const at::Tensor pixels = crop.permute({1, 2, 0}).contiguous();  // [S, S, 3]
  const auto* first = pixels.const_data_ptr<uint8_t>();
  return {static_cast<int>(pixels.size(1)),
          static_cast<int>(pixels.size(0)),
          {first, first + pixels.numel()}};
}

// The order is: all crops of the first image, then all crops of the second, and so on.
std::vector<CaptionedImage> caption(const Batch& batch, const Dataset& dataset) {
  const auto& names = dataset.class_names();
  const int64_t images = batch.labels.size(0);
  std::vector<CaptionedImage> captioned;
  for (int64_t i = 0; i < images; ++i) {
    const auto label = static_cast<size_t>(batch.labels[i].item<int64_t>());
    for (const at::Tensor& kind : batch.crops)
      for (int64_t row = i; row < kind.size(0); row += images)
        captioned.push_back({to_image(kind[row]), names.at(label)});
  }
  return captioned;
}

// With several crops an image, the crops of an image stay in one row. Otherwise the picture is
// about twice as wide as high.
int64_t choose_columns(int64_t images, int64_t crops) {
  if (crops == 1) return std::llround(std::ceil(std::sqrt(2.0 * static_cast<double>(images))));
  constexpr int64_t most_columns = 8;
  return crops * std::max<int64_t>(1, most_columns / crops);
}

void show_images(const DatasetsOptions& options, const ShowOptions& show) {
  check_recipe(show.recipe);
  if (std::filesystem::path(show.out).extension() != ".png")
    fail_argument("--out FILE.png", show.out);
  const DataSplits data = options.input.open(options);
  const auto& dataset = show.part == "train" ? data.train : data.test;
  check_writable(show.out);
  LoaderOptions loading;
  loading.batch_size = std::min(show.count, dataset->size());
  loading.workers = 0;
  loading.seed = options.compute.seed;
  loading.shuffle = loading.skip_bad_images = true;
  const Transform transform = make_transform(show);
  Loader loader(dataset, transform, loading);
  loader.start_epoch(0);
  const std::optional<Batch> batch = loader.next();
  for (const std::string& name : loader.bad_images())
    note(options, "skipped " + name + ": it does not decode");
  if (!batch) fail_corrupt("images that decode", "none", options.input.data.spec);
  const std::vector<CaptionedImage> images = caption(*batch, *dataset);
  const int64_t crops = std::ssize(images) / batch->labels.size(0);
  write_png(draw_grid(images, choose_columns(batch->labels.size(0), crops)), show.out);
  print_result(options, {{"data", options.input.data.spec},
                         {"data_digest", dataset->digest()},
                         {"part", show.part},
                         {"recipe", show.recipe.empty() ? "test" : show.recipe},
                         {"input_size", transform.preprocessing.input_size},
                         {"images", batch->labels.size(0)},
                         {"crops_an_image", crops},
                         {"seed", options.compute.seed},
                         {"bad_images", loader.bad_images()},
                         {"out", show.out}});
}

// Writes the first test images as DIR/<class>-<index>.png, for example to predict them.
void extract_images(const DatasetsOptions& options, const std::string& folder, int64_t count) {
  const DataSplits data = options.input.open(options);
  Json files = Json::array();
  for (int64_t i = 0; i < std::min(count, data.test->size()); ++i) {
    std::string name = data.test->class_names()[static_cast<size_t>(data.test->label(i))];
    for (char& c : name)
      if (c == '/' || c == ' ') c = '-';
    const auto path = std::filesystem::path(folder) / (name + "-" + std::to_string(i) + ".png");
    check_writable(path);
    write_png(data.test->image(i), path);
    files.push_back(path.string());
  }
  print_result(options, {{"data", options.input.data.spec},
                         {"out", folder},
                         {"images", files.size()},
                         {"files", files}});
}

}  // namespace

void add_show_subcommand(CLI::App& datasets, const SharedDatasetsOptions& options) {
  auto* command = options->add_subcommand(
      datasets, "show", "A picture of images as a network sees them, with their classes");
  auto show = std::make_shared<ShowOptions>();
  add_labels_option(*command, options->input.data);
  add_field_options(*command, show_fields(), *show);
  command->add_option("--count", show->count, "Images, drawn by the seed")
      ->check(CLI::Range(1, 10'000));
  limit_to(command->add_option("--split", show->part, "train or test"), {"train", "test"});
  command->add_option("--out", show->out, "PNG file to write")->type_name("FILE.png")->required();
  command->callback([options, show] { show_images(*options, *show); });
}

void add_extract_subcommand(CLI::App& datasets, const SharedDatasetsOptions& options) {
  auto* command = options->add_subcommand(datasets, "extract",
                                          "The first test images of a data set as PNG files");
  auto folder = std::make_shared<std::string>();
  auto count = std::make_shared<int64_t>(10);
  command->add_option("--out", *folder, "Folder to write to")->type_name("DIR")->required();
  command->add_option("--count", *count, "Images")->check(positive_number());
  command->callback([options, folder, count] { extract_images(*options, *folder, *count); });
}

}  // namespace submask::cli
