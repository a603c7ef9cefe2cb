// Signatures of task files. They prove who made a task, and that it has not changed since.
//
// Ed25519 signs a digest of all that a file holds. Keys are PEM files, as `openssl genpkey
// -algorithm ed25519` and `openssl pkey -pubout` write them. All functions throw io for a key file
// that cannot be read, and corrupt_file for one that holds no such key or an encrypted one.
#pragma once

#include <filesystem>
#include <string>

#include <submask/packed_task.h>

namespace submask {

// Whether a text has the form of a signature.
bool is_signature(const std::string& digits);

// Returns the digest that a signature signs: sealed_digest() of the file that write_task() writes.
std::string task_digest(const PackedTask& task);

// Sets the task's signature. Packing the task again or setting another head makes it void. Throws
// unavailable where OpenSSL cannot sign.
void sign_task(PackedTask& task, const std::filesystem::path& private_key);

// Whether the owner of the key signed the task as it is. False without a signature.
bool is_signed_by(const PackedTask& task, const std::filesystem::path& public_key);

}  // namespace submask
