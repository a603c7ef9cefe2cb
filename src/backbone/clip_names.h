// The names that CLIP's checkpoints give a transformer's blocks, in the image and in the text tower
// alike.
#pragma once

#include <string>
#include <vector>

#include "backbone/checkpoint_layout.h"

namespace submask {

// OpenAI's and open_clip's "transformer.resblocks.*." -> "blocks.*.".
std::vector<NameRule> openai_clip_blocks();

// transformers' `tower` + "encoder.layers.*." -> "blocks.*.", q, k and v as parts of one matrix.
std::vector<NameRule> transformers_clip_blocks(const std::string& tower);

void append(std::vector<NameRule>& rules, std::vector<NameRule> more);

}  // namespace submask
