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

}  // namespace submask
