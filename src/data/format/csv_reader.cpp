#include "data/format/csv_reader.h"

#include <algorithm>

#include "base/fail.h"

namespace submask {

bool CsvReader::take(std::string_view expected) {
  if (!rest_.starts_with(expected)) return false;
  rest_.remove_prefix(expected.size());
  return true;
}

bool CsvReader::take_line_end() {
  if (!take("\r\n") && !take("\n")) return false;
  ++line_;
  return true;
}

std::string CsvReader::quoted_field() {
  std::string field;
  do {  // "" inside is a quote: the text goes on after it
    const size_t end = rest_.find('"');
    if (end == std::string_view::npos)
      fail_corrupt("a closing quote", text("none for line ", line_), file_);
    field += rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    if (rest_.starts_with('"')) field += '"';
  } while (take("\""));
  line_ += std::count(field.begin(), field.end(), '\n');
  return field;
}

std::string CsvReader::plain_field() {
  std::string field(rest_.substr(0, rest_.find_first_of(",\n")));
  rest_.remove_prefix(field.size());
  // The \r of a line end is no part of the field; the end of the file may leave one behind.
  if (field.ends_with('\r') && !rest_.starts_with(',')) field.pop_back();
  return field;
}

bool CsvReader::next(std::vector<std::string>& fields) {
  fields.clear();
  while (take_line_end()) {
  }
  if (rest_.empty()) return false;
  row_line_ = line_;
  do {
    fields.push_back(take("\"") ? quoted_field() : plain_field());
  } while (take(","));
  if (!take_line_end() && !rest_.empty())
    fail_corrupt("a comma or the line's end after a quoted field",
                 text("other text in line ", line_), file_);
  return true;
}

}  // namespace submask
