#include "fetch/fetch_environment.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <pwd.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/lower_case.h"
#include "base/parse_number.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// HOME, else the folder that the system has for the user, as Python's expanduser() does it.
fs::path home_folder() {
  if (const std::string home = variable("HOME"); !home.empty()) return home;
  const passwd* user = ::getpwuid(::getuid());
  if (user == nullptr || *user->pw_dir == '\0')
    fail(ErrorKind::io, "expected HOME to keep fetched files in, got none");
  return user->pw_dir;
}

// XDG_CACHE_HOME, else ~/.cache.
fs::path user_cache() {
  if (const std::string cache = variable("XDG_CACHE_HOME"); !cache.empty()) return cache;
  return home_folder() / ".cache";
}

fs::path hub_home() {
  const std::string home = variable("HF_HOME");
  return home.empty() ? user_cache() / "huggingface" : fs::path(home);
}

std::string without_blanks(std::string text) {
  const auto is_blank = [](unsigned char c) { return std::isspace(c) != 0; };
  std::erase_if(text, is_blank);
  return text;
}

}  // namespace

std::string hub_endpoint() {
  std::string endpoint = variable("HF_ENDPOINT");
  while (endpoint.ends_with('/')) endpoint.pop_back();
  return endpoint.empty() ? "https://huggingface.co" : endpoint;
}

std::string hub_token() {
  if (std::string token = without_blanks(variable("HF_TOKEN")); !token.empty()) return token;
  const fs::path file = hub_home() / "token";
  std::error_code missing;
  return fs::is_regular_file(file, missing) ? without_blanks(read_text_file(file)) : "";
}

bool hub_is_offline() {
  constexpr std::array words{"1", "on", "yes", "true"};  // huggingface_hub's
  return std::find(words.begin(), words.end(), lower_case(variable("HF_HUB_OFFLINE"))) !=
         words.end();
}

long fetch_timeout_s() {
  const auto seconds = parse_number<long>(variable("HF_HUB_DOWNLOAD_TIMEOUT"));
  return seconds && *seconds > 0 ? *seconds : 10;
}

fs::path hub_cache_folder() {
  const std::string cache = variable("HF_HUB_CACHE");
  return cache.empty() ? hub_home() / "hub" : fs::path(cache);
}

fs::path torch_cache_folder() {
  const std::string home = variable("TORCH_HOME");
  return (home.empty() ? user_cache() / "torch" : fs::path(home)) / "hub" / "checkpoints";
}

}  // namespace submask
