#include "report/table/results_table.h"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>

#include <submask/error.h>

#include "base/output_file.h"
#include "error_of.h"
#include "scratch_folder.h"

namespace submask {
namespace {

std::string accuracy(double value) { return "{\"accuracy\":" + std::to_string(value) + "}"; }

// Two models on two sets by two methods and two seeds; knn's cells are the same for both seeds.
class ResultsTableTest : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<GridEntry> entries;
    double value = 0.5;
    for (const char* model : {"m_1", "m2"})
      for (const char* set : {"a", "b|c"})
        for (const char* method : {"fs", "knn"})
          for (const char* seed : {"0", "1"}) {
            std::string id = std::string(model) + set + method;
            if (std::string(method) == "fs") id += seed;
            entries.push_back(
                {id, {{"model", model}, {"set", set}, {"method", method}, {"seed", seed}}});
            database_.put({id, true, "train", accuracy(value), "", "{}"});
            value += 0.01;
          }
    database_.put_grid("grid", entries);
  }

  ResultsDatabase database_{fresh_folder("table") / "results.sqlite"};
};

TEST_F(ResultsTableTest, AveragesOverSeeds) {
  const ResultsTable table = make_table(read_grid_results(database_), {});
  EXPECT_EQ(table.row_labels, (std::vector<std::string>{"model", "method"}));
  EXPECT_EQ(table.column_names, (std::vector<std::string>{"a", "b|c"}));
  ASSERT_EQ(table.row_names.size(), 4U);
  EXPECT_EQ(table.row_names[1], (std::vector<std::string>{"m_1", "knn"}));
  const TableEntry& fs = table.entries[0][0];
  EXPECT_EQ(fs.values, 2);
  EXPECT_NEAR(fs.mean, 0.505, 1e-12);
  EXPECT_NEAR(fs.deviation, 0.01 / std::sqrt(2), 1e-12);
  // One cell, though two seeds name it; the second put won.
  EXPECT_EQ(table.entries[1][0].values, 1);
  EXPECT_NEAR(table.entries[1][0].mean, 0.53, 1e-12);
}

TEST_F(ResultsTableTest, IsWritten) {
  const ResultsTable table = make_table(read_grid_results(database_), {});
  EXPECT_EQ(to_markdown(table),
            "| model | method | a | b\\|c |\n|---|---|---:|---:|\n"
            "| m_1 | fs | .505 +- .007 (2) | .545 +- .007 (2) |\n"
            "| m_1 | knn | .530 | .570 |\n"
            "| m2 | fs | .585 +- .007 (2) | .625 +- .007 (2) |\n"
            "| m2 | knn | .610 | .650 |\n");
  const std::string latex = to_latex(table);
  EXPECT_NE(latex.find("m\\_1 & fs & $.505{\\scriptstyle \\pm .007_{2}}$ & "), std::string::npos);
  // A model is a group: its name once, and what is best of it bold.
  EXPECT_NE(
      latex.find(" & knn & $\\mathbf{.530}$ & $\\mathbf{.570}$ \\\\\n\\addlinespace\nm2 & fs"),
      std::string::npos)
      << latex;
  EXPECT_NE(latex.find(" & knn & $\\mathbf{.610}$ & $\\mathbf{.650}$ \\\\\n\\bottomrule"),
            std::string::npos)
      << latex;
  EXPECT_EQ(latex.find("textsuperscript"), std::string::npos) << latex;
  EXPECT_TRUE(
      to_csv(table).starts_with("model,method,column,metric,values,mean,deviation,missing,failed,"
                                "reference\n"
                                "m_1,fs,a,accuracy,2,0.505"));
}

