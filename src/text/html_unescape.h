// Character references of HTML in plain text: "&eacute;", "&#233;", "&#xe9;".
//
// Known are the names of HTML 4, those that need no semicolon, what HTML 5 has by the same letters
// in other case ("&Lt;"), and "&apos;": what captions and class names have. The other 1,800 names
// of HTML 5, nearly all of mathematics, are read as HTML 4 reads them, which is no name:
// "&bigstar;" stays as it is written, and "&ltimes;" begins with "&lt".
#pragma once

#include <string>
#include <string_view>

namespace submask {

// As Python's html.unescape(), by the rules of HTML5: "&amp" needs no semicolon, and the longest
// known name counts.
std::u32string html_unescape(std::u32string_view text);

// As ftfy's unescape_html, which resolves only what is certain: references with a semicolon, and
// names in small letters that were capitalised with the text around them ("P&EACUTE;REZ").
std::u32string html_unescape_sure(std::u32string_view text);

// Made by tests/reference/make_html_entities.py, which says what was chosen: NAME, then ':' ('!'
// where no semicolon is needed), the codes of its characters, then '^' where its capitalised form
// counts too, with the codes of that form where they differ.
extern const std::string_view html_entity_table;

}  // namespace submask
