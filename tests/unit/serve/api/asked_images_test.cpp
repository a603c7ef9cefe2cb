#include "serve/api/asked_images.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "serve/served_files.h"

namespace submask {
namespace {

using testing::HasSubstr;

class AskedImagesTest : public ServedFiles {
 protected:
  AskedImagesTest() {
    options_.tasks = fresh_folder("asked_images").string();
    parts_ = std::make_unique<ServeParts>(*backbone_, options_, 1, [](const std::string&) {});
  }

  std::string refusal_of(const std::string& task,
                         ErrorKind kind = ErrorKind::invalid_argument) const {
    Call call;
    call.request.headers = {{"content-type", "multipart/form-data; boundary=b"}};
    call.request.body =
        "--b\r\nContent-Disposition: form-data; name=task\r\n\r\n" + task + "\r\n--b--";
    return error_of(kind, [&] { asked_form(call, *parts_); });
  }

  ServeOptions options_;
  std::unique_ptr<ServeParts> parts_;
};

// A few kB of a compressed body may name millions of classes, each of which takes room in each
// answer.
TEST_F(AskedImagesTest, BoundsTheClassesOfATaskThatIsGiven) {
  EXPECT_THAT(refusal_of(read_text_file(task_file("given.task", {"a", "b", "c"}))),
              HasSubstr("expected an image in the field image, got none"));
  BankHead bank{at::ones({1, backbone_->info().feature_width}),
                at::zeros({1}, at::kLong),
                50'001,
                {.k = 1, .temperature = 1}};
  const Task many = task_with(bank, std::vector<std::string>(50'001));
  EXPECT_EQ(refusal_of(read_text_file(file_of("many.task", many))),
            "expected a task of at most 50000 classes, got 50001");
  EXPECT_THAT(
      refusal_of(std::string("\1\0\x40\0\0\0\0\0{", 9)),
      HasSubstr("expected a task with a description of at most 4194304 bytes, got 4194305"));
}

TEST_F(AskedImagesTest, TellsWhatIsNoTask) {
  EXPECT_EQ(refusal_of("some text", ErrorKind::corrupt_file),
            "expected a submask task file, got a file that begins with 'some tex', in given.task");
  EXPECT_EQ(refusal_of("hi", ErrorKind::corrupt_file),
            "expected a submask task file, got a file that begins with 'hi', in given.task");
  EXPECT_EQ(refusal_of("", ErrorKind::corrupt_file),
            "expected a submask task file, got an empty file, in given.task");
}

// Also where it waited for a thread that reads it.
TEST_F(AskedImagesTest, CountsTimeFromWhenARequestCame) {
  Call call;
  call.query = {{"timeout_ms", "600000"}};
  EXPECT_EQ(deadline_of(call, *parts_), call.arrived + std::chrono::minutes(10));
  call.arrived -= std::chrono::minutes(11);
  EXPECT_THAT(
      [&] { deadline_of(call, *parts_); },
      testing::ThrowsMessage<TooLate>(testing::StrEq("expected an answer in time, got none")));
  call.query["timeout_ms"] = "600001";
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { deadline_of(call, *parts_); }),
            "expected timeout_ms of 1 to 600000, got '600001'");
}

}  // namespace
}  // namespace submask
