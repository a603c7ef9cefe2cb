// Tokens against open_clip's, by the fixtures of tests/reference/make_clip_tokens.py.

#include "text/clip_tokenizer.h"

#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <unistd.h>
#include <zlib.h>

#include <submask/error.h>

#include "base/utf8.h"
#include "error_of.h"
#include "text/clip_text_cleaning.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

using testing::ElementsAre;
using testing::HasSubstr;

const std::string golden = SUBMASK_TEST_DATA "/golden/text/";

nlohmann::json gzipped_json(const std::string& name) {
  const gzFile file = gzopen((golden + name).c_str(), "rb");
  std::string content(1 << 22, '\0');
  content.resize(static_cast<size_t>(
      std::max(gzread(file, content.data(), static_cast<unsigned>(content.size())), 0)));
  gzclose(file);
  return nlohmann::json::parse(content);
}

fs::path written(const std::string& name, const std::string& content) {
  const fs::path path =
      fs::path(testing::TempDir()) / ("submask_" + std::to_string(::getpid()) + "_" + name);
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

void expect_equal_tokens(const fs::path& vocabulary, const std::string& key) {
  const ClipTokenizer tokenizer(vocabulary);
  const nlohmann::json texts = gzipped_json("clip_texts.json.gz");
  const nlohmann::json expected = gzipped_json("clip_tokens.json.gz").at(key);
  ASSERT_EQ(texts.size(), 1000U);
  ASSERT_EQ(expected.size(), texts.size());
  for (size_t i = 0; i < texts.size(); ++i)
    EXPECT_EQ(tokenizer.tokens(texts[i].get<std::string>()),
              expected[i].get<std::vector<int64_t>>())
        << texts[i];
}

TEST(ClipTokenizer, GivesOpenClipsTokensWithASmallVocabulary) {
  expect_equal_tokens(golden + "clip_merges.txt", "small");
}

TEST(ClipTokenizer, GivesOpenClipsTokensWithClipsVocabulary) {
  const char* vocabulary = std::getenv("SUBMASK_CLIP_VOCABULARY");
  if (vocabulary == nullptr)
    GTEST_SKIP() << "SUBMASK_CLIP_VOCABULARY names no bpe_simple_vocab_16e6.txt.gz: that file is "
                    "not this project's to hand on";
  EXPECT_EQ(ClipTokenizer(vocabulary).size(), 49408);
  expect_equal_tokens(vocabulary, "clip");
}

TEST(ClipTokenizer, MergesTheEarliestPairWhereverItFits) {
  // a b, then b c: "abc abab" -> ab c</w>, and ab ab</w> where the last b ends the word.
  const ClipTokenizer tokenizer(written("merges", "#\na b\nb c</w>\na b</w>\nab ab</w>"));
  EXPECT_EQ(tokenizer.size(), 512 + 4 + 2);
  EXPECT_EQ(tokenizer.start_token(), 516);
  const int64_t c_at_end = 256 + 'c' - '!';
  EXPECT_THAT(tokenizer.tokens("abc ABAB"), ElementsAre(516, 512, c_at_end, 515, 517));
}

TEST(ClipTokenizer, CutsLongTextAndKeepsTheEndToken) {
  const ClipTokenizer tokenizer(golden + "clip_merges.txt");
  const std::vector<int64_t> tokens = tokenizer.tokens(std::string(500, '7'), 16);
  EXPECT_EQ(tokens.size(), 16U);
  EXPECT_EQ(tokens.front(), tokenizer.start_token());
  EXPECT_EQ(tokens.back(), tokenizer.end_token());
  EXPECT_EQ(tokens[14], tokens[1]);
}

TEST(ClipTokenizer, RefusesFilesThatAreNoVocabulary) {
  const auto refused = [](const std::string& name, const std::string& content,
                          const std::string& message) {
    try {
      ClipTokenizer tokenizer(written(name, content));
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::corrupt_file) << name;
      EXPECT_THAT(error.what(), HasSubstr(message));
    }
  };
  refused("empty", "", "a merge a line");
  refused("prose", "#\nthis is no merge\n", "line 2");
  refused("unknown", "#\na b\nxyz c\n", "line 3");
  refused("cut.gz", std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x53", 11), "damaged");
  EXPECT_EQ(error_of(ErrorKind::io, [&] { ClipTokenizer("/nonexistent/vocabulary"); }),
            "cannot open /nonexistent/vocabulary: No such file or directory");
}

std::string cleaned(const std::string& text) { return encode_utf8(clean_clip_text(text)); }

TEST(ClipTextCleaning, RepairsUnescapesAndLowers) {
  EXPECT_EQ(cleaned("ΟΔΥΣΣΕΥΣ Σ"), "οδυσσευς σ");
  EXPECT_EQ(cleaned("e\u0301 \u212A"), "é k");
  EXPECT_EQ(cleaned("ﬁne “x” ｶﾞ"), "fine \"x\" ガ");
  EXPECT_EQ(cleaned("<i> &ldquo;"), "<i> “");  // from '<' on quotes are not uncurled
  EXPECT_EQ(cleaned("schÃ¶n"), "schã¶n");      // ftfy would guess "schön"
  EXPECT_EQ(cleaned("\xff\xc3"), "\uFFFD\uFFFD");
  EXPECT_EQ(cleaned("  Two\t\nSPACES  "), "two spaces");
  EXPECT_EQ(cleaned("&amp;lt; &EACUTE;&#x1F600;"), "< é\U0001F600");
}

TEST(ClipTextCleaning, KnowsTheNamesOfHtml4AndNoMoreOfHtml5) {
  EXPECT_EQ(cleaned("&hearts; &spades;"), "♥ ♠");
  EXPECT_EQ(cleaned("&euro;5 &trade; &frac12;"), "€5 ™ ½");
  EXPECT_EQ(cleaned("it&apos;s &Lt;"), "it's ≪");
  EXPECT_EQ(cleaned("&bigstar; &phone; &lsquor;"), "&bigstar; &phone; &lsquor;");
  EXPECT_EQ(cleaned("a &ltimes; b"), "a <imes; b");  // as HTML 4 reads it
}

}  // namespace
}  // namespace submask
