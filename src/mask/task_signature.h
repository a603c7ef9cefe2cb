// Signatures of task files: who made a task, and that it is as it was then.
//
// Ed25519 over all that a file holds. Keys are PEM files, as `openssl genpkey -algorithm ed25519`
// and `openssl pkey -pubout` write them. All throw io for a key file that cannot be read and
// corrupt_file for one that holds no such key.
#pragma once

#include <filesystem>

#include <submask/task_file.h>

namespace submask {

// Sets the signature, which packing again or another head make void.
void sign_task(PackedTask& task, const std::filesystem::path& private_key);

// Whether the owner of the key signed the task as it is. False without a signature.
bool is_signed_by(const PackedTask& task, const std::filesystem::path& public_key);

}  // namespace submask
