// The task file: a task packed as small as the backbone's weights allow, sealed by checksums.
//
// The file is a valid safetensors file (docs/mask_format.md). It names its backbone by identity and
// is refused by any other. What it says of itself (classes, counts, sizes, the head) is read
// without weights; its masks and statistics are unpacked with those of the backbone.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <submask/mask_profile.h>
#include <submask/task.h>

namespace submask {

enum class StatisticsForm {
  half,  // differences from the backbone's in float16
  exact,
};
constexpr auto names_of(StatisticsForm) { return std::array{"half", "exact"}; }

enum class HeadForm {
  half,  // float16
  int8,  // eight bits, and a power of two a row
  exact,
};
constexpr auto names_of(HeadForm) { return std::array{"half", "int8", "exact"}; }

// How a task is packed.
struct PackOptions {
  MaskProfile profile = MaskProfile::small;
  StatisticsForm statistics = StatisticsForm::half;
  HeadForm head = HeadForm::half;
  const Task* parent = nullptr;  // code the masks against this task's
  std::string parent_file;       // where a reader finds the parent: a file beside the task's
};

// The mask of one unit as it is stored.
struct PackedMask {
  std::string name;
  std::vector<int64_t> shape;
  int64_t on = 0;
  std::vector<uint64_t> block_bytes;  // of its blocks (codec/mask_codec.h), one after another
  uint64_t check = 0;                 // XXH64 of the packed bits, which decoding must reproduce

  int64_t count() const;
  uint64_t bytes() const;
  double masked_fraction() const {
    return 1.0 - static_cast<double>(on) / static_cast<double>(count());
  }
};

// A task as its file has it.
struct PackedTask : TaskDescription {
  MaskProfile profile = MaskProfile::plain;
  std::vector<PackedMask> masks;
  int coder = 2;               // of small masks; 1: of files before version 3
  std::vector<uint8_t> coded;  // the masks' blocks, back to back
  std::string parent_masks;    // masks_identity() of the parent; empty: none
  std::string parent_file;     // a file's name, without folders

  // Running statistics one after another, as `norms` says.
  struct Norm {
    std::string name;  // "bn1" for bn1.running_mean and bn1.running_var, or one of these alone
    int64_t channels = 0;

    std::vector<std::string> buffers() const;
  };
  std::vector<Norm> norms;
  at::Tensor statistics;         // [V] float16 differences from the backbone's, or float32 values
  uint64_t statistics_base = 0;  // XXH64 of the backbone's float32 values that were taken off

  std::optional<Head> head;  // rounded to its form
  HeadForm head_form = HeadForm::exact;

  std::string signature;  // Ed25519 (task_signature.h), hex; empty: not signed

  double masked_fraction() const;  // over all units; 0 without units
  int64_t weights() const;         // mask bits
};

// Packs and, for half and int8, rounds: what unpack_task() gives is what the file holds. Throws
// invalid_argument for a task of another backbone, unknown options, a parent of another backbone.
PackedTask pack_task(const Task& task, const Backbone& backbone, const PackOptions& options = {});

// Plain bits and exact numbers: as a task stands, without its backbone.
PackedTask pack_task(const Task& task);

// The task that was packed, its blocks decoded on all threads. `parent`: the task that it was coded
// against. Throws invalid_argument where backbone or parent are others, corrupt_file where the bits
// are not those that were packed.
Task unpack_task(const PackedTask& packed, const Backbone& backbone, const Task* parent = nullptr);

// Of a task that was packed without its backbone. Throws invalid_argument for others.
Task unpack_task(const PackedTask& packed);

// Another head, or none, in place of the packed one, and no signature. Throws as pack_task().
void set_head(PackedTask& packed, const std::optional<Head>& head, HeadForm form = HeadForm::half);

// What the head takes in the file, in its form.
int64_t packed_head_bytes(const PackedTask& packed);

// Atomically; the same task gives the same bytes. Throws io.
void write_task(const std::filesystem::path& path, const PackedTask& task);

// Checks everything that can be checked without weights: structure, checksum, sizes. Throws
// corrupt_file, unsupported_version, io. Files of older versions are read as well.
PackedTask read_packed_task(const std::filesystem::path& path);

// read_packed_task() and unpack_task() in one; the parent is read from the file beside it that the
// task names. Throws as these do, and invalid_argument where that file has other masks.
Task read_task(const std::filesystem::path& path, const Backbone& backbone);

}  // namespace submask
