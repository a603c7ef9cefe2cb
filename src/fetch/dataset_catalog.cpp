#include "fetch/dataset_catalog.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>

#include "base/fail.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/quoted_name.h"
#include "fetch/place_file.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

// {"NAME": {"licence": "...", "data": "folder:mine", "files": [
//    {"url": "...", "sha256": "...", "folder": "mine"}]}}
class CatalogReader {
 public:
  explicit CatalogReader(const fs::path& path) : path_(path.string()) {}

  std::vector<CatalogSet> read() const {
    const json document = try_json<json>(read_text_file(path_));
    if (!document.is_object()) refuse("an object of data sets", "another file");
    std::vector<CatalogSet> sets;
    for (const auto& [name, set] : document.items()) sets.push_back(read_set(name, set));
    return sets;
  }

 private:
  [[noreturn]] void refuse(const std::string& expected, const std::string& got) const {
    fail_corrupt(expected, got, path_);
  }

  static std::string word(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
  }

  void expect_fields(const json& object, std::initializer_list<const char*> known,
                     const std::string& where) const {
    if (!object.is_object()) refuse("an object", "another value of " + where);
    for (const auto& [key, value] : object.items())
      if (std::find(known.begin(), known.end(), key) == known.end())
        refuse("no other fields of " + where, quoted_name(key));
  }

  CatalogSet read_set(const std::string& name, const json& object) const {
    const std::string where = "data set " + quoted_name(name);
    if (name.empty() || name.find('/') != std::string::npos || !is_printable(name))
      refuse("a name without slashes", quoted_name(name));
    expect_fields(object, {"licence", "data", "files"}, where);
    CatalogSet set{.name = name,
                   .licence = word(object, "licence"),
                   .reader = {},
                   .location = {},
                   .files = {}};
    if (set.licence.empty()) set.licence = "not stated";
    const std::string data = object.contains("data") ? word(object, "data") : name;
    const size_t colon = data.find(':');
    set.reader = data.substr(0, colon);
    if (colon != std::string::npos) set.location = data.substr(colon + 1);
    if (set.reader.empty() || (!set.location.empty() && !is_path(set.location)))
      refuse("NAME or NAME:PATH as data of " + where, quoted_name(data));
    if (!object.contains("files") || !object["files"].is_array() || object["files"].empty())
      refuse("a list of files of " + where, "none");
    for (const json& file : object["files"]) {
      set.files.push_back(read_file(file, where));
      expect_apart(set.files, where);
    }
    return set;
  }

  // The last file has a place and a name of its own.
  void expect_apart(const std::vector<CatalogFile>& files, const std::string& where) const {
    const auto lies_in = [](const std::string& path, const std::string& folder) {
      return path == folder || path.starts_with(folder + "/");
    };
    const CatalogFile& last = files.back();
    for (const CatalogFile& file : std::span(files).first(files.size() - 1)) {
      if (lies_in(file.path, last.path) || lies_in(last.path, file.path))
        refuse("paths apart from one another of " + where, quoted_name(last.path));
      if (file.url.substr(file.url.rfind('/')) == last.url.substr(last.url.rfind('/')))
        refuse("addresses that end in different names of " + where, quoted_name(last.url));
    }
  }

  CatalogFile read_file(const json& object, const std::string& where) const {
    expect_fields(object, {"url", "md5", "sha256", "file", "folder"}, "a file of " + where);
    CatalogFile file{.url = word(object, "url"),
                     .digest = {},
                     .path = word(object, "file"),
                     .is_archive = object.contains("folder")};
    if ((!file.url.starts_with("https://") && !file.url.starts_with("http://")) ||
        !is_printable(file.url))
      refuse("an address as url of " + where, quoted_name(file.url));
    if (const fs::path last = file.url.substr(file.url.rfind('/') + 1);
        last.empty() || last == "." || last == "..")
      refuse("an address that ends in a file's name", quoted_name(file.url));
    if (file.is_archive == object.contains("file"))
      refuse("either file or folder of " + file.url, file.is_archive ? "both" : "neither");
    if (file.is_archive) file.path = word(object, "folder");
    if (!is_path(file.path)) refuse("a path below --out of " + file.url, quoted_name(file.path));
    file.digest = read_digest(object, file.url);
    return file;
  }

  std::string read_digest(const json& object, const std::string& url) const {
    constexpr size_t md5_digits = 32, sha256_digits = 64;
    const auto is_hex = [](const std::string& text, size_t digits) {
      return text.size() == digits &&
             text.find_first_not_of("0123456789abcdef") == std::string::npos;
    };
    if (is_hex(word(object, "sha256"), sha256_digits)) return "SHA-256 " + word(object, "sha256");
    if (!object.contains("sha256") && is_hex(word(object, "md5"), md5_digits))
      return "MD5 " + word(object, "md5");
    refuse("sha256 or md5 in small hex digits of " + url, "none");
  }

  // Written in one way, and not where a fetch works.
  static bool is_path(const std::string& name) {
    const fs::path path = name;
    return lies_within(name) && path.has_filename() && path == path.lexically_normal() &&
           path.filename() != "." && !name.starts_with(".fetch") && is_printable(name);
  }

  static bool is_printable(const std::string& name) {
    return std::ranges::none_of(name,
                                [](unsigned char c) { return c < ' ' || c == 0x7F || c == '\\'; });
  }

  std::string path_;
};

}  // namespace

std::vector<CatalogSet> read_catalog(const fs::path& path) { return CatalogReader(path).read(); }

}  // namespace submask
