#include "report/table/low_label_table.h"

#include <cmath>
#include <gtest/gtest.h>

#include "report/low_label_cell.h"

namespace submask {
namespace {

const std::vector<LowLabelCell> cells = {
    low_label_cell({}, 100, 0, .5), low_label_cell({}, 10, 0, .25),
    low_label_cell({Method::ssl_fs}, 10, 0, .3), low_label_cell({}, 100, 1, .7),
    low_label_cell({Method::ssl_fs, Method::fft}, 10, 0, .35)};

TEST(LowLabelTable, SummarisesOverSeeds) {
  const auto summaries = summarise(cells);
  ASSERT_EQ(summaries.size(), 4U);
  EXPECT_EQ(summaries[0].method, LowLabelMethod());
  EXPECT_EQ(summaries[0].labelled_images, 10);
  EXPECT_EQ(summaries[0].deviation, 0);
  EXPECT_DOUBLE_EQ(summaries[1].mean, .6);
  EXPECT_EQ(summaries[1].seeds, 2);
  EXPECT_NEAR(summaries[1].deviation, std::sqrt(.02), 1e-12);
  EXPECT_EQ(summaries[2].method, LowLabelMethod{Method::ssl_fs});
}

TEST(LowLabelTable, HasARowForEachMethod) {
  EXPECT_EQ(to_markdown(summarise(cells)),
            "| labelled images |             10 |            100 |\n"
            "|-----------------|---------------:|---------------:|\n"
            "| lp              |          0.250 | 0.600 +- 0.141 |\n"
            "| ssl-fs + lp     |          0.300 |                |\n"
            "| ssl-fs + fft    |          0.350 |                |\n");
}

}  // namespace
}  // namespace submask
