// CLIP's tokenizer: byte-pair encoding of lower-case text (Radford et al. 2021, arXiv 2103.00020,
// section 2.4). The tokens are those of open_clip's and OpenAI's tokenizers for the same text.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace submask {

class ClipTokenizer {
 public:
  // `vocabulary` is bpe_simple_vocab_16e6.txt, plain or gzipped, or Hugging Face's merges.txt,
  // which begins with the same merges. Throws io or corrupt_file.
  explicit ClipTokenizer(const std::filesystem::path& vocabulary);

  // The start token, the tokens of the text, and the end token: at most `context` tokens. A longer
  // text is cut, and still ends with the end token.
  std::vector<int64_t> tokens(std::string_view utf8, int64_t context = 77) const;

  int64_t size() const { return end_token() + 1; }  // 49,408 for CLIP's own vocabulary
  int64_t start_token() const { return start_; }
  int64_t end_token() const { return start_ + 1; }

 private:
  struct Merge {
    int64_t rank = 0;
    int64_t token = 0;
  };
  struct PairHash {
    size_t operator()(const std::pair<int64_t, int64_t>& pair) const {
      return std::hash<int64_t>()(pair.first << 32 | pair.second);
    }
  };

  void append_word(std::string_view bytes, std::vector<int64_t>& out) const;

  std::unordered_map<std::pair<int64_t, int64_t>, Merge, PairHash> merges_;
  int64_t start_ = 0;
};

}  // namespace submask
