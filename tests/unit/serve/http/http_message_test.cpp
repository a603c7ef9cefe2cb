#include "serve/http/http_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serve/http/base64.h"

namespace submask {
namespace {

using testing::ElementsAre;
using testing::Optional;
using testing::Pair;

TEST(HttpMessage, DecodesPartsOfUrls) {
  EXPECT_THAT(percent_decoded("a%20b%2f%C3%A4"), Optional(std::string("a b/\xC3\xA4")));
  EXPECT_THAT(percent_decoded("%00"), Optional(std::string(1, '\0')));
  EXPECT_THAT(percent_decoded("a+b"), Optional(std::string("a+b")));
  for (const char* wrong : {"%", "%2", "%zz", "a%", "%2g", "% 1", "%-1"})
    EXPECT_EQ(percent_decoded(wrong), std::nullopt) << wrong;
}

TEST(HttpMessage, ReadsQueries) {
  EXPECT_THAT(parse_query("top=3&tasks=a%2Cb+c&x&=y&top=4&z="),
              Optional(ElementsAre(Pair("tasks", "a,b c"), Pair("top", "4"), Pair("x", ""),
                                   Pair("z", ""))));
  EXPECT_THAT(parse_query(""), Optional(testing::IsEmpty()));
  EXPECT_EQ(parse_query("a=%"), std::nullopt);
}

TEST(HttpMessage, FindsHeadersAndTheirWords) {
  const HttpRequest request{.headers = {{"a", "1"}, {"b", "2"}, {"a", "3"}}};
  EXPECT_EQ(request.header("a"), "1");
  EXPECT_EQ(request.header("c"), "");
  EXPECT_THAT(header_words(" GZip ,, \tbr"), ElementsAre("gzip", "br"));
}

TEST(HttpMessage, WritesErrorsAsOneLineOfJson) {
  EXPECT_EQ(error_response(400, "a \"b\"\n").body, "{\"error\":\"a \\\"b\\\"\\n\"}\n");
  EXPECT_EQ(error_response(400, "\xFF").body, "{\"error\":\"\xEF\xBF\xBD\"}\n");
}

TEST(HttpMessage, SaysWhenToAskAgain) {
  for (const auto& [seconds, header] :
       {std::pair{0., "1"}, {1.5, "2"}, {1e300, "86400"}, {INFINITY, "86400"}}) {
    const HttpHeaders expected{{"Retry-After", header}};
    EXPECT_EQ(later_response(429, "a", seconds).headers, expected) << seconds;
  }
}

TEST(Base64, IsDecoded) {
  EXPECT_THAT(base64_decoded(""), Optional(std::string()));
  EXPECT_THAT(base64_decoded("AA=="), Optional(std::string(1, '\0')));
  EXPECT_THAT(base64_decoded("//79"), Optional(std::string("\xFF\xFE\xFD")));
  EXPECT_THAT(base64_decoded("YWI"), Optional(std::string("ab")));
  for (const char* wrong :
       {"A", "AAAAA", "A A=", "A\nAA", "AA-_", "====", "A===", "\xFF\xFF\xFF\xFF", "AA=A"})
    EXPECT_EQ(base64_decoded(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace submask
