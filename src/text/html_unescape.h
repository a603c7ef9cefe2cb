// Character references of HTML in plain text: "&eacute;", "&#233;", "&#xe9;".
#pragma once

#include <string>
#include <string_view>

namespace submask {

// Python's html.unescape(): HTML5's rules, by which "&amp" needs no semicolon and the longest known
// name counts.
std::u32string html_unescape(std::u32string_view text);

// Only what is surely meant: references that end in a semicolon, and small names that were
// capitalised with the text around them ("P&EACUTE;REZ"). ftfy's unescape_html.
std::u32string html_unescape_sure(std::u32string_view text);

// Made by tests/reference/make_unicode_tables.py: NAME, then ':' ('!' where no semicolon is
// needed), its characters' codes, then '^' where its capitalised form is meant too, with the codes
// of that where they are others.
extern const std::string_view html_entity_table;

}  // namespace submask
