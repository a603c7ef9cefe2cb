#include "serve/engine/task_folder.h"

#include <fstream>
#include <gmock/gmock.h>
#include <thread>

#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "scratch_folder.h"
#include "serve/served_files.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

class TaskFolderTest : public ServedFiles {
 protected:
  std::unique_ptr<TaskFolder> open() {
    return std::make_unique<TaskFolder>(folder_, *backbone_, *memory_, std::chrono::seconds(1));
  }

  fs::path put(const std::string& name, uint64_t seed) const {
    const fs::path made = task_file("made.task", {"a", "b", "c"}, seed);
    fs::rename(made, folder_ / name);
    return folder_ / name;
  }

  static std::string version_in(const fs::path& path) {
    return version_of(as_bytes(read_text_file(path)));
  }

  static std::string digest_in(const fs::path& path) {
    return sha256_hex(as_bytes(read_text_file(path)));
  }

  // Tasks of which not all have room in memory.
  std::unique_ptr<TaskFolder> fill_small_memory() {
    memory_ = std::make_unique<TaskMemory>(*backbone_, 4 * memory_->slot_bytes(), 1);
    constexpr int64_t files = 30;
    for (int64_t i = 0; i < files; ++i)
      put("a" + std::to_string(i) + ".task", static_cast<uint64_t>(100 + i));
    auto tasks = open();
    tasks->refresh();
    return tasks;
  }

  std::vector<std::string> in_memory(const TaskFolder& tasks) const {
    std::vector<std::string> names;
    for (const TaskListing& task : tasks.list())
      if (memory_->tier_of(task.file_name, task.digest) != TaskTier::none)
        names.push_back(task.name);
    return names;
  }

  // Waits for what a thread finds out.
  static bool comes(const std::function<bool()>& condition) {
    for (int i = 0; i < 500; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  fs::path folder_ = fresh_folder("task_folder");
  std::unique_ptr<TaskMemory> memory_ =
      std::make_unique<TaskMemory>(*backbone_, uint64_t{1} << 27, 1);
};

TEST_F(TaskFolderTest, ServesWhatIsThere) {
  const std::string version = version_in(put("one.task", 1));
  put("two.task", 2);
  std::ofstream(folder_ / "notes.txt") << "no task";
  const auto tasks = open();
  tasks->refresh();
  const auto list = tasks->list();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].name, "one");
  EXPECT_EQ(list[0].version, version);
  EXPECT_EQ(list[0].error, "");
  EXPECT_EQ(list[0].classes, 3);
  EXPECT_GT(list[0].masked_fraction, 0);
  EXPECT_EQ(list[0].file_bytes, fs::file_size(folder_ / "one.task"));
  const auto file = tasks->open("one");
  EXPECT_EQ(file->version, version);
  EXPECT_EQ(tasks->open("one"), file);
  EXPECT_EQ(tasks->find("two")->name, "two");
  EXPECT_FALSE(tasks->find("three"));
  for (const char* name : {"zebra", "", "../../one"})
    EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { tasks->open(name); }),
              std::string("expected a task that is served, got '") + name + "'");
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { tasks->open("twoo"); }),
            "expected a task that is served (two?), got 'twoo'");
}

TEST_F(TaskFolderTest, TellsOfFilesThatAreNotServed) {
  std::ofstream(folder_ / "broken.task") << "no task";
  std::ofstream(folder_ / "a b.task") << "no task";
  std::ofstream(folder_ / ".hidden.task") << "no task";
  std::mutex mutex;
  std::vector<std::string> told;
  TaskFolder tasks(folder_, *backbone_, *memory_, std::chrono::seconds(1),
                   [&](const std::string& line) {
                     const std::lock_guard guard(mutex);
                     told.push_back(line);
                   });
  tasks.refresh();
  tasks.refresh();
  const std::lock_guard guard(mutex);
  EXPECT_EQ(told, (std::vector<std::string>{
                      "passes over 'a b.task': names may have A-Za-z0-9._- alone",
                      "does not serve broken.task: expected a submask task file, got a file that "
                      "begins with 'no task', in broken.task"}));
}

