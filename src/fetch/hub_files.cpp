#include "fetch/hub_files.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <vector>

#include "base/fail.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/name_list.h"
#include "base/parse_number.h"
#include "base/quoted_name.h"
#include "fetch/fetch_environment.h"
#include "fetch/fetch_hooks.h"
#include "fetch/file_digest.h"
#include "fetch/file_lock.h"
#include "fetch/http_client.h"
#include "fetch/hub_cache.h"
#include "fetch/place_file.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

bool is_hex(const std::string& text, size_t digits) {
  return text.size() == digits && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isxdigit(c) != 0;
         });
}

bool is_repository(const std::string& name) {
  const size_t slash = name.find('/');
  const auto is_allowed = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '/';
  };
  return slash != std::string::npos && slash > 0 && slash + 1 < name.size() &&
         name.find('/', slash + 1) == std::string::npos && name.find("..") == std::string::npos &&
         name.front() != '.' && std::all_of(name.begin(), name.end(), is_allowed);
}

// What the hub states of a file.
struct StatedFile {
  std::string etag;
  std::optional<uint64_t> size;
};

class HubModel {
 public:
  explicit HubModel(const HubSpec& spec)
      : spec_(spec),
        endpoint_(hub_endpoint()),
        client_(hub_token()),
        cache_(hub_cache_folder(), spec.repository),
        is_offline_(hub_is_offline()) {
    find_commit();
  }

  fs::path snapshot() const { return cache_.snapshot(commit_); }

  // The names of the model's files; offline those that are in the cache.
  const std::vector<std::string>& files() const { return files_; }

  fs::path fetch(const std::string& file) {
    fs::path path = snapshot() / file;
    if (cache_.has(commit_, file)) return path;
    if (is_offline_)
      fail(ErrorKind::io, "expected ", shown_name(file), " of ", spec_.repository,
           " in the cache, as HF_HUB_OFFLINE is set, got none, in ", snapshot().string());
    const std::string url =
        text(endpoint_, "/", spec_.repository, "/resolve/", commit_, "/", escaped_path(file));
    const StatedFile stated = ask(url);
    cache_.make_folders();
    const FileLock lock(cache_.lock(stated.etag));
    std::error_code missing;
    if (!fs::exists(cache_.blob(stated.etag), missing)) download(file, url, stated);
    cache_.link(commit_, file, stated.etag);
    return path;
  }

 private:
  void find_commit() {
    const auto kept = is_hex(spec_.revision, 40) ? std::optional(spec_.revision)
                                                 : cache_.commit_of(spec_.revision);
    if (is_offline_) {
      if (!kept)
        fail(ErrorKind::io, "expected ", spec_.repository, " at ", spec_.revision,
             " in the cache, as HF_HUB_OFFLINE is set, got none");
      return use_cached(*kept);
    }
    ask_for_files();
  }

  void use_cached(const std::string& commit) {
    commit_ = commit;
    files_ = cache_.files_of(commit);
  }

  void ask_for_files() {
    const std::string url = text(endpoint_, "/api/models/", spec_.repository, "/revision/",
                                 escaped_path(spec_.revision));
    const json answer = try_json<json>(client_.get(url).body);
    const auto refuse = [&] {
      fail_corrupt("a commit and a list of files", "another answer", url);
    };
    if (!answer.is_object() || !answer.contains("sha") || !answer["sha"].is_string() ||
        !answer.contains("siblings") || !answer["siblings"].is_array())
      refuse();
    commit_ = answer["sha"].get<std::string>();
    if (!is_hex(commit_, 40)) refuse();
    if (is_hex(spec_.revision, 40) && commit_ != spec_.revision)
      fail_corrupt("the commit " + spec_.revision, commit_, url);
    for (const json& sibling : answer["siblings"]) {
      if (!sibling.is_object() || !sibling.contains("rfilename") ||
          !sibling["rfilename"].is_string())
        refuse();
      std::string file = sibling["rfilename"].get<std::string>();
      if (lies_within(file)) files_.push_back(std::move(file));
    }
    if (!is_hex(spec_.revision, 40)) cache_.keep_commit(spec_.revision, commit_);
  }

  StatedFile ask(const std::string& url) {
    const HttpReply reply = client_.head(url);
    const auto linked_or_own = [&](const char* linked, const char* own) {
      return reply.header(reply.header(linked).empty() ? own : linked);
    };
    std::string etag = linked_or_own("x-linked-etag", "etag");
    if (etag.starts_with("W/")) etag.erase(0, 2);
    std::erase(etag, '"');
    // A redirect's own length is that of its text.
    const bool is_redirect = reply.status >= 300;
    const std::string size = is_redirect ? reply.header("x-linked-size")
                                         : linked_or_own("x-linked-size", "content-length");
    const bool is_name = !etag.empty() && etag.size() <= 128 &&
                         std::all_of(etag.begin(), etag.end(), [](unsigned char c) {
                           return std::isalnum(c) != 0 || c == '-';
                         });
    if (!is_name) fail_corrupt("an ETag that names the file", quoted_name(etag), url);
    StatedFile stated{etag, parse_number<uint64_t>(size)};
    if (is_hex(etag, 40) || is_hex(etag, 64)) return stated;
    if (!stated.size) fail_corrupt("a digest or a size of the file", "neither", url);
    tell_of_fetch("its size alone tells whether this is whole, as the ETag is no digest: " + url);
    return stated;
  }

