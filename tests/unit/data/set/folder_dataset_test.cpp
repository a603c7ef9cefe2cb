#include <algorithm>
#include <map>
#include <set>

#include "base/natural_order.h"
#include "data/data_fixtures.h"
#include "data/set/passed_over.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

DataSplits open_folder(const fs::path& folder, uint64_t seed = 0) {
  return open_data(
      {.spec = "folder:" + folder.string(), .labels = {}, .validation = {}, .seed = seed});
}

std::string folder_error(const fs::path& folder, ErrorKind kind = ErrorKind::corrupt_file) {
  return error_of(kind, [&] { open_folder(folder); });
}

// An image file of no content: enough for whoever only lists.
void put_images(const fs::path& folder, int count) {
  for (int i = 1; i <= count; ++i) put_file(folder / ("image" + std::to_string(i) + ".jpg"), "");
}

using Counts = std::map<std::string, int64_t>;

Counts counts(const DataSplits& data) {
  Counts counts;
  for (const PassedOver& files : data.passed_over) counts[files.what] = files.count;
  return counts;
}

std::vector<std::string> names_of(const Dataset& dataset) {
  std::vector<std::string> names;
  for (int64_t i = 0; i < dataset.size(); ++i)
    names.push_back(fs::path(dataset.image_name(i)).filename().string());
  return names;
}

TEST(NaturalOrder, PutsNumbersByTheirValue) {
  std::vector<std::string> names{"a10", "b", "a2", "a", "a02", "a2b", "A", "a010"};
  std::sort(names.begin(), names.end(), NaturalOrder());
  EXPECT_EQ(names, (std::vector<std::string>{"A", "a", "a02", "a2", "a2b", "a010", "a10", "b"}));
  EXPECT_FALSE(NaturalOrder()("a1", "a1"));
}

TEST(FolderDataset, ReadsTwoFoldersInTurnFromEachClass) {
  const fs::path folder = fresh_folder("two_folders");
  put_images(folder / "train/class10", 1);
  put_images(folder / "train/class2", 3);
  put_images(folder / "test/class2", 1);
  put_images(folder / "test/class10", 2);
  put_file(folder / "train/.hidden/image.jpg", "");
  put_file(folder / "train/readme.txt", "");
  put_file(folder / "train/class2/notes.txt", "");
  put_file(folder / "train/class2/IMAGE4.PNG", "");
  put_file(folder / "train/class2/deeper/image.jpg", "");
  const DataSplits data = open_folder(folder);
  EXPECT_EQ(data.train->class_names(), (std::vector<std::string>{"class2", "class10"}));
  ASSERT_EQ(data.train->size(), 6);
  EXPECT_EQ(data.train->image_name(0), (folder / "train/class2/IMAGE4.PNG").string());
  EXPECT_EQ(data.train->image_name(1), (folder / "train/class10/image1.jpg").string());
  EXPECT_EQ(data.train->label(1), 1);
  EXPECT_EQ(data.train->label(4), 0);
  EXPECT_EQ(data.train->image_name(2), (folder / "train/class2/deeper/image.jpg").string());
  EXPECT_EQ(data.test->size(), 3);
}

TEST(FolderDataset, NamesEveryEmptyClass) {
  const fs::path folder = fresh_folder("empty_class");
  put_images(folder / "train/cat", 2);
  put_images(folder / "test/cat", 2);
  for (const char* name : {"dog", "eel"}) fs::create_directories(folder / "train" / name);
  EXPECT_EQ(folder_error(folder),
            "expected images (.jpg .jpeg .png .webp .bmp .gif .tif .tiff .ppm .pgm) in every class "
            "folder, "
            "got none in dog, eel, in " +
                (folder / "train").string());
}

TEST(FolderDataset, NamesEveryClassThatOneSideLacks) {
  const fs::path folder = fresh_folder("missing_class");
  for (const char* name : {"cat", "dog", "eel"}) put_images(folder / "train" / name, 1);
  put_images(folder / "test/cat", 1);
  EXPECT_EQ(folder_error(folder), "expected every class of train in test, got no dog, eel, in " +
                                      (folder / "test").string());
  for (const char* name : {"dog", "eel", "fox", "gnu"}) put_images(folder / "test" / name, 1);
  EXPECT_EQ(folder_error(folder), "expected every class of test in train, got no fox, gnu, in " +
                                      (folder / "train").string());
}

