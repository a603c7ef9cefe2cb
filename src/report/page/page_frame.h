// The beginning and the end of a page: head, style and the script that sorts tables.
#pragma once

#include <string>

namespace submask {

// A click on a heading sorts a table of class "sortable": by the numbers in the cells' data-v where
// they have it, else by their text. By its content security policy the page may use nothing but
// embedded images, its style and this script.
std::string page_begin(const std::string& title);
std::string page_end();

}  // namespace submask
