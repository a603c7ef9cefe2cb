#include "fetch/file_digest.h"

#include <array>
#include <memory>
#include <openssl/evp.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"

namespace submask {
namespace {

std::string digest_of(const EVP_MD* kind, const std::string& before, Bytes content) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (context == nullptr || EVP_DigestInit_ex(context.get(), kind, nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), before.data(), before.size()) != 1 ||
      EVP_DigestUpdate(context.get(), content.data(), content.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), digest.data(), &size) != 1)
    fail(ErrorKind::unavailable, "expected a digest by OpenSSL, got none");
  return to_hex(Bytes(digest).first(size));
}

}  // namespace

std::string file_sha256(const std::filesystem::path& path) {
  const MappedFile file(path);
  return digest_of(EVP_sha256(), "", file.bytes());
}

std::string file_md5(const std::filesystem::path& path) {
  const MappedFile file(path);
  return digest_of(EVP_md5(), "", file.bytes());
}

std::string git_blob_sha1(const std::filesystem::path& path) {
  const MappedFile file(path);
  return digest_of(EVP_sha1(), text("blob ", file.bytes().size(), '\0'), file.bytes());
}

}  // namespace submask
