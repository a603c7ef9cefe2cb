// What low-labels keeps in its folder, so that a run that ended early can go on:
//
//   cells/METHOD-LABELS-seedN.json     a result
//   METHOD-seedN.task or .safetensors  a network that was learned without labels
//   METHOD-seedN.json                  its record
//   checkpoints/                       of what is being learned
//
// A fingerprint says of which settings and data something is. All functions throw io.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <submask/train.h>

#include "grid/low_label_cell.h"

namespace submask {

// The network that labels are learned over: one that was learned without labels, or the plain one.
struct LowLabelNetwork {
  std::filesystem::path
      file;  // a task file, or a safetensors file of all weights; "": the plain one
  int64_t epochs = 0;
  double masked_fraction = 0;
  double seconds = 0;  // that learning it took
};

class LowLabelStore {
 public:
  explicit LowLabelStore(std::filesystem::path folder);

  // `name` is the cell's ("fs-10p-seed0"). None where it has no result yet. Throws invalid_argument
  // for a result of another fingerprint, corrupt_file.
  std::optional<LowLabelCell> find_cell(const std::string& name,
                                        const std::string& fingerprint) const;
  void keep_cell(const std::string& name, const std::string& fingerprint,
                 const LowLabelCell& cell) const;

  // `name` is the network's ("ssl-fs-seed0"). None where none is kept, or one of another
  // fingerprint, or where its file is not the one that was kept. Throws corrupt_file.
  std::optional<LowLabelNetwork> find_network(const std::string& name,
                                              const std::string& fingerprint) const;
  LowLabelNetwork keep_network(const std::string& name, const std::string& fingerprint,
                               const TrainResult& learned, double seconds,
                               const Backbone& backbone) const;

  std::filesystem::path checkpoint_folder(const std::string& name) const;
  void forget_checkpoint(const std::string& name) const;

 private:
  std::filesystem::path cell_file(const std::string& name) const;

  std::filesystem::path folder_;
};

}  // namespace submask
