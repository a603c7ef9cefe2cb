#include "serve/http/access_log.h"

#include <chrono>
#include <filesystem>
#include <gtest/gtest.h>
#include <thread>

#include "base/file.h"
#include "error_of.h"
#include "scratch_folder.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

// Whether the file has this within ten seconds.
bool is_soon(const fs::path& path, const std::string& content) {
  for (int i = 0; i < 1000; ++i) {
    if (fs::exists(path) && read_text_file(path).find(content) != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

TEST(AccessLog, FollowsARenamedFile) {
  const fs::path folder = fresh_folder("log");
  AccessLog log((folder / "log").string());
  log.write("one");
  ASSERT_TRUE(is_soon(folder / "log", "one\n"));
  fs::rename(folder / "log", folder / "old");
  log.write("two");
  EXPECT_TRUE(is_soon(folder / "old", "one\ntwo\n"));
  log.reopen();
  log.write("three");
  EXPECT_TRUE(is_soon(folder / "log", "three\n"));
  EXPECT_EQ(read_text_file(folder / "old"), "one\ntwo\n");
}

// It may have been full, or its folder away.
TEST(AccessLog, GoesOnOnceItsFileCanBeWrittenAgain) {
  const fs::path folder = fresh_folder("log"), aside = folder.string() + "_aside";
  fs::remove_all(aside);
  AccessLog log((folder / "log").string());
  log.write("one");
  ASSERT_TRUE(is_soon(folder / "log", "one\n"));
  fs::rename(folder, aside);
  log.reopen();
  log.write("two");
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  fs::rename(aside, folder);
  log.reopen();
  log.write("three");
  EXPECT_TRUE(is_soon(folder / "log", "three\n"));
}

TEST(AccessLog, EndsALineThatAKilledProcessLeftCut) {
  const fs::path folder = fresh_folder("log");
  write_output(folder / "log", "whole\ncu");
  AccessLog log((folder / "log").string());
  log.write("one");
  EXPECT_TRUE(is_soon(folder / "log", "one\n"));
  EXPECT_EQ(read_text_file(folder / "log"), "whole\ncu\none\n");
}

TEST(AccessLog, NeedsAFile) {
  const fs::path path = scratch_folder() / "missing" / "log";
  EXPECT_EQ(error_of(ErrorKind::io, [&] { AccessLog(path.string()); }),
            "expected to write " + path.string() + ", got No such file or directory");
}

}  // namespace
}  // namespace submask
