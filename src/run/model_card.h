// The page that tells of a task on the Hugging Face hub.
#pragma once

#include <string>

#include <submask/packed_task.h>

namespace submask {

struct CardFacts {
  std::string repository;  // ORG/NAME
  std::string file;        // of the task in it
  std::string base_model;  // ORG/NAME of the backbone's weights; "": not known
};

// README.md with the hub's metadata (base model, tags, licence, measured accuracy) and how to use
// the task. Says nothing that the task file does not.
std::string model_card(const PackedTask& task, const CardFacts& facts);

}  // namespace submask
