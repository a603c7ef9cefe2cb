#include "taskfile/task_signature.h"

#include <array>
#include <memory>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"

namespace submask {
namespace {

constexpr size_t signature_bytes = 64;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

// An encrypted key is refused, because there may be nobody to type its password.
int no_password(char*, int, int, void*) { return -1; }

template <typename Read>
Key read_key(const std::filesystem::path& path, const char* kind, Read read) {
  const std::string pem = read_text_file(path);
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  Key key(read(memory.get(), nullptr, &no_password, nullptr), &EVP_PKEY_free);
  if (!key || EVP_PKEY_id(key.get()) != EVP_PKEY_ED25519)
    fail_corrupt(text("an Ed25519 ", kind, " key in PEM form, without a password"), "none",
                 path.string());
  return key;
}

}  // namespace

bool is_signature(const std::string& digits) { return from_hex(digits).size() == signature_bytes; }

void sign_task(PackedTask& task, const std::filesystem::path& private_key) {
  const Key key = read_key(private_key, "private", &PEM_read_bio_PrivateKey);
  const std::string digest = task_digest(task);
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::array<uint8_t, signature_bytes> signature{};
  size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, as_bytes(digest).data(),
                     digest.size()) != 1)
    fail(ErrorKind::unavailable, "expected OpenSSL to sign by Ed25519, got an error");
  task.signature = to_hex(signature);
}

bool is_signed_by(const PackedTask& task, const std::filesystem::path& public_key) {
  const Key key = read_key(public_key, "public", &PEM_read_bio_PUBKEY);
  if (!is_signature(task.signature)) return false;
  const std::vector<uint8_t> signature = from_hex(task.signature);
  const std::string digest = task_digest(task);
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                          as_bytes(digest).data(), digest.size()) == 1;
}

}  // namespace submask
