#include "serve/engine/folder_watch.h"

#include <fstream>
#include <gtest/gtest.h>

#include "scratch_folder.h"

namespace submask {
namespace {
namespace fs = std::filesystem;
using std::chrono::milliseconds, std::chrono::seconds;

// Others of the folder may be written all the time.
TEST(FolderWatch, LooksAtAllInTimeWhateverHappens) {
  const fs::path folder = fresh_folder("folder_watch");
  FolderWatch watch(folder, seconds(1));
  const auto end = std::chrono::steady_clock::now() + seconds(2);
  int looks = 0;
  while (std::chrono::steady_clock::now() < end) {
    std::ofstream(folder / "log") << "line";
    const FolderChanges changes = watch.wait(milliseconds(50));
    EXPECT_TRUE(changes.is_all || changes.names.contains("log"));
    looks += changes.is_all ? 1 : 0;
  }
  EXPECT_GE(looks, 1);
  EXPECT_LE(looks, 2);
}

TEST(FolderWatch, FollowsALinkToAnotherFolder) {
  const fs::path folder = fresh_folder("folder_watch");
  for (const char* name : {"one", "two"}) fs::create_directory(folder / name);
  const fs::path link = folder / "link";
  fs::create_directory_symlink("one", link);
  FolderWatch watch(link, seconds(1));
  fs::remove(link);
  fs::create_directory_symlink("two", link);
  EXPECT_TRUE(watch.wait(seconds(10)).is_all);
  std::ofstream(folder / "one" / "old") << "old";
  std::ofstream(folder / "two" / "new") << "new";
  EXPECT_EQ(watch.wait(seconds(10)).names, std::set<std::string>{"new"});
}

}  // namespace
}  // namespace submask
