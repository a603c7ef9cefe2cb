#include "report/page/results_figures.h"

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

}  // namespace
}  // namespace submask
