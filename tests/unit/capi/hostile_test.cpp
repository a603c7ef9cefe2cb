// No file, and no null pointer, makes the C interface crash or stay silent.
#include "small_task.h"

namespace {

submask_status open_bytes(const std::vector<uint8_t>& bytes) {
  submask_task* task = nullptr;
  const submask_status status = submask_task_open_memory(bytes.data(), bytes.size(), "FILE", &task);
  EXPECT_EQ(task == nullptr, status != SUBMASK_OK);
  submask_task_free(task);
  return status;
}

TEST(CHostile, EveryTruncationIsRefused) {
  const std::vector<uint8_t> file = file_bytes(SmallTask().packed(SUBMASK_SMALL).get());
  for (size_t length = 0; length < file.size(); ++length) {
    ASSERT_EQ(open_bytes({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length)}),
              SUBMASK_CORRUPT_FILE);
    const std::string line = submask_last_error();
    ASSERT_EQ(line.find('\n'), std::string::npos);
    ASSERT_NE(line.find("FILE"), std::string::npos) << line;
  }
}

TEST(CHostile, EveryFlippedBitIsRefused) {
  const std::vector<uint8_t> file = file_bytes(SmallTask().packed(SUBMASK_SMALL).get());
  for (size_t bit = 0; bit < 8 * file.size(); bit += 3) {
    std::vector<uint8_t> damaged = file;
    damaged[bit / 8] ^= static_cast<uint8_t>(1U << bit % 8);
    ASSERT_NE(open_bytes(damaged), SUBMASK_OK) << "bit " << bit;
    ASSERT_NE(std::string(submask_last_error()), "");
  }
}

TEST(CHostile, ALaterVersionIsToldFromDamage) {
  std::vector<uint8_t> file = file_bytes(SmallTask().packed(SUBMASK_SMALL).get());
  const std::string version = R"("version":"1")";
  const auto place = std::search(file.begin(), file.end(), version.begin(), version.end());
  ASSERT_NE(place, file.end());
  place[11] = '2';
  EXPECT_EQ(open_bytes(file), SUBMASK_UNSUPPORTED_VERSION);
  EXPECT_STREQ(submask_last_error(),
               "expected a task file of version 1 or older, got version 2, in FILE");
}

TEST(CHostile, DeepJsonIsRefused) {
  submask_task* task = nullptr;
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const SmallTask small;
  std::string description = small.description;
  description.replace(description.find("\"provenance\":{}"), 15,
                      "\"provenance\":{\"a\":" + deep + "}");
  EXPECT_EQ(refusal(SUBMASK_INVALID_ARGUMENT, submask_task_new(description.c_str(), nullptr, 0,
                                                               nullptr, 0, nullptr, 0, &task)),
            "expected JSON of at most 64 levels, got more, in the description");
}

TEST(CHostile, ALineHasNoControlCharacters) {
  submask_task* task = nullptr;
  EXPECT_EQ(refusal(SUBMASK_IO, submask_task_open("/missing/a\nb\x1b[31m", &task)),
            "cannot open /missing/a?b?[31m: No such file or directory");
}

TEST(CHostile, NullPointersAreToldByName) {
  const TaskPointer task = SmallTask().plain();
  submask_task* out = nullptr;
  const char* text = nullptr;
  size_t size = 0;
  double sum = 0;
  for (const submask_status status :
       {submask_task_open(nullptr, &out),
        submask_task_open("x", nullptr),
        submask_task_open_memory(nullptr, 5, "x", &out),
        submask_task_describe(nullptr, &text),
        submask_task_describe(task.get(), nullptr),
        submask_task_unit(nullptr, 0, nullptr),
        submask_task_decode(nullptr, 0, nullptr, 0, nullptr, nullptr, 0),
        submask_apply(SUBMASK_FLOAT32, 1, 0, nullptr, nullptr, nullptr, 8),
        submask_task_statistic(task.get(), 0, nullptr, &size),
        submask_task_head(task.get(), 0, nullptr),
        submask_task_new(nullptr, nullptr, 0, nullptr, 0, nullptr, 0, &out),
        submask_task_pack(task.get(), nullptr, &out),
        submask_task_unpack(nullptr, nullptr, &out),
        submask_task_write(task.get(), nullptr),
        submask_task_bytes(task.get(), nullptr, 0, nullptr),
        submask_task_sign(nullptr, "x"),
        submask_task_verify(task.get(), "x", nullptr),
        submask_merge(nullptr, 2, SUBMASK_AND, &out),
        submask_compare(task.get(), nullptr, nullptr),
        submask_dot(nullptr, nullptr, 4, &sum),
        submask_update_scores(nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, 1, nullptr),
        submask_materialise(1, 0, nullptr, nullptr, nullptr, 3),
        submask_step_masks(nullptr, nullptr, 1),
        submask_unit_names_find(nullptr, 2, nullptr),
        submask_weights_identity(nullptr, 1, nullptr)}) {
    EXPECT_EQ(status, SUBMASK_INVALID_ARGUMENT);
  }
  EXPECT_NE(std::string(submask_last_error()).find("got a null pointer"), std::string::npos);
  submask_task_free(nullptr);
  submask_unit_names_free(nullptr);
  EXPECT_EQ(submask_task_unit_count(nullptr), 0U);
  EXPECT_EQ(submask_task_statistic_count(nullptr), 0U);
  EXPECT_EQ(submask_task_head_count(nullptr), 0U);
}

TEST(CHostile, NothingIsAllowedWhereThereIsNothing) {
  EXPECT_OK(submask_apply(SUBMASK_FLOAT16, 1, 0, nullptr, nullptr, nullptr, 0));
  double sum = 1;
  EXPECT_OK(submask_dot(nullptr, nullptr, 0, &sum));
  EXPECT_EQ(sum, 0);
  EXPECT_OK(submask_materialise(1, 0, nullptr, nullptr, nullptr, 0));
}

}  // namespace
