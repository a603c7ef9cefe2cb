#include "report/page/results_figures.h"

#include <cmath>
#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <submask/task_file.h>

#include "scratch_folder.h"

namespace submask {
namespace {

std::vector<std::string> titles(const std::vector<ResultsFigure>& figures) {
  std::vector<std::string> all;
  all.reserve(figures.size());
  for (const ResultsFigure& figure : figures)
    all.push_back(figure.name + ": " +
                  std::visit([](const auto& chart) { return chart.title; }, figure.chart));
  return all;
}

// A grid of masks, a cell each setting.
class ResultsFigures : public testing::Test {
 protected:
  GridResults results(const std::string& option, const std::vector<std::string>& settings) {
    std::vector<GridEntry> entries;
    for (const std::string& setting : settings) {
      entries.push_back({"cell" + setting, {{"model", "m"}, {"method", "fs"}, {option, setting}}});
      database_.put({"cell" + setting, true, "train", R"({"accuracy":0.5})", "", "{}"},
                    {{1, R"({"loss":2.0})"}, {2, R"({"loss":1.0})"}});
    }
    database_.put_grid("grid", entries);
    return read_grid_results(database_);
  }

  std::filesystem::path folder_ = fresh_folder("figures");
  ResultsDatabase database_{folder_ / "results.sqlite"};
};

TEST_F(ResultsFigures, SayWhatHasNoRoom) {
  const std::vector<std::string> settings = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
  EXPECT_EQ(titles(training_curves(database_, results("shuffle", settings))),
            (std::vector<std::string>{"loss-m: Training loss: m, first 8 of 9"}));
  EXPECT_EQ(titles(training_curves(database_, results("shuffle", {"a", "b"}))),
            (std::vector<std::string>{"loss-m: Training loss: m"}));
}

TEST_F(ResultsFigures, ShowLayersOfEachChoiceOfUnits) {
  const GridResults grid = results("stages", {"0", "1", "1again"});
  for (const auto& [cell, units] : {std::pair("cell0", 1), {"cell1", 2}, {"cell1again", 2}}) {
    Task task;
    task.backbone = "resnet20";
    task.weights_identity = std::string(64, '0');
    for (int unit = 0; unit < units; ++unit)
      task.units.push_back(pack_mask("conv" + std::to_string(unit), at::ones({4, 4}, at::kBool)));
    std::filesystem::create_directories(folder_ / cell);
    write_task(folder_ / cell / "learned.task", pack_task(task));
  }
  EXPECT_EQ(
      titles(layer_figures(grid, folder_)),
      (std::vector<std::string>{
          "layers-fs-resnet20: Weights switched off: resnet20 (fs, 1 unit)",
          "layers-fs-resnet20-2: Weights switched off: resnet20, mean of 2 tasks (fs, 2 units)"}));
}

// A point each setting: numbers move along the curve of their method, words make one of their own.
TEST_F(ResultsFigures, AFrontierIsAccuracyOverBytes) {
  std::vector<GridEntry> entries;
  const auto add = [&](const std::string& cell, const GridEntry& entry, const std::string& result) {
    entries.push_back(entry);
    entries.back().cell = cell;
    database_.put({cell, true, "train", result, "", "{}"}, {});
  };
  const auto labels = [](const std::string& method, const std::string& option,
                         const std::string& value, const std::string& seed) {
    return GridEntry{"", {{"model", "m"}, {"method", method}, {option, value}, {"seed", seed}}};
  };
  add("a", labels("fs", "byte-price", "0", "0"), R"({"accuracy":0.5,"task_bytes":20000})");
  add("b", labels("fs", "byte-price", "0", "1"), R"({"accuracy":0.7,"task_bytes":22000})");
  add("c", labels("fs", "byte-price", "0.1", "0"), R"({"accuracy":0.4,"task_bytes":5000})");
  add("d", labels("lora", "lora-rank", "1", "0"),
      R"({"accuracy":0.3,"task_bytes":1000000,"adapter_bytes":9000})");
  add("e", labels("fs", "criterion", "flip", "0"), R"({"accuracy":0.2,"task_bytes":8000})");
  add("f", labels("fs", "byte-price", "9", "0"), R"({"accuracy":0.2})");  // of no known size
  add("g", labels("fs", "byte-price", "8", "0"), R"({"accuracy":"0.2","task_bytes":8000})");
  add("h", labels("fs", "byte-price", "7", "0"), R"({"accuracy":1e308,"task_bytes":8000})");
  add("i", labels("fs", "byte-price", "6", "0"), R"({"accuracy":0.2,"task_bytes":0})");
  database_.put_grid("grid", entries);
  const auto [figures, without_numbers] = frontier_figures(read_grid_results(database_));
  EXPECT_EQ(without_numbers, 4);
  EXPECT_EQ(titles(figures), std::vector<std::string>{"frontier-m: Accuracy over bytes: m"});
  const auto& chart = std::get<CurveChart>(figures.at(0).chart);
  ASSERT_EQ(chart.curves.size(), 3U);
  const Curve& masks = chart.curves[0];
  EXPECT_EQ(masks.name, "fs");
  ASSERT_EQ(masks.points.size(), 2U);
  EXPECT_NEAR(masks.points[0].x, 5, 1e-9);
  EXPECT_NEAR(masks.points[1].x, 21, 1e-9);
  EXPECT_NEAR(masks.points[1].y, 0.6, 1e-9);
  EXPECT_NEAR(masks.points[1].deviation, std::sqrt(0.02), 1e-9);
  EXPECT_EQ(chart.curves[1].name, "lora");
  EXPECT_NEAR(chart.curves[1].points.at(0).x, 9, 1e-9);
  EXPECT_EQ(chart.curves[2].name, "fs, criterion flip");
  draw_figure(figures[0], folder_);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "frontier-m.svg"));
}

TEST_F(ResultsFigures, OnePointIsNoFrontier) {
  database_.put({"cell", true, "train", R"({"accuracy":0.5,"task_bytes":20000})", "", "{}"}, {});
  database_.put_grid("grid", {{"cell", {{"model", "m"}, {"method", "fs"}}}});
  EXPECT_TRUE(frontier_figures(read_grid_results(database_)).figures.empty());
}

}  // namespace
}  // namespace submask
