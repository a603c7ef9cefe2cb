// Class names as a classifier over CLIP's image features: Radford et al. 2021 (arXiv 2103.00020),
// section 3.1.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <submask/backbone.h>
#include <submask/head.h>

namespace submask {

struct ZeroShotOptions {
  std::string weights;     // checkpoint with CLIP's text transformer: as a rule the backbone's own
  std::string vocabulary;  // bpe_simple_vocab_16e6.txt.gz, plain or gzipped, or merges.txt
  // Each with one {label} or {} in the name's place; the mean of several is an ensemble.
  std::vector<std::string> prompts{"This is a photo of a {label}"};
};

// One template a line; empty lines are skipped. Throws io, or corrupt_file for a line without the
// name's place or a file without lines.
std::vector<std::string> read_prompts(const std::filesystem::path& path);

// The template with the name in its place, '_' of the name as a space.
std::string fill_prompt(const std::string& prompt, const std::string& class_name);

// A head for features of the backbone: of each class the normalised mean of its
// prompts' normalised embeddings, times the checkpoint's logit scale. Throws invalid_argument where
// the backbone is no CLIP or a file is not named; corrupt_file where the text transformer does not
// fit the backbone or the vocabulary; io.
CosineHead zero_shot_head(const BackboneInfo& backbone, const std::vector<std::string>& classes,
                          const ZeroShotOptions& options);

}  // namespace submask
