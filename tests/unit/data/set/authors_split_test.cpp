#include "data/format/mat_file.h"
#include "data/set/published_set.h"
#include "dataset_trees.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

using Names = std::vector<std::string>;
using Labels = std::vector<int64_t>;

// What is fetched is read in the authors' split, and so told.
DataSplits open_told(const std::string& spec, const std::string& marker,
                     const std::string& validation = "") {
  DataOptions options{.spec = spec};
  if (!validation.empty()) options.validation = validation;
  DataSplits data = open_data(options);
  bool is_told = false;
  for (const std::string& note : data.notes)
    is_told |= note.starts_with("the split is that of " + marker + ", as there is no split_zhou_");
  EXPECT_TRUE(is_told) << spec;
  return data;
}

fs::path write_dtd() {
  const fs::path folder = fresh_folder("authors_dtd");
  put_file(folder / "dtd/labels/train1.txt", "dotted/d_1.jpg\r\nbanded/b_1.jpg\n");
  put_file(folder / "dtd/labels/val1.txt", "banded/b_2.jpg\n");
  put_file(folder / "dtd/labels/test1.txt", "zigzagged/z_1.jpg");
  for (const char* name : {"dotted/d_1", "banded/b_1", "banded/b_2", "zigzagged/z_1"})
    put_image(folder / "dtd/images" / (name + std::string(".jpg")));
  return folder;
}

TEST(AuthorsSplit, OfDtdHasThreeLists) {
  const std::string spec = "dtd:" + write_dtd().string();
  const DataSplits data = open_told(spec, "labels/train1.txt");
  EXPECT_EQ(data.train->class_names(), (Names{"banded", "dotted", "zigzagged"}));
  EXPECT_EQ(labels_of(*data.train), (Labels{1, 0, 0}));
  EXPECT_EQ(labels_of(*data.test), Labels{2});
  const DataSplits own = open_told(spec, "labels/train1.txt", "split");
  EXPECT_EQ(labels_of(*own.train), (Labels{1, 0}));
  EXPECT_EQ(labels_of(*own.validation), Labels{0});
  expect_readable(spec);
}

