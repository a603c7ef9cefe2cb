// A task in the form of its file: packed as small as the backbone's weights allow, sealed by
// checksums. No LibTorch: task_file.h packs and unpacks tasks of tensors.
//
// The file is a valid safetensors file (docs/mask_format.md). It names its backbone by identity and
// is refused for any other. Its description (classes, counts, sizes) and its head are read without
// the backbone's weights; its masks and statistics are unpacked with them.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <submask/array.h>
#include <submask/criterion.h>
#include <submask/mask_profile.h>
#include <submask/preprocessing.h>

namespace submask {

struct UnitMask {
  std::string name;
  std::vector<int64_t> shape;
  int64_t on = 0;  // weights that stay on (+1 for a flip)
  // Element i is bit i % 8, least significant first, of bits[i / 8]; 1 = on.
  std::vector<uint8_t> bits;

  int64_t count() const;  // elements of shape
  double masked_fraction() const {
    return 1.0 - static_cast<double>(on) / static_cast<double>(count());
  }
};

// The description of a task, which can be read without its backbone's weights.
struct TaskDescription {
  std::string backbone;          // name
  std::string weights_identity;  // Backbone::identity()
  CriterionKind criterion = CriterionKind::threshold;
  bool scale = true;  // w = c theta m with c = 1 / sqrt(mean(m)), else c = 1
  std::vector<std::string> classes;
  Preprocessing preprocessing;
  std::string provenance = "{}";  // a JSON object: method, data, seed, settings, accuracy, commit
  std::string licence;            // of the task; may be empty
};

// A task's masks as bits.
struct TaskMasks : TaskDescription {
  std::vector<UnitMask> units;  // in the backbone's canonical order; empty for a linear probe

  double masked_fraction() const;  // over all units; 0 without units
  int64_t weights() const;         // mask bits
};

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
  const TaskMasks* parent = nullptr;  // the masks are coded against these; null: against none
  std::string parent_file = {};  // its file's name in the folder of the task's; "": a cascade's
};

// Bits as they are and exact numbers, which need no backbone.
inline const PackOptions plain_options{MaskProfile::plain, StatisticsForm::exact, HeadForm::exact};

// The mask of one unit as it is stored.
struct PackedMask {
  std::string name;
  std::vector<int64_t> shape;
  int64_t on = 0;
  std::vector<uint64_t> block_bytes;  // sizes of its coded blocks (docs/mask_format.md)
  uint64_t check = 0;                 // XXH64 of the packed bits, to check decoded ones

  int64_t count() const;
  uint64_t bytes() const;
  double masked_fraction() const {
    return 1.0 - static_cast<double>(on) / static_cast<double>(count());
  }
};

// A batch norm whose running statistics are stored.
struct PackedNorm {
  std::string name;  // "bn1" for bn1.running_mean and bn1.running_var, or the name of one buffer
  int64_t channels = 0;

  std::vector<std::string> buffers() const;
};

struct PackedTask : TaskDescription {
  MaskProfile profile = MaskProfile::plain;
  std::vector<PackedMask> masks;
  std::vector<uint8_t> coded;  // the blocks of all masks, one after another
  std::string parent_masks;    // masks_identity() of the parent; empty: no parent
  std::string parent_file;     // name without folders; empty: the dispatcher of a cascade

  std::vector<PackedNorm> norms;  // in the order of their values in `statistics`
  Array statistics;               // [V], F16 differences from the backbone's, or F32 values
  uint64_t statistics_base = 0;   // XXH64 of the backbone's float32 values that were subtracted

  // F32, by their names in the file (docs/mask_format.md), rounded to their form; empty: no head.
  ArrayMap head;
  HeadForm head_form = HeadForm::exact;

  std::string signature;  // Ed25519 (docs/mask_format.md), hex; empty: not signed

  double masked_fraction() const;  // over all units; 0 without units
  int64_t weights() const;         // mask bits
};

// The bytes of the head's tensors in the file.
int64_t packed_head_bytes(const PackedTask& packed);

// Writes the file atomically; the same task gives the same bytes. Throws io.
void write_task(const std::filesystem::path& path, const PackedTask& task);

// Reads a task file and checks everything that can be checked without weights: structure, checksum,
// sizes. Throws corrupt_file, unsupported_version, io.
PackedTask read_packed_task(const std::filesystem::path& path);

// The same from and to memory. `name` stands for the file in errors.
PackedTask parse_packed_task(std::span<const uint8_t> bytes, const std::string& name);
std::vector<uint8_t> packed_task_bytes(const PackedTask& task);

// SHA-256 (hex) over every unit in order: name, shape, packed bits. A task that is coded against
// this one names its parent by it.
std::string masks_identity(const TaskMasks& task);

}  // namespace submask
