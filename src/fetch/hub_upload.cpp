#include "fetch/hub_upload.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "fetch/fetch_environment.h"
#include "fetch/http_client.h"

namespace submask {
namespace {

using nlohmann::json;

// "" where the hub's answer has no such text.
std::string word_at(const json& object, const char* key) {
  if (!object.is_object()) return "";
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string base64(std::string_view bytes) {
  std::string coded(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(coded.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  coded.resize(static_cast<size_t>(length));
  return coded;
}

class HubUpload {
 public:
  HubUpload(const HubSpec& spec, const std::string& token)
      : spec_(spec), endpoint_(hub_endpoint()), client_(token) {}

  // A model that is there already stays as it is.
  void make_model(bool is_private) {
    const size_t slash = spec_.repository.find('/');
    constexpr long exists = 409;
    ask(endpoint_ + "/api/repos/create",
        {{"name", spec_.repository.substr(slash + 1)},
         {"organization", spec_.repository.substr(0, slash)},
         {"type", "model"},
         {"private", is_private}},
        exists);
  }

  // Whether the hub wants each file in git LFS.
  std::vector<bool> ask_for_modes(const std::vector<UploadedFile>& files) {
    constexpr size_t sample_bytes = 512;
    json asked = json::array();
    for (const UploadedFile& file : files)
      asked.push_back({{"path", file.path},
                       {"size", file.content.size()},
                       {"sample", base64(std::string_view(file.content).substr(0, sample_bytes))}});
    const std::string url = api("preupload");
    const json answer = ask(url, {{"files", asked}});
    std::vector<bool> is_large;
    for (const UploadedFile& file : files) {
      const json* found = nullptr;
      if (answer.contains("files") && answer["files"].is_array())
        for (const json& item : answer["files"])
          if (word_at(item, "path") == file.path) found = &item;
      if (found == nullptr) fail_corrupt("a way to upload " + file.path, "none", url);
      is_large.push_back(word_at(*found, "uploadMode") == "lfs");
    }
    return is_large;
  }

  void upload_large(const UploadedFile& file) {
    const std::string oid = sha256_hex(as_bytes(file.content));
    const json object{{"oid", oid}, {"size", file.content.size()}};
    const std::string url = text(endpoint_, "/", spec_.repository, ".git/info/lfs/objects/batch");
    const json answer = ask(url,
                            {{"operation", "upload"},
                             {"transfers", {"basic"}},
                             {"hash_algo", "sha256"},
                             {"ref", {{"name", spec_.revision}}},
                             {"objects", json::array({object})}},
                            0, lfs_type);
    const json::json_pointer place("/objects/0");
    if (!answer.contains(place) || !answer[place].is_object())
      fail_corrupt("an answer about the file", "none", url);
    const json& stored = answer[place];
    if (stored.contains("error"))
      fail(ErrorKind::io, "expected to upload ", file.path, ", got ",
           shown(word_at(stored["error"], "message")), ", from ", url);
    if (!stored.contains("actions")) return;  // the hub has these bytes
    const json& actions = stored["actions"];
    if (!actions.is_object()) fail_corrupt("actions", actions.type_name(), url);
    if (actions.contains("upload")) put(actions["upload"], file, url);
    const std::string verify = actions.contains("verify") ? word_at(actions["verify"], "href") : "";
    if (!verify.empty()) verify_at(verify, object);
  }

  std::string commit(const HubCommit& commit, const std::vector<bool>& is_large) {
    std::string lines =
        json{{"key", "header"}, {"value", {{"summary", commit.message}, {"description", ""}}}}
            .dump() +
        "\n";
    for (size_t i = 0; i < commit.files.size(); ++i) {
      const UploadedFile& file = commit.files[i];
      const json line = is_large[i] ? json{{"key", "lfsFile"},
                                           {"value",
                                            {{"path", file.path},
                                             {"algo", "sha256"},
                                             {"oid", sha256_hex(as_bytes(file.content))},
                                             {"size", file.content.size()}}}}
                                    : json{{"key", "file"},
                                           {"value",
                                            {{"path", file.path},
                                             {"encoding", "base64"},
                                             {"content", base64(file.content)}}}};
      lines += line.dump() + "\n";
    }
    const std::string url = api("commit");
    const json answer = parse(send(url, lines, "application/x-ndjson", 0), url);
    if (answer.contains("success") && answer["success"] == false)
      fail(ErrorKind::io, "expected a commit, got ", shown(word_at(answer, "error")), ", from ",
           url);
    const std::string address = word_at(answer, "commitUrl");
    return address.empty() ? url : address;
  }

 private:
  // At the hub itself with the token, at another host without.
  void verify_at(const std::string& url, const json& object) {
    const HttpUpload upload{
        .method = "POST", .headers = {text("Content-Type: ", lfs_type)}, .body = object.dump()};
    const bool is_hub = url.starts_with(endpoint_ + "/");
    expect_success(is_hub ? client_.send(url, upload) : HttpClient("").send(url, upload), url, 0);
  }

  static constexpr const char* lfs_type = "application/vnd.git-lfs+json";

  std::string api(const char* action) const {
    return text(endpoint_, "/api/models/", spec_.repository, "/", action, "/",
                escaped_path(spec_.revision));
  }

  // Sends JSON and returns the JSON of the answer; null where it is none. `allowed` is a status
  // beside 2xx that is no error.
  json ask(const std::string& url, const json& question, long allowed = 0,
           const std::string& type = "application/json") {
    return parse(send(url, question.dump(), type, allowed), url);
  }

  static json parse(const HttpReply& reply, const std::string& url) {
    json answer = try_json<json>(reply.body);
    if (reply.status < 300 && !reply.body.empty() && answer.is_discarded())
      fail_corrupt("an answer in JSON", "another", url);
    return answer.is_object() ? answer : json::object();
  }

  HttpReply send(const std::string& url, const std::string& body, const std::string& type,
                 long allowed) {
    HttpReply reply = client_.send(
        url,
        {.method = "POST", .headers = {"Content-Type: " + type, "Accept: " + type}, .body = body});
    expect_success(reply, url, allowed);
    return reply;
  }

  // Where the bytes go may be another host, which gets no token.
  static void put(const json& action, const UploadedFile& file, const std::string& url) {
    const std::string address = word_at(action, "href");
    if (address.empty()) fail_corrupt("an address to upload to", "none", url);
    HttpUpload upload{.method = "PUT", .headers = {}, .body = file.content};
    if (action.contains("header") && action["header"].is_object())
      for (const auto& [name, value] : action["header"].items())
        if (value.is_string())
          upload.headers.push_back(in_one_line(name + ": " + value.get<std::string>()));
    expect_success(HttpClient("").send(address, upload), address, 0);
  }

  static void expect_success(const HttpReply& reply, const std::string& url, long allowed) {
    if ((reply.status >= 200 && reply.status < 300) || reply.status == allowed) return;
    const json answer = try_json<json>(reply.body);
    const std::string error = word_at(answer, "error"),
                      why = error.empty() ? "" : " (" + shown(error) + ")";
    fail(ErrorKind::io, "expected success, got ", explain_status(reply.status), why, ", from ",
         url);
  }

  HubSpec spec_;
  std::string endpoint_;
  HttpClient client_;
};

}  // namespace

std::string upload_to_hub(const HubSpec& spec, const HubCommit& commit) {
  const std::string token = hub_token();
  if (token.empty())
    fail(ErrorKind::io, "expected a token of ", hub_endpoint(),
         " in HF_TOKEN, or kept by hf auth login, got none");
  HubUpload upload(spec, token);
  upload.make_model(commit.is_private);
  const std::vector<bool> is_large = upload.ask_for_modes(commit.files);
  for (size_t i = 0; i < commit.files.size(); ++i)
    if (is_large[i]) upload.upload_large(commit.files[i]);
  return upload.commit(commit, is_large);
}

std::vector<std::string> list_hub_files(const HubSpec& spec) {
  const std::string url = text(hub_endpoint(), "/api/models/", spec.repository, "/revision/",
                               escaped_path(spec.revision));
  const HttpReply reply = HttpClient(hub_token()).send(url, {.method = "GET"});
  std::vector<std::string> files;
  constexpr long unauthorised = 401, missing = 404;  // the hub tells no stranger what is private
  if (reply.status == missing || reply.status == unauthorised) return files;
  if (reply.status != 200)
    fail(ErrorKind::io, "expected a list of files, got ", explain_status(reply.status), ", from ",
         url);
  const json answer = try_json<json>(reply.body);
  if (!answer.is_object() || !answer.contains("siblings") || !answer["siblings"].is_array())
    fail_corrupt("a list of files", "another answer", url);
  for (const json& sibling : answer["siblings"]) files.push_back(word_at(sibling, "rfilename"));
  return files;
}

}  // namespace submask
