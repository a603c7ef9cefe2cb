// What needs no server: names, environments, the cache's folders. tests/cli/fetch_test.sh has one.
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include "base/file.h"
#include "error_of.h"
#include "fetch/fetch_environment.h"
#include "fetch/fetch_weights.h"
#include "fetch/file_digest.h"
#include "fetch/http_client.h"
#include "fetch/hub_cache.h"
#include "fetch/hub_files.h"
#include "scratch_folder.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

TEST(HubSpec, HasARepositoryARevisionAndAFile) {
  const HubSpec plain = parse_hub_spec("hf:org/name");
  EXPECT_EQ(plain.repository, "org/name");
  EXPECT_EQ(plain.revision, "main");
  EXPECT_EQ(plain.file, "");
  const HubSpec whole = parse_hub_spec("hf:a-b/c.d_e@refs/pr/1:folder/model.bin");
  EXPECT_EQ(whole.repository, "a-b/c.d_e");
  EXPECT_EQ(whole.revision, "refs/pr/1");
  EXPECT_EQ(whole.file, "folder/model.bin");
}

TEST(HubSpec, LeadsOutOfNoFolder) {
  for (const char* wrong : {"hf:", "hf:name", "hf:/name", "hf:org/", "hf:org/a/b", "hf:../name",
                            "hf:org/..", "hf:org/na me", "hf:org/name@", "hf:org/name@../x",
                            "hf:org/name@/x", "hf:org/name:", "hf:org/name:../x",
                            "hf:org/name:/etc/passwd", "hf:org/name:a/../../b", "hf:.org/name"})
    EXPECT_NE(error_of(ErrorKind::invalid_argument, [&] { parse_hub_spec(wrong); })
                  .find("expected hf:ORG/NAME[@REVISION][:FILE], got "),
              std::string::npos)
        << wrong;
}

TEST(FetchWeights, LeavesPathsAsTheyAre) {
  for (const char* path : {"", "weights.pth", "folder", "/a/hf:b"})
    EXPECT_EQ(fetch_weights(path, "hf:org/name", "resnet18"), path);
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [] { fetch_weights("auto", "", "resnet20"); }),
            "expected --weights FILE for resnet20, which has no published default, got auto");
  EXPECT_EQ(error_of(ErrorKind::invalid_argument,
                     [] { fetch_weights("https://host/resnet.pth", "", "resnet18"); }),
            "expected an address with the file's SHA-256 in it, as resnet18-f37072fd.pth, got "
            "https://host/resnet.pth");
}

class Environment : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"HF_HOME", "HF_HUB_CACHE", "HF_ENDPOINT", "HF_TOKEN", "HF_HUB_OFFLINE",
                             "XDG_CACHE_HOME", "TORCH_HOME", "HF_HUB_DOWNLOAD_TIMEOUT"})
      unsetenv(name);
    setenv("HOME", "/home/someone", 1);
  }
};

