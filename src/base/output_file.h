// Where results go.
#pragma once

#include <filesystem>
#include <string_view>

namespace submask {

// Throws Error io unless a file can be written at `path` (its folder is created where it is
// missing): a long run finds out at its start, not at its end, that its result has nowhere to go.
// An existing file is untouched.
void check_writable(const std::filesystem::path& path);

// The whole of a file, atomically. Throws Error io.
void write_output(const std::filesystem::path& path, std::string_view content);

}  // namespace submask
