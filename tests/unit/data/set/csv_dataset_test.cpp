#include "data/format/csv_reader.h"
#include "dataset_trees.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

std::vector<std::vector<std::string>> rows_of(const std::string& content) {
  CsvReader reader(content, "FILE");
  std::vector<std::vector<std::string>> rows;
  for (std::vector<std::string> fields; reader.next(fields);) rows.push_back(fields);
  return rows;
}

TEST(CsvReader, ReadsQuotesAndLineEnds) {
  using Rows = std::vector<std::vector<std::string>>;
  EXPECT_EQ(rows_of(""), Rows{});
  EXPECT_EQ(rows_of("\n\r\n"), Rows{});
  EXPECT_EQ(rows_of("a,b\r\n\r\nc,d"), (Rows{{"a", "b"}, {"c", "d"}}));
  EXPECT_EQ(rows_of("a,\n,b\n,"), (Rows{{"a", ""}, {"", "b"}, {"", ""}}));
  EXPECT_EQ(rows_of("\"a,b\",\"say \"\"x\"\"\"\n\"two\nlines\",\"\"\r\n"),
            (Rows{{"a,b", "say \"x\""}, {"two\nlines", ""}}));
  expect_part_of("line 2", error_of(ErrorKind::corrupt_file, [] { rows_of("a\n\"b,c\nd"); }));
  expect_part_of("line 1", error_of(ErrorKind::corrupt_file, [] { rows_of("\"a\"b,c"); }));
}

struct Table {
  explicit Table(const std::string& name) : folder(fresh_folder(name)), file(folder / "list.csv") {
    for (const char* image : {"1.jpg", "2.jpg", "3.jpg", "4.jpg"}) put_image(folder / "im" / image);
  }
  std::string spec() const { return "csv:" + file.string(); }

  fs::path folder, file;
};

TEST(CsvDataset, ReadsPathsLabelsAndParts) {
  const Table table("csv");
  put_file(table.file,
           "\xEF\xBB\xBFsplit,path,note,label\r\ntrain,im/1.jpg,,dog 10\r\nval,im/2.jpg,,dog 2\r\n"
           "test,\"im/3.jpg\",\"a, b\",dog 10\r\n");
  const DataSplits data = open_spec(table.spec());
  EXPECT_EQ(data.train->class_names(), (std::vector<std::string>{"dog 2", "dog 10"}));
  EXPECT_EQ(labels_of(*data.train), (std::vector<int64_t>{1, 0}));
  EXPECT_EQ(labels_of(*data.test), std::vector<int64_t>{1});
  EXPECT_EQ(data.test->image_name(0), (table.folder / "im/3.jpg").string());
  expect_readable(table.spec());
}

TEST(CsvDataset, SplitsByTheSeedWithoutParts) {
  const Table table("csv_split");
  put_file(table.file, "path,label\nim/1.jpg,a\nim/2.jpg,b\nim/3.jpg,a\nim/4.jpg,b\n");
  const DataSplits data = open_spec(table.spec());
  EXPECT_EQ(data.train->size(), 2);
  ASSERT_EQ(data.test->size(), 2);
  EXPECT_NE(data.test->label(0), data.test->label(1));
  EXPECT_EQ(open_spec(table.spec()).test->digest(), data.test->digest());
  put_file(table.file, "path,label\nim/1.jpg,a\nim/2.jpg,b\nim/3.jpg,a\n");
  expect_part_of("one in b", spec_error(table.spec()));
}

TEST(CsvDataset, ListsEveryMissingImage) {
  const Table table("csv_missing");
  std::string rows = "path,label,split\nim/1.jpg,a,train\n";
  for (int i = 10; i < 35; ++i) rows += "gone" + std::to_string(i) + ".jpg,a,test\n";
  put_file(table.file, rows);
  const std::string message = spec_error(table.spec());
  expect_part_of("25 missing: gone10.jpg, gone11.jpg,", message);
  expect_part_of("gone29.jpg and 5 more, in " + table.folder.string(), message);
}

TEST(CsvDataset, HasAValidationPartOfItsOwn) {
  const Table table("csv_validation");
  put_file(table.file, "path,label,split\nim/1.jpg,a,train\nim/2.jpg,a,val\nim/3.jpg,a,test\n");
  EXPECT_EQ(open_spec(table.spec()).train->size(), 2);
  const DataSplits data = open_data({.spec = table.spec(), .validation = "split"});
  EXPECT_EQ(data.train->size(), 1);
  ASSERT_NE(data.validation, nullptr);
  EXPECT_EQ(data.validation->image_name(0), (table.folder / "im/2.jpg").string());
}

// Lists that were written on other systems.
TEST(CsvDataset, ReadsBackslashesAsSlashesAndPassesLeftoversOver) {
  const Table table("csv_backslashes");
  put_image(table.folder / "im/really\\named.jpg");
  put_file(table.file,
           "path,label,split\nim\\1.jpg,a,train\nim/._1.jpg,a,train\n"
           "im/really\\named.jpg,a,train\nim/3.jpg,a,test\n__MACOSX/im/3.jpg,a,test\n");
  const DataSplits data = open_spec(table.spec());
  ASSERT_EQ(data.train->size(), 2);
  EXPECT_EQ(data.train->image_name(0), (table.folder / "im/1.jpg").string());
  EXPECT_EQ(data.train->image_name(1), (table.folder / "im/really\\named.jpg").string());
  EXPECT_EQ(data.test->size(), 1);
  EXPECT_EQ(data.notes,
            std::vector<std::string>{"1 paths with backslashes were read with slashes: im\\1.jpg"});
  ASSERT_EQ(data.passed_over.size(), 1U);
  EXPECT_EQ(data.passed_over[0].count, 2);
  EXPECT_FALSE(data.passed_over[0].is_loss);
}

// It is listed, and does not decode.
TEST(CsvDataset, TakesABrokenLinkForAnImage) {
  const Table table("csv_link");
  fs::create_symlink("gone.jpg", table.folder / "im/5.jpg");
  put_file(table.file, "path,label,split\nim/5.jpg,a,train\nim/3.jpg,a,test\n");
  const auto train = open_spec(table.spec()).train;
  expect_part_of("a link that leads nowhere",
                 error_of(ErrorKind::corrupt_file, [&] { train->image(0); }));
}

TEST(CsvDataset, RefusesDamagedTables) {
  const Table table("csv_damaged");
  const auto refused = [&](const std::string& content, const std::string& part) {
    put_file(table.file, content);
    expect_part_of(part, spec_error(table.spec()));
  };
  refused("", "got an empty file");
  refused("im/1.jpg,a\n", "columns path, label");
  refused("path,label\nim/1.jpg\n", "2 fields in line 2, got 1");
  refused("path,label\n\nim/1.jpg,\n", "line 3");
  refused("path,label,split\nim/1.jpg,a,tests\n", "got 'tests'");
  refused("path,label,split\nim/1.jpg,a,train\n", "images to test on");
  refused("path,label,split\nim/1.jpg,a,train\nim/2.jpg,b,test\n", "none of b");
  refused("path, label\n", "got 'path', ' label'");
  refused("path,label\n", "images to train on");
  fs::remove(table.file);
  spec_error(table.spec(), ErrorKind::io);
}

}  // namespace
}  // namespace submask
