#include "dataset_trees.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

const std::string published_names = "Cyprinus carpio,0\nLepomis cyanellus,1\nAcris blanchardi,2\n";

fs::path put_tree(const std::string& name) {
  const fs::path root = fresh_folder(name);
  const std::vector<std::string> train{"train/04180_Cyprinus_carpio/a.jpg",
                                       "train/04190_Lepomis_cyanellus/b.jpg",
                                       "train/02590_Acris_blanchardi/c, d.jpg"},
      test{"test/Amphibia/Acris blanchardi/e.jpg", "test/Actinopterygii/Cyprinus carpio/f.jpg"};
  for (const auto& images : {train, test})
    for (const std::string& image : images) put_image(root / image);
  put_file(root / "metadata/class_names.txt", published_names);
  put_file(root / "metadata/train/class_labels.txt",
           train[0] + ",0\n" + train[1] + ",1\n" + train[2] + ",2\n");
  put_file(root / "metadata/test/class_labels.txt", test[0] + ",2\r\n" + test[1] + ",0");
  put_file(root / "metadata/val/class_labels.txt", "val/not there.jpg,0\n");
  return root;
}

TEST(InatLocDataset, ReadsWhatItsMetadataLists) {
  const fs::path root = put_tree("inatloc");
  const std::string spec = "inatloc500:" + root.string();
  const DataSplits data = open_spec(spec);
  EXPECT_EQ(data.train->class_names(),
            (std::vector<std::string>{"Cyprinus carpio", "Lepomis cyanellus", "Acris blanchardi"}));
  EXPECT_EQ(labels_of(*data.train), (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(labels_of(*data.test), (std::vector<int64_t>{2, 0}));
  EXPECT_TRUE(data.test->image_name(0).ends_with("test/Amphibia/Acris blanchardi/e.jpg"));
  ASSERT_EQ(data.passed_over.size(), 1U);
  EXPECT_EQ(data.passed_over[0].what, "images of the validation part, which is for localisation");
  EXPECT_EQ(data.passed_over[0].first, std::vector<std::string>{"val/not there.jpg"});
  EXPECT_FALSE(data.passed_over[0].is_loss);
  expect_readable(spec);
}

TEST(InatLocDataset, FindsItsMetadataUnderOtherNames) {
  const fs::path root = put_tree("inatloc_names");
  const std::string spec = "inatloc500:" + root.string();
  const std::string digest = open_spec(spec).train->digest();
  fs::rename(root / "metadata", root / "metadata_choe");
  put_file(root / "metadata_other/readme.txt", "");
  EXPECT_EQ(open_spec(spec).train->digest(), digest);
  for (const char* list : {"class_names.txt", "train/class_labels.txt", "test/class_labels.txt"})
    fs::rename(root / "metadata_choe" / list, root / list);
  EXPECT_EQ(open_spec(spec).train->digest(), digest);
}

TEST(InatLocDataset, ReadsNamesInEachForm) {
  const fs::path root = put_tree("inatloc_forms"), file = root / "metadata/class_names.txt";
  const std::string spec = "inatloc500:" + root.string();
  const std::string digest = open_spec(spec).train->digest();
  for (const char* names : {"Cyprinus carpio\nLepomis cyanellus\nAcris blanchardi\n",
                            "1,Lepomis cyanellus\r\n\n0,Cyprinus carpio\n2,Acris blanchardi",
                            "Acris blanchardi,2\nCyprinus carpio,0\nLepomis cyanellus,1"}) {
    put_file(file, names);
    EXPECT_EQ(open_spec(spec).train->digest(), digest) << names;
  }
  put_file(file, "a,b,0\nc,1\nd,2\n");
  EXPECT_EQ(open_spec(spec).train->class_names()[0], "a,b");
  const auto refused = [&](const std::string& names, const std::string& part) {
    put_file(file, names);
    expect_part_of(part, spec_error(spec));
  };
  refused("a,0\nb,1\nc,1\n", "a name for each label of 0 to 2, got 'c,1'");
  refused("a,0\nb,1\nc,3\n", "got 'c,3'");
  refused("a,0\nb\nc,2\n", "got 'b'");
  refused("a\nb\n", "with a label below 2");
  refused("", "with a label below 0");
}

TEST(InatLocDataset, NamesMissingImagesAndBadLines) {
  const fs::path root = put_tree("inatloc_bad"), file = root / "metadata/test/class_labels.txt";
  const std::string spec = "inatloc500:" + root.string(), good = read_text_file(file);
  const auto refused = [&](const std::string& lines, const std::string& part) {
    put_file(file, lines);
    expect_part_of(part, spec_error(spec));
  };
  refused(good + "\ntest/x/y/g.jpg,1\ntest/x/y/h.jpg,1\n",
          "2 missing: test/x/y/g.jpg, test/x/y/h.jpg");
  for (const char* line : {"a.jpg", "a.jpg,", "a.jpg,-1", "a.jpg,3", ",1", "../a.jpg,1", "/a.jpg,1",
                           "a.jpg,99999999999999999999"})
    refused(good + "\n" + line, "IMAGE,LABEL in line 3 with a label below 3");
  refused("", "images to test on");
  fs::remove(file);
  expect_part_of(file.string(), spec_error(spec, ErrorKind::io));
}

}  // namespace
}  // namespace submask
