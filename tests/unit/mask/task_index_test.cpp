#include "taskfile/task_index.h"

#include <chrono>
#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/task_file.h>

#include "base/file.h"
#include "error_of.h"
#include "scratch_folder.h"
#include "taskfile/describe.h"
#include "taskfile/task_origin.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& method) {
  Task task;
  task.backbone = "resnet20";
  task.weights_identity = std::string(64, 'a');
  task.units = {pack_mask("a", at::arange(8).ne(3))};
  task.provenance = R"({"method":")" + method + R"(","data":"dtd","accuracy":0.5})";
  write_task(path, pack_task(task));
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(1));
}

TEST(TaskIndex, ListsTasksByName) {
  const fs::path folder = fresh_folder("list");
  write(folder / "b.task", "fs");
  write(folder / "a.task", "lp");
  write_file_atomically(folder / "notes.txt", as_bytes("no task"));
  for (int again = 0; again < 2; ++again) {
    const auto tasks = list_tasks(folder);
    ASSERT_EQ(tasks.size(), 2U);
    EXPECT_EQ(tasks[0].file, "a.task");
    EXPECT_EQ(tasks[0].method, "lp");
    EXPECT_EQ(tasks[0].data, "dtd");
    EXPECT_EQ(tasks[0].classes, 0);
    EXPECT_EQ(tasks[0].error, "");
    EXPECT_EQ(tasks[0].backbone, "resnet20");
    EXPECT_EQ(tasks[0].weights_identity, std::string(64, 'a'));
    EXPECT_EQ(tasks[0].profile, "plain");
    EXPECT_EQ(tasks[1].accuracy, 0.5);
    EXPECT_EQ(tasks[1].weights, 8);
    EXPECT_EQ(tasks[1].masked_fraction, 0.125);
    EXPECT_EQ(tasks[1].bytes, fs::file_size(folder / "b.task"));
  }
  const fs::path index = folder / ".submask-index.json";
  ASSERT_TRUE(fs::exists(index));
  // Where nothing changed it is not written again.
  const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours(2);
  fs::last_write_time(index, long_ago);
  list_tasks(folder);
  EXPECT_EQ(fs::last_write_time(index), long_ago);
}

TEST(TaskIndex, TellsAnUnknownAccuracyByItsSign) {
  const fs::path folder = fresh_folder("unknown");
  Task task;
  task.units = {pack_mask("a", at::arange(8).ne(3))};
  write_task(folder / "a.task", pack_task(task));
  EXPECT_LT(list_tasks(folder).at(0).accuracy, 0);
}

// What a file answers with is the head that was fitted last.
TEST(TaskIndex, HasTheAccuracyOfTheHead) {
  const fs::path folder = fresh_folder("fitted");
  Task task;
  task.units = {pack_mask("a", at::arange(8).ne(3))};
  task.provenance = R"({"accuracy":0.5,"data":"dtd","fit":{"accuracy":0.75,"data":"pets"}})";
  write_task(folder / "a.task", pack_task(task));
  EXPECT_EQ(list_tasks(folder).at(0).accuracy, 0.75);
  EXPECT_EQ(list_tasks(folder).at(0).data, "dtd");
  const auto described = describe(read_packed_task(folder / "a.task"), 0);
  EXPECT_EQ(described["accuracy"], 0.75);
  EXPECT_EQ(described["mask_accuracy"], 0.5);
  const TaskOrigin unmeasured = origin_of(R"({"accuracy":0.5,"fit":{"probe":"knn"}})");
  EXPECT_FALSE(unmeasured.accuracy);
  EXPECT_EQ(unmeasured.mask_accuracy, 0.5);
  EXPECT_EQ(origin_of(R"({"fit":{"accuracy":0.75},"trimmed":{"bytes":9}})").accuracy, 0.75);
  EXPECT_EQ(origin_of(R"({"fit":{"probe":"lp"},"trimmed":{"accuracy":0.6}})").accuracy, 0.6);
}

TEST(TaskIndex, ReadsWhatChanged) {
  const fs::path folder = fresh_folder("changed");
  write(folder / "a.task", "fs");
  list_tasks(folder);
  write(folder / "a.task", "ssl-fs");
  EXPECT_EQ(list_tasks(folder).at(0).method, "ssl-fs");
  fs::remove(folder / "a.task");
  EXPECT_TRUE(list_tasks(folder).empty());
}

TEST(TaskIndex, TellsOfBrokenFilesAndIgnoresABrokenIndex) {
  const fs::path folder = fresh_folder("broken");
  write(folder / "a.task", "fs");
  write_file_atomically(folder / "b.task", as_bytes("no task"));
  write_file_atomically(folder / ".submask-index.json", as_bytes("{"));
  const auto tasks = list_tasks(folder);
  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_EQ(tasks[0].error, "");
  EXPECT_NE(tasks[1].error.find("b.task"), std::string::npos);
  EXPECT_EQ(tasks[1].bytes, 7U);
  EXPECT_EQ(tasks[1].weights + tasks[1].classes, 0);
  EXPECT_EQ(error_of(ErrorKind::io, [&] { list_tasks(folder / "missing"); }),
            "expected a folder of task files, got No such file or directory, in " +
                (folder / "missing").string());
}

}  // namespace
}  // namespace submask
