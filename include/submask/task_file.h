// The task file: a task packed as small as the backbone's weights allow, sealed by checksums.
//
// The file is a valid safetensors file (docs/mask_format.md). It names its backbone by identity and
// is refused for any other. Its description (classes, counts, sizes) and its head are read without
// the backbone's weights; its masks and statistics are unpacked with them.
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
  half,  // float16 differences from the backbone's statistics
  exact,
};
constexpr auto names_of(StatisticsForm) { return std::array{"half", "exact"}; }

enum class HeadForm {
  half,  // float16
  int8,  // eight-bit numbers and a power of two for each row
  exact,
};
constexpr auto names_of(HeadForm) { return std::array{"half", "int8", "exact"}; }

// How a task is packed.
struct PackOptions {
  MaskProfile profile = MaskProfile::small;
  StatisticsForm statistics = StatisticsForm::half;
  HeadForm head = HeadForm::half;
  const Task* parent = nullptr;  // the masks are coded against this task's; null: against none
  std::string parent_file;       // name of the parent's file, in the folder of the task's file
};

// The mask of one unit as it is stored.
struct PackedMask {
  std::string name;
  std::vector<int64_t> shape;
  int64_t on = 0;
  std::vector<uint64_t> block_bytes;  // sizes of its coded blocks (codec/mask_codec.h)
  uint64_t check = 0;                 // XXH64 of the packed bits, to check decoded ones

  int64_t count() const;
  uint64_t bytes() const;
  double masked_fraction() const {
    return 1.0 - static_cast<double>(on) / static_cast<double>(count());
  }
};

// A task in the form of its file.
struct PackedTask : TaskDescription {
  MaskProfile profile = MaskProfile::plain;
  std::vector<PackedMask> masks;
  int coder = 2;               // of the small profile; files before version 3 have 1
  std::vector<uint8_t> coded;  // the blocks of all masks, one after another
  std::string parent_masks;    // masks_identity() of the parent; empty: no parent
  std::string parent_file;     // name without folders

  // A batch norm whose running statistics are stored.
  struct Norm {
    std::string name;  // "bn1" for bn1.running_mean and bn1.running_var, or the name of one buffer
    int64_t channels = 0;

    std::vector<std::string> buffers() const;
  };
  std::vector<Norm> norms;       // in the order of their values in `statistics`
  at::Tensor statistics;         // [V] float16 differences from the backbone's, or float32 values
  uint64_t statistics_base = 0;  // XXH64 of the backbone's float32 values that were subtracted

  std::optional<Head> head;  // rounded to its form
  HeadForm head_form = HeadForm::exact;

  std::string signature;  // Ed25519 (task_signature.h), hex; empty: not signed

  double masked_fraction() const;  // over all units; 0 without units
  int64_t weights() const;         // mask bits
};

// Packs a task. Forms other than exact round it, and unpack_task() gives the rounded task. Throws
// invalid_argument for a task or a parent of another backbone, and for a head that its form cannot
// hold.
PackedTask pack_task(const Task& task, const Backbone& backbone, const PackOptions& options = {});

// Packs a task as plain bits and exact numbers, which needs no backbone.
PackedTask pack_task(const Task& task);

// Unpacks a task, on all threads. `parent` is the task against which it was coded; null where there
// is none. Throws invalid_argument for another backbone or parent, corrupt_file where the bits are
// not those that were packed.
Task unpack_task(const PackedTask& packed, const Backbone& backbone, const Task* parent = nullptr);

// Unpacks a task that was packed without its backbone. Throws invalid_argument for other tasks, and
// corrupt_file as above.
Task unpack_task(const PackedTask& packed);

// Replaces the head by another, or by none, and removes the signature. Throws invalid_argument for
// a head that the form cannot hold.
void set_head(PackedTask& packed, const std::optional<Head>& head, HeadForm form = HeadForm::half);

// The bytes of the head's tensors in the file.
int64_t packed_head_bytes(const PackedTask& packed);

// Writes the file atomically; the same task gives the same bytes. Throws io.
void write_task(const std::filesystem::path& path, const PackedTask& task);

// Reads a task file of this or an older version, and checks everything that can be checked without
// weights: structure, checksum, sizes. Throws corrupt_file, unsupported_version, io.
PackedTask read_packed_task(const std::filesystem::path& path);

// Does read_packed_task() and unpack_task(). The parent is read from the file that the task names,
// in the same folder. Throws as these do, and invalid_argument where the parent's file has other
// masks than the task was coded against.
Task read_task(const std::filesystem::path& path, const Backbone& backbone);

}  // namespace submask