// Of four places three are the others'.
TEST_F(TaskFolderTest, KeepsWhicheverVersionOfAPinnedTaskIsServed) {
  memory_ = std::make_unique<TaskMemory>(*backbone_, 5 * memory_->slot_bytes(), 1, 1);
  const std::string first = digest_in(put("one.task", 1));
  for (uint64_t seed : {2, 3, 4, 5}) put("other" + std::to_string(seed) + ".task", seed);
  const auto tasks = open();
  tasks->pin({"one"});
  EXPECT_EQ(memory_->tier_of("one.task", first), TaskTier::weights);
  const std::string second = digest_in(put("one.task", 9));
  ASSERT_TRUE(comes([&] { return memory_->tier_of("one.task", second) == TaskTier::weights; }));
  for (const char* name : {"other2", "other3", "other4", "other5"})
    memory_->weights(*tasks->open(name), 0);
  EXPECT_EQ(memory_->tier_of("one.task", second), TaskTier::weights);
  EXPECT_NE(memory_->tier_of("one.task", first), TaskTier::weights);
  EXPECT_THROW(tasks->pin({"none"}), NoSuchTask);
  EXPECT_EQ(error_of(ErrorKind::invalid_argument,
                     [&] {
                       tasks->pin({"one", "other2"});
                     }),
            "expected at most 1 tasks to pin, got 2");
}

TEST_F(TaskFolderTest, SeesWhatComesGoesAndChanges) {
  const auto tasks = open();
  EXPECT_TRUE(tasks->list().empty());
  const std::string first = version_in(put("one.task", 1));
  ASSERT_TRUE(comes([&] { return tasks->find("one") && tasks->find("one")->version == first; }));
  const auto held = tasks->open("one");
  const std::string second = version_in(put("one.task", 2));
  ASSERT_NE(first, second);
  ASSERT_TRUE(comes([&] { return tasks->find("one")->version == second; }));
  EXPECT_EQ(tasks->open("one")->version, second);
  EXPECT_EQ(held->version, first);
  fs::remove(folder_ / "one.task");
  ASSERT_TRUE(comes([&] { return !tasks->find("one"); }));
}

TEST_F(TaskFolderTest, GoesOnWithTheGoodVersion) {
  const auto tasks = fill_small_memory();
  const std::string good = version_in(put("one.task", 1));
  ASSERT_TRUE(comes([&] { return tasks->find("one") && tasks->unchecked() == 0; }));
  ASSERT_EQ(tasks->find("one")->version, good);
  ASSERT_EQ(memory_->tier_of("one.task", tasks->find("one")->digest), TaskTier::none);
  write_file_atomically(folder_ / "one.task", as_bytes("no task"));
  ASSERT_TRUE(comes([&] { return !tasks->find("one")->error.empty(); }));
  const TaskListing listing = *tasks->find("one");
  EXPECT_EQ(listing.version, good);
  EXPECT_NE(listing.error.find("one.task"), std::string::npos) << listing.error;
  // It is read from the file that was there.
  EXPECT_EQ(tasks->open("one")->version, good);
  const std::string next = version_in(put("one.task", 3));
  ASSERT_TRUE(comes([&] { return tasks->find("one")->version == next; }));
  EXPECT_EQ(tasks->find("one")->error, "");
}

TEST_F(TaskFolderTest, RefusesBrokenAndForeignFilesByName) {
  put("good.task", 1);
  std::ofstream(folder_ / "broken.task") << "no task";
  std::string content = read_text_file(put("cut.task", 2));
  content.resize(content.size() / 2);
  write_file_atomically(folder_ / "cut.task", as_bytes(content));
  const auto other = Backbone::create("resnet20", 7);
  Task foreign = random_task(*other, 3, 0.9);
  write_task(folder_ / "foreign.task", pack_task(foreign, *other));
  const auto tasks = open();
  tasks->refresh();
  for (const char* name : {"broken", "cut", "foreign"}) {
    EXPECT_EQ(tasks->find(name)->version, "") << name;
    EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { tasks->open(name); }),
              tasks->find(name)->error);
  }
  EXPECT_NE(tasks->find("foreign")->error.find("expected a task for resnet20 with weights "),
            std::string::npos);
  EXPECT_EQ(tasks->open("good")->name, "good");
}

TEST_F(TaskFolderTest, ChecksATaskThatIsAskedForFirst) {
  for (int i = 0; i < 20; ++i) put("t" + std::to_string(i) + ".task", static_cast<uint64_t>(i));
  const auto tasks = open();
  EXPECT_EQ(tasks->open("t9")->name, "t9");
}

TEST_F(TaskFolderTest, ASecondStartReadsNothing) {
  const fs::path path = put("one.task", 1);
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(1));
  const std::string version = version_in(path);
  open()->refresh();
  ASSERT_TRUE(fs::exists(folder_ / ".submask-serve.json"));
  memory_ = std::make_unique<TaskMemory>(*backbone_, uint64_t{1} << 27, 1);
  const auto tasks = open();
  EXPECT_EQ(tasks->unchecked(), 0U);
  EXPECT_EQ(tasks->find("one")->version, version);
  EXPECT_EQ(tasks->find("one")->classes, 3);
  EXPECT_EQ(tasks->open("one")->version, version);
}

