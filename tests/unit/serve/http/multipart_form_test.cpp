#include "serve/http/multipart_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "error_of.h"

namespace submask {
namespace {

using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr const char* usual_type = "multipart/form-data; boundary=XX";

std::string form_refusal(const std::string& body, const std::string& type = usual_type) {
  return error_of(ErrorKind::invalid_argument, [&] { parse_multipart_form(type, body); });
}

// As curl -F image=@a.jpg -F 'top=3' sends it.
TEST(MultipartForm, HasFieldsAndFiles) {
  const std::string body =
      "--XX\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a \\\"1\\\".jpg\"\r\n"
      "Content-Type: image/jpeg\r\n\r\n\xFF\xD8\r\n--X\r\n\xFF\xD9\r\n"
      "--XX\r\ncontent-disposition: FORM-DATA; name=top\r\n\r\n3\r\n"
      "--XX \r\nContent-Disposition: form-data; label=cat; "
      "name=\"image\"\r\n\r\n\r\n--XX--\r\nepilogue";
  const auto parts = parse_multipart_form(usual_type, body);
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].name, "image");
  EXPECT_THAT(parts[0].parameters,
              UnorderedElementsAre(Pair("name", "image"), Pair("filename", "a \"1\".jpg")));
  EXPECT_EQ(parts[0].content, "\xFF\xD8\r\n--X\r\n\xFF\xD9");
  EXPECT_EQ(parts[1].name, "top");
  EXPECT_EQ(parts[1].content, "3");
  EXPECT_EQ(parts[2].parameters.at("label"), "cat");
  EXPECT_EQ(parts[2].content, "");
}

TEST(MultipartForm, MayHaveAPreambleAndNoParts) {
  EXPECT_TRUE(parse_multipart_form(usual_type, "--XX--").empty());
  EXPECT_EQ(
      parse_multipart_form("Multipart/Form-Data;boundary=\"X X\"",
                           "preamble\r\n--X X\r\nContent-Disposition: form-data; name=a\r\n\r\n"
                           "b\r\n--X X--")
          .at(0)
          .content,
      "b");
}

TEST(MultipartForm, IsToldByItsType) {
  for (const char* type : {usual_type, "MULTIPART/FORM-DATA ; boundary=a", "multipart/form-data"})
    EXPECT_TRUE(is_multipart_form(type)) << type;
  for (const char* type : {"", "image/jpeg", "multipart/mixed; boundary=a", "multipart/form-data2"})
    EXPECT_FALSE(is_multipart_form(type)) << type;
}

TEST(MultipartForm, RefusesWhatIsNoForm) {
  const std::string part = "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\nb";
  EXPECT_THAT(form_refusal(part, "multipart/form-data"),
              HasSubstr("expected a boundary of 1 to 70"));
  EXPECT_THAT(form_refusal(part, "multipart/form-data; boundary=" + std::string(71, 'a')),
              HasSubstr("expected a boundary of 1 to 70 letters"));
  EXPECT_THAT(form_refusal(part, "multipart/form-data; boundary=a; boundary=b"),
              HasSubstr("each parameter of a header once"));
  EXPECT_THAT(form_refusal(part, "multipart/form-data; boundary=\"a"),
              HasSubstr("a quote at the end"));
  EXPECT_THAT(form_refusal(part, "text/plain; boundary=XX"),
              HasSubstr("expected multipart/form-data"));
  EXPECT_EQ(form_refusal(""), "expected a form that begins with its boundary, got none");
  EXPECT_EQ(form_refusal(part), "expected a boundary at the end of a part of a form, got none");
  EXPECT_THAT(form_refusal("--XXY\r\n"), HasSubstr("a line's end behind a form's boundary"));
  EXPECT_THAT(form_refusal("--XX\r\nContent-Disposition: form-data; name=a\r\n"),
              HasSubstr("got no end of them"));
  EXPECT_THAT(form_refusal("--XX\r\n" + std::string(20'000, 'a')), HasSubstr("got no end of them"));
  EXPECT_THAT(form_refusal("--XX\r\n\r\nb\r\n--XX--"), HasSubstr("a name for each part"));
  EXPECT_THAT(form_refusal("--XX\r\nContent-Disposition: attachment; name=a\r\n\r\nb\r\n--XX--"),
              HasSubstr("expected form-data, got 'attachment'"));
  EXPECT_THAT(form_refusal("--XX\r\nno header\r\n\r\nb\r\n--XX--"), HasSubstr("NAME: VALUE"));
}

TEST(MultipartForm, HasALimitOfParts) {
  std::string body;
  for (int i = 0; i < 4; ++i) body += "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n";
  body += "--XX--";
  EXPECT_EQ(parse_multipart_form(usual_type, body, 4).size(), 4U);
  EXPECT_EQ(
      error_of(ErrorKind::invalid_argument, [&] { parse_multipart_form(usual_type, body, 3); }),
      "expected a form of at most 3 parts, got more");
}

// Every beginning of a form, and a form with every byte changed, ends well or in an error.
TEST(MultipartForm, DamageIsRefusedOrRead) {
  const std::string body =
      "--XX\r\nContent-Disposition: form-data; name=\"a\"; b=c\r\n\r\nd\r\n--XX--\r\n";
  const auto parse = [](const std::string& damaged) {
    try {
      parse_multipart_form(usual_type, damaged);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    }
  };
  for (size_t i = 0; i < body.size(); ++i) {
    parse(body.substr(0, i));
    for (const char c : {'\r', '\n', '"', ';', '-', '\0', '='}) {
      std::string changed = body;
      changed[i] = c;
      parse(changed);
    }
  }
}

}  // namespace
}  // namespace submask
