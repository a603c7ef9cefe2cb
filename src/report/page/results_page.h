// A grid's results as one HTML file to look at: tables, pictures, and every cell with its settings.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "report/table/results_table.h"

namespace submask {

struct ResultsPageOptions {
  TableOptions table;  // rows, columns, reference
  // Each gets a table. Empty: the usual metrics that the results have.
  std::vector<std::string> metrics;
  // The folder of what the cells learned, for pictures and links. It need not exist.
  std::filesystem::path cells;
};

// Writes index.html, which needs no other file, and the pictures once more as svg and pdf for
// papers. The same results give the same bytes. Throws as make_table() does, and unavailable (no
// gnuplot) or io.
void write_results_page(const ResultsDatabase& database, const GridResults& results,
                        const ResultsPageOptions& options, const std::filesystem::path& folder);

}  // namespace submask
