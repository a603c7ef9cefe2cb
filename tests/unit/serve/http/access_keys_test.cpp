#include "serve/http/access_keys.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "error_of.h"
#include "scratch_folder.h"

namespace submask {
namespace {

using testing::HasSubstr;

std::string hash_of(const std::string& key) {
  Sha256 hash;
  hash.update(key);
  return hash.hex();
}

std::string file_of(const std::string& lines) {
  const auto path = scratch_folder() / "keys";
  std::ofstream(path) << lines;
  return path.string();
}

TEST(AccessKeys, AreFoundByTheirHashes) {
  const auto keys = AccessKeys::read(
      file_of("# people\n\n" + hash_of("one") + " read\n  " + hash_of("two") + "\tadmin  Ann\r\n"));
  EXPECT_EQ(keys.size(), 2U);
  ASSERT_TRUE(keys.find("one"));
  EXPECT_EQ(keys.find("one")->role, AccessRole::read);
  EXPECT_EQ(keys.find("one")->name, hash_of("one").substr(0, 8));
  EXPECT_EQ(keys.find("two")->role, AccessRole::admin);
  EXPECT_EQ(keys.find("two")->name, "Ann");
  EXPECT_EQ(keys.find("two")->hash, hash_of("two"));
  for (const std::string& other :
       {std::string("three"), std::string(), std::string("One"), hash_of("one")})
    EXPECT_FALSE(keys.find(other)) << other;
}

TEST(AccessKeys, AreRefusedWithTheirLine) {
  const auto refusal = [](const std::string& lines) {
    return error_of(ErrorKind::corrupt_file, [&] { AccessKeys::read(file_of(lines)); });
  };
  EXPECT_THAT(
      refusal("\nsecret read\n"),
      testing::AllOf(HasSubstr("expected SHA-256 of a key as 64 hexadecimal digits, got 6 letters"),
                     HasSubstr("keys, line 2")));
  EXPECT_THAT(refusal(std::string(64, 'g') + " read"), HasSubstr("64 hexadecimal digits"));
  EXPECT_THAT(refusal(hash_of("a")),
              HasSubstr("expected read or admin behind the hash of a key, got ''"));
  EXPECT_THAT(refusal(hash_of("a") + " root"), HasSubstr("got 'root'"));
  EXPECT_THAT(refusal(hash_of("a") + " read b c"), HasSubstr("got 'c'"));
  EXPECT_THAT(refusal(hash_of("a") + " read\n" + hash_of("a") + " admin"),
              HasSubstr("expected each key once"));
  EXPECT_THAT(refusal("# nobody yet\n"), HasSubstr("expected a key at least, got none"));
  error_of(ErrorKind::io, [&] { AccessKeys::read(scratch_folder() / "none"); });
}

}  // namespace
}  // namespace submask
