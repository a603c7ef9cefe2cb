// The names of a transformer's blocks in CLIP's checkpoints. They are the same in the image tower
// and in the text tower.
#pragma once

#include <string>
#include <vector>

#include "naming/checkpoint_layout.h"

namespace submask {

// Rules for OpenAI's and open_clip's names: "transformer.resblocks.*." -> "blocks.*.".
std::vector<NameRule> openai_clip_blocks();

// Rules for the names of transformers: `tower` + "encoder.layers.*." -> "blocks.*.", with q, k and
// v as parts of one matrix.
std::vector<NameRule> transformers_clip_blocks(const std::string& tower);

void append(std::vector<NameRule>& rules, std::vector<NameRule> more);

}  // namespace submask
