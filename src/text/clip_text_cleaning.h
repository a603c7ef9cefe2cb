// The text that CLIP's tokenizer sees: open_clip's default cleaning.
#pragma once

#include <string>
#include <string_view>

namespace submask {

// Unicode repaired as ftfy.fix_text does it, HTML unescaped twice, white space made single spaces,
// lower case. Of ftfy this leaves out `fix_encoding` alone, which guesses that text was decoded in
// the wrong encoding ("schÃ¶n" for "schön") and needs its statistics: such text stays as it is.
std::u32string clean_clip_text(std::string_view utf8);

}  // namespace submask
