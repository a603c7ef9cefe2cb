// What surrounds the content of a page: head, style and the script that sorts tables.
#pragma once

#include <string>

namespace submask {

// A table of class "sortable" is sorted by a click on a heading: by the cells' data-v as numbers
// where they have it, else by their text. The page forbids itself (by a content security policy)
// everything but embedded images, its style and this script.
std::string page_begin(const std::string& title);
std::string page_end();

}  // namespace submask
