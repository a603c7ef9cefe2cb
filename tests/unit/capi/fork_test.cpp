// A child that fork() made, as PyTorch's data loaders are, has no threads but its own.
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "small_task.h"

namespace {

TEST(CFork, AChildWorksByItself) {
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

}  // namespace
