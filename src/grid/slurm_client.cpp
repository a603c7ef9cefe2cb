#include "grid/slurm_client.h"

#include <set>
#include <sstream>
#include <unistd.h>

#include "base/fail.h"
#include "base/other_program.h"
#include "base/parse_number.h"

namespace submask::slurm {
namespace {

// What a program of Slurm says in one or several lines, as one.
std::string said(const ProgramRun& run) {
  std::istringstream lines(run.errors);
  std::string all;
  for (std::string line; std::getline(lines, line);)
    if (!line.empty()) all += (all.empty() ? "" : "; ") + line;
  return all.empty() ? "no message" : shown(all);
}

ProgramRun answer_of(const std::vector<std::string>& words) {
  auto run = run_program(words);
  if (!run)
    fail(ErrorKind::unavailable, "expected Slurm's ", words[0],
         " in PATH, got none: is this a machine that submits jobs?");
  if (!run->succeeded)
    fail(ErrorKind::unavailable, "expected an answer from Slurm's ", words[0],
         ", got: ", said(*run));
  return std::move(*run);
}

std::string task_name(const std::string& job, size_t index) { return text(job, '_', index); }

}  // namespace

size_t largest_array() {
  std::istringstream lines(answer_of({"scontrol", "show", "config"}).output);
  std::string name, equals, size = "unknown";
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    if (words >> name && name == "MaxArraySize") words >> equals >> size;
  }
  const auto number = parse_number<size_t>(size);
  if (!number || *number == 0)
    fail(ErrorKind::unavailable, "expected a Slurm that takes job arrays, got MaxArraySize ", size);
  return *number;
}

SubmittedArray submit_array(const std::filesystem::path& script, const std::string& after) {
  std::vector<std::string> words = {"sbatch", "--parsable"};
  if (!after.empty()) words.push_back("--dependency=afterany:" + after);
  words.push_back(script.string());
  const ProgramRun run = answer_of(words);
  // "JOB", or "JOB;CLUSTER" where there are several clusters.
  const std::string job = run.output.substr(0, run.output.find_first_of(";\n"));
  if (!parse_number<uint64_t>(job))
    fail(ErrorKind::unavailable, "expected the number of a job from sbatch, got '",
         shown(run.output), "'");
  return {job, run.errors.empty() ? "" : said(run)};
}

std::vector<KnownTask> known_tasks() {
  // The comment is last, because it may have any character.
  std::istringstream lines(answer_of({"squeue", "--noheader", "--array", "--states=all",
                                      text("--user=", getuid()), "--format=%F|%K|%T|%r|%k"})
                               .output);
  std::vector<KnownTask> tasks;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    KnownTask task;
    std::string index;
    std::getline(fields, task.job, '|');
    std::getline(fields, index, '|');
    std::getline(fields, task.state, '|');
    std::getline(fields, task.reason, '|');
    std::getline(fields, task.comment);
    const auto number = parse_number<size_t>(index);
    if (!number) continue;  // a job that is no array
    task.index = *number;
    tasks.push_back(std::move(task));
  }
  return tasks;
}

bool is_waiting(const std::string& state) {
  return state == "PENDING" || state == "REQUEUED" || state == "REQUEUE_HOLD" ||
         state == "REQUEUE_FED" || state == "SPECIAL_EXIT" || state == "RESV_DEL_HOLD";
}

bool is_running(const std::string& state) {
  static const std::set<std::string> states = {"RUNNING",  "CONFIGURING", "COMPLETING", "STAGE_OUT",
                                               "RESIZING", "SIGNALING",   "SUSPENDED",  "STOPPED"};
  return states.contains(state);
}

void requeue_task(const std::string& job, size_t index) {
  answer_of({"scontrol", "requeue", task_name(job, index)});
}

void cancel_array(const std::string& job) { answer_of({"scancel", job}); }

}  // namespace submask::slurm
