#include "data/format/coop_split.h"
#include "dataset_trees.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

constexpr const char* small_split =
    R"({"train": [["b/1.jpg", 1, "big dog"], ["a/1.jpg", 0, "ant"]],
        "val": [["a/2.jpg", 0, "ant"]], "test": [["b/2.jpg", 1, "big dog"]]})";

struct Layout {
  const char *name, *folder, *split, *images;
};

// As CoOp's DATASETS.md draws them.
constexpr Layout layouts[] = {{"dtd", "dtd", "split_zhou_DescribableTextures.json", "images"},
                              {"eurosat", "eurosat", "split_zhou_EuroSAT.json", "2750"},
                              {"flowers", "oxford_flowers", "split_zhou_OxfordFlowers.json", "jpg"},
                              {"food101", "food-101", "split_zhou_Food101.json", "images"},
                              {"oxfordpets", "oxford_pets", "split_zhou_OxfordPets.json", "images"},
                              {"sun397", "sun397", "split_zhou_SUN397.json", "SUN397"},
                              {"ucf101", "ucf101", "split_zhou_UCF101.json", "UCF-101-midframes"}};

// Returns the folder that holds the set's own.
fs::path write_set(const Layout& layout) {
  fs::path root = fresh_folder(std::string("coop_") + layout.name);
  const fs::path set = root / layout.folder;
  put_file(set / layout.split, small_split);
  for (const char* name : {"a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg"})
    put_image(set / layout.images / name);
  return root;
}

TEST(CoopDataset, HasAValidationPartOfItsOwn) {
  const fs::path root = write_set(layouts[0]);
  const DataSplits data =
      open_data({.spec = std::string("dtd:") + root.string(), .validation = "split"});
  EXPECT_EQ(data.train->size(), 2);
  ASSERT_NE(data.validation, nullptr);
  EXPECT_EQ(labels_of(*data.validation), std::vector<int64_t>{0});
}

TEST(CoopDataset, ReadsEachSetInItsLayout) {
  for (const Layout& layout : layouts) {
    SCOPED_TRACE(layout.name);
    const fs::path root = write_set(layout);
    const std::string name = layout.name, set = (root / layout.folder).string();
    for (const std::string& spec :
         {name + ":" + root.string(), name + ":" + set, "coop:" + name + ":" + set}) {
      const DataSplits data = open_spec(spec);
      EXPECT_EQ(data.train->class_names(), (std::vector<std::string>{"ant", "big dog"}));
      EXPECT_EQ(labels_of(*data.train), (std::vector<int64_t>{1, 0, 0}));
      EXPECT_EQ(data.train->image_name(2), (fs::path(set) / layout.images / "a/2.jpg").string());
      EXPECT_EQ(labels_of(*data.test), std::vector<int64_t>{1});
    }
    expect_readable(name + ":" + set);
  }
}

TEST(CoopDataset, ListsMissingImagesOfAllParts) {
  const fs::path root = write_set(layouts[0]), images = root / "dtd/images";
  fs::remove(images / "a/2.jpg");
  fs::remove(images / "b/2.jpg");
  const std::string message = spec_error("dtd:" + root.string());
  expect_part_of("2 missing: a/2.jpg, b/2.jpg, in " + images.string(), message);
  expect_part_of("split_zhou_DescribableTextures.json", message);
}

TEST(CoopDataset, NamesWhatIsNotThere) {
  const std::string folder = fresh_folder("coop_none").string();
  expect_part_of("split_zhou_SUN397.json", spec_error("sun397:" + folder, ErrorKind::io));
  for (const char* spec : {"coop:dtd", "coop:dtd:", "coop:imagenet:/tmp", "coop::/tmp"})
    expect_part_of("dtd", spec_error(spec, ErrorKind::invalid_argument));
}

std::string split_error(const std::string& content) {
  return error_of(ErrorKind::corrupt_file, [&] { parse_coop_split(as_bytes(content), "FILE"); });
}

TEST(CoopSplit, RefusesWhatIsNoSplit) {
  const auto refused = [](const std::string& content, const std::string& part) {
    const std::string message = split_error(content);
    expect_part_of(part, message);
    EXPECT_LT(message.size(), 400U);
  };
  refused("", "error at its byte");
  refused("[]", "an array");
  refused("3", "a number");
  refused(R"({"tests": []})", "the part 'tests'");
  refused(R"({"train": [], "train": []})", "a second 'train'");
  refused(R"({"train": {}})", "an object");
  refused(R"({"train": "a"})", "a string");
  refused(R"({"train": null})", "null");
  refused(R"({"train": [["a.jpg", 0]]})", "fewer fields");
  refused(R"({"train": [[]]})", "fewer fields");
  refused(R"({"train": [["a.jpg", 0, "a", 1]]})", "a number");
  refused(R"({"train": [["a.jpg", "0", "a"]]})", "a string");
  refused(R"({"train": [["a.jpg", 1.5, "a"]]})", "a fraction");
  refused(R"({"train": [["a.jpg", -1, "a"]]})", "a negative number");
  refused(R"({"train": [["a.jpg", 100000, "a"]]})", "the label 100000");
  refused(R"({"train": [["a.jpg", 1, "a"]]})", "images of label 0");
  refused(R"({"train": [["a.jpg", 0, "a"], ["b.jpg", 0, "b"]]})", "as 'a' and as 'b'");
  for (const char* path : {"/etc/hostname", "../a.jpg", "a/../../b.jpg", "", "a\\u0000.jpg"})
    refused(std::string(R"({"train": [[")") + path + R"(", 0, "a"]]})", "the path");
  refused(R"({"train": [[")" + std::string(100000, 'x') + R"(", 1.5]]})", "...'");
}

TEST(CoopSplit, RefusesDeepAndCutFiles) {
  split_error(std::string(10'000'000, '['));
  split_error(R"({"train": )" + std::string(10'000'000, '['));
  const std::string whole = small_split;
  for (size_t size = 0; size < whole.size(); ++size) split_error(whole.substr(0, size));
}

}  // namespace
}  // namespace submask