TEST_F(ResultsTableTest, MarksWhatIsNotThere) {
  database_.put({"m_1afs0", false, "train", "", "no", "{}"});
  database_.put({"m_1aknn", false, "train", "", "no", "{}"});
  auto entries = database_.entries("grid");
  entries.push_back({"new", {{"model", "m3"}, {"set", "a"}, {"method", "fs"}, {"seed", "0"}}});
  entries.push_back({"more", {{"model", "m2"}, {"set", "a"}, {"method", "fs"}, {"seed", "2"}}});
  database_.put_grid("grid", entries);
  const std::string table = to_markdown(make_table(read_grid_results(database_), {}));
  EXPECT_NE(table.find("| m_1 | fs | .510, 1 failed |"), std::string::npos) << table;
  EXPECT_NE(table.find("| m_1 | knn | failed |"), std::string::npos) << table;
  EXPECT_NE(table.find("| m2 | fs | .585 +- .007 (2), 1 missing |"), std::string::npos) << table;
  EXPECT_NE(table.find("| m3 | fs | missing |  |"), std::string::npos) << table;
  const std::string latex = to_latex(make_table(read_grid_results(database_), {}));
  EXPECT_NE(latex.find("m\\_1 & fs & $\\mathbf{.510}$\\textsuperscript{*} & "), std::string::npos)
      << latex;
  EXPECT_NE(latex.find("\\multicolumn{4}{l}{\\footnotesize \\textsuperscript{*}some runs"),
            std::string::npos)
      << latex;
}

// A metric that some cells have: the others make no row and no column.
TEST_F(ResultsTableTest, LeavesOutWhatIsBlank) {
  database_.put({"m_1afs0", true, "train", R"({"accuracy":0.5,"task_bytes":100})", "", "{}"});
  TableOptions options;
  options.metric = "task_bytes";
  EXPECT_EQ(to_markdown(make_table(read_grid_results(database_), options)),
            "| model | method | a |\n|---|---|---:|\n| m_1 | fs | 100 |\n");
}

// One label a row: all rows are one group, each with its name.
TEST_F(ResultsTableTest, MakesOneGroupOfRowsByOneLabel) {
  TableOptions options;
  options.rows = {"method"};
  options.columns = {"set"};
  const std::string latex = to_latex(make_table(read_grid_results(database_), options));
  EXPECT_NE(latex.find("\nfs & $.545{"), std::string::npos) << latex;
  EXPECT_NE(latex.find("\nknn & $\\mathbf{.570}{"), std::string::npos) << latex;
  EXPECT_EQ(latex.find("addlinespace"), std::string::npos) << latex;
}

// As the paper's tables stand, whatever the order of the grid's runs.
TEST_F(ResultsTableTest, RowsStandInGroups) {
  TableOptions options;
  options.rows = {"method", "model"};
  const ResultsTable table = make_table(read_grid_results(database_), options);
  EXPECT_EQ(table.row_names, (std::vector<std::vector<std::string>>{
                                 {"fs", "m_1"}, {"fs", "m2"}, {"knn", "m_1"}, {"knn", "m2"}}));
  EXPECT_NEAR(table.entries[1][0].mean, 0.585, 1e-12);
}

TEST_F(ResultsTableTest, TakesRowsAndColumns) {
  TableOptions options;
  options.rows = {"set"};
  options.columns = {"method", "model"};
  const ResultsTable table = make_table(read_grid_results(database_), options);
  EXPECT_EQ(table.column_names,
            (std::vector<std::string>{"fs, m_1", "knn, m_1", "fs, m2", "knn, m2"}));
  EXPECT_EQ(table.row_names.size(), 2U);
  options.columns.clear();
  options.rows = {"model"};
  EXPECT_EQ(make_table(read_grid_results(database_), options).entries[0][0].values, 3);
}

// Cells without the columns' label stand in a column that says so.
TEST_F(ResultsTableTest, NamesAllColumns) {
  auto entries = database_.entries("grid");
  for (GridEntry& entry : entries)
    if (entry.labels[2].second == "fs") entry.labels.emplace_back("rate", "50");
  database_.put_grid("grid", entries);
  TableOptions options;
  options.rows = {"model"};
  options.columns = {"rate"};
  EXPECT_EQ(make_table(read_grid_results(database_), options).column_names,
            (std::vector<std::string>{"50", "no rate"}));
  for (GridEntry& entry : entries) entry.labels = {entry.labels[0]};
  database_.put_grid("grid", entries);
  options.columns.clear();
  EXPECT_EQ(make_table(read_grid_results(database_), options).column_names,
            (std::vector<std::string>{"accuracy"}));
}

