#include "report/table/result_number.h"

#include <gtest/gtest.h>

namespace submask {
namespace {

TEST(ResultNumber, IsFoundByItsNameAndWithinObjects) {
  const auto result = nlohmann::json::parse(
      R"({"accuracy": 0.5, "n": 20, "data": "x", "training_set": {"classes": 10, "deep": {"er": 1}},
          "class_accuracy": {"St. Bernard": 0.25}})");
  EXPECT_EQ(result_number(result, "accuracy"), 0.5);
  EXPECT_EQ(result_number(result, "n"), 20);
  EXPECT_EQ(result_number(result, "training_set.classes"), 10);
  EXPECT_EQ(result_number(result, "training_set.deep.er"), 1);
  EXPECT_EQ(result_number(result, "class_accuracy.St. Bernard"), 0.25);
  for (const char* none : {"data", "training_set", "training_set.", "training_set.deep.er.x", ".",
                           "accuracy.n", "missing", "missing.n", ""})
    EXPECT_EQ(result_number(result, none), std::nullopt) << none;
  EXPECT_EQ(result_number(nlohmann::json(), "accuracy"), std::nullopt);
  EXPECT_EQ(result_number(nlohmann::json::array({1}), "0"), std::nullopt);
}

}  // namespace
}  // namespace submask
