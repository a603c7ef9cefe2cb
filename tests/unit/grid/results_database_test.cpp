#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <submask/error.h>

#include "grid/results.h"
#include "scratch_folder.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

CellResult done(const std::string& id, const std::string& result = R"({"accuracy":0.5})") {
  return {id, true, "train --rate=5", result, "", R"({"commit":"abc"})"};
}

CellResult failed(const std::string& id) {
  return {id, false, "train --rate=5", "", "expected a file, got none", "{}"};
}

Error error_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {ErrorKind::unavailable, ""};
}

void execute(const fs::path& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
}

class ResultsDatabaseTest : public testing::Test {
 protected:
  const fs::path folder_ = fresh_folder("results");
  const fs::path path_ = folder_ / "results.sqlite";
};

TEST_F(ResultsDatabaseTest, KeepsWhatWasPut) {
  {
    ResultsDatabase database(path_);
    EXPECT_FALSE(database.find("a"));
    database.put(failed("a"));
    database.put(done("b"), {{1, R"({"loss":2})"}, {2, R"({"loss":1})"}});
    database.put(done("b", "{}"), {{1, R"({"loss":3})"}});
  }
  const ResultsDatabase database(path_);
  EXPECT_FALSE(database.find("a")->done);
  EXPECT_EQ(database.find("a")->error, "expected a file, got none");
  EXPECT_EQ(database.find("b")->result, "{}");
  EXPECT_EQ(database.find("b")->environment, R"({"commit":"abc"})");
  ASSERT_EQ(database.epochs("b").size(), 1U);
  EXPECT_EQ(database.epochs("b")[0].metrics, R"({"loss":3})");
}

TEST_F(ResultsDatabaseTest, KeepsGridsInTheirOrder) {
  ResultsDatabase database(path_);
  database.put_grid("two", {{"b", {{"model", "m"}, {"seed", "0"}}}, {"a", {{"model", "\"é\n"}}}});
  database.put_grid("one", {});
  database.put_grid("three", {{"c", {}}});
  database.put_grid("three", {{"a", {}}});
  EXPECT_EQ(database.grids(), (std::vector<std::string>{"three", "two"}));
  const auto entries = database.entries("two");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].cell, "b");
  EXPECT_EQ(entries[0].labels[1], (std::pair<std::string, std::string>{"seed", "0"}));
  EXPECT_EQ(entries[1].labels[0].second, "\"é\n");
  ASSERT_EQ(database.entries("three").size(), 1U);
  EXPECT_EQ(database.entries("three")[0].cell, "a");
}

TEST_F(ResultsDatabaseTest, MergesWhatIsNotDone) {
  const fs::path other = folder_ / "other.sqlite";
  {
    ResultsDatabase theirs(other);
    theirs.put(done("both", "{\"theirs\":1}"));
    theirs.put(done("failed here"), {{1, "{}"}});
    theirs.put(failed("failed there"));
    theirs.put(failed("new"));
    theirs.put_grid("grid", {{"both", {}}});
  }
  ResultsDatabase ours(path_);
  ours.put(done("both", "{\"ours\":1}"));
  ours.put(failed("failed here"), {{7, "{}"}});
  ours.put(done("failed there"));
  EXPECT_EQ(ours.merge(other).taken, 2);
  EXPECT_EQ(ours.find("both")->result, "{\"ours\":1}");
  EXPECT_TRUE(ours.find("failed here")->done);
  EXPECT_EQ(ours.epochs("failed here").at(0).epoch, 1);
  EXPECT_TRUE(ours.find("failed there")->done);
  EXPECT_FALSE(ours.find("new")->done);
  EXPECT_EQ(ours.entries("grid").size(), 1U);
  EXPECT_EQ(ours.merge(other).taken, 0);
  EXPECT_EQ(error_of([&] { ours.merge(folder_ / "none"); }).kind(), ErrorKind::io);
  std::ofstream(folder_ / "text") << std::string(5000, 'x');
  EXPECT_EQ(error_of([&] { ours.merge(folder_ / "text"); }).kind(), ErrorKind::corrupt_file);
  EXPECT_EQ(ours.merge(other).taken, 0);
}

TEST_F(ResultsDatabaseTest, CountsCellsThatHaveOtherNumbersThere) {
  const fs::path other = folder_ / "other.sqlite";
  ResultsDatabase ours(path_);
  {
    ResultsDatabase theirs(other);
    theirs.put(done("same", R"({"accuracy":0.5,"seconds":2,"out":"there","task_bytes":9})"));
    theirs.put(done("other", R"({"accuracy":0.5,"test":{"lp":0.25}})"));
    theirs.put(done("theirs alone"));
    theirs.put(failed("failed"));
  }
  ours.put(done("same", R"({"accuracy":0.5,"seconds":1,"out":"here","task_bytes":8,"n":20})"));
  ours.put(done("other", R"({"accuracy":0.5,"test":{"lp":0.75}})"));
  ours.put(done("failed"));
  const MergedCells merged = ours.merge(other);
  EXPECT_EQ(merged.taken, 1);
  EXPECT_EQ(merged.different, 1);
  EXPECT_EQ(ours.find("other")->result, R"({"accuracy":0.5,"test":{"lp":0.75}})");
}

TEST_F(ResultsDatabaseTest, SaysWhetherAGridIsReplacedByAnother) {
  ResultsDatabase database(path_);
  EXPECT_FALSE(database.put_grid("grid", {{"a", {{"seed", "0"}}}}));
  EXPECT_FALSE(database.put_grid("grid", {{"a", {{"seed", "0"}}}}));
  EXPECT_FALSE(database.put_grid("another", {{"b", {}}}));
  EXPECT_TRUE(database.put_grid("grid", {{"b", {{"seed", "0"}}}}));
}

TEST_F(ResultsDatabaseTest, RefusesOtherFiles) {
  std::ofstream(path_) << std::string(5000, 'x');
  EXPECT_EQ(error_of([&] { ResultsDatabase{path_}; }).kind(), ErrorKind::corrupt_file);
  const fs::path foreign = folder_ / "foreign.sqlite";
  execute(foreign, "CREATE TABLE cells (x)");
  const Error error = error_of([&] { ResultsDatabase{foreign}; });
  EXPECT_EQ(error.kind(), ErrorKind::corrupt_file);
  EXPECT_STREQ(error.what(), ("expected a database of results, got another SQLite database, in " +
                              foreign.string())
                                 .c_str());
  EXPECT_EQ(error_of([&] { ResultsDatabase{folder_ / "no" / "folder"}; }).kind(), ErrorKind::io);
}

TEST_F(ResultsDatabaseTest, RefusesTheNext) {
  ResultsDatabase{path_};
  execute(path_, "PRAGMA user_version = 2");
  EXPECT_EQ(error_of([&] { ResultsDatabase{path_}; }).kind(), ErrorKind::unsupported_version);
}

}  // namespace
}  // namespace submask
