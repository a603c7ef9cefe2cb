#include "data/format/clevr_scenes.h"
#include "dataset_trees.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

// A scene as CLEVR writes it, with what is of no interest here.
std::string scene(const std::string& image, int objects) {
  std::string list;
  for (int i = 0; i < objects; ++i)
    list += std::string(i > 0 ? "," : "") +
            R"({"color": "red", "3d_coords": [0.5, -1, 2], "objects": [{}, {}]})";
  return R"({"image_index": 0, "objects": [)" + list +
         R"(], "split": "train", "image_filename": ")" + image +
         R"(", "relationships": {"left": [[1, 2], []], "objects": [{}]}})";
}

std::string scenes(const std::string& list) {
  return R"({"info": {"scenes": [{"objects": 3}], "version": "1.0"}, "scenes": [)" + list + "]}";
}

TEST(ClevrDataset, CountsTheObjectsOfEachScene) {
  const fs::path root = fresh_folder("clevr"), archive = root / "CLEVR_v1.0";
  put_file(archive / "scenes/CLEVR_train_scenes.json",
           scenes(scene("CLEVR_train_000000.png", 3) + "," + scene("CLEVR_train_000001.png", 10)));
  put_file(archive / "scenes/CLEVR_val_scenes.json", scenes(scene("CLEVR_val_000000.png", 7)));
  for (const char* name :
       {"train/CLEVR_train_000000.png", "train/CLEVR_train_000001.png", "val/CLEVR_val_000000.png"})
    put_image(archive / "images" / name, "rgb.png");
  for (const fs::path& folder : {root, archive}) {
    const DataSplits data = open_spec("clevr_count:" + folder.string());
    EXPECT_EQ(data.train->class_names(),
              (std::vector<std::string>{"3", "4", "5", "6", "7", "8", "9", "10"}));
    EXPECT_EQ(labels_of(*data.train), (std::vector<int64_t>{0, 7}));
    EXPECT_EQ(labels_of(*data.test), std::vector<int64_t>{4});
    EXPECT_TRUE(data.test->image_name(0).ends_with("images/val/CLEVR_val_000000.png"));
  }
  expect_readable("clevr_count:" + root.string());
  EXPECT_TRUE(open_spec("clevr_count:" + root.string()).passed_over.empty());
  for (const char* name : {"CLEVR_test_000000.png", "CLEVR_test_000001.png", ".DS_Store"})
    put_image(archive / "images/test" / name, "rgb.png");
  const auto passed_over = open_spec("clevr_count:" + root.string()).passed_over;
  ASSERT_EQ(passed_over.size(), 2U);
  EXPECT_EQ(passed_over[1].what, "images without scenes, which nothing counts");
  EXPECT_EQ(passed_over[1].count, 2);
  fs::remove(archive / "images/train/CLEVR_train_000001.png");
  expect_part_of("1 missing: train/CLEVR_train_000001.png",
                 spec_error("clevr_count:" + root.string()));
}

TEST(ClevrScenes, RefusesWhatHoldsNoScenes) {
  const auto refused = [](const std::string& content, const std::string& part) {
    expect_part_of(part, error_of(ErrorKind::corrupt_file, [&] {
                     parse_clevr_scenes(as_bytes(content), "train/", "FILE");
                   }));
  };
  refused("", "error at byte");
  refused("[]", "an array");
  refused(scenes("[]"), "an array among");
  refused(scenes("{}"), "image_filename ''");
  refused(scenes(scene("a.png", 2)), "2 objects in the scene of 'a.png'");
  refused(scenes(scene("a.png", 11)), "11 objects");
  refused(scenes(R"({"image_filename": "a.png"})"), "no objects");
  refused(scenes(scene("../a.png", 3)), "'../a.png'");
  const std::string whole = scenes(scene("a.png", 3));
  for (size_t size = 0; size < whole.size(); ++size) refused(whole.substr(0, size), "FILE");
  refused(R"({"scenes": )" + std::string(10'000'000, '['), "FILE");
  refused(R"({"other": )" + std::string(10'000'000, '['), "FILE");
  EXPECT_TRUE(parse_clevr_scenes(as_bytes("{}"), "", "FILE").empty());
}

TEST(Resisc45Dataset, SplitsItsClassFolders) {
  const fs::path root = fresh_folder("resisc45"), archive = root / "NWPU-RESISC45";
  for (const char* name : {"airplane", "airport"})
    for (int i = 1; i <= 5; ++i)
      put_image(archive / name / (std::string(name) + "_00" + std::to_string(i) + ".jpg"));
  const DataSplits data = open_spec("resisc45:" + root.string());
  EXPECT_EQ(data.train->class_names(), (std::vector<std::string>{"airplane", "airport"}));
  EXPECT_EQ(data.train->size(), 8);
  EXPECT_EQ(labels_of(*data.test), (std::vector<int64_t>{0, 1}));
  EXPECT_EQ(open_spec("resisc45:" + archive.string()).test->digest(), data.test->digest());
  expect_readable("resisc45:" + root.string());
}

}  // namespace
}  // namespace submask
