#include "base/strict_json.h"

#include <gtest/gtest.h>
#include <string_view>

#include "base/fail.h"

namespace submask {
namespace {

// Objects in objects, of names and numbers: writes down what it is told.
class NestedNumbers final : private StrictJson {
 public:
  explicit NestedNumbers(const std::string& file)
      : StrictJson("a file of numbers", "numbers with names", file) {}

  std::string read(std::string_view json) {
    parse(as_bytes(json));
    return events_;
  }

 private:
  void on_object_begin() override { events_ += text('{', depth()); }
  void on_object_end() override { events_ += text(names_so_far(), '}', depth()); }
  void on_name(const std::string& name) override {
    events_ += name;
    last_name_ = name;
  }
  void on_number(uint64_t value) override { events_ += text('=', value, ' '); }
  std::string_view last_item() const override { return last_name_; }

  std::string events_, last_name_;
};

std::string events_of(std::string_view json) { return NestedNumbers("FILE").read(json); }

std::string refusal_of(std::string_view json) {
  try {
    return events_of(json);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt_file);
    return error.what();
  }
}

TEST(StrictJson, TellsDepthAndNamesOfEachObject) {
  EXPECT_EQ(events_of(R"({"a": 1, "b": {"a": 2}, "c": {}})"), "{0a=1 b{1a=2 1}2c{10}23}1");
}

TEST(StrictJson, RefusesWhatTheReaderDoesNotTake) {
  const auto expect_refused = [](std::string_view json, const std::string& got) {
    EXPECT_EQ(refusal_of(json),
              "expected numbers with names, got " + got + " at or after 'a', in FILE");
  };
  expect_refused(R"({"a": 1, "a": 2})", "a second 'a'");
  expect_refused(R"({"a": []})", "an array");
  expect_refused(R"({"a": "1"})", "a string");
  expect_refused(R"({"a": -1})", "a negative number");
  expect_refused(R"({"a": 1.5})", "a fraction");
  expect_refused(R"({"a": true})", "a boolean");
  expect_refused(R"({"a": null})", "null");
}

TEST(StrictJson, NamesNoItemBeforeTheFirst) {
  EXPECT_EQ(refusal_of("[]"), "expected numbers with names, got an array, in FILE");
}

TEST(StrictJson, NamesTheByteWhereTheJsonEnds) {
  EXPECT_EQ(refusal_of(R"({"a": 1)"),
            "expected a file of numbers in JSON, got an error at its byte 8, in FILE");
  EXPECT_EQ(refusal_of(""),
            "expected a file of numbers in JSON, got an error at its byte 1, in FILE");
}

}  // namespace
}  // namespace submask
