#include "text/clip_tokenizer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <zlib.h>

#include "base/fail.h"
#include "base/utf8.h"
#include "text/clip_text_cleaning.h"
#include "text/unicode.h"

namespace submask {
namespace {

constexpr int64_t byte_count = 256;
constexpr int64_t merge_limit =
    49152 - byte_count - 2;  // the file has more, which CLIP does not use
constexpr size_t file_limit = size_t{64} << 20;

std::string read_plain_or_gzipped(const std::string& path) {
  const gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) fail(ErrorKind::io, "cannot open ", path, ": ", std::strerror(errno));
  std::string content;
  std::array<char, 1 << 16> part;
  int count = 0;
  while ((count = gzread(file, part.data(), part.size())) > 0 && content.size() <= file_limit)
    content.append(part.data(), static_cast<size_t>(count));
  // Closing reports a gzipped file that is cut short.
  const bool whole = gzclose_r(file) == Z_OK && count >= 0;
  if (content.size() > file_limit) fail_corrupt("a vocabulary of at most 64 MiB", "more", path);
  if (!whole) fail_corrupt("a whole vocabulary file", "a damaged one", path);
  return content;
}

// Vocabulary files write each byte as a visible character: as itself, or as one from U+0100 on.
// Tokens 0 to 255 are the bytes; those that are written as themselves come first.
struct ByteTokens {
  std::array<int64_t, byte_count> token{};
  std::array<std::string, byte_count> written;  // by token
};

ByteTokens make_byte_tokens() {
  const auto visible = [](int64_t byte) {
    return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xFF && byte != 0xAD);
  };
  ByteTokens bytes;
  int64_t next = 0;
  for (const bool wanted : {true, false}) {
    const int64_t first = next;
    for (int64_t byte = 0; byte < byte_count; ++byte) {
      if (visible(byte) != wanted) continue;
      const int64_t code = wanted ? byte : 0x100 + next - first;
      bytes.token[byte] = next;
      bytes.written[next++] = encode_utf8(std::u32string(1, static_cast<char32_t>(code)));
    }
  }
  return bytes;
}

const ByteTokens& byte_tokens() {
  static const ByteTokens tokens = make_byte_tokens();
  return tokens;
}

// The number of characters from `begin` on that are one word of CLIP's pattern, which ignores case;
// 0 where no word begins.
size_t word_length(std::u32string_view text) {
  constexpr std::array<std::u32string_view, 9> fixed{
      U"<start_of_text>", U"<end_of_text>", U"'s", U"'t", U"'re", U"'ve", U"'m", U"'ll", U"'d"};
  for (const std::u32string_view word : fixed)
    if (text.starts_with(word)) return word.size();
  if (text.starts_with(U"'\u017F")) return 2;  // a long s is an s
  // The iota subscript U+0345 belongs to no word: without regard to case it is a letter, iota, but
  // not of the category.
  const auto is_other = [](char32_t c) {
    return c != U' ' && c != U'\u0345' && !is_letter(c) && !is_number(c);
  };
  const auto run = [text](const auto& belongs) {
    return static_cast<size_t>(std::find_if_not(text.begin(), text.end(), belongs) - text.begin());
  };
  if (is_number(text[0])) return 1;
  return is_letter(text[0]) ? run(is_letter) : run(is_other);
}

}  // namespace

// The first line names the file; each other line is a merge.
ClipTokenizer::ClipTokenizer(const std::filesystem::path& vocabulary) {
  const std::string path = vocabulary.string();
  std::istringstream lines(read_plain_or_gzipped(path));
  std::string line;
  std::getline(lines, line);
  std::unordered_map<std::string, int64_t> tokens;
  const auto& written = byte_tokens().written;
  for (int64_t i = 0; i < byte_count; ++i) {
    tokens[written[i]] = i;
    tokens[written[i] + "</w>"] = byte_count + i;
  }
  std::vector<std::pair<std::string, std::string>> pairs;
  while (static_cast<int64_t>(pairs.size()) < merge_limit && std::getline(lines, line)) {
    std::istringstream words(line);
    std::string left, right, more;
    words >> left >> right;
    if (right.empty() || words >> more)
      fail_corrupt(text("two tokens to merge in line ", pairs.size() + 2), "'" + line + "'", path);
    if (!tokens.contains(left) || !tokens.contains(right))
      fail_corrupt(text("tokens made by earlier lines in line ", pairs.size() + 2),
                   "'" + line + "'", path);
    // Where two merges make the same token, it gets the number of the later one.
    tokens[left + right] = 2 * byte_count + static_cast<int64_t>(pairs.size());
    pairs.emplace_back(std::move(left), std::move(right));
  }
  if (pairs.empty()) fail_corrupt("CLIP's vocabulary, a merge a line", "none", path);
  for (size_t i = 0; i < pairs.size(); ++i) {
    const auto& [left, right] = pairs[i];
    merges_[{tokens.at(left), tokens.at(right)}] = {static_cast<int64_t>(i),
                                                    tokens.at(left + right)};
  }
  start_ = 2 * byte_count + static_cast<int64_t>(pairs.size());
}

// Begins with the bytes of a word, of which the last is marked as the end of the word. Then applies
// the earliest merge of the vocabulary that is possible, wherever it is, until no merge is
// possible.
void ClipTokenizer::append_word(std::string_view bytes, std::vector<int64_t>& out) const {
  std::vector<int64_t> word;
  for (const char byte : bytes) word.push_back(byte_tokens().token[static_cast<uint8_t>(byte)]);
  word.back() += byte_count;
  for (;;) {
    const Merge* best = nullptr;
    std::pair<int64_t, int64_t> merged;
    for (size_t i = 0; i + 1 < word.size(); ++i) {
      const auto found = merges_.find({word[i], word[i + 1]});
      if (found == merges_.end() || (best && found->second.rank >= best->rank)) continue;
      best = &found->second;
      merged = found->first;
    }
    if (!best) break;
    size_t kept = 0;
    for (size_t i = 0; i < word.size(); ++i) {
      const bool fits = i + 1 < word.size() && std::pair(word[i], word[i + 1]) == merged;
      word[kept++] = fits ? best->token : word[i];
      i += fits ? 1 : 0;
    }
    word.resize(kept);
  }
  out.insert(out.end(), word.begin(), word.end());
}

std::vector<int64_t> ClipTokenizer::tokens(std::string_view utf8, int64_t context) const {
  const std::u32string cleaned = clean_clip_text(utf8);
  std::vector<int64_t> result{start_token()};
  for (std::u32string_view rest = cleaned; !rest.empty();) {
    const size_t length = word_length(rest);
    const std::u32string_view word = rest.substr(0, length);
    if (word == U"<start_of_text>") {
      result.push_back(start_token());
    } else if (word == U"<end_of_text>") {
      result.push_back(end_token());
    } else if (length > 0) {
      append_word(encode_utf8(word), result);
    }
    rest.remove_prefix(std::max<size_t>(length, 1));
  }
  result.push_back(end_token());
  if (static_cast<int64_t>(result.size()) > context) {
    result.resize(static_cast<size_t>(context));
    result.back() = end_token();
  }
  return result;
}

}  // namespace submask
