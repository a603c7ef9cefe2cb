// Writes the page that describes a task on the Hugging Face hub.
#pragma once

#include <string>

#include <submask/packed_task.h>

namespace submask {

struct CardFacts {
  std::string repository;  // ORG/NAME
  std::string file;        // path of the task file in the repository
  std::string base_model;  // ORG/NAME of the backbone's weights; "": not known
};

// Returns README.md with the hub's metadata (base model, tags, licence, measured accuracy) and how
// to use the task. What it says of the task comes from the task file alone.
std::string model_card(const PackedTask& task, const CardFacts& facts);

}  // namespace submask
