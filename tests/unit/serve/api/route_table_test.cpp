#include "serve/api/route_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "error_of.h"
#include "serve/api/refusal.h"

namespace submask {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

RouteTable small_table() {
  RouteTable table;
  const auto nothing = [](const Call&) { return HttpResponse{}; };
  for (const auto& [method, pattern] : {std::pair{"GET", "/a"},
                                        {"POST", "/a"},
                                        {"GET", "/a/{name}"},
                                        {"GET", "/a/b"},
                                        {"GET", "/"}})
    table.add(
        simple_route(method, pattern, AccessRole::read, false, {{"summary", pattern}}, nothing));
  return table;
}

std::string pattern_of(const RouteTable& table, const std::string& method,
                       const std::string& path) {
  const auto match = table.find(method, path);
  return match.route == nullptr ? "" : match.route->pattern;
}

TEST(RouteTable, FindsTheFirstThatMatches) {
  const RouteTable table = small_table();
  EXPECT_EQ(pattern_of(table, "GET", "/a"), "/a");
  EXPECT_EQ(pattern_of(table, "GET", "/a/"), "/a");
  EXPECT_EQ(pattern_of(table, "HEAD", "/a"), "/a");
  EXPECT_EQ(pattern_of(table, "GET", "/"), "/");
  EXPECT_EQ(pattern_of(table, "GET", "/a/b"), "/a/{name}");
  for (const char* other : {"", "a", "/b", "/a/b/c", "//a", "/a//", "/a/%", "http://x/a"})
    EXPECT_EQ(pattern_of(table, "GET", other), "") << other;
  EXPECT_THAT(table.find("DELETE", "/a").methods, ElementsAre("GET", "POST"));
  EXPECT_THAT(table.find("GET", "/b").methods, IsEmpty());
}

TEST(RouteTable, DecodesNames) {
  const RouteTable table = small_table();
  EXPECT_THAT(table.find("GET", "/a/x%2F..%00").path,
              ElementsAre(Pair("name", std::string("x/..\0", 5))));
  EXPECT_THAT(table.find("GET", "/%61/x").path, ElementsAre(Pair("name", "x")));
}

TEST(RouteTable, DescribesItself) {
  const Json openapi = small_table().openapi("1");
  EXPECT_EQ(openapi["paths"]["/a/{name}"]["get"]["parameters"][0]["name"], "name");
  EXPECT_TRUE(openapi["paths"]["/a"].contains("post"));
}

TEST(Call, ReadsNumbersWithinTheirRange) {
  const Call call{.query = {{"top", "7"}, {"wrong", "7x"}, {"large", "99999999999999999999"}}};
  EXPECT_EQ(call.whole("top", 5, 1, 7), 7);
  EXPECT_EQ(call.whole("none", 5, 1, 7), 5);
  for (const auto& [name, most] : {std::pair{"top", 6}, {"wrong", 9}, {"large", 9}})
    EXPECT_THAT(error_of(ErrorKind::invalid_argument,
                         [&, name = name, most = most] { call.whole(name, 5, 1, most); }),
                HasSubstr("expected " + std::string(name) + " of 1 to "));
}

}  // namespace
}  // namespace submask
