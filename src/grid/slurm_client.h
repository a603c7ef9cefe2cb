// Asks Slurm by its own programs, which speak every version's protocol and read every site's
// configuration. All functions throw unavailable where a program is missing, or where it fails, as
// it does when the scheduler does not answer.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace submask::slurm {

// The number of tasks that an array may have.
size_t largest_array();

struct SubmittedArray {
  std::string job;       // the number of the array
  std::string warnings;  // "": none
};

// Gives a script to sbatch. With `after`, the number of another array, it waits for that one's end.
SubmittedArray submit_array(const std::filesystem::path& script, const std::string& after);

// A task of this user that Slurm still knows. It forgets tasks some minutes after their end.
struct KnownTask {
  std::string job;  // the number of its array
  size_t index = 0;
  std::string state;    // as squeue has it: "PENDING", "RUNNING", "TIMEOUT", ...
  std::string reason;   // why it waits
  std::string comment;  // as the script gave it
};
std::vector<KnownTask> known_tasks();

bool is_waiting(const std::string& state);
bool is_running(const std::string& state);

// Puts a task that has ended into the queue again, as the same task.
void requeue_task(const std::string& job, size_t index);

void cancel_array(const std::string& job);

}  // namespace submask::slurm