TEST(FolderDataset, RefusesFoldersWithoutClasses) {
  const fs::path folder = fresh_folder("no_classes");
  folder_error(folder);
  folder_error(folder / "missing", ErrorKind::io);
  put_images(folder / "train/cat", 1);
  EXPECT_NE(folder_error(folder).find("train/ alone"), std::string::npos);
}

TEST(FolderDataset, SplitsEachClassByTheSeed) {
  const fs::path folder = fresh_folder("split");
  put_images(folder / "cat", 20);
  put_images(folder / "dog", 2);
  const DataSplits data = open_folder(folder, 3);
  EXPECT_EQ(data.train->size(), 16 + 1);
  EXPECT_EQ(data.test->size(), 4 + 1);
  std::set<std::string> all;
  for (const auto& part : {data.train, data.test})
    for (int64_t i = 0; i < part->size(); ++i) all.insert(part->image_name(i));
  EXPECT_EQ(all.size(), 22U);
  EXPECT_EQ(names_of(*open_folder(folder, 3).test), names_of(*data.test));
  EXPECT_NE(names_of(*open_folder(folder, 4).test), names_of(*data.test));
  put_images(folder / "eel", 1);
  EXPECT_NE(folder_error(folder).find("one in eel"), std::string::npos);
}

TEST(FolderDataset, LinksInCirclesDoNoHarm) {
  const fs::path folder = fresh_folder("circle");
  put_images(folder / "cat", 5);
  fs::create_directory_symlink(folder, folder / "cat/up");
  fs::create_directory_symlink(folder / "cat", folder / "cat/self.jpg");
  fs::create_symlink(folder / "loop", folder / "loop");
  const DataSplits data = open_folder(folder);
  EXPECT_EQ(data.train->size(), 4);
  EXPECT_EQ(counts(data), (Counts{{"links to folders that the class has already", 2},
                                  {"files outside class folders", 1}}));
}

// What is left out is counted, by reason, and named.
TEST(FolderDataset, CountsWhatItPassesOver) {
  const fs::path folder = fresh_folder("passed_over");
  for (const char* part : {"train/cat", "test/cat", "val/cat"}) put_images(folder / part, 3);
  for (const char* file : {"train/cat/._image1.jpg", "train/cat/.DS_Store", "train/cat/Thumbs.db",
                           "train/.hidden/image1.jpg", "__MACOSX/train/cat/image1.jpg"})
    put_file(folder / file, "");
  for (const char* file : {"train/cat/notes.txt", "test/cat/image4.svg", "train/readme.txt",
                           "extra/image1.jpg", "labels.csv"})
    put_file(folder / file, "");
  const DataSplits data = open_folder(folder);
  EXPECT_EQ(data.train->size(), 3);
  EXPECT_EQ(data.test->size(), 3);
  EXPECT_EQ(counts(data),
            (Counts{{"files and folders that systems left behind, or hidden ones", 5},
                    {"files of other kinds than images", 2},
                    {"files outside class folders", 1},
                    {"folders and files beside the training and test parts", 2},
                    {"images of a validation part (--validation split takes them)", 3}}));
  for (const PassedOver& files : data.passed_over) {
    EXPECT_EQ(files.is_loss, !files.what.starts_with("files and folders that systems"));
    if (files.what != "files of other kinds than images") continue;
    EXPECT_EQ(files.first,
              (std::vector<std::string>{"test/cat/image4.svg", "train/cat/notes.txt"}));
  }
  EXPECT_EQ(describe({{"files", 12, {"a", "b", "c", "d"}, true}, {"links", 1, {"e"}, true}}),
            "files: 12 (a, b, c, ...); links: 1 (e)");
}

