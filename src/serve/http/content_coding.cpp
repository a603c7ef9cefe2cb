#include "serve/http/content_coding.h"

#include <algorithm>
#include <limits>
#include <zlib.h>

#include "base/fail.h"
#include "base/quoted_name.h"
#include "serve/http/http_message.h"

namespace submask {
namespace {

class Inflater {
 public:
  // `window_bits` as inflateInit2() takes them: they say which container it is.
  explicit Inflater(int window_bits) {
    if (inflateInit2(&stream_, window_bits) != Z_OK)
      fail(ErrorKind::unavailable, "expected memory to decompress a body, got none");
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  std::string inflate_all(const std::string& body, size_t most_bytes) {
    constexpr size_t chunk = 256 << 10;
    std::string content;
    if (body.size() > std::numeric_limits<uInt>::max()) fail_argument("a body below 4 GB", "more");
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
    stream_.avail_in = static_cast<uInt>(body.size());
    int result = Z_OK;
    while (result == Z_OK) {
      const size_t filled = content.size();
      content.resize(std::min(filled + chunk, most_bytes + 1));
      stream_.next_out = reinterpret_cast<Bytef*>(content.data() + filled);
      stream_.avail_out = static_cast<uInt>(content.size() - filled);
      result = inflate(&stream_, Z_NO_FLUSH);
      content.resize(content.size() - stream_.avail_out);
      if (content.size() > most_bytes)
        throw TooMuchContent(
            text("expected a body of at most ", most_bytes, " bytes when decompressed, got more"));
    }
    if (result != Z_STREAM_END || stream_.avail_in != 0)
      fail_argument("a body that is compressed as its Content-Encoding says",
                    stream_.msg != nullptr   ? stream_.msg
                    : result == Z_STREAM_END ? "more behind it"
                                             : "its end missing");
    return content;
  }

 private:
  z_stream stream_ = {};
};

// "deflate" is meant to be deflate in zlib's container, and often is deflate alone. The first two
// bytes of the container are a multiple of 31 and name its method.
bool has_zlib_header(std::string_view body) {
  if (body.size() < 2) return false;
  const auto first = static_cast<uint8_t>(body[0]), second = static_cast<uint8_t>(body[1]);
  return (first & 0x0F) == Z_DEFLATED && (first * 256 + second) % 31 == 0;
}

}  // namespace

std::string undo_content_coding(std::string body, std::string_view coding, size_t most_bytes) {
  const auto codings = header_words(coding);
  constexpr size_t most_codings = 2;
  if (codings.size() > most_codings) fail_argument("at most two content codings", codings.size());
  for (size_t i = codings.size(); i-- > 0;) {  // the last one was applied last
    const std::string& name = codings[i];
    if (name == "identity") continue;
    if (name == "gzip" || name == "x-gzip")
      body = Inflater(16 + MAX_WBITS).inflate_all(body, most_bytes);
    else if (name == "deflate")
      body = Inflater(has_zlib_header(body) ? MAX_WBITS : -MAX_WBITS).inflate_all(body, most_bytes);
    else
      throw UnknownCoding("expected Content-Encoding gzip, deflate or identity, got " +
                          quoted_name(name));
  }
  return body;
}

}  // namespace submask
