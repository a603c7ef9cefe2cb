#include "data/set/class_order.h"

#include "dataset_trees.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

using Names = std::vector<std::string>;

// Classes 1 ... 11 with two images each, so that orders differ.
fs::path write_numbered(const std::string& name) {
  fs::path folder = fresh_folder(name);
  for (int c = 1; c <= 11; ++c)
    for (const char* part : {"train", "test"})
      put_image(folder / part / std::to_string(c) / "image.jpg");
  return folder;
}

DataSplits open_ordered(const fs::path& folder, const std::string& order) {
  return open_data({.spec = "folder:" + folder.string(), .class_order = order});
}

const Names natural{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"};
const Names by_text{"1", "10", "11", "2", "3", "4", "5", "6", "7", "8", "9"};

TEST(ClassOrder, IsNaturalOrAsTextOrOfAFile) {
  const fs::path folder = write_numbered("class_order");
  const DataSplits data = open_spec("folder:" + folder.string());
  EXPECT_EQ(data.train->class_names(), natural);
  EXPECT_EQ(open_ordered(folder, "natural").train->digest(), data.train->digest());
  const DataSplits text = open_ordered(folder, "text");
  EXPECT_EQ(text.train->class_names(), by_text);
  EXPECT_NE(text.train->digest(), data.train->digest());
  const Names listed(natural.rbegin(), natural.rend());
  std::string lines;
  for (const std::string& name : listed) lines += name + "\n";
  put_file(folder / "names.txt", lines);
  const DataSplits by_file = open_ordered(folder, (folder / "names.txt").string());
  EXPECT_EQ(by_file.test->class_names(), listed);
  // The images are the same ones, each of its own class.
  for (const DataSplits* ordered : {&text, &by_file})
    for (const auto& part : {ordered->train, ordered->test})
      for (int64_t i = 0; i < part->size(); ++i)
        EXPECT_EQ(fs::path(part->image_name(i)).parent_path().filename(),
                  part->class_names()[static_cast<size_t>(part->label(i))]);
}

TEST(ClassOrder, AFileHasEveryClassOnce) {
  const fs::path folder = write_numbered("class_order_file");
  const auto refusal = [&](const std::string& lines) {
    put_file(folder / "names.txt", lines);
    return error_of(ErrorKind::corrupt_file,
                    [&] { open_ordered(folder, (folder / "names.txt").string()); });
  };
  const std::string all = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";
  const std::string expected = "expected the data's 11 classes, one a line, got ",
                    in = ", in " + (folder / "names.txt").string();
  EXPECT_EQ(refusal(all), expected + "no 11" + in);
  EXPECT_EQ(refusal(all + "12\n"), expected + "no 11; 12 too" + in);
  EXPECT_EQ(refusal(all + "11\n11\n"), expected + "11 too" + in);
}

TEST(ClassOrder, IsToldWhereOthersSortOtherwise) {
  EXPECT_EQ(
      explain_class_order(natural),
      "classes in natural order: 1, 2, 3, ... 11 (--class-order text: as torchvision and timm "
      "sort folders)");
  EXPECT_EQ(explain_class_order(by_text),
            "classes in text order: 1, 10, 11, ... 9 (--class-order natural: by number)");
  EXPECT_EQ(explain_class_order({"bee", "cat"}), "");
  EXPECT_EQ(explain_class_order({"cat", "bee"}), "");
}

TEST(ClassOrder, IsThatOfATaskWithTheSameClasses) {
  const fs::path folder = write_numbered("class_order_task");
  const DataSplits data = open_spec("folder:" + folder.string());
  const DataSplits matched = match_class_order(data, by_text);
  EXPECT_EQ(matched.train->class_names(), by_text);
  EXPECT_EQ(labels_of(*matched.test), (std::vector<int64_t>{0, 3, 4, 5, 6, 7, 8, 9, 10, 1, 2}));
  EXPECT_EQ(match_class_order(data, {"1", "2"}).test->class_names(), natural);
}

TEST(ClassOrder, DifferencesAreNamed) {
  EXPECT_EQ(class_difference({"a", "b"}, {"b", "a"}), "");
  EXPECT_EQ(class_difference({"a", "b", "c"}, {"b"}), "no a, c");
  EXPECT_EQ(class_difference({"a"}, {"a", "d", "e"}), "d, e too");
  EXPECT_EQ(class_difference({"a"}, {"b"}), "no a; b too");
}

}  // namespace
}  // namespace submask
