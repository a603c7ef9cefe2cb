#include "zero_shot/zero_shot.h"

#include <sstream>

#include <ATen/ATen.h>

#include "base/fail.h"
#include "base/file.h"
#include "zero_shot/class_embeddings.h"

namespace submask {
namespace {

struct NameMark {
  size_t begin = std::string::npos;
  size_t length = 0;
};

NameMark find_name_mark(const std::string& prompt) {
  for (const std::string_view mark : {"{label}", "{}"})
    if (const size_t begin = prompt.find(mark); begin != std::string::npos)
      return {begin, mark.size()};
  return {};
}

at::Tensor normalised(const at::Tensor& rows) { return rows / rows.norm(2, {1}, true); }

}  // namespace

std::vector<std::string> read_prompts(const std::filesystem::path& path) {
  std::vector<std::string> prompts;
  std::istringstream lines(read_text_file(path));
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    if (find_name_mark(line).length == 0)
      fail_corrupt("a prompt with {label} or {}", "'" + line + "'", path.string());
    prompts.push_back(line);
  }
  if (prompts.empty()) fail_corrupt("prompts, one a line", "none", path.string());
  return prompts;
}

std::string fill_prompt(const std::string& prompt, const std::string& class_name) {
  const NameMark mark = find_name_mark(prompt);
  if (mark.length == 0) fail_argument("a prompt with {label} or {}", "'" + prompt + "'");
  std::string name = class_name;
  for (char& c : name) c = c == '_' ? ' ' : c;
  return std::string(prompt).replace(mark.begin, mark.length, name);
}

at::Tensor class_embeddings(ClipText& text_tower, const ClipTokenizer& tokenizer,
                            const std::vector<std::string>& classes,
                            const std::vector<std::string>& prompts) {
  if (classes.empty() || prompts.empty()) fail_argument("classes and prompts", "none");
  std::vector<std::vector<int64_t>> texts;
  for (const std::string& name : classes)
    for (const std::string& prompt : prompts)
      texts.push_back(tokenizer.tokens(fill_prompt(prompt, name), text_tower.context()));
  const at::Tensor embeddings = normalised(text_tower.features(texts));
  return normalised(embeddings.unflatten(0, {-1, static_cast<int64_t>(prompts.size())}).mean(1));
}

CosineHead zero_shot_head(const BackboneInfo& backbone, const std::vector<std::string>& classes,
                          const ZeroShotOptions& options) {
  if (!backbone.family.starts_with("CLIP"))
    fail_argument("a CLIP backbone for class names as text",
                  backbone.name + " (" + backbone.family + ")");
  if (options.vocabulary.empty())
    fail_argument(
        "CLIP's vocabulary (bpe_simple_vocab_16e6.txt.gz, which comes with CLIP and "
        "open_clip)",
        "none");
  if (options.weights.empty()) fail_argument("a weight file with CLIP's text transformer", "none");
  const ClipTokenizer tokenizer(options.vocabulary);
  ClipText text_tower = ClipText::load(
      options.weights, backbone.quick_gelu ? Activation::quick_gelu : Activation::gelu);
  if (text_tower.width() != backbone.feature_width)
    fail_corrupt(text("text embeddings of width ", backbone.feature_width), text_tower.width(),
                 options.weights);
  if (text_tower.vocabulary() != tokenizer.size())
    fail_corrupt(text("a vocabulary of ", text_tower.vocabulary(), " tokens"), tokenizer.size(),
                 options.vocabulary);
  return {text_tower.logit_scale() *
          class_embeddings(text_tower, tokenizer, classes, options.prompts)};
}

}  // namespace submask
