// A CSV file of images with the columns path, label (the name of the class) and, if wanted, split.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/format/labelled_files.h"

namespace submask {

enum class CsvPart : uint8_t { train, validation, test };

struct CsvTable {
  LabelledFiles files;                   // in the file's order
  std::vector<CsvPart> parts;            // of each file; train without a column of splits
  std::vector<std::string> class_names;  // in natural order
  bool has_split = false;
};

// The first row names the columns. Messages call the table `file`. Throws corrupt_file, naming the
// line, for a row that does not fit.
CsvTable parse_csv_table(std::string_view rows, const std::string& file);

}  // namespace submask
