// Runs other programs to their end.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace submask {

struct ProgramRun {
  bool succeeded = false;  // it ended with 0
  std::string output, errors;

  std::string last_error() const;  // the last line of `errors`, or "no message"
};

// Runs the program that PATH has by the name of the first word, which reads all of `input`. Returns
// nothing where there is no such program. Throws unavailable where it cannot be started and io
// where there is no room for what it prints.
std::optional<ProgramRun> run_program(const std::vector<std::string>& words,
                                      std::string_view input = {});

}  // namespace submask