TEST(FolderDataset, HasAValidationPartOfItsOwn) {
  const fs::path folder = fresh_folder("own_validation");
  for (const char* part : {"train/cat", "test/cat", "valid/cat"}) put_images(folder / part, 3);
  put_images(folder / "valid/cat", 4);
  const DataOptions options{.spec = "folder:" + folder.string(), .validation = "split"};
  const DataSplits data = open_data(options);
  ASSERT_NE(data.validation, nullptr);
  EXPECT_EQ(data.validation->size(), 4);
  EXPECT_EQ(data.validation->image_name(3), (folder / "valid/cat/image4.jpg").string());
  EXPECT_EQ(data.train->size(), 3);
  EXPECT_TRUE(data.passed_over.empty());
  // It may lack classes, whose numbers stay those of training.
  for (const char* part : {"train/ant", "test/ant"}) put_images(folder / part, 1);
  EXPECT_EQ(open_data(options).validation->label(0), 1);
  put_images(folder / "valid/bee", 1);
  EXPECT_EQ(
      error_of(ErrorKind::corrupt_file, [&] { open_data(options); }),
      "expected every class of valid in train, got no bee, in " + (folder / "train").string());
  fs::remove_all(folder / "valid");
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { open_data(options); }),
            "expected a data set with a validation part of its own for --validation split, got " +
                options.spec);
}

TEST(FolderDataset, TestsOnTheValidationPartWhereThereIsNoOther) {
  const fs::path folder = fresh_folder("val_alone");
  for (const char* part : {"train/cat", "val/cat"}) put_images(folder / part, 3);
  const DataSplits data = open_folder(folder);
  EXPECT_EQ(data.test->image_name(0), (folder / "val/cat/image1.jpg").string());
  EXPECT_EQ(data.notes, std::vector<std::string>{"val/ is the test part, as there is no test/"});
  EXPECT_TRUE(data.passed_over.empty());
}

// A part is a folder of folders, so that classes may have its name.
// As other people call them.
TEST(FolderDataset, PartsHaveManyNames) {
  for (const auto& [train, test] : {std::pair{"Train", "Test"},
                                    {"training", "testing"},
                                    {"seg_train", "seg_test"},
                                    {"train_images", "test_images"},
                                    {"trainset", "testset"}}) {
    const fs::path folder = fresh_folder("named_parts");
    for (const char* name : {"cat", "dog"}) {
      put_images(folder / train / name, 2);
      put_images(folder / test / name, 1);
    }
    const DataSplits data = open_folder(folder);
    EXPECT_EQ(data.train->class_names(), (std::vector<std::string>{"cat", "dog"})) << train;
    EXPECT_EQ(data.train->size(), 4);
    EXPECT_EQ(data.test->size(), 2);
    ASSERT_FALSE(data.notes.empty());
    EXPECT_EQ(data.notes[0],
              std::string(train) + "/ is the training part, " + test + "/ the test part");
  }
}

TEST(FolderDataset, ClassesMayBeCalledAsParts) {
  const fs::path folder = fresh_folder("class_train");
  for (const char* name : {"train", "bus", "test"}) put_images(folder / name, 5);
  EXPECT_EQ(open_folder(folder).train->class_names(),
            (std::vector<std::string>{"bus", "test", "train"}));
}

TEST(FolderDataset, TellsOfAFolderTooFarUp) {
  const fs::path folder = fresh_folder("far_up");
  for (const char* name : {"images/cat", "images/dog"}) put_images(folder / name, 5);
  const DataSplits data = open_folder(folder);
  EXPECT_EQ(data.train->class_names(), std::vector<std::string>{"images"});
  EXPECT_EQ(data.notes,
            std::vector<std::string>{"one class, images, with folders in it: folder:" +
                                     (folder / "images").string() + " reads these as classes"});
}

