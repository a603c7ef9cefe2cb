// The rows of a CSV file of images: path, label (the class's name) and, if wanted, split.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/format/labelled_files.h"

namespace submask {

struct CsvTable {
  LabelledFiles files;        // in the file's order
  std::vector<bool> is_test;  // as many; of use only where the file has a column of splits
  std::vector<std::string> class_names;  // in natural order
  bool has_split = false;
};

// The first row names the columns. `file` is what messages call it. Throws corrupt_file naming the
// line of a row that does not fit.
CsvTable parse_csv_table(std::string_view rows, const std::string& file);

}  // namespace submask
