// Files of tensors from which a run goes on: checkpoints and finished stages. Each is a safetensors
// file with the name of its run and a checksum.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include <submask/weight_file.h>

namespace submask {

struct RunTensorsFormat {
  const char* name;         // "submask-checkpoint", in the file
  const char* description;  // "a submask checkpoint", for messages
};

// Writes the file atomically. `fingerprint` names the run (settings_record.h), and `notes` are
// further entries of the file's metadata. Throws io.
void write_run_tensors(const std::filesystem::path& path, const RunTensorsFormat& format,
                       const std::string& fingerprint, const TensorMap& tensors,
                       const std::map<std::string, std::string>& notes = {});

// Returns the tensors, and the notes as metadata. Throws invalid_argument for a file of another
// run (without a fingerprint any run will do), corrupt_file for damage or another format, io.
WeightFile read_run_tensors(const std::filesystem::path& path, const RunTensorsFormat& format,
                            const std::optional<std::string>& fingerprint);

}  // namespace submask
