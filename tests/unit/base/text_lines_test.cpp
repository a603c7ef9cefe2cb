#include "base/text_lines.h"

#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

namespace submask {
namespace {

using Lines = std::vector<std::pair<int64_t, std::string>>;

Lines lines_of(std::string_view text) {
  Lines lines;
  visit_lines(text,
              [&](std::string_view line, int64_t number) { lines.emplace_back(number, line); });
  return lines;
}

TEST(TextLines, EndWithLineFeedsOfAnySystem) {
  EXPECT_EQ(lines_of("a\nb\r\n\nc"), (Lines{{1, "a"}, {2, "b"}, {3, ""}, {4, "c"}}));
  EXPECT_EQ(lines_of("a\n"), (Lines{{1, "a"}}));
  EXPECT_EQ(lines_of(""), Lines{});
}

}  // namespace
}  // namespace submask
