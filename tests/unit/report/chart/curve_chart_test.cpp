#include "report/chart/curve_chart.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <submask/error.h>

#include "base/file.h"
#include "error_of.h"
#include "has_gnuplot.h"
#include "scratch_folder.h"

namespace submask {
namespace {

using testing::HasSubstr;

CurveChart two_curves() {
  return {"Accuracy against labels",
          "labelled images",
          "accuracy",
          true,
          {{"lp", {{25, .4, .02}, {100, .5, .01}, {10000, .8, 0}}},
           {"ssl-fs + lp", {{25, .5, .02}, {100, .65, .01}, {10000, .83, 0}}}}};
}

std::string draw(const CurveChart& chart, const std::string& name) {
  plot_curves(chart, scratch_folder() / name);
  return read_text_file(scratch_folder() / name);
}

TEST(CurveChart, DrawsEveryFormatWithItsNamesAndTicks) {
  if (!has_gnuplot()) GTEST_SKIP() << "gnuplot is not installed (Debian: gnuplot-nox)";
  EXPECT_THAT(draw(two_curves(), "a.png"), testing::StartsWith("\x89PNG"));
  EXPECT_THAT(draw(two_curves(), "a.pdf"), testing::StartsWith("%PDF-"));
  const std::string svg = draw(two_curves(), "a.svg");
  for (const char* words : {"ssl-fs + lp", "labelled images", ">25<", ">10000<"})
    EXPECT_THAT(svg, HasSubstr(words));
}

TEST(CurveChart, DrawsASinglePoint) {
  if (!has_gnuplot()) GTEST_SKIP() << "gnuplot is not installed (Debian: gnuplot-nox)";
  for (const double deviation : {0., .1})
    EXPECT_THAT(draw({"", "x", "y", true, {{"lp", {{100, .5, deviation}}}}}, "a.svg"),
                HasSubstr("</svg>"));
}

TEST(CurveChart, RejectsWhatItCannotDraw) {
  const auto refused = [](const CurveChart& chart) {
    return error_of(ErrorKind::invalid_argument, [&] { plot_curves(chart, "a.svg"); });
  };
  EXPECT_EQ(refused({}), "expected at least one curve to draw, got none");
  CurveChart chart = two_curves();
  chart.curves[1].points[0].y = std::nan("");
  EXPECT_EQ(refused(chart),
            "expected points of 'ssl-fs + lp' that can be drawn, got (25, nan +- 0.02)");
  chart = two_curves();
  chart.curves[0].points[0].x = 0;
  EXPECT_EQ(refused(chart), "expected points of 'lp' that can be drawn, got (0, 0.4 +- 0.02)");
  chart = two_curves();
  chart.curves[0].points.clear();
  EXPECT_EQ(refused(chart), "expected at least one point of 'lp', got none");
  chart.curves.resize(9, two_curves().curves[0]);
  EXPECT_EQ(refused(chart), "expected at most 8 curves, got 9");
}

}  // namespace
}  // namespace submask