TEST(AuthorsSplit, HasFiguresOfItsOwn) {
  const fs::path folder = write_dtd();
  EXPECT_EQ(published_set("dtd:" + folder.string())->train_images, 3'760);
  EXPECT_EQ(published_set("coop:dtd:" + (folder / "dtd").string())->test_images, 1'880);
}

TEST(AuthorsSplit, GivesWayToCoOps) {
  const fs::path folder = write_dtd();
  put_file(folder / "dtd/split_zhou_DescribableTextures.json",
           R"({"train": [["dotted/d_1.jpg", 0, "dotted"]], "val": [],
               "test": [["banded/b_1.jpg", 1, "banded"]]})");
  const DataSplits data = open_spec("dtd:" + folder.string());
  EXPECT_EQ(data.train->class_names(), (Names{"dotted", "banded"}));
  EXPECT_TRUE(data.notes.empty());
  EXPECT_EQ(published_set("dtd:" + folder.string())->train_images, 3'948);
}

TEST(AuthorsSplit, RefusesOtherLines) {
  for (const char* line :
       {"dotted", "/d_1.jpg", "./dotted/x.jpg", "dotted/../../x", "../dotted/x"}) {
    const fs::path folder = write_dtd();
    put_file(folder / "dtd/labels/test1.txt", std::string("banded/b_1.jpg\n") + line + "\n");
    const std::string message = spec_error("dtd:" + folder.string());
    expect_part_of("expected CLASS/IMAGE in line 2, got '", message);
    expect_part_of("test1.txt", message);
  }
}

TEST(AuthorsSplit, OfFood101LeavesOutTheEnding) {
  const fs::path folder = fresh_folder("authors_food");
  put_file(folder / "meta/train.txt", "baklava/10\napple_pie/7\n");
  put_file(folder / "meta/test.txt", "apple_pie/8\n");
  for (const char* name : {"baklava/10.jpg", "apple_pie/7.jpg", "apple_pie/8.jpg"})
    put_image(folder / "images" / name);
  const DataSplits data = open_told("food101:" + folder.string(), "meta/train.txt");
  EXPECT_EQ(data.train->class_names(), (Names{"apple_pie", "baklava"}));
  EXPECT_EQ(labels_of(*data.train), (Labels{1, 0}));
  EXPECT_EQ(data.test->image_name(0), (folder / "images/apple_pie/8.jpg").string());
}

fs::path write_pets(const std::string& test_list) {
  const fs::path folder = fresh_folder("authors_pets");
  put_file(folder / "annotations/trainval.txt",
           "# IMAGE CLASS SPECIES BREED\nAbyssinian_100 1 1 1\namerican_bulldog_12 2 2 1\n");
  put_file(folder / "annotations/test.txt", test_list);
  for (const char* name : {"Abyssinian_100", "american_bulldog_12", "Abyssinian_2"})
    put_image(folder / "images" / (name + std::string(".jpg")));
  return folder;
}

TEST(AuthorsSplit, OfPetsNamesBreedsAsTorchvision) {
  const fs::path folder = write_pets("Abyssinian_2 1 1 1\n");
  const DataSplits data = open_told("oxfordpets:" + folder.string(), "annotations/trainval.txt");
  EXPECT_EQ(data.train->class_names(), (Names{"Abyssinian", "American Bulldog"}));
  EXPECT_EQ(labels_of(*data.train), (Labels{0, 1}));
  EXPECT_EQ(labels_of(*data.test), Labels{0});
}

TEST(AuthorsSplit, OfPetsRefusesOtherLines) {
  for (const char* line : {"Abyssinian_2", "Abyssinian_2 0 1 1", "Abyssinian_2 10001 1 1",
                           "../Abyssinian_2 1 1 1", "Abyssinian 1 1 1", "Abyssinian_2 one 1 1",
                           "Abyssinian_2 1.5 1 1", "Abyssinian_2 1 1", "Abyssinian_2 1 1 1 1"})
    expect_part_of("expected IMAGE CLASS SPECIES BREED in line 1, got '",
                   spec_error("oxfordpets:" + write_pets(line).string()));
  expect_part_of("expected images of Abyssinian as class 1 in line 1, got 'Beagle_2'",
                 spec_error("oxfordpets:" + write_pets("Beagle_2 1 1 1").string()));
  expect_part_of("expected images of class 3, got none",
                 spec_error("oxfordpets:" + write_pets("Abyssinian_2 4 1 1").string()));
}

// tests/reference/make_mat_files.py says which flowers are where.
TEST(AuthorsSplit, OfFlowersReadsSciPysFiles) {
  const fs::path folder = fresh_folder("authors_flowers"), set = folder / "oxford_flowers";
  for (const char* name : {"setid.mat", "imagelabels.mat"})
    put_file(set / name, read_text_file(golden_folder() / "flowers" / name));
  for (const char* number : {"299", "001", "103", "102", "300", "002", "257"})
    put_image(set / "jpg" / (std::string("image_00") + number + ".jpg"));
  const DataSplits data = open_told("flowers:" + folder.string(), "setid.mat", "split");
  EXPECT_EQ(data.train->class_names().size(), 102U);
  EXPECT_EQ(data.train->class_names()[0], "pink primrose");
  EXPECT_EQ(data.train->class_names()[101], "blackberry lily");
  EXPECT_EQ(labels_of(*data.train), (Labels{95, 1, 1}));
  EXPECT_EQ(labels_of(*data.validation), (Labels{0, 96}));
  EXPECT_EQ(labels_of(*data.test), (Labels{2, 53}));
  EXPECT_EQ(data.train->image_name(1), (set / "jpg/image_00001.jpg").string());
}

TEST(AuthorsSplit, OfEuroSatIsDrawnByTheSeed) {
  const fs::path folder = fresh_folder("authors_eurosat");
  for (const char* name :
       {"Forest/Forest_1.jpg", "Forest/Forest_2.jpg", "River/River_1.jpg", "River/River_2.jpg"})
    put_image(folder / "eurosat/2750" / name);
  const DataSplits data = open_told("eurosat:" + folder.string(), "2750");
  EXPECT_EQ(data.train->class_names(), (Names{"Forest", "River"}));
  EXPECT_EQ(data.train->size(), 2);
  EXPECT_EQ(data.test->size(), 2);
}

TEST(MatNumbers, AreWholeAndOfTwoBytes) {
  const std::string content = read_text_file(golden_folder() / "flowers/setid.mat");
  EXPECT_EQ(read_mat_numbers(as_bytes(content), "tstid", "FILE"), (std::vector<uint16_t>{2, 257}));
  EXPECT_EQ(error_of(ErrorKind::corrupt_file,
                     [&] { read_mat_array(as_bytes(content), "tstid", "FILE"); }),
            "expected whole numbers of 0 to 255, got 257, in FILE");
}

}  // namespace
}  // namespace submask
