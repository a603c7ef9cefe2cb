// What the tests of weight files share: golden files, scratch files, the error of a call.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include <submask/error.h>

#include "base/file.h"
#include "scratch_folder.h"

namespace submask {

// In the folder of golden checkpoints, or in another one of golden files.
inline std::filesystem::path golden_path(const std::string& name,
                                         const std::string& folder = "weights") {
  return std::filesystem::path(SUBMASK_TEST_DATA) / "golden" / folder / name;
}

inline nlohmann::json golden_expectations(const std::string& folder = "weights") {
  return nlohmann::json::parse(read_text_file(golden_path("expected.json", folder)));
}

inline std::filesystem::path scratch_path(const std::string& name) {
  return scratch_folder() / name;
}

inline void write_scratch(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::remove(
      path);  // ext4 waits for the disk where a file is truncated and written again
  std::ofstream(path, std::ios::binary) << content;
}

// The message of the Error that `call` throws; kind corrupt_file is checked.
inline std::string corrupt_message(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt_file) << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

}  // namespace submask