TEST_F(ResultsTableTest, SetsReferenceValuesBeside) {
  const auto path = fresh_folder("reference") / "paper.csv";
  const auto read = [&](const std::string& content) {
    write_output(path, content);
    return read_reference_values(path);
  };
  TableOptions options;
  options.reference = read(
      "model,set,method,metric,value\nm_1,a,fs,accuracy,.6\nm_1,a,fs,seconds,1\n"
      "m_1,a,lp,accuracy,.7\nm2,\"b|c\",knn,accuracy,0.61\n");
  const ResultsTable table = make_table(read_grid_results(database_), options);
  EXPECT_EQ(table.entries[0][0].reference, 0.6);
  EXPECT_EQ(table.entries[3][1].reference, 0.61);
  EXPECT_FALSE(table.entries[0][1].reference);
  const std::string markdown = to_markdown(table);
  EXPECT_NE(markdown.find("| .505 +- .007 (2) [.600, -.095] |"), std::string::npos) << markdown;
  EXPECT_NE(markdown.find("| .650 [.610, +.040] |"), std::string::npos) << markdown;
  EXPECT_NE(to_latex(table).find("$ {\\scriptsize $[.600, -.095]$} & "), std::string::npos);
  // Without a row or column for one of its labels it stands nowhere.
  options.rows = {"model"};
  EXPECT_FALSE(make_table(read_grid_results(database_), options).entries[0][0].reference);

  for (const auto& [content, message] :
       {std::pair("model,value\n", "columns metric and value"),
        std::pair("metric,value\naccuracy,high\n", "expected a number, got 'high', in "),
        std::pair("metric,value\naccuracy\n", "expected 2 fields, got 1, in ")}) {
    try {
      read(content);
      ADD_FAILURE() << content;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::corrupt_file);
      EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
    }
  }
}

// Of labels that other grids have, as options of runs, a file for many grids may have columns.
TEST_F(ResultsTableTest, RefusesReferenceValuesOfAMisspeltLabel) {
  const GridResults results = read_grid_results(database_);
  check_reference_labels({{{{"model", "m_1"}, {"criterion", "topk"}}, "accuracy", 1}}, results);
  EXPECT_EQ(error_of(ErrorKind::invalid_argument,
                     [&] {
                       check_reference_labels({{{{"modle", "m_1"}}, "accuracy", 1}}, results);
                     }),
            "expected a label of the grid or an option as a column (model? the grid's: model, set, "
            "method, seed), got modle");
}

TEST_F(ResultsTableTest, RefusesAMisspeltMetricBeforeThereIsAnyResult) {
  database_.put_grid("planned", {{"m3", {{"model", "m3"}, {"set", "a"}}}});
  const GridResults results = read_grid_results(database_, "planned");
  TableOptions options;
  EXPECT_EQ(make_table(results, options).entries[0][0].missing, 1);
  options.metric = "training_set.classes";
  EXPECT_EQ(make_table(results, options).entries[0][0].missing, 1);
  options.metric = "acuracy";
  EXPECT_TRUE(error_of(ErrorKind::invalid_argument, [&] {
                make_table(results, options);
              }).starts_with("expected a number in the results (accuracy? accuracy, "));
}

TEST_F(ResultsTableTest, RefusesWhatNothingHas) {
  const auto message = [&](const std::function<void(TableOptions&)>& change,
                           const std::string& grid = "") {
    TableOptions options;
    change(options);
    try {
      make_table(read_grid_results(database_, grid), options);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(message([](auto& o) { o.metric = "speed"; }),
            "expected a number in the results (accuracy), got speed");
  EXPECT_EQ(message([](auto& o) { o.rows = {"modle"}; }),
            "expected labels of the grid: model, set, method, seed, got modle");
  EXPECT_EQ(message([](auto&) {}, "other"), "expected a grid of the database (grid), got other");
  database_.put_grid("second", {{"x", {}}});
  EXPECT_EQ(message([](auto&) {}),
            "expected --grid grid or second, which the database has, got none");
}

}  // namespace
}  // namespace submask
