#include "grid/slurm_submission.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "base/fail.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/output_file.h"
#include "base/parse_number.h"

namespace submask {
namespace {
namespace fs = std::filesystem;
using nlohmann::json;

fs::path submissions_folder(const fs::path& cells) { return cells / "slurm"; }

std::string new_token(size_t earlier) {
  const std::string number = std::to_string(earlier + 1);
  std::random_device random;
  char digits[17];
  std::snprintf(digits, sizeof digits, "%08x%08x", random(), random());
  return std::string(number.size() < 6 ? 6 - number.size() : 0, '0') + number + "-" + digits;
}

std::vector<fs::path> submission_folders(const fs::path& cells) {
  std::vector<fs::path> folders;
  if (!fs::exists(submissions_folder(cells))) return folders;
  for (const auto& entry : fs::directory_iterator(submissions_folder(cells)))
    if (fs::exists(entry.path() / "submission.json")) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

// The first line of a file; "" where there is none yet.
std::string first_line(const fs::path& path) {
  if (!fs::exists(path)) return "";
  const std::string text = read_text_file(path);
  return text.substr(0, text.find('\n'));
}

Submission read_submission(const fs::path& folder) {
  const std::string path = (folder / "submission.json").string();
  try {
    const json record = parse_json<json>(read_text_file(path), path);
    Submission submission{folder, record.at("title"), {}, first_line(folder / "job")};
    for (const json& task : record.at("tasks"))
      submission.tasks.push_back({task.at("cells"), task.at("label")});
    return submission;
  } catch (const json::exception& error) {
    fail_corrupt("the tasks of a job array", error.what(), path);
  }
}

}  // namespace

fs::path Submission::log(size_t task) const { return folder / text("task-", task, ".log"); }

std::optional<int> Submission::exit_status(size_t task) const {
  return parse_number<int>(first_line(folder / text("task-", task, ".exit")));
}

Submission make_submission(const fs::path& cells, const std::string& title,
                           std::vector<SlurmTask> tasks) {
  Submission submission;
  submission.folder = submissions_folder(cells) / new_token(submission_folders(cells).size());
  submission.title = title;
  submission.tasks = std::move(tasks);
  make_folder(submission.folder);
  json record = {{"title", title}, {"tasks", json::array()}};
  for (const SlurmTask& task : submission.tasks)
    record["tasks"].push_back({{"cells", task.cells}, {"label", task.label}});
  write_output(submission.folder / "submission.json", json_text(record) + "\n");
  return submission;
}

std::vector<Submission> read_submissions(const fs::path& cells, const std::string& title) {
  std::vector<Submission> submissions;
  for (const fs::path& folder : submission_folders(cells)) {
    Submission submission = read_submission(folder);
    // As texts of JSON, where bytes that are no UTF-8 have become question marks in both.
    if (json_text(json(submission.title)) == json_text(json(title)))
      submissions.push_back(std::move(submission));
  }
  return submissions;
}

std::map<std::string, SubmittedTask> tasks_of_cells(const std::vector<Submission>& submissions,
                                                    const std::vector<slurm::KnownTask>& known) {
  std::map<std::pair<std::string, size_t>, const slurm::KnownTask*> by_token, by_job;
  for (const slurm::KnownTask& task : known) {
    by_token[{task.comment, task.index}] = &task;
    by_job[{task.job, task.index}] = &task;
  }
  std::map<std::string, SubmittedTask> tasks;
  for (const Submission& submission : submissions)
    for (size_t i = 0; i < submission.tasks.size(); ++i) {
      SubmittedTask task{&submission, i, {}};
      if (const auto found = by_token.find({submission.token(), i}); found != by_token.end())
        task.known = *found->second;
      else if (const auto same = by_job.find({submission.job, i}); same != by_job.end())
        task.known = *same->second;
      for (const std::string& cell : task.task().cells) {
        const auto [place, is_new] = tasks.try_emplace(cell, task);
        if (!is_new && !place->second.is_active()) place->second = task;
      }
    }
  return tasks;
}

}  // namespace submask
