// Any body as an inference request: what Inference-Header-Content-Length says, a line's end, the
// body. What is read has as many elements as its shape says; nlohmann-json takes up to forty bytes
// a letter.
#include <algorithm>
#include <cstdlib>

#include "reader_check.h"
#include "serve/api/infer_message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const submask::Bytes bytes(data, size);
  const std::string_view all = submask::as_text(bytes);
  const size_t line = std::min(all.find('\n'), all.size());
  const std::string_view body = all.substr(std::min(line + 1, all.size()));
  submask::check_reader(
      bytes, /*factor=*/64,
      [&] {
        const auto request = submask::parse_infer_request(body, all.substr(0, line));
        for (const submask::InferInput& input : request.inputs) {
          uint64_t count = 1;
          for (const int64_t length : input.shape) count *= static_cast<uint64_t>(length);
          if (std::visit([](const auto& values) { return values.size(); }, input.data) != count)
            std::abort();
        }
      },
      submask::ErrorKind::invalid_argument);
  return 0;
}
