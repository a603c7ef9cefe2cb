// Files of a model on the Hugging Face hub.
#pragma once

#include <filesystem>
#include <span>
#include <string>

namespace submask {

struct HubSpec {
  std::string repository;  // ORG/NAME
  std::string revision;    // a branch, tag or commit
  std::string file;        // "": the weights, as weight_file.h chooses them in a folder
};

// "hf:ORG/NAME[@REVISION][:FILE]". Throws invalid_argument.
HubSpec parse_hub_spec(const std::string& spec);

// The file, or the folder of the model's weights and of the configurations beside them, in the
// cache (hub_cache.h): safetensors, or pickles where there are none, which is said. What is there
// is not fetched again, and with HF_HUB_OFFLINE nothing is. A file is fetched by one process at a
// time, goes on where a killed one stopped, and is checked against the size and the SHA-256 (or the
// git digest, for small files) that the hub states. Throws as fetch_weights().
std::filesystem::path fetch_hub_weights(const HubSpec& spec);

// One file of a model, by the same rules. Without a name it is the one whose name has one of these
// endings; throws invalid_argument where there is none, or more.
std::filesystem::path fetch_hub_file(const HubSpec& spec, std::span<const char* const> endings);

}  // namespace submask
