// Which option an error is about, and where a file sets it.
#include "run/option_places.h"

#include <gtest/gtest.h>

#include "base/fail.h"

namespace submask {
namespace {

const OptionPlaces places = {{"rate", "a.toml, line 2"}, {"data", "a.toml, line 7"}};

std::string message_of(const std::function<void()>& work) {
  try {
    with_places_in_errors(places, work);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(OptionPlaces, AreOfTheOptionThatAMessageNames) {
  EXPECT_EQ(message_of([] { fail_argument("a --rate above 0", 0); }),
            "expected a --rate above 0, got 0, in a.toml, line 2");
  EXPECT_EQ(message_of([] { fail_argument("a number for --rate-limit", 0); }),
            "expected a number for --rate-limit, got 0");
  EXPECT_EQ(message_of([] { fail_argument("a number for --epochs and --data", 0); }),
            "expected a number for --epochs and --data, got 0, in a.toml, line 7");
  // No file is at fault for what is only advice.
  EXPECT_EQ(message_of([] { fail(ErrorKind::corrupt_file, "a lower --rate helps"); }),
            "a lower --rate helps");
}

TEST(OptionPlaces, AreOfTheOptionThatAnErrorKnows) {
  const auto open_data = [] {
    with_option_in_errors("data", [] { fail(ErrorKind::io, "cannot open x"); });
  };
  EXPECT_EQ(message_of(open_data), "cannot open x, in a.toml, line 7");
  // The inner option is the cause, and a file that is named already is not named again.
  EXPECT_EQ(message_of([&] { with_option_in_errors("rate", open_data); }),
            "cannot open x, in a.toml, line 7");
  EXPECT_EQ(message_of([&] { with_places_in_errors(places, open_data); }),
            "cannot open x, in a.toml, line 7");
  EXPECT_EQ(message_of([] { with_option_in_errors("labels", [] { fail(ErrorKind::io, "x"); }); }),
            "x");
}

}  // namespace
}  // namespace submask
