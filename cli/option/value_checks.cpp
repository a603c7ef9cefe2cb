#include "cli/option/value_checks.h"

#include <algorithm>

#include "base/joined.h"
#include "base/names.h"

namespace submask::cli {
namespace {

CLI::Validator number_check(const std::string& expected, const std::string& name,
                            bool (*is_right)(double)) {
  const auto check = [expected, is_right](const std::string& word) {
    double number = 0;
    const bool right = CLI::detail::lexical_cast(word, number) && is_right(number);
    return right ? std::string() : "expected " + expected + ", got " + word;
  };
  return {check, name};
}

}  // namespace

CLI::Validator positive_number() {
  return number_check("a number above 0", "POSITIVE", [](double number) { return number > 0; });
}

CLI::Validator non_negative_number() {
  return number_check("a number of 0 or more", "NONNEGATIVE",
                      [](double number) { return number >= 0; });
}

void limit_to(CLI::Option* option, const std::vector<std::string>& names) {
  option->type_name("{" + joined(names, ",") + "}");
  const auto check = [names, name = option->get_name()](const std::string& word) {
    if (std::find(names.begin(), names.end(), word) == names.end())
      fail_no_value("a value of " + name, word, names);
    return std::string();
  };
  option->check(CLI::Validator(check, ""));
}

}  // namespace submask::cli
