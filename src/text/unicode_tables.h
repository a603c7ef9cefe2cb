// Unicode's properties as text, made by tests/reference/make_unicode_tables.py. Records end with a
// space, their fields are hexadecimal and separated by dots; the first counts from the code after
// the record before it. Read by unicode.cpp.
#pragma once

#include <string_view>

namespace submask {

// Ranges: first code, length - 1.
extern const std::string_view letter_table;
extern const std::string_view number_table;
extern const std::string_view cased_table;
extern const std::string_view case_ignorable_table;

extern const std::string_view lower_table;            // first code, steps, codes a step, difference
extern const std::string_view combining_class_table;  // first code, length - 1, class
extern const std::string_view decomposition_table;    // code, what it is made of: one or two codes
extern const std::string_view never_composed_table;   // code with a decomposition of two
extern const std::string_view width_table;            // code, its form of usual width

}  // namespace submask
