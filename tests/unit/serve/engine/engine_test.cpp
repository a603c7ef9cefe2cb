#include "serve/engine/engine.h"

#include <future>
#include <gmock/gmock.h>
#include <set>
#include <thread>

#include "base/file.h"
#include "serve/engine/prepare_image.h"
#include "serve/served_files.h"

namespace submask {
namespace {

using std::chrono::milliseconds;

class EngineTest : public ServedFiles {
 protected:
  using Result = std::variant<Answer, std::exception_ptr>;

  std::shared_ptr<const ServedFile> open(const std::string& path) const {
    const std::string content = read_text_file(path);
    return parse_served_file(as_bytes(content), path, *backbone_);
  }

  Question question(const std::shared_ptr<const ServedFile>& file) const {
    return {.file = file,
            .image = prepare_image(read_image(image_), file->description().preprocessing)};
  }

  static std::future<Result> ask(Engine& engine, Question question) {
    auto promise = std::make_shared<std::promise<Result>>();
    auto answered = promise->get_future();
    engine.ask(std::move(question),
               [promise](Result result) { promise->set_value(std::move(result)); });
    return answered;
  }

  static Answer answer_of(std::future<Result> result) {
    auto got = result.get();
    if (const auto* error = std::get_if<std::exception_ptr>(&got)) std::rethrow_exception(*error);
    return std::get<Answer>(std::move(got));
  }

  // Scores of the one image by the predictor.
  at::Tensor expected(const std::string& path) {
    Predictor predictor(*backbone_);
    predictor.select(path);
    return predictor.logits(
        normalise(prepare_image(read_image(image_), predictor.preprocessing()).unsqueeze(0),
                  predictor.preprocessing()))[0];
  }

