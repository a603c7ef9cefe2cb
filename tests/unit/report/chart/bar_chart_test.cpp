#include "report/chart/bar_chart.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <string>

#include <submask/error.h>

#include "base/file.h"
#include "error_of.h"
#include "has_gnuplot.h"
#include "report/chart/gnuplot.h"
#include "report/occurrences.h"
#include "scratch_folder.h"

namespace submask {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Plot : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_gnuplot()) GTEST_SKIP() << "gnuplot is not installed (Debian: gnuplot-nox)";
    folder_ = fresh_folder("charts");
  }
  std::string draw(const BarChart& chart, const std::string& name) {
    plot_bars(chart, folder_ / name);
    return read_text_file(folder_ / name);
  }
  std::filesystem::path folder_;
};

BarChart layers() {
  BarChart chart{"Masked fraction by layer", "layer", "masked fraction", {}};
  for (int stage = 1; stage <= 3; ++stage)
    for (int block = 0; block < 3; ++block)
      for (int conv = 1; conv <= 2; ++conv)
        chart.bars.push_back({"layer" + std::to_string(stage) + "." + std::to_string(block) +
                                  ".conv" + std::to_string(conv) + ".weight",
                              0.02 * stage + 0.01 * block * conv, "conv"});
  chart.bars.push_back({"down_sample.0.weight", 0.14, "downsample.conv"});
  return chart;
}

TEST_F(Plot, DrawsEveryFormat) {
  EXPECT_THAT(draw(layers(), "a.svg"), HasSubstr("</svg>"));
  EXPECT_THAT(draw(layers(), "a.png"), StartsWith("\x89PNG"));
  EXPECT_THAT(draw(layers(), "a.pdf"), StartsWith("%PDF-"));
}

TEST_F(Plot, NamesEveryBarAndKind) {
  const std::string svg = draw(layers(), "a.svg");
  for (const Bar& bar : layers().bars) EXPECT_EQ(count(svg, "<text>" + bar.label), 1U) << bar.label;
  EXPECT_THAT(svg, HasSubstr("<text>downsample.conv"));
  EXPECT_THAT(svg, HasSubstr("<text>masked fraction"));
}

TEST_F(Plot, LeavesTheLegendOutForOneKind) {
  BarChart chart = layers();
  chart.bars.pop_back();
  EXPECT_THAT(draw(chart, "a.svg"), Not(HasSubstr("<text>conv<")));
}

TEST_F(Plot, DrawsHostileTextAsText) {
  const std::string trap = (folder_ / "trap").string();
  const std::string hostile = "x'; system('touch " + trap + "') # \"`touch " + trap +
                              "`\" @y {/Symbol a} \\ \n set output \xff\xc3\xa9";
  BarChart chart{
      hostile, hostile, hostile, {{"'`touch x` @y {b} \\", 1, hostile}, {"%d %s %", 2, "%%"}}};
  const std::string svg = draw(chart, "a.svg");
  EXPECT_FALSE(std::filesystem::exists(trap));
  const std::string shown = "x\u2019; system(\u2019touch " + trap + "\u2019) # \"`touch " + trap +
                            "`\" @y {/Symbol a} \\   set output ?\u00e9";
  EXPECT_EQ(count(svg, shown), 4U);
  EXPECT_THAT(svg, HasSubstr("<text>\u2019`touch x` @y {b} \\<"));
  EXPECT_THAT(svg, HasSubstr("<text>%d %s %<"));
  EXPECT_THAT(svg, HasSubstr("<text>%%<"));
}

TEST_F(Plot, ShortensLongLabelsInTheMiddle) {
  const std::string label = "start" + std::string(500, '%') + "end";
  const std::string svg = draw({"title", "", "y", {{label, 1, ""}, {"b", 2, ""}}}, "a.svg");
  EXPECT_THAT(svg, HasSubstr("<text>title"));
  const std::string layer = "start" + std::string(500, '.') + "end";
  EXPECT_THAT(draw({"", "", "", {{layer, 1, ""}}}, "a.svg"),
              testing::ContainsRegex("<text>start\\.*end<"));
}

