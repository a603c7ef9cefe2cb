// Rows of comma-separated values, as RFC 4180 describes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace submask {

// A field may stand in double quotes, with "" for a quote inside. Lines end in \n or \r\n; empty
// lines are passed over.
class CsvReader {
 public:
  CsvReader(std::string_view content, std::string file) : rest_(content), file_(std::move(file)) {}

  // Reads a row; false at the end. Throws corrupt_file naming the line of a quote without an end.
  bool next(std::vector<std::string>& fields);
  int64_t line() const { return row_line_; }  // where the last row began, from 1

 private:
  std::string quoted_field();
  std::string plain_field();
  bool take(std::string_view expected);
  bool take_line_end();

  std::string_view rest_;
  std::string file_;
  int64_t line_ = 1, row_line_ = 1;
};

}  // namespace submask
