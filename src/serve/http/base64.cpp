#include "serve/http/base64.h"

#include <limits>
#include <openssl/evp.h>

namespace submask {

std::optional<std::string> base64_decoded(std::string_view letters) {
  for (int i = 0; i < 2 && letters.ends_with('='); ++i) letters.remove_suffix(1);
  std::string padded(letters);
  padded.resize((padded.size() + 3) / 4 * 4, '=');
  const size_t padding = padded.size() - letters.size();
  // OpenSSL passes over blanks and the like, which are none of the letters.
  if (padding > 2 || padded.size() > std::numeric_limits<int>::max() ||
      letters.find_first_of(" \t\r\n-=") != std::string_view::npos)
    return std::nullopt;
  std::string bytes(padded.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(padded.data()),
                                   static_cast<int>(padded.size()));
  if (size < 0) return std::nullopt;
  bytes.resize(static_cast<size_t>(size) - padding);
  return bytes;
}

}  // namespace submask
