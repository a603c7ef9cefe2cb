#include "cli/option/text_options.h"

namespace submask::cli {

void TextOptions::add_to(CLI::App& command) {
  const auto group = "Class names as text (CLIP)";
  command
      .add_option("--vocabulary", vocabulary,
                  "CLIP's byte-pair encoding: bpe_simple_vocab_16e6.txt.gz or merges.txt")
      ->type_name("FILE")
      ->group(group);
  command
      .add_option("--prompts", prompts,
                  "Templates, one a line, {label} or {} for the class; several are averaged. None: "
                  "\"This is a photo of a {label}\"")
      ->type_name("FILE")
      ->group(group);
  command
      .add_option("--text-weights", weights,
                  "File of CLIP's text transformer; none: the --weights of the backbone")
      ->type_name("FILE")
      ->group(group);
}

ZeroShotOptions TextOptions::zero_shot(const BackboneOptions& backbone) const {
  ZeroShotOptions options;
  options.weights = weights.empty() ? backbone.weights : weights;
  options.vocabulary = vocabulary;
  if (!prompts.empty()) options.prompts = read_prompts(prompts);
  return options;
}

}  // namespace submask::cli