  // Into the blob, by way of a file that a killed process leaves for the next one.
  void download(const std::string& file, const std::string& url, const StatedFile& stated) {
    const fs::path unfinished = cache_.unfinished(stated.etag);
    client_.download(file, url, unfinished, stated.size);
    check(unfinished, url, stated);
    move_to(cache_.blob(stated.etag), unfinished);
  }

  // Bytes of another digest are not kept.
  static void check(const fs::path& path, const std::string& url, const StatedFile& stated) {
    const auto expect = [&](const char* kind, const std::string& got) {
      if (got == stated.etag) return;
      std::error_code gone;
      fs::remove(path, gone);
      fail_corrupt(text(kind, " ", stated.etag), got, url);
    };
    if (is_hex(stated.etag, 64)) expect("SHA-256", file_sha256(path));
    if (is_hex(stated.etag, 40)) expect("the git digest", git_blob_sha1(path));
  }

  HubSpec spec_;
  std::string endpoint_;
  HttpClient client_;
  HubCache cache_;
  bool is_offline_;
  std::string commit_;
  std::vector<std::string> files_;
};

// The names that a model's weights have on the hub, best first.
constexpr std::array safetensors_names{"model.safetensors", "model.safetensors.index.json",
                                       "open_clip_model.safetensors"};
constexpr std::array pickle_names{"pytorch_model.bin", "pytorch_model.bin.index.json",
                                  "open_clip_pytorch_model.bin"};
constexpr std::array configurations{"config.json", "preprocessor_config.json",
                                    "processor_config.json", "open_clip_config.json"};

bool has_file(const HubModel& model, const std::string& name) {
  return std::find(model.files().begin(), model.files().end(), name) != model.files().end();
}

std::string choose_weights(const HubModel& model, const HubSpec& spec) {
  for (const char* name : safetensors_names)
    if (has_file(model, name)) return name;
  for (const char* name : pickle_names) {
    if (!has_file(model, name)) continue;
    tell_of_fetch(text("hf:", spec.repository, " has no safetensors: ", name,
                       " is a pickle, of which nothing is executed"));
    return name;
  }
  std::string found;
  for (const std::string& file : model.files())
    if (file.ends_with(".safetensors") || file.ends_with(".bin") || file.ends_with(".pth") ||
        file.ends_with(".pt"))
      found += (found.empty() ? "" : ", ") + shown_name(file);
  fail_argument(text("model.safetensors or pytorch_model.bin in hf:", spec.repository,
                     ", or a file of it (hf:", spec.repository, ":FILE)"),
                found.empty() ? "no weights" : found);
}

// The files that an index of shards names.
std::set<std::string> shards_of(const fs::path& index) {
  const json whole = try_json<json>(read_text_file(index));
  std::set<std::string> shards;
  if (whole.is_object() && whole.contains("weight_map") && whole["weight_map"].is_object())
    for (const json& shard : whole["weight_map"])
      if (shard.is_string() && lies_within(shard.get<std::string>()))
        shards.insert(shard.get<std::string>());
  if (shards.empty()) fail_corrupt("a weight_map of files", "none", index.string());
  return shards;
}

}  // namespace

HubSpec parse_hub_spec(const std::string& spec) {
  HubSpec parsed{.repository = spec.substr(3), .revision = "main", .file = {}};
  if (const size_t colon = parsed.repository.find(':'); colon != std::string::npos) {
    parsed.file = parsed.repository.substr(colon + 1);
    parsed.repository.resize(colon);
    if (!lies_within(parsed.file)) fail_argument("hf:ORG/NAME[@REVISION][:FILE]", spec);
  }
  if (const size_t at = parsed.repository.find('@'); at != std::string::npos) {
    parsed.revision = parsed.repository.substr(at + 1);
    parsed.repository.resize(at);
  }
  if (!is_repository(parsed.repository) || !lies_within(parsed.revision))
    fail_argument("hf:ORG/NAME[@REVISION][:FILE]", quoted_name(spec));
  return parsed;
}

fs::path fetch_hub_file(const HubSpec& spec, std::span<const char* const> endings) {
  HubModel model(spec);
  if (!spec.file.empty()) return model.fetch(spec.file);
  std::vector<std::string> found;
  for (const std::string& file : model.files())
    if (std::any_of(endings.begin(), endings.end(),
                    [&](const char* ending) { return file.ends_with(ending); }))
      found.push_back(file);
  if (found.size() == 1) return model.fetch(found.front());
  NameList names(10);
  for (const std::string& file : found) names.add(file);
  fail_argument(text("one ", endings.front(), " file in hf:", spec.repository,
                     ", or its name (hf:", spec.repository, ":FILE)"),
                found.empty() ? "none" : names.joined());
}

fs::path fetch_hub_weights(const HubSpec& spec) {
  HubModel model(spec);
  for (const char* name : configurations)
    if (has_file(model, name)) model.fetch(name);
  if (!spec.file.empty()) return model.fetch(spec.file);
  const std::string weights = choose_weights(model, spec);
  fs::path path = model.fetch(weights);
  if (!weights.ends_with(".index.json")) return path;
  for (const std::string& shard : shards_of(path)) model.fetch(shard);
  return path;
}

}  // namespace submask
