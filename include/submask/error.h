// The one exception family of submask.
//
// Every function of the library that fails throws Error; the kind tells a program what to do
// (cli/main.cpp turns it into an exit code), the message tells a person: "expected ..., got ..., in
// FILE". One line, no trailing full stop.
#pragma once

#include <stdexcept>
#include <string>

namespace submask {

enum class ErrorKind {
  invalid_argument,  // the caller's request cannot be met: a wrong option, name or combination
  corrupt_file,      // a file or image is truncated, damaged, hostile or of another kind; bad data
  unsupported_version,  // a file of a later format than this build reads
  io,                   // the system refused: missing file, full disk, no permission
  unavailable,          // a device, a library or a feature that this build or machine lacks
  interrupted,          // the user asked a long run to stop; its checkpoint is written
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace submask