  TaskMemory memory_{*backbone_, uint64_t{1} << 28, 2};
};

TEST_F(EngineTest, AnswersAsThePredictor) {
  const std::string path = task_file("one.task", {"a", "b", "c"});
  const at::Tensor scores = expected(path);
  Engine engine(*backbone_, memory_, {.workers = 1});
  const auto file = open(path);
  Question asked = question(file);
  asked.wants_features = true;
  const Answer answer = answer_of(ask(engine, std::move(asked)));
  EXPECT_TRUE(answer.scores.equal(scores));
  EXPECT_EQ(answer.batch, 1);
  EXPECT_EQ(answer.features.sizes(), at::IntArrayRef({backbone_->info().feature_width}));
  EXPECT_TRUE(head_logits(*file->head, answer.features.unsqueeze(0))[0].equal(scores));
}

TEST_F(EngineTest, NormalisedImagesAreTakenAsTheyAre) {
  const std::string path = task_file("floats.task", {"a", "b", "c"});
  const at::Tensor scores = expected(path);
  Engine engine(*backbone_, memory_, {.workers = 1});
  Question asked = question(open(path));
  asked.image =
      normalise(asked.image.unsqueeze(0), asked.file->description().preprocessing)[0].contiguous();
  EXPECT_TRUE(answer_of(ask(engine, std::move(asked))).scores.allclose(scores, 0, 1e-5));
}

// One image whose features overflow makes no other of its batch fail.
TEST_F(EngineTest, NoImageAnswersForAnother) {
  const std::string path = task_file("overflow.task", {"a", "b", "c"});
  const at::Tensor scores = expected(path);
  Engine engine(*backbone_, memory_,
                {.workers = 1, .max_batch = 2, .max_delay = std::chrono::seconds(20)});
  const auto file = open(path);
  Question overflowing = question(file);
  overflowing.image = at::full(overflowing.image.sizes(), 3e38F);
  auto failed = ask(engine, std::move(overflowing)), answered = ask(engine, question(file));
  EXPECT_TRUE(answer_of(std::move(answered)).scores.allclose(scores, 0, 1e-5));
  EXPECT_THAT(error_of(ErrorKind::invalid_argument, [&] { answer_of(std::move(failed)); }),
              testing::HasSubstr("expected finite features"));
  const EngineState state = engine.state();
  EXPECT_EQ(state.answered, 1);
  EXPECT_EQ(state.failed, 1);
}

TEST_F(EngineTest, ManyThreadsAskManyTasks) {
  std::vector<std::shared_ptr<const ServedFile>> files;
  std::vector<at::Tensor> scores;
  for (int i = 0; i < 6; ++i) {
    const std::string path =
        task_file("many" + std::to_string(i) + ".task", {"a", "b", "c"}, static_cast<uint64_t>(i));
    files.push_back(open(path));
    scores.push_back(expected(path));
  }
  Engine engine(*backbone_, memory_, {.workers = 2, .max_batch = 4, .max_delay = milliseconds(1)});
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      for (int n = 0; n < 30; ++n) {
        const auto i = static_cast<size_t>(thread + n) % files.size();
        const Answer answer = answer_of(ask(engine, question(files[i])));
        if (!answer.scores.allclose(scores[i], 0, 1e-5)) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  const EngineState state = engine.state();
  EXPECT_EQ(state.answered, 120);
  EXPECT_EQ(state.failed, 0);
  EXPECT_EQ(state.waiting_images, 0);
  EXPECT_LE(state.batches, 120);
  EXPECT_LE(memory_.rest().highest_bytes(), memory_.rest().most_bytes());
}

TEST_F(EngineTest, ImagesOfATaskGoThroughTogether) {
  const auto file = open(task_file("batch.task", {"a", "b", "c"}));
  Engine engine(*backbone_, memory_,
                {.workers = 1, .max_batch = 5, .max_delay = std::chrono::seconds(30)});
  std::vector<std::future<Result>> answers;
  for (int i = 0; i < 5; ++i) answers.push_back(ask(engine, question(file)));
  for (auto& answer : answers) EXPECT_EQ(answer_of(std::move(answer)).batch, 5);
}

TEST_F(EngineTest, StopAnswersWhatIsWaiting) {
  const auto file = open(task_file("stop.task", {"a", "b", "c"}));
  Engine engine(*backbone_, memory_, {.workers = 1, .max_delay = std::chrono::seconds(30)});
  auto answer = ask(engine, question(file));
  engine.stop();
  EXPECT_EQ(answer_of(std::move(answer)).batch, 1);
  EXPECT_EQ(error_of(ErrorKind::unavailable, [&] { ask(engine, question(file)); }),
            "expected a question before the end of service");
  EXPECT_FALSE(engine.has_room(1, 1));
}

TEST_F(EngineTest, RefusesMoreThanMayWait) {
  const auto file = open(task_file("full.task", {"a", "b", "c"}));
  Engine engine(*backbone_, memory_,
                {.workers = 1, .max_delay = std::chrono::seconds(30), .max_queue_images = 2});
  auto first = ask(engine, question(file)), second = ask(engine, question(file));
  EXPECT_FALSE(engine.has_room(1, 1));
  EXPECT_THROW(ask(engine, question(file)), TooBusy);
  EXPECT_NE(error_of(ErrorKind::unavailable, [&] { ask(engine, question(file)); })
                .find("expected at most 2 images or "),
            std::string::npos);
  engine.stop();
  answer_of(std::move(first));
  answer_of(std::move(second));
}

TEST_F(EngineTest, DropsWhatIsLateOrGivenUp) {
  const auto file = open(task_file("late.task", {"a", "b", "c"}));
  Engine engine(*backbone_, memory_, {.workers = 1, .max_delay = std::chrono::seconds(30)});
  Question late = question(file), gone = question(file);
  late.deadline = ServeClock::now() + milliseconds(20);
  gone.is_given_up = std::make_shared<std::atomic<bool>>(true);
  auto late_answer = ask(engine, std::move(late)), gone_answer = ask(engine, std::move(gone));
  const std::pair<std::future<Result>*, const char*> cases[] = {
      {&late_answer, "expected an answer in time, got none"},
      {&gone_answer, "expected the client to stay for its answer, got the end of what it sends"}};
  for (const auto& [answer, line] : cases) {
    try {
      answer_of(std::move(*answer));
      ADD_FAILURE() << "expected TooLate";
    } catch (const TooLate& dropped) {
      EXPECT_STREQ(dropped.what(), line);
    }
  }
  EXPECT_EQ(engine.state().given_up, 2);
}

TEST_F(EngineTest, ImagesOfAnotherShapeAreRefused) {
  const auto file = open(task_file("shape.task", {"a", "b", "c"}));
  Engine engine(*backbone_, memory_, {.workers = 1});
  for (const at::Tensor& image :
       {at::zeros({3, 31, 32}, at::kByte), at::zeros({3, 32, 32}, at::kLong),
        at::zeros({1, 3, 32, 32}, at::kFloat)})
    EXPECT_NE(
        error_of(ErrorKind::invalid_argument, [&] { ask(engine, {.file = file, .image = image}); })
            .find("expected an image of 3 x 32 x 32 bytes or floats, got ["),
        std::string::npos);
}

TEST_F(EngineTest, ATaskWithOtherBitsFailsAlone) {
  const std::string good_path = task_file("good.task", {"a", "b", "c"});
  auto broken = std::make_shared<ServedFile>(*open(task_file("broken.task", {"a", "b", "c"}, 2)));
  std::get<PackedTask>(broken->content).masks[0].check ^= 1;
  Engine engine(*backbone_, memory_, {.workers = 1});
  auto bad = ask(engine, question(broken)), good = ask(engine, question(open(good_path)));
  EXPECT_NE(
      error_of(ErrorKind::corrupt_file, [&] { answer_of(std::move(bad)); }).find("broken.task"),
      std::string::npos);
  EXPECT_TRUE(answer_of(std::move(good)).scores.equal(expected(good_path)));
}

// A version is short enough for a client to make two files of it.
TEST_F(EngineTest, FilesOfOneVersionAreTwo) {
  const std::string path = task_file("one.task", {"a", "b", "c"});
  Task other = task_with(linear_head(), {"a", "b", "c"});
  other.units[0].bits[0] ^= 1;
  other.units[0].on += (other.units[0].bits[0] & 1) != 0 ? 1 : -1;
  const std::string other_path = file_of("other.task", other);
  const auto file = open(path);
  auto forged = std::make_shared<ServedFile>(*open(other_path));
  forged->version = file->version;
  Engine engine(*backbone_, memory_, {.workers = 1, .max_batch = 1});
  auto answer = ask(engine, question(file)), forged_answer = ask(engine, question(forged));
  const at::Tensor scores = expected(path), other_scores = expected(other_path);
  EXPECT_FALSE(scores.equal(other_scores));
  EXPECT_TRUE(answer_of(std::move(answer)).scores.equal(scores));
  EXPECT_TRUE(answer_of(std::move(forged_answer)).scores.equal(other_scores));
}

// A worker holds the weights of a cascade's dispatcher while it waits for those of an expert.
TEST_F(EngineTest, PinnedTasksLeaveRoomForACascade) {
  std::vector<Task> members;
  const auto path = scratch_folder() / "pinned.cascade";
  write_cascade(path, cascade_of(members));
  TaskMemory memory(*backbone_, 6 * memory_.slot_bytes(), 1, 2);
  ASSERT_EQ(memory.slots().size(), 5U);
  std::vector<std::string> pinned;
  for (const uint64_t seed : {1, 2}) {
    const auto file = open(task_file("pinned.task", {"a", "b", "c"}, seed));
    pinned.push_back(file->digest);
    memory.pin(pinned);
    memory.weights(*file, 0);
  }
  Engine engine(*backbone_, memory, {.workers = 1, .max_batch = 2, .max_delay = milliseconds(200)});
  std::vector<std::future<Result>> answers;
  for (const uint64_t seed : {3, 4})
    answers.push_back(ask(engine, question(open(task_file("t.task", {"a", "b", "c"}, seed)))));
  const auto cascade = open(path);
  for (int i = 0; i < 2; ++i) answers.push_back(ask(engine, question(cascade)));
  for (auto& answer : answers) {
    ASSERT_EQ(answer.wait_for(std::chrono::seconds(60)), std::future_status::ready);
    EXPECT_EQ(answer_of(std::move(answer)).scores.numel(), 3);
  }
}

TEST_F(EngineTest, MemoryForTheWorkersIsNeeded) {
  EXPECT_NE(error_of(ErrorKind::invalid_argument, [&] { TaskMemory(*backbone_, 1 << 20, 1); })
                .find("expected --memory of at least "),
            std::string::npos);
}

TEST(ServedNames, AreOfFewLetters) {
  for (const char* name : {"a.task", "A-b_c.1.task", "x.cascade"})
    EXPECT_TRUE(is_served_name(name));
  for (const char* name : {"", ".task", ".hidden.task", "a", "a.txt", "a b.task", "a/b.task",
                           "..task", "\xC3\xA9.task", "a\n.task", "a.task.unfinished"})
    EXPECT_FALSE(is_served_name(name)) << name;
}

}  // namespace
}  // namespace submask
