// The embeddings of class names by CLIP's text transformer.
#pragma once

#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "text/clip_tokenizer.h"
#include "zero_shot/clip_text.h"

namespace submask {

// float32 [classes, width]: for each class the embeddings of its prompts are normalised to length
// 1, averaged, and normalised again. For `prompts` see zero_shot.h. Throws invalid_argument for no
// classes or no prompts.
at::Tensor class_embeddings(ClipText& text_tower, const ClipTokenizer& tokenizer,
                            const std::vector<std::string>& classes,
                            const std::vector<std::string>& prompts);

}  // namespace submask