TEST(FolderDataset, ABrokenLinkIsAnImageThatDoesNotDecode) {
  const fs::path folder = fresh_folder("broken_link");
  for (const char* part : {"train/cat", "test/cat"}) put_images(folder / part, 1);
  fs::create_symlink("gone.jpg", folder / "train/cat/image1.png");
  const auto train = open_folder(folder).train;
  EXPECT_EQ(error_of(ErrorKind::corrupt_file, [&] { train->image(1); }),
            "expected an image, got a link that leads nowhere, in " +
                (folder / "train/cat/image1.png").string());
}

TEST(FolderDataset, FilesNeedNotBeNamedInUtf8ButClasses) {
  const fs::path folder = fresh_folder("bytes");
  const std::string image = "caf\xE9 \xFF.jpg", class_name = "caf\xC3\xA9";
  for (const char* part : {"train", "test"}) {
    put_images(folder / part / class_name, 1);
    put_file(folder / part / class_name / image,
             read_text_file(golden_folder() / "images/rgb420.jpg"));
  }
  const DataSplits data = open_folder(folder);
  EXPECT_EQ(data.train->class_names(), std::vector<std::string>{class_name});
  EXPECT_TRUE(data.train->image_name(0).ends_with(image));
  EXPECT_GT(data.train->image(0).width, 0);
  for (const char* part : {"train", "test"}) put_images(folder / part / "caf\xE9", 1);
  EXPECT_EQ(folder_error(folder),
            "expected class names in UTF-8, got caf?, in folder:" + folder.string());
  fs::remove_all(folder / "test/caf\xE9");
  EXPECT_NE(folder_error(folder).find("got no caf?, in"), std::string::npos);
}

TEST(FolderDataset, FollowsLinksToImagesAndClasses) {
  const fs::path folder = fresh_folder("links");
  put_images(folder / "elsewhere/cat", 3);
  for (const char* part : {"data/train", "data/test"}) {
    fs::create_directories(folder / part);
    fs::create_directory_symlink(folder / "elsewhere/cat", folder / part / "cat");
  }
  fs::create_symlink("a.jpg", folder / "elsewhere/cat/b.jpg");
  fs::create_symlink("b.jpg", folder / "elsewhere/cat/a.jpg");
  const DataSplits data = open_folder(folder / "data");
  ASSERT_EQ(data.train->size(), 5);
  const std::string message = error_of(ErrorKind::corrupt_file, [&] { data.train->image(0); });
  EXPECT_NE(message.find("cat/a.jpg"), std::string::npos) << message;
}

TEST(FolderDataset, DigestFollowsNamesAndSizes) {
  const fs::path folder = fresh_folder("digest");
  put_images(folder / "train/cat", 2);
  put_images(folder / "test/cat", 2);
  const std::string before = open_folder(folder).train->digest();
  EXPECT_EQ(open_folder(folder).train->digest(), before);
  EXPECT_EQ(before.size(), 64U);
  put_file(folder / "train/cat/image1.jpg", "x");
  const std::string longer = open_folder(folder).train->digest();
  EXPECT_NE(longer, before);
  fs::rename(folder / "train/cat/image1.jpg", folder / "train/cat/image3.jpg");
  EXPECT_NE(open_folder(folder).train->digest(), longer);
}

TEST(FolderDataset, BadImageIsNamed) {
  const fs::path folder = fresh_folder("bad_image");
  put_images(folder / "train/cat", 1);
  put_images(folder / "test/cat", 1);
  const DataSplits data = open_folder(folder);
  const std::string message = error_of(ErrorKind::corrupt_file, [&] { data.train->image(0); });
  EXPECT_NE(message.find("train/cat/image1.jpg"), std::string::npos) << message;
}

TEST(ImageList, HoldsFilesAsTheyAreNamed) {
  const std::string path = (golden_folder() / "images/rgb.png").string();
  const auto list = image_list({path, "missing.jpg"});
  ASSERT_EQ(list->size(), 2);
  EXPECT_EQ(list->image_name(0), path);
  EXPECT_EQ(list->image(0).width, 24);
  EXPECT_EQ(list->label(1), 0);
  EXPECT_EQ(error_of(ErrorKind::io, [&] { list->image(1); }),
            "cannot open missing.jpg: No such file or directory");
}

}  // namespace
}  // namespace submask
