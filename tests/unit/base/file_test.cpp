#include "base/file.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <submask/error.h>

#include "error_of.h"
#include "scratch_folder.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

TEST(AtomicFile, KeepsTheOldFileWithoutCommit) {
  const fs::path path = fresh_folder("old") / "result";
  write_file_atomically(path, as_bytes("old"));
  {
    AtomicFile file(path);
    file.write(as_bytes("half of the n"));
  }
  EXPECT_EQ(read_text_file(path), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(path.parent_path()), {}), 1);
}

// What a killed process had written is longer than the new content, none of it may be left.
TEST(AtomicFile, OverwritesWhatAKilledWriteHasLeft) {
  const fs::path folder = fresh_folder("killed");
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    AtomicFile file(folder / "result");
    file.write(std::vector<uint8_t>(5000));
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  ASSERT_TRUE(fs::exists(folder / "result.unfinished"));
  write_file_atomically(folder / "result", as_bytes("whole"));
  EXPECT_EQ(read_text_file(folder / "result"), "whole");
  EXPECT_FALSE(fs::exists(folder / "result.unfinished"));
}

// Another file that has the name by chance, or by malice, stays as it is.
TEST(AtomicFile, LeavesOtherFilesOfThatName) {
  const fs::path folder = fresh_folder("others"), path = folder / "result";
  std::ofstream(folder / "precious") << "precious";
  fs::create_hard_link(folder / "precious", folder / "result.unfinished");
  const auto refused = [&] { return error_of(ErrorKind::io, [&] { AtomicFile file(path); }); };
  EXPECT_EQ(refused(), "cannot write " + path.string() + ".unfinished: it is another file");
  EXPECT_EQ(read_text_file(folder / "precious"), "precious");
  fs::remove(folder / "result.unfinished");
  ASSERT_EQ(mkfifo((folder / "result.unfinished").c_str(), 0600), 0);
  EXPECT_NE(refused(), "");  // and does not wait for a reader
  fs::remove(folder / "result.unfinished");
  fs::create_symlink("precious", folder / "result.unfinished");
  EXPECT_EQ(refused(),
            "cannot write " + path.string() + ".unfinished: Too many levels of symbolic links");
  fs::remove(folder / "result.unfinished");
  ASSERT_EQ(mkfifo((folder / "result.unfinished").c_str(), 0600), 0);
  EXPECT_NE(error_of(ErrorKind::corrupt_file, [&] { MappedFile(folder / "result.unfinished"); }),
            "");
}

TEST(AtomicFile, WritesOfManyThreadsFollowEachOther) {
  const fs::path path = fresh_folder("threads") / "result";
  std::vector<std::thread> threads;
  for (char letter = 'a'; letter < 'e'; ++letter)
    threads.emplace_back([&path, letter] {
      for (int i = 0; i < 50; ++i) write_file_atomically(path, as_bytes(std::string(100, letter)));
    });
  for (std::thread& thread : threads) thread.join();
  const std::string content = read_text_file(path);
  EXPECT_EQ(content, std::string(100, content.at(0)));
  EXPECT_EQ(std::distance(fs::directory_iterator(path.parent_path()), {}), 1);
}

TEST(AtomicFile, KeepsThePermissionsOfWhatItReplaces) {
  const fs::path path = fresh_folder("mode") / "result";
  std::ofstream(path) << "secret";
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  write_file_atomically(path, as_bytes("another secret"));
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(AtomicFile, NamesTheFileItCannotWrite) {
  try {
    AtomicFile file("/nowhere/at/all/result");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
    EXPECT_NE(std::string(error.what()).find("/nowhere/at/all/result"), std::string::npos);
  }
}

// A file size limit fails a write half way as a full disk does.
TEST(AtomicFile, LeavesNothingBehindWhenTheDiskIsFull) {
  const fs::path folder = fresh_folder("full");
  rlimit old_limit{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = old_limit;
  small.rlim_cur = 1000;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string message = error_of(
      ErrorKind::io, [&] { write_file_atomically(folder / "result", std::vector<uint8_t>(5000)); });
  setrlimit(RLIMIT_FSIZE, &old_limit);
  EXPECT_EQ(message, "cannot write " + (folder / "result").string() + ": File too large");
  EXPECT_TRUE(fs::is_empty(folder));
}

TEST(AtomicFile, FollowsLinksAndRefusesWhatIsNoFile) {
  const fs::path folder = fresh_folder("links");
  fs::create_symlink("target", folder / "link");
  write_file_atomically(folder / "link", as_bytes("content"));
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read_text_file(folder / "target"), "content");
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  for (const fs::path& path : {fs::path("/dev/null"), folder / "pipe", folder}) {
    try {
      check_writable(path);
      ADD_FAILURE() << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::io);
      EXPECT_NE(std::string(error.what()).find("cannot write " + path.string() + ": it is "),
                std::string::npos);
    }
  }
}

TEST(MappedFile, ReadsEmptyAndRefusesFolders) {
  const fs::path folder = fresh_folder("mapped");
  write_file_atomically(folder / "empty", {});
  EXPECT_TRUE(MappedFile(folder / "empty").bytes().empty());
  EXPECT_EQ(error_of(ErrorKind::corrupt_file, [&] { MappedFile{folder}; }),
            "expected a regular file, got a folder, in " + folder.string());
  EXPECT_EQ(error_of(ErrorKind::io, [&] { MappedFile{folder / "missing"}; }),
            "cannot open " + (folder / "missing").string() + ": No such file or directory");
}

TEST(CheckWritable, RefusesAFolderAsTarget) {
  const fs::path folder = fresh_folder("target");
  EXPECT_EQ(error_of(ErrorKind::io, [&] { check_writable(folder); }),
            "cannot write " + folder.string() + ": it is a folder");
}

}  // namespace
}  // namespace submask
