// A child that fork() made, as PyTorch's data loaders are, has no threads but its own.
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "small_task.h"

namespace {

TEST(CFork, AChildWorksByItself) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP()
      << "the sanitizer's own allocator may be locked in a child, where other threads allocate";
#endif
  const SmallTask small;
  EXPECT_OK(submask_set_threads(4));
  const std::vector<uint8_t> file = file_bytes(small.packed(SUBMASK_SMALL).get());
  for (int round = 0; round < 5; ++round) {
    // Another thread keeps the pool busy while the child is made.
    std::atomic<bool> stop = false;
    std::thread busy([&] {
      while (!stop) small.packed(SUBMASK_FAST);
    });
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      alarm(60);
      submask_task* task = nullptr;
      const bool good =
          submask_task_open_memory(file.data(), file.size(), "memory", &task) == SUBMASK_OK &&
          file_bytes(small.packed(SUBMASK_SMALL).get()) == file;
      submask_task_free(task);
      exit(good ? 0 : 1);  // with the destructors of static objects
    }
    stop = true;
    busy.join();
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
  EXPECT_OK(submask_set_threads(0));
}

// Whatever the other threads are in the middle of, no lock of the library is copied as held.
TEST(CFork, NoLockIsCopiedAsHeld) {
  EXPECT_OK(submask_set_threads(3));
  const std::vector<float> ones(100'000, 1);
  const auto sum = [&] {
    double total = 0;
    return submask_dot(ones.data(), ones.data(), ones.size(), &total) == SUBMASK_OK &&
           total == 100'000;
  };
  std::atomic<bool> stop = false;
  std::vector<std::thread> busy;
  for (int i = 0; i < 3; ++i)
    busy.emplace_back([&] {
      while (!stop) sum();
    });
  int bad = 0;
  for (int round = 0; round < 200; ++round) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      alarm(30);
      _exit(sum() ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) ++bad;
  }
  stop = true;
  for (std::thread& thread : busy) thread.join();
  EXPECT_EQ(bad, 0);
  EXPECT_OK(submask_set_threads(0));
}

}  // namespace