TEST_F(Plot, DrawsZeroNegativeAndSingleValues) {
  EXPECT_NO_THROW(draw({"", "", "", {{"zero", 0, ""}}}, "a.svg"));
  EXPECT_NO_THROW(draw({"", "", "", {{"low", -1e-300, ""}, {"high", 1e300, ""}}}, "a.svg"));
  EXPECT_NO_THROW(draw({"", "", "", {{"", 0.5, ""}, {"", 0, "k"}}}, "a.svg"));
}

TEST_F(Plot, DrawsDeviationsOnlyWhereThereAreSome) {
  const BarChart certain{"", "", "", {{"a", 1, ""}, {"b", 2, ""}}};
  BarChart uncertain = certain;
  uncertain.bars[1].deviation = .25;
  EXPECT_GT(count(draw(uncertain, "a.svg"), "<path"), count(draw(certain, "b.svg"), "<path"));
  uncertain.bars[0].deviation = -1;
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { draw(uncertain, "a.svg"); }),
            "expected a finite value and a deviation of 0 or more of bar 'a', got 1 +- -1");
}

TEST_F(Plot, KeepsTheOldFileWhereItCannotDraw) {
  draw(layers(), "a.svg");
  const std::string old = read_text_file(folder_ / "a.svg");
  BarChart broken = layers();
  broken.bars[3].value = std::nan("");
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { draw(broken, "a.svg"); }),
            "expected a finite value and a deviation of 0 or more of bar '" + broken.bars[3].label +
                "', got nan +- 0");
  EXPECT_EQ(read_text_file(folder_ / "a.svg"), old);
  EXPECT_EQ(error_of(ErrorKind::io,
                     [&] { plot_bars(layers(), folder_ / "missing" / "folder" / "a.svg"); }),
            "cannot write " + (folder_ / "missing" / "folder" / "a.svg").string() +
                ": No such file or directory");
}

TEST_F(Plot, RejectsWhatItCannotDraw) {
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { draw({}, "a.svg"); }),
            "expected at least one bar to draw, got none");
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { draw(layers(), "a.gif"); }),
            "expected a picture named .svg, .png or .pdf, got '.gif'");
  BarChart many = layers();
  for (size_t i = 0; i < 9; ++i) many.bars[i].kind = std::to_string(i);
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { draw(many, "a.svg"); }),
            "expected at most 8 kinds of bars, got 11");
}

TEST(Gnuplot, QuotesText) {
  EXPECT_EQ(gnuplot_string("it's\n\"new\""), "'it\u2019s \"new\"'");
  EXPECT_EQ(gnuplot_string("\xe2\x82\xac"), "'\xe2\x82\xac'");
  EXPECT_EQ(gnuplot_string("\xe2\x82 a"), "'?? a'") << "cut short";
  EXPECT_EQ(gnuplot_string("\xc0\xaf c"), "'?? c'") << "overlong";
  EXPECT_EQ(gnuplot_string("\xed\xa0\x80 b"), "'??? b'") << "surrogate";
}

TEST(Gnuplot, SaysWhichPackageIsMissing) {
  const char* path = std::getenv("PATH");
  const std::string saved = path ? path : "";
  setenv("PATH", "/nonexistent", 1);
  try {
    run_gnuplot("plot 1\n");
    ADD_FAILURE() << "gnuplot was found";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    EXPECT_THAT(error.what(), HasSubstr("gnuplot-nox"));
  }
  setenv("PATH", saved.c_str(), 1);
}

TEST_F(Plot, ReportsGnuplotsComplaintInOneLine) {
  try {
    run_gnuplot("no_such_command\n");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
    EXPECT_THAT(error.what(), HasSubstr("invalid command"));
    EXPECT_THAT(error.what(), Not(HasSubstr("\n")));
  }
}

}  // namespace
}  // namespace submask
