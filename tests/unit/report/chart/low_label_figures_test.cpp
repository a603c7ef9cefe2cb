#include "report/chart/low_label_figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <submask/error.h>

#include "base/file.h"
#include "error_of.h"
#include "report/chart/has_gnuplot.h"
#include "report/low_label_cell.h"
#include "scratch_folder.h"

namespace submask {
namespace {

TEST(LowLabelFigures, DrawsBoth) {
  if (!has_gnuplot()) GTEST_SKIP() << "gnuplot is not installed (Debian: gnuplot-nox)";
  const auto summaries =
      summarise({low_label_cell({}, 100, 0, .5), low_label_cell({Method::ssl_fs}, 100, 0, .6)});
  plot_low_labels(summaries, "title", scratch_folder() / "curves.svg");
  EXPECT_THAT(read_text_file(scratch_folder() / "curves.svg"), testing::HasSubstr("ssl-fs + lp"));
  plot_methods_at(summaries, 100, "title", scratch_folder() / "bars.svg");
  EXPECT_THAT(read_text_file(scratch_folder() / "bars.svg"), testing::HasSubstr("ssl-fs + lp"));
  EXPECT_EQ(
      error_of(ErrorKind::invalid_argument,
               [&] { plot_methods_at(summaries, 99, "title", scratch_folder() / "bars.svg"); }),
      "expected results at 99 labelled images, got none");
}

}  // namespace
}  // namespace submask