TEST_F(Environment, IsThatOfTheHomeLibraries) {
  EXPECT_EQ(hub_cache_folder(), "/home/someone/.cache/huggingface/hub");
  EXPECT_EQ(torch_cache_folder(), "/home/someone/.cache/torch/hub/checkpoints");
  EXPECT_EQ(hub_endpoint(), "https://huggingface.co");
  EXPECT_EQ(hub_token(), "");
  EXPECT_FALSE(hub_is_offline());
  EXPECT_EQ(fetch_timeout_s(), 10);
  setenv("XDG_CACHE_HOME", "/cache", 1);
  EXPECT_EQ(hub_cache_folder(), "/cache/huggingface/hub");
  EXPECT_EQ(torch_cache_folder(), "/cache/torch/hub/checkpoints");
  setenv("HF_HOME", "/hf", 1);
  setenv("TORCH_HOME", "/torch", 1);
  EXPECT_EQ(hub_cache_folder(), "/hf/hub");
  EXPECT_EQ(torch_cache_folder(), "/torch/hub/checkpoints");
  setenv("HF_HUB_CACHE", "/elsewhere", 1);
  EXPECT_EQ(hub_cache_folder(), "/elsewhere");
  setenv("HF_ENDPOINT", "http://mirror//", 1);
  EXPECT_EQ(hub_endpoint(), "http://mirror");
  for (const auto& [value, offline] : {std::pair{"1", true},
                                       {"true", true},
                                       {"Yes", true},
                                       {"0", false},
                                       {"", false},
                                       {"no", false}}) {
    setenv("HF_HUB_OFFLINE", value, 1);
    EXPECT_EQ(hub_is_offline(), offline) << value;
  }
  setenv("HF_HUB_DOWNLOAD_TIMEOUT", "3", 1);
  EXPECT_EQ(fetch_timeout_s(), 3);
  setenv("HF_HUB_DOWNLOAD_TIMEOUT", "-3", 1);
  EXPECT_EQ(fetch_timeout_s(), 10);
}

TEST_F(Environment, NeedsNoHome) {
  unsetenv("HOME");
  const std::filesystem::path home = getpwuid(getuid())->pw_dir;
  EXPECT_EQ(hub_cache_folder(), home / ".cache/huggingface/hub");
}

TEST_F(Environment, KeepsTheTokenInAFileToo) {
  const fs::path home = fresh_folder("token");
  setenv("HF_HOME", home.c_str(), 1);
  std::ofstream(home / "token") << "hf_kept\n";
  EXPECT_EQ(hub_token(), "hf_kept");
  setenv("HF_TOKEN", " hf_named ", 1);
  EXPECT_EQ(hub_token(), "hf_named");
}

TEST(HubCache, HasTheLayoutOfTheHubsLibrary) {
  const fs::path root = fresh_folder("hub_cache");
  const HubCache cache(root, "org/name");
  const std::string commit(40, 'a'), etag(64, 'b');
  EXPECT_EQ(cache.commit_of("main"), std::nullopt);
  cache.keep_commit("refs/pr/1", commit);
  EXPECT_EQ(cache.commit_of("refs/pr/1"), commit);
  cache.make_folders();
  std::ofstream(cache.blob(etag)) << "content";
  cache.link(commit, "folder/model.bin", etag);
  cache.link(commit, "folder/model.bin", etag);  // again
  const fs::path pointer = root / "models--org--name/snapshots" / commit / "folder/model.bin";
  EXPECT_EQ(fs::read_symlink(pointer), "../../../blobs/" + etag);
  EXPECT_EQ(read_text_file(pointer), "content");
  EXPECT_TRUE(cache.has(commit, "folder/model.bin"));
  EXPECT_FALSE(cache.has(commit, "model.bin"));
  EXPECT_EQ(cache.files_of(commit), std::vector<std::string>{"folder/model.bin"});
  EXPECT_TRUE(cache.files_of(std::string(40, 'c')).empty());
  EXPECT_TRUE(fs::is_directory(root / ".locks/models--org--name"));
}

// As `sha256sum` and `git hash-object` print them.
TEST(FileDigest, IsThatOfPublishers) {
  const fs::path file = fresh_folder("digest") / "file";
  std::ofstream(file) << "what is this\n";
  EXPECT_EQ(file_sha256(file), "f9f7b5a22196415d464bb495a0889049618c2f646cdecbde38b5b0e8c76149a9");
  EXPECT_EQ(git_blob_sha1(file), "fe7a49a6be07aee8de037ebcf595f686b063ac17");
}

TEST(HttpClient, EscapesPaths) {
  EXPECT_EQ(escaped_path("a/b-c_d.e~f"), "a/b-c_d.e~f");
  EXPECT_EQ(escaped_path("a b#?%\xC3\xA9"), "a%20b%23%3f%25%c3%a9");
}

}  // namespace
}  // namespace submask
