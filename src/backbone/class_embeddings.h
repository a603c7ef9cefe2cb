// What CLIP's text transformer makes of class names.
#pragma once

#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "backbone/clip_text.h"
#include "text/clip_tokenizer.h"

namespace submask {

// Of each class the mean of its prompts' embeddings, each of length 1, again of length 1: float32
// [classes, width]. `prompts` as zero_shot.h's. The prompts of a class count alike.
at::Tensor class_embeddings(ClipText& text_tower, const ClipTokenizer& tokenizer,
                            const std::vector<std::string>& classes,
                            const std::vector<std::string>& prompts);

}  // namespace submask
