// Digests of whole files, as publishers state them.
#pragma once

#include <filesystem>
#include <string>

namespace submask {

std::string file_sha256(const std::filesystem::path& path);
std::string file_md5(const std::filesystem::path& path);

// SHA-1 of "blob SIZE\0" and the content: git's name of a file.
std::string git_blob_sha1(const std::filesystem::path& path);

}  // namespace submask
