// The text that CLIP's tokenizer sees: open_clip's default cleaning.
#pragma once

#include <string>
#include <string_view>

namespace submask {

// Repairs Unicode as ftfy.fix_text does, resolves HTML's references twice, makes white space single
// spaces, and makes everything lower case. One part of ftfy is left out, `fix_encoding`, which
// guesses by statistics that a text was decoded in the wrong encoding ("schÃ¶n" for "schön"): such
// text stays as it is.
std::u32string clean_clip_text(std::string_view utf8);

}  // namespace submask
