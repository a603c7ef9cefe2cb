#include "base/hash.h"

#include <array>
#include <cstdio>
#include <new>
#include <openssl/evp.h>
#include <xxhash.h>

namespace submask {
namespace {

constexpr std::string_view hexadecimal = "0123456789abcdef";

}  // namespace

struct Sha256::State {
  State() {
    if (context == nullptr || EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1) {
      EVP_MD_CTX_free(context);
      throw std::bad_alloc();
    }
  }
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;

void Sha256::update(Bytes bytes) { EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()); }

std::string Sha256::hex() {
  std::array<uint8_t, 32> digest{};
  EVP_DigestFinal_ex(state_->context, digest.data(), nullptr);
  return to_hex(digest);
}

std::string sha256_hex(Bytes bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex();
}

std::string to_hex(Bytes bytes) {
  std::string out;
  for (const uint8_t byte : bytes) {
    out += hexadecimal[byte >> 4];
    out += hexadecimal[byte & 15];
  }
  return out;
}

std::vector<uint8_t> from_hex(const std::string& digits) {
  std::vector<uint8_t> bytes(digits.size() / 2);
  for (size_t i = 0; i < 2 * bytes.size(); ++i) {
    const size_t value = hexadecimal.find(digits[i]);
    if (value == std::string_view::npos) return {};
    bytes[i / 2] = static_cast<uint8_t>(bytes[i / 2] << 4 | value);
  }
  return digits.size() % 2 == 0 ? bytes : std::vector<uint8_t>();
}

std::string hex_digits(uint64_t number) {
  std::array<char, 17> out{};
  std::snprintf(out.data(), out.size(), "%016llx", static_cast<unsigned long long>(number));
  return out.data();
}

struct XxHash64::State {
  State() {
    if (state == nullptr) throw std::bad_alloc();
    XXH64_reset(state, 0);
  }
  XXH64_state_t* state = XXH64_createState();
  ~State() { XXH64_freeState(state); }
};

XxHash64::XxHash64() : state_(std::make_unique<State>()) {}
XxHash64::~XxHash64() = default;

void XxHash64::update(Bytes bytes) { XXH64_update(state_->state, bytes.data(), bytes.size()); }

uint64_t XxHash64::value() const { return XXH64_digest(state_->state); }

uint64_t xxh64(Bytes bytes) {
  XxHash64 hash;
  hash.update(bytes);
  return hash.value();
}

}  // namespace submask
