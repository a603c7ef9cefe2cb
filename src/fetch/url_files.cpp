#include "fetch/url_files.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/fail.h"
#include "fetch/fetch_environment.h"
#include "fetch/file_digest.h"
#include "fetch/file_lock.h"
#include "fetch/http_client.h"
#include "fetch/place_file.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

bool begins_digest(std::string_view text) {
  constexpr size_t fewest = 8, all = 64;
  return text.size() >= fewest && text.size() <= all &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isxdigit(c) != 0 && std::isupper(c) == 0; });
}

// The digits that the SHA-256 of the file begins with.
std::optional<std::string> stated_digest(const std::string& url) {
  const size_t slash = url.rfind('/');
  const std::string folder_and_name = url.substr(0, slash), name = url.substr(slash + 1);
  const std::string folder = folder_and_name.substr(folder_and_name.rfind('/') + 1);
  if (folder.size() == 64 && begins_digest(folder)) return folder;
  const size_t dash = name.rfind('-');
  if (dash == std::string::npos) return std::nullopt;
  const std::string digits = name.substr(dash + 1, name.find('.', dash) - dash - 1);
  return begins_digest(digits) ? std::optional(digits) : std::nullopt;
}

}  // namespace

fs::path fetch_url(const std::string& url) {
  const auto digest = stated_digest(url);
  const std::string name = url.substr(url.rfind('/') + 1);
  if (!digest || name.empty() || name == "." || name == "..")
    fail_argument("an address with the file's SHA-256 in it, as resnet18-f37072fd.pth", url);
  const fs::path folder = torch_cache_folder();
  fs::path path = folder / name;
  std::error_code error;
  // Another address may have a file of the same name.
  const auto is_there = [&] {
    return fs::is_regular_file(path, error) && file_sha256(path).starts_with(*digest);
  };
  if (is_there()) return path;
  const FileLock lock(folder / (name + ".lock"));
  if (is_there()) return path;
  const fs::path unfinished = folder / (name + ".incomplete");
  HttpClient("").download(name, url, unfinished, std::nullopt);
  if (const std::string got = file_sha256(unfinished); !got.starts_with(*digest)) {
    fs::remove(unfinished, error);
    fail_corrupt("a SHA-256 that begins with " + *digest, got, url);
  }
  move_to(path, unfinished);
  return path;
}

}  // namespace submask