TEST_F(TaskFolderTest, FillsMemoryBeforeTasksAreAskedFor) {
  const fs::path path = put("one.task", 1);
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(1));
  const std::string digest = digest_in(path);
  for (int start = 0; start < 2; ++start) {  // without an index, and with one
    memory_ = std::make_unique<TaskMemory>(*backbone_, uint64_t{1} << 27, 1);
    const auto tasks = open();
    EXPECT_TRUE(comes([&] { return memory_->tier_of("one.task", digest) == TaskTier::bits; }));
    EXPECT_EQ(tasks->find("one")->digest, digest);
  }
}

TEST_F(TaskFolderTest, FillsOnlyWhatIsFree) {
  const auto tasks = fill_small_memory();
  const auto kept = in_memory(*tasks);
  ASSERT_FALSE(kept.empty());
  EXPECT_LT(kept.size(), tasks->list().size());
  put("zoo.task", 1);
  ASSERT_TRUE(comes([&] { return tasks->find("zoo") && tasks->unchecked() == 0; }));
  EXPECT_EQ(in_memory(*tasks), kept);
}

TEST_F(TaskFolderTest, ABrokenIndexIsMadeAnew) {
  put("one.task", 1);
  for (const char* content : {"{", "[]", R"({"version": 1, "identity": 3, "files": [[1]]})"}) {
    write_file_atomically(folder_ / ".submask-serve.json", as_bytes(content));
    EXPECT_EQ(open()->open("one")->name, "one");
  }
}

// Each write of it is a change of the folder, which is looked at.
TEST_F(TaskFolderTest, WritesAnIndexThatSaysTheSameOnce) {
  const fs::path path = put("one.task", 1), index = folder_ / ".submask-serve.json";
  fs::last_write_time(path, fs::file_time_type::clock::now() + std::chrono::hours(1));
  memory_ = std::make_unique<TaskMemory>(*backbone_, uint64_t{1} << 27, 1);
  TaskFolder tasks(folder_, *backbone_, *memory_, std::chrono::seconds(60));
  ASSERT_TRUE(comes([&] { return fs::exists(index); }));
  EXPECT_EQ(tasks.find("one")->error, "");
  const auto written = fs::last_write_time(index);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(fs::last_write_time(index), written);
}

// Memory that others hold comes back.
TEST_F(TaskFolderTest, RefusesNoFileForWantOfMemory) {
  const auto tasks = fill_small_memory();
  std::vector<std::shared_ptr<const void>> held;
  const auto hold_all = [&] {
    for (const TaskListing& task : tasks->list()) {
      const auto file = tasks->open(task.name);
      held.push_back(memory_->bits(*file, 0));
      held.push_back(file);
    }
  };
  // The folder's own thread holds memory for moments. What it gave back in between is enough for a
  // file, which is held too by the next time.
  std::string refused;
  ASSERT_TRUE(comes([&] {
    EXPECT_THAT(error_of(ErrorKind::unavailable, hold_all), testing::HasSubstr("(--memory)"));
    const std::string name = text("new", held.size());
    put(name + ".task", 1);
    try {
      tasks->load(name);
      return false;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("(--memory)"));
      refused = name;
      return true;
    }
  }));
  EXPECT_EQ(tasks->find(refused)->error, "");
  held.clear();
  EXPECT_TRUE(comes([&] { return tasks->unchecked() == 0; }));
  EXPECT_EQ(tasks->open(refused)->name, refused);
}

TEST_F(TaskFolderTest, TellsAFileThatWasWrittenOver) {
  const fs::path path = put("one.task", 1);
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(1));
  open()->refresh();
  const auto tasks = open();  // by the index
  const std::string old = tasks->find("one")->version;
  const std::string other = read_text_file(task_file("other.task", {"a", "b", "c"}, 5));
  std::ofstream(path, std::ios::binary | std::ios::trunc) << other;
  EXPECT_TRUE(comes([&] { return tasks->open("one")->version != old; }));
  EXPECT_EQ(tasks->open("one")->version, version_of(as_bytes(other)));
}

TEST_F(TaskFolderTest, OfTwoFilesOfOneNameServesTheFirst) {
  put("one.task", 1);
  const auto tasks = open();
  tasks->refresh();
  fs::copy_file(folder_ / "one.task", folder_ / "one.cascade");
  tasks->refresh();
  const auto list = tasks->list();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].error,
            "expected one file of the name one, got a task and a cascade, in " + folder_.string());
  EXPECT_EQ(tasks->open("one")->path, folder_ / "one.task");
  fs::remove(folder_ / "one.task");
  ASSERT_TRUE(comes([&] { return tasks->list().size() == 1; }));
  tasks->refresh();
  EXPECT_EQ(tasks->open("one")->path, folder_ / "one.cascade");
}

