#include "report/page/evaluation_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <submask/error.h>

#include "base/file.h"
#include "error_of.h"
#include "evaluate/noise_images.h"
#include "report/occurrences.h"
#include "report/page/class_confusions.h"
#include "report/page/html_text.h"
#include "scratch_folder.h"

namespace submask {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Probabilities that answer `predicted` with `confidence`, the rest to the next class.
at::Tensor answers(const std::vector<int64_t>& predicted, double confidence, int64_t classes) {
  at::Tensor probabilities = at::zeros({std::ssize(predicted), classes}, at::kDouble);
  for (size_t i = 0; i < predicted.size(); ++i) {
    probabilities[static_cast<int64_t>(i)][predicted[i]] =
        confidence + 1e-3 * static_cast<double>(i);
    probabilities[static_cast<int64_t>(i)][(predicted[i] + 1) % classes] =
        1 - confidence - 1e-3 * static_cast<double>(i);
  }
  return probabilities;
}

class EvaluationPageTest : public testing::Test {
 protected:
  std::string page(const NoiseImages& images, const std::vector<int64_t>& predicted,
                   const std::vector<std::string>& skipped = {}) {
    std::vector<int64_t> labels;
    for (int64_t i = 0; i < images.size(); ++i)
      if (skipped.empty() || skipped.front() != images.image_name(i))
        labels.push_back(images.label(i));
    const Features test{at::zeros({std::ssize(labels), 1}), at::tensor(labels, at::kLong), skipped};
    const auto classes = static_cast<int64_t>(images.class_names().size());
    const ClassificationReport report =
        report_classification(answers(predicted, .6, classes), test.labels);
    write_evaluation_page(path_, {"<title> & more", {{"data", "<x>"}}, report, test, images});
    return read_text_file(path_);
  }
  std::filesystem::path path_ = fresh_folder("page") / "page.html";
};

TEST_F(EvaluationPageTest, ShowsTheMostConfidentMistakesOfTheWorstConfusions) {
  // Labels 0 1 2 0 1 2 0 1 2: class 1 is taken for 2 twice (images 4 and 7), class 0 once (image
  // 6).
  const std::string html = page(NoiseImages(9), {0, 1, 2, 0, 2, 2, 1, 2, 2});
  EXPECT_EQ(count(html, "data:image/png;base64,"), 3U);
  EXPECT_LT(html.find("b taken for c: 2"), html.find("a taken for b: 1"));
  EXPECT_LT(html.find("noise#7"), html.find("noise#4"));
  EXPECT_THAT(html, HasSubstr("<b>b</b> as <b>c</b>, 60.7%"));
  EXPECT_THAT(html, HasSubstr("b as c: 2, 66.7%"));
  EXPECT_EQ(html, page(NoiseImages(9), {0, 1, 2, 0, 2, 2, 1, 2, 2}));
}

TEST_F(EvaluationPageTest, EscapesNames) {
  const std::vector<std::string> names{"<script>alert(1)</script>", "\"onload='x'&amp;",
                                       std::string("bad \xff utf-8 \x01 \xe2\x80\xae")};
  const std::string html = page(NoiseImages(6, -1, names), {1, 2, 0, 1, 2, 0});
  EXPECT_EQ(count(html, "<script"), 1U);
  EXPECT_THAT(html, Not(HasSubstr("alert(1)</script>")));
  EXPECT_THAT(html, Not(HasSubstr("\"onload")));
  EXPECT_THAT(html, HasSubstr("&quot;onload=&#39;x&#39;&amp;amp;"));
  EXPECT_THAT(html, HasSubstr("bad \xEF\xBF\xBD utf-8 \xEF\xBF\xBD \xEF\xBF\xBD"));
  EXPECT_THAT(html, HasSubstr("<title>&lt;title&gt; &amp; more</title>"));
  EXPECT_THAT(html, HasSubstr("<td>&lt;x&gt;</td>"));
}

TEST_F(EvaluationPageTest, AsksForNothingOutside) {
  const std::string html = page(NoiseImages(6), {1, 2, 0, 1, 2, 0});
  for (const char* scheme : {"http://", "https://", "//cdn", "@import", "<link", "url("})
    EXPECT_THAT(html, Not(HasSubstr(scheme)));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
}

// The image after a skipped one is the next of the data set.
TEST_F(EvaluationPageTest, LeavesOutImagesThatWereSkipped) {
  const std::string html = page(NoiseImages(6, 1), {0, 2, 0, 1, 1}, {"noise#1"});
  EXPECT_THAT(html, HasSubstr("noise#5"));
  EXPECT_THAT(html, Not(HasSubstr("noise#4")));
}

TEST_F(EvaluationPageTest, SaysWhereNothingIsWrong) {
  EXPECT_THAT(page(NoiseImages(3), {0, 1, 2}), HasSubstr("every answer is right"));
}

TEST_F(EvaluationPageTest, DrawsAPartOfManyClasses) {
  std::vector<std::string> names;
  for (int i = 0; i < 130; ++i) names.push_back("class" + std::to_string(i));
  const std::string html = page(NoiseImages(6, -1, names), {129, 2, 2, 0, 1, 2});
  EXPECT_THAT(html, HasSubstr("100 of 130 classes"));
  EXPECT_THAT(html, HasSubstr("class0 as class129: 1, 50.0%"));
}

TEST_F(EvaluationPageTest, RejectsAReportOnOtherImages) {
  const NoiseImages images(6);
  const Features test{at::zeros({3, 1}), at::arange(3, at::kLong), {}};
  const auto report = report_classification(answers({0, 1, 2}, .6, 3), test.labels);
  EXPECT_EQ(error_of(ErrorKind::invalid_argument,
                     [&] {
                       write_evaluation_page(path_, {"", {}, report, test, images});
                     }),
            "expected a report on the 6 images and 3 classes of the data set, got 3 and 3");
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST(ClassConfusions, ChoosesTheClassesWithMostMistakes) {
  const std::vector<Confusion> confusions{{4, 1, {1, 2, 3}}, {2, 0, {4, 5}}, {2, 1, {6}}};
  EXPECT_THAT(most_confused_classes(confusions, 6, 2), ElementsAre(1, 2));
  EXPECT_THAT(most_confused_classes(confusions, 6, 4), ElementsAre(0, 1, 2, 4));
  EXPECT_THAT(most_confused_classes({}, 3, 100), ElementsAre(0, 1, 2));
}

TEST(HtmlText, EncodesBase64AsRfc4648) {
  const auto encoded = [](std::string_view text) { return base64(as_bytes(text)); };
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg==");
  EXPECT_EQ(encoded("fo"), "Zm8=");
  EXPECT_EQ(encoded("foo"), "Zm9v");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
  EXPECT_EQ(encoded("\xff\xfe\xfd"), "//79");
}

TEST(HtmlText, ShortensByCharactersNotBytes) {
  EXPECT_EQ(shortened("äöü", 3), "äöü");
  EXPECT_EQ(shortened("äöüx", 3), "äöü…");
}

TEST(HtmlText, ScalesLargeImagesDown) {
  const Image image{400, 100, std::vector<uint8_t>(400 * 100 * 3, 9)};
  const Image small{160, 40, std::vector<uint8_t>(160 * 40 * 3, 9)};
  EXPECT_EQ(png_data_uri(image, 160), png_data_uri(small, 160));
  const Image thin{400, 1, std::vector<uint8_t>(400 * 3, 9)};
  EXPECT_FALSE(png_data_uri(thin, 160).empty());
}

}  // namespace
}  // namespace submask
