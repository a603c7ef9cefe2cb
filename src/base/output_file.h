// Files for results.
#pragma once

#include <filesystem>
#include <string_view>

namespace submask {

// Creates a folder, and those above it, where it is missing. Throws io.
void make_folder(const std::filesystem::path& folder);

// Throws io unless a file can be written at `path`, so that a long run fails at its start and not
// at its end. Creates a missing folder. Does not change an existing file.
void check_writable(const std::filesystem::path& path);

// Writes a whole file atomically. Throws io.
void write_output(const std::filesystem::path& path, std::string_view content);

}  // namespace submask
