// Refusals, by their kind and message.
#pragma once

#include <gtest/gtest.h>
#include <string>

#include <submask/error.h>

namespace submask {

// The message of the Error that `action` throws, which has to be of this kind.
template <typename Action>
std::string error_of(ErrorKind kind, const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

// The message of a reader that is given a damaged file: damage, or what looks like a later version.
template <typename Action>
std::string damage_found(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_TRUE(error.kind() == ErrorKind::corrupt_file ||
                error.kind() == ErrorKind::unsupported_version)
        << error.what();
    return error.what();
  }
  return "no error";
}

}  // namespace submask
