#include "serve/api/predict_job.h"

#include <future>
#include <gtest/gtest.h>

#include "base/file.h"
#include "serve/served_files.h"

namespace submask {
namespace {

class PredictJobTest : public ServedFiles {
 protected:
  std::vector<JobAnswer> answers_to(PredictJob job) {
    std::promise<std::vector<JobAnswer>> promise;
    run_job(std::move(job), folder_, engine_, pool_,
            [&](const PredictJob&, std::vector<JobAnswer> answers) {
              promise.set_value(std::move(answers));
            });
    return promise.get_future().get();
  }

  static std::string error_in(const JobAnswer& answer) {
    try {
      std::rethrow_exception(std::get<std::exception_ptr>(answer.outcome));
    } catch (const std::exception& error) {
      return error.what();
    }
  }

  TaskMemory memory_{*backbone_, uint64_t{1} << 27, 1};
  TaskFolder folder_{fresh_folder("job"), *backbone_, memory_};
  Engine engine_{*backbone_, memory_, {.workers = 1}};
  WorkPool pool_{1};
};

TEST_F(PredictJobTest, AnswersEachImageForEachTask) {
  const std::string path = task_file("one.task", {"a", "b", "c"});
  const std::string content = read_text_file(path), image = read_text_file(image_);
  const auto file = parse_served_file(as_bytes(content), path, *backbone_);
  const auto answers =
      answers_to({.tasks = {file, "missing"}, .images = {{"1", image}, {"2", "no image"}}});
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_EQ(std::get<Answer>(answers[0].outcome).scores.numel(), 3);
  EXPECT_EQ(answers[0].file, file);
  EXPECT_EQ(error_in(answers[1]).substr(0, 15), "expected a JPEG");
  EXPECT_EQ(error_in(answers[2]), "expected a task that is served, got 'missing'");
  EXPECT_EQ(answers[3].file, nullptr);
}

// Images of one request do not keep those of others waiting.
TEST_F(PredictJobTest, OthersComeBetweenItsImages) {
  const std::string path = task_file("one.task", {"a", "b", "c"}), image = read_text_file(image_);
  const auto file = parse_served_file(as_bytes(read_text_file(path)), path, *backbone_);
  PredictJob many{.tasks = {file}, .images = {}};
  for (int i = 0; i < 200; ++i) many.images.push_back({"image", image});
  std::promise<void> one_done, many_done;
  std::atomic<bool> is_many_done = false, is_one_first = false;
  pool_.post([&] {
    run_job(many, folder_, engine_, pool_, [&](const PredictJob&, const std::vector<JobAnswer>&) {
      is_many_done = true;
      many_done.set_value();
    });
  });
  pool_.post([&] {
    run_job({.tasks = {file}, .images = {{"image", image}}}, folder_, engine_, pool_,
            [&](const PredictJob&, const std::vector<JobAnswer>&) {
              is_one_first = !is_many_done;
              one_done.set_value();
            });
  });
  one_done.get_future().get();
  many_done.get_future().get();
  EXPECT_TRUE(is_one_first);
}

TEST_F(PredictJobTest, SuggestsANameWhereOneWasAsked) {
  write_file_atomically(folder_.folder() / "zebra.task", as_bytes("no task"));
  folder_.refresh();
  const auto line = [&](std::vector<AskedTask> tasks) {
    return error_in(answers_to({.tasks = std::move(tasks), .images = {{"1", "no image"}}})[0]);
  };
  EXPECT_EQ(line({"zebre"}), "expected a task that is served (zebra?), got 'zebre'");
  EXPECT_EQ(line({"zebre", "zebre"}), "expected a task that is served, got 'zebre'");
}

// Answers are kept until all are there.
TEST_F(PredictJobTest, BoundsTheBytesOfItsAnswers) {
  constexpr int64_t classes = 200'000, images = 170;
  const BankHead bank{at::ones({1, backbone_->info().feature_width}),
                      at::zeros({1}, at::kLong),
                      classes,
                      {.k = 1, .temperature = 1}};
  const std::string path = file_of("many.task", task_with(bank, std::vector<std::string>(classes)));
  const auto file = parse_served_file(as_bytes(read_text_file(path)), path, *backbone_);
  const std::string image = read_text_file(image_);
  PredictJob job{.tasks = {file}, .images = {}};
  for (int64_t i = 0; i < images; ++i) job.images.push_back({"image", image});
  const auto answers = answers_to(std::move(job));
  int64_t kept_bytes = 0, refused = 0;
  for (const JobAnswer& answer : answers) {
    if (const auto* kept = std::get_if<Answer>(&answer.outcome)) {
      kept_bytes += static_cast<int64_t>(kept->scores.nbytes());
      continue;
    }
    ++refused;
    EXPECT_EQ(error_in(answer),
              "expected at most 134217728 bytes of scores of one request, got more");
  }
  EXPECT_LE(kept_bytes, int64_t{128} << 20);
  EXPECT_GT(kept_bytes, int64_t{120} << 20);
  EXPECT_GT(refused, 0);
}

// A small file may have many pixels, and a folder many tasks.
TEST_F(PredictJobTest, DoesNothingThatNobodyWaitsFor) {
  const PredictJob job{.tasks = {"missing"}, .images = {{"1", "no image"}}};
  PredictJob late = job, given_up = job;
  late.deadline = ServeClock::now();
  given_up.is_given_up = std::make_shared<std::atomic<bool>>(true);
  EXPECT_EQ(error_in(answers_to(late)[0]), "expected an answer in time, got none");
  EXPECT_EQ(error_in(answers_to(given_up)[0]),
            "expected the client to stay for its answer, got the end of what it sends");
}

}  // namespace
}  // namespace submask
