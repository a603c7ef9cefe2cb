// Makes a classifier for CLIP's image features from class names: Radford et al. 2021 (arXiv
// 2103.00020), section 3.1.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <submask/backbone.h>
#include <submask/head.h>

namespace submask {

struct ZeroShotOptions {
  std::string weights;     // checkpoint with CLIP's text transformer, usually the backbone's own
  std::string vocabulary;  // bpe_simple_vocab_16e6.txt.gz, plain or gzipped, or merges.txt
  // Each has one {label} or {} for the name. Several prompts are an ensemble: their mean is used.
  std::vector<std::string> prompts{"This is a photo of a {label}"};
};

// Reads prompts, one a line; empty lines are skipped. Throws io, or corrupt_file for a line without
// {label} or {} and for a file without lines.
std::vector<std::string> read_prompts(const std::filesystem::path& path);

// The prompt with the name for {label} or {}. A '_' in the name becomes a space. Throws
// invalid_argument where the prompt has neither.
std::string fill_prompt(const std::string& prompt, const std::string& class_name);

// A head for features of the backbone: for each class the embeddings of its prompts are normalised,
// averaged and normalised again, then multiplied with the checkpoint's logit scale. Throws
// invalid_argument where the backbone is no CLIP or the path of a file is empty; corrupt_file where
// the text transformer does not fit the backbone or the vocabulary; io.
CosineHead zero_shot_head(const BackboneInfo& backbone, const std::vector<std::string>& classes,
                          const ZeroShotOptions& options);

}  // namespace submask
