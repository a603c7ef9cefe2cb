#include "grid/slurm_submission.h"

#include <fstream>
#include <gtest/gtest.h>

#include "base/fail.h"
#include "error_of.h"
#include "grid/slurm_settings.h"
#include "scratch_folder.h"

namespace submask {
namespace {

TEST(SlurmSubmission, IsReadBackByItsTitle) {
  const auto cells = fresh_folder("submissions");
  EXPECT_TRUE(read_submissions(cells, "one").empty());
  const Submission first = make_submission(cells, "one", {{{"a", "b"}, "label \"1\""}});
  make_submission(cells, "two", {{{"c"}, ""}});
  const Submission last = make_submission(cells, "one", {{{"a"}, ""}});
  std::ofstream(last.folder / "job") << "17\n";
  std::ofstream(last.folder / "task-0.exit") << "137\n";
  const auto read = read_submissions(cells, "one");
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0].folder, first.folder);
  EXPECT_EQ(read[0].tasks[0].cells, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(read[0].tasks[0].label, "label \"1\"");
  EXPECT_EQ(read[0].job, "");
  EXPECT_EQ(read[0].exit_status(0), std::nullopt);
  EXPECT_EQ(read[1].job, "17");
  EXPECT_EQ(read[1].exit_status(0), 137);
  std::ofstream(first.folder / "submission.json") << "{}";
  EXPECT_NE(error_of(ErrorKind::corrupt_file, [&] { read_submissions(cells, "one"); })
                .find("expected the tasks of a job array"),
            std::string::npos);
}

TEST(SlurmSubmission, OfSeveralTasksOfACellTheActiveOneCounts) {
  const auto cells = fresh_folder("tasks_of_cells");
  for (int i = 0; i < 3; ++i) make_submission(cells, "grid", {{{"a", "b"}, ""}, {{"c"}, ""}});
  auto submissions = read_submissions(cells, "grid");
  submissions[2].job = "30";
  const auto known = [&](const std::string& job, size_t index, const std::string& state,
                         const std::string& comment) {
    return slurm::KnownTask{job, index, state, "", comment};
  };
  // The first by its comment, the third by its number, which others' comments do not hide.
  const auto tasks = tasks_of_cells(
      submissions,
      {known("10", 0, "RUNNING", submissions[0].token()), known("30", 0, "FAILED", "(null)"),
       known("30", 1, "PENDING", "(null)"), known("40", 0, "PENDING", "somebody else's")});
  EXPECT_EQ(tasks.at("a").known.job, "10");
  EXPECT_TRUE(tasks.at("b").is_active());
  EXPECT_EQ(tasks.at("c").known.state, "PENDING");
  // Without an active one it is the last, also where Slurm has forgotten that.
  EXPECT_EQ(tasks_of_cells(submissions, {known("10", 0, "FAILED", submissions[0].token())})
                .at("a")
                .known.state,
            "");
}

TEST(SlurmSettings, AreWrittenAsSbatchReadsThem) {
  EXPECT_TRUE(sbatch_settings({}).empty());
  SlurmSettings settings;
  settings.gpus_per_task = 2;
  settings.time = "1-0";
  settings.constraint = "[a|b]&it's";
  settings.sbatch = {"--mem=8G --exclusive", "--time=5"};
  EXPECT_EQ(sbatch_settings(settings),
            (std::vector<std::string>{"--ntasks=1", "--gpus-per-task=2", "--time=1-0",
                                      "--constraint='[a|b]&it'\\''s'", "--mem=8G --exclusive",
                                      "--time=5"}));
  settings.account = "a\nb";
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { sbatch_settings(settings); }),
            "expected one line for --account, got 'a?b'");
}

}  // namespace
}  // namespace submask
