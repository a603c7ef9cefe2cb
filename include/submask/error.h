// The one exception family of submask.
//
// Every function of the library that fails throws Error. The kind is for programs (cli/main.cpp
// turns it into an exit code). The message is for people: one line "expected ..., got ..., in FILE"
// without a full stop.
#pragma once

#include <stdexcept>
#include <string>

namespace submask {

enum class ErrorKind {
  invalid_argument,     // the caller asks for a wrong option, name or combination
  corrupt_file,         // a file or its data is truncated, damaged, hostile or of another kind
  unsupported_version,  // a file has a later format than this build reads
  io,                   // the system refused: missing file, full disk, no permission
  unavailable,          // this build or machine lacks a device, a library or a feature
  interrupted,          // the user stopped a long run, of which nothing is kept
  stopped,              // the user stopped a long run that goes on from its checkpoint
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace submask