TEST_F(TaskFolderTest, ReadsTheParentsOfTasks) {
  Task parent = task_with(linear_head(), {"a", "b", "c"}), child = parent;
  child.units[0].bits[0] ^= 1;
  child.units[0].on += (child.units[0].bits[0] & 1) != 0 ? 1 : -1;
  write_task(folder_ / "parent.task", pack_task(parent, *backbone_));
  PackOptions options;
  options.parent = &parent;
  options.parent_file = "parent.task";
  write_task(folder_ / "child.task", pack_task(child, *backbone_, options));
  const auto tasks = open();
  const auto file = tasks->open("child");
  ASSERT_NE(file->parent, nullptr);
  EXPECT_EQ(file->parent->name, "parent");
  EXPECT_EQ(memory_->bits(*file, 0)->units[0].bits, child.units[0].bits);
  ASSERT_EQ(tasks->find("child")->error, "");
  write_task(folder_ / "parent.task", pack_task(child, *backbone_));
  tasks->refresh();
  EXPECT_NE(tasks->find("child")->error.find("parent"), std::string::npos)
      << tasks->find("child")->error;
  fs::remove(folder_ / "parent.task");
  write_task(folder_ / "orphan.task", pack_task(child, *backbone_, options));
  tasks->refresh();
  EXPECT_NE(tasks->find("orphan")->error.find("parent.task: No such file"), std::string::npos)
      << tasks->find("orphan")->error;
  // A chain that leads back to itself ends.
  options.parent_file = "circle.task";
  write_task(folder_ / "circle.task", pack_task(child, *backbone_, options));
  options.parent_file = "ring.task";
  write_task(folder_ / "gnir.task", pack_task(child, *backbone_, options));
  options.parent_file = "gnir.task";
  write_task(folder_ / "ring.task", pack_task(child, *backbone_, options));
  tasks->refresh();
  for (const char* name : {"circle", "ring", "gnir"})
    EXPECT_NE(tasks->find(name)->error.find("expected at most 16 parents, got more"),
              std::string::npos)
        << tasks->find(name)->error;
}

// What the index knew of a child was coded against a parent that is there no more.
TEST_F(TaskFolderTest, RefusesAChildWhoseParentChangedBetweenStarts) {
  const Task parent = task_with(linear_head(), {"a", "b", "c"});
  Task child = parent;
  child.units[0].bits[0] ^= 1;
  child.units[0].on += (child.units[0].bits[0] & 1) != 0 ? 1 : -1;
  PackOptions options;
  options.parent = &parent;
  options.parent_file = "parent.task";
  write_task(folder_ / "parent.task", pack_task(parent, *backbone_));
  write_task(folder_ / "child.task", pack_task(child, *backbone_, options));
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(1);
  for (const char* name : {"parent.task", "child.task"}) fs::last_write_time(folder_ / name, old);
  open()->refresh();
  write_task(folder_ / "parent.task", pack_task(child, *backbone_));
  memory_ = std::make_unique<TaskMemory>(*backbone_, uint64_t{1} << 27, 1);
  const auto tasks = open();
  tasks->refresh();
  EXPECT_EQ(tasks->find("child")->version, "");
  EXPECT_THAT([&] { tasks->open("child"); },
              testing::ThrowsMessage<NoSuchTask>(testing::HasSubstr("parent")));
}

TEST_F(TaskFolderTest, ServesOnWithoutItsFolder) {
  put("one.task", 1);
  const auto tasks = open();
  tasks->refresh();
  const fs::path aside = folder_.string() + "_aside";
  fs::remove_all(aside);
  fs::rename(folder_, aside);
  ASSERT_TRUE(comes([&] { return !tasks->trouble().empty(); }));
  EXPECT_EQ(tasks->open("one")->name, "one");
  fs::rename(aside, folder_);
  ASSERT_TRUE(comes([&] { return tasks->trouble().empty(); }));
  put("two.task", 2);
  ASSERT_TRUE(comes([&] { return tasks->find("two").has_value(); }));
}

TEST_F(TaskFolderTest, NeedsAFolder) {
  folder_ /= "missing";
  EXPECT_NE(error_of(ErrorKind::io, [&] { open(); }).find("expected a folder of task files, got "),
            std::string::npos);
}

}  // namespace
}  // namespace submask
