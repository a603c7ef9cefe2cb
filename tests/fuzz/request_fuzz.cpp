// Any bytes as the parts of a request that are ours to read: its path and query, a header of
// several words, a compressed body, a form, base64. Forms' parts lie in the body that was given.
#include <algorithm>
#include <cstdlib>

#include "reader_check.h"
#include "serve/http/base64.h"
#include "serve/http/content_coding.h"
#include "serve/http/http_message.h"
#include "serve/http/multipart_form.h"

namespace {

constexpr size_t most_bytes = 1 << 16;

void read_form(std::string_view type, std::string_view body) {
  for (const submask::FormPart& part : submask::parse_multipart_form(type, body)) {
    submask::touch(submask::as_bytes(part.content));
    if (part.content.data() < body.data() ||
        part.content.data() + part.content.size() > body.data() + body.size())
      std::abort();
  }
}

void read(char kind, std::string_view line, std::string_view body) {
  if (kind == 0) return read_form(line, body);
  if (kind == 1) {
    if (submask::undo_content_coding(std::string(body), line, most_bytes).size() >
        std::max(most_bytes, body.size()))
      std::abort();
    return;
  }
  submask::parse_query(body);
  submask::percent_decoded(body);
  submask::header_words(body);
  if (const auto decoded = submask::base64_decoded(body); decoded && decoded->size() > body.size())
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const submask::Bytes bytes(data, size);
  std::string_view all = submask::as_text(bytes);
  if (all.empty()) return 0;
  const char kind = all.front();
  all.remove_prefix(1);
  const size_t line = std::min(all.find('\n'), all.size());
  const std::string_view body = all.substr(std::min(line + 1, all.size()));
  submask::check_reader(
      bytes, /*factor=*/512, [&] { read(kind, all.substr(0, line), body); },
      submask::ErrorKind::invalid_argument);
  return 0;
}
