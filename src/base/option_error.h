// Errors that know the option whose value they are about.
#pragma once

#include <string>
#include <utility>

#include <submask/error.h>

namespace submask {

// The message need not name the option.
class OptionError : public Error {
 public:
  OptionError(const Error& error, std::string option) : Error(error), option_(std::move(option)) {}
  const std::string& option() const { return option_; }  // its long name, "rate"

 private:
  std::string option_;
};

// Returns what `work` does. Its errors become OptionErrors, where they are none yet.
template <typename Work>
decltype(auto) with_option_in_errors(const std::string& option, const Work& work) {
  try {
    return work();
  } catch (const OptionError&) {
    throw;
  } catch (const Error& error) {
    throw OptionError(error, option);
  }
}

}  // namespace submask
