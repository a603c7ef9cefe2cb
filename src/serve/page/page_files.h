// The files of the page, which lie in the program.
#pragma once

#include <span>
#include <string_view>

namespace submask {

struct PageFile {
  std::string_view name;  // "index.html"
  std::string_view content;
};

std::span<const PageFile> page_files();

}  // namespace submask
