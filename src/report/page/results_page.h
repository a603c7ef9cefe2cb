// A grid's results as one HTML file to look at: tables, pictures, and every cell with its settings.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "report/table/results_table.h"

namespace submask {

struct ResultsPageOptions {
  TableOptions table;                // rows, columns, reference
  std::vector<std::string> metrics;  // a table each; none: those of the usual ones that there are
  std::filesystem::path cells;       // what the cells learned, for pictures and links; may be gone
};

// Writes index.html, and the pictures once more as svg and pdf for papers. The page needs nothing
// but itself; the same results give the same bytes. Throws as make_table() does, unavailable (no
// gnuplot) and io.
void write_results_page(const ResultsDatabase& database, const GridResults& results,
                        const ResultsPageOptions& options, const std::filesystem::path& folder);

}  // namespace submask
