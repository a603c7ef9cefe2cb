#include "serve/http/content_coding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "error_of.h"

namespace submask {
namespace {

using testing::HasSubstr;

// The container is that of deflateInit2()'s window bits.
std::string compressed(const std::string& content, int window_bits) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string bytes(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  return bytes;
}

std::string gzipped(const std::string& content) { return compressed(content, 16 + MAX_WBITS); }

std::string coding_refusal(const std::string& body, const std::string& coding, size_t most = 1000) {
  return error_of(ErrorKind::invalid_argument, [&] { undo_content_coding(body, coding, most); });
}

TEST(ContentCoding, UndoesWhatClientsDo) {
  const std::string content = "some words, some words, " + std::string(300'000, 'x');
  EXPECT_EQ(undo_content_coding(content, "", 1), content);
  EXPECT_EQ(undo_content_coding(content, "Identity", 1), content);
  for (const auto& [coding, window] : {std::pair{"gzip", 16 + MAX_WBITS},
                                       {"X-Gzip", 16 + MAX_WBITS},
                                       {"deflate", MAX_WBITS},
                                       {"deflate", -MAX_WBITS}})
    EXPECT_EQ(undo_content_coding(compressed(content, window), coding, content.size()), content)
        << coding << window;
  EXPECT_EQ(undo_content_coding(gzipped(compressed("ab", MAX_WBITS)), "deflate, gzip", 100), "ab");
  EXPECT_EQ(undo_content_coding(gzipped(""), "gzip", 100), "");
}

TEST(ContentCoding, BoundsWhatComesOut) {
  const std::string bomb = gzipped(std::string(10'000'000, '\0'));
  EXPECT_THAT(coding_refusal(bomb, "gzip"),
              HasSubstr("expected a body of at most 1000 bytes when decompressed, got more"));
  EXPECT_THAT([&] { undo_content_coding(bomb, "gzip", 1000); },
              testing::ThrowsMessage<TooMuchContent>(HasSubstr("at most 1000 bytes")));
  EXPECT_EQ(undo_content_coding(gzipped(std::string(1000, 'a')), "gzip", 1000).size(), 1000U);
  EXPECT_THAT(coding_refusal(gzipped(std::string(1001, 'a')), "gzip"),
              HasSubstr("at most 1000 bytes"));
}

TEST(ContentCoding, RefusesOthers) {
  EXPECT_THAT(coding_refusal("a", "br"),
              HasSubstr("expected Content-Encoding gzip, deflate or identity, got 'br'"));
  EXPECT_THAT(coding_refusal("a", "gzip, gzip, gzip"), HasSubstr("at most two content codings"));
  EXPECT_THAT(coding_refusal("no gzip", "gzip"),
              HasSubstr("compressed as its Content-Encoding says"));
  EXPECT_THAT(coding_refusal("", "gzip"), HasSubstr("its end missing"));
  const std::string whole = gzipped("some words");
  EXPECT_THAT(coding_refusal(whole.substr(0, whole.size() - 1), "gzip"),
              HasSubstr("its end missing"));
  EXPECT_THAT(coding_refusal(whole + "x", "gzip"), HasSubstr("more behind it"));
}

}  // namespace
}  // namespace submask
