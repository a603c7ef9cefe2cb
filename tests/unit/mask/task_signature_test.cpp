#include "taskfile/task_signature.h"

#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <submask/error.h>

#include "base/file.h"
#include "ed25519_keys.h"
#include "error_of.h"
#include "scratch_folder.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

fs::path file_of(const std::string& name, const std::string& content) {
  const fs::path path = scratch_folder() / name;
  write_file_atomically(path, as_bytes(content));
  return path;
}

PackedTask small_packed_task() {
  Task task;
  task.weights_identity = std::string(64, 'a');
  task.units = {pack_mask("a", at::arange(40).remainder(3).ne(0).view({4, 10}))};
  return pack_task(task);
}

TEST(TaskSignature, IsCheckedAfterTheFileIsRead) {
  PackedTask task = small_packed_task();
  sign_task(task, file_of("private.pem", private_pem));
  const fs::path path = scratch_folder() / "task";
  write_task(path, task);
  const PackedTask read = read_packed_task(path);
  EXPECT_TRUE(is_signed_by(read, file_of("public.pem", public_pem)));
  EXPECT_FALSE(is_signed_by(read, file_of("another.pem", another_public_pem)));
  EXPECT_FALSE(is_signed_by(small_packed_task(), file_of("public.pem", public_pem)));
}

TEST(TaskSignature, AnyChangeMakesItVoid) {
  PackedTask signed_task = small_packed_task();
  sign_task(signed_task, file_of("private.pem", private_pem));
  const fs::path key = file_of("public.pem", public_pem);
  PackedTask changed = signed_task;
  changed.classes = {"x"};
  EXPECT_FALSE(is_signed_by(changed, key));
  changed = signed_task;
  changed.coded[0] ^= 1;
  EXPECT_FALSE(is_signed_by(changed, key));
  changed = signed_task;
  changed.signature[5] = changed.signature[5] == '0' ? '1' : '0';
  EXPECT_FALSE(is_signed_by(changed, key));
}

TEST(TaskSignature, RefusesOtherKeys) {
  PackedTask task = small_packed_task();
  for (const fs::path& path : {file_of("public.pem", public_pem), file_of("empty.pem", "")})
    EXPECT_EQ(error_of(ErrorKind::corrupt_file, [&] { sign_task(task, path); }),
              "expected an Ed25519 private key in PEM form, without a password, got none, in " +
                  path.string());
  const fs::path missing = scratch_folder() / "missing.pem";
  EXPECT_EQ(error_of(ErrorKind::io, [&] { sign_task(task, missing); }),
            "cannot open " + missing.string() + ": No such file or directory");
}

}  // namespace
}  // namespace submask
