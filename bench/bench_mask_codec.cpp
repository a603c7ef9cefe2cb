// Question: how many bytes do a trained mask's bits take, over general compressors, and how fast
// are they coded and decoded on one core, over xz?
#include <chrono>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <map>
#include <unistd.h>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <submask/task_file.h>

#include "base/file.h"
#include "base/names.h"
#include "bench/options.h"
#include "bench/paired_timing.h"
#include "codec/mask_codec.h"
#include "mask/unit_rows.h"

namespace submask::bench {
namespace {

namespace fs = std::filesystem;

struct Settings {
  std::string backbone = "resnet20", weights;
  std::vector<std::string> tasks;
  int rounds = 5;
};

// The rivals, each at its smallest.
const std::vector<std::pair<std::string, std::string>> compressors = {
    {"gzip -9", "gzip -9 -c"},   {"bzip2 -9", "bzip2 -9 -c"}, {"xz -9e", "xz -9e -c"},
    {"zstd -19", "zstd -19 -c"}, {"lz4 -12", "lz4 -12 -c"},   {"brotli -q 11", "brotli -q 11 -c"}};

// Bytes that a command makes of a file; 0 where it is not installed.
int64_t compressed_bytes(const std::string& command, const fs::path& file) {
  const fs::path out = file.string() + ".out";
  const std::string line =
      command + " < '" + file.string() + "' > '" + out.string() + "' 2>/dev/null";
  const bool done = std::system(line.c_str()) == 0;
  const auto bytes = done ? static_cast<int64_t>(fs::file_size(out)) : 0;
  fs::remove(out);
  return bytes;
}

double entropy_bytes(const Task& task) {
  double bits = 0;
  for (const UnitMask& unit : task.units) {
    const auto count = static_cast<double>(unit.count());
    for (const double part : {static_cast<double>(unit.on), count - static_cast<double>(unit.on)})
      if (part > 0) bits -= part * std::log2(part / count);
  }
  return bits / 8;
}

// A whole unit as one block, which all but the largest are.
struct Unit {
  MaskBlock block;
  at::Tensor weights;
  const UnitMask* mask;
  std::vector<uint8_t> coded;
};

std::vector<Unit> units_of(const Task& task, const Backbone& backbone) {
  const auto by_name = units_by_name(backbone);
  std::vector<Unit> units;
  for (const UnitMask& mask : task.units) {
    const at::Tensor weights = unit_theta(backbone, *by_name.at(mask.name));
    const MaskBlock block{mask_shape(mask.shape),
                          {weights.const_data_ptr<float>(), static_cast<size_t>(mask.count())},
                          {},
                          off_share(mask.on, mask.count())};
    units.push_back({block, weights, &mask, {}});
  }
  return units;
}

constexpr const char* profiles[] = {"small", "fast"};

struct Seconds {
  std::vector<double> encode, decode;  // of each round
};

// Both profiles' seconds are the median of some passes, so that a round of each lies as long.
void time_round(const std::string& name, std::vector<Unit>& units, Seconds& seconds) {
  const MaskProfile profile = value_named<MaskProfile>(name, "a profile");
  const int passes = profile == MaskProfile::small ? 1 : 20;
  std::vector<double> encode, decode;
  std::vector<uint8_t> bits;
  for (int pass = 0; pass < passes; ++pass) {
    encode.push_back(seconds_of([&] {
      for (Unit& unit : units) unit.coded = encode_mask(profile, unit.block, unit.mask->bits);
    }));
    double all = 0;
    for (const Unit& unit : units) {
      bits.resize(unit.mask->bits.size());
      bool good = false;
      all += seconds_of([&] { good = decode_mask(profile, unit.block, unit.coded, bits); });
      if (!good || bits != unit.mask->bits) throw std::runtime_error("decoded other bits");
    }
    decode.push_back(all);
  }
  seconds.encode.push_back(median(encode));
  seconds.decode.push_back(median(decode));
}

double seconds_of_command(const std::string& command) {
  return seconds_of([&] {
    if (std::system(command.c_str()) != 0) throw std::runtime_error("cannot run " + command);
  });
}

// xz's seconds to decode a file, of many copies in a row: starting the program counts for little.
class XzDecoding {
 public:
  explicit XzDecoding(const fs::path& file) : copies_(file.string() + ".copies.xz") {
    const std::string one = "'" + file.string() + ".xz'", all = "'" + copies_.string() + "'";
    seconds_of_command("xz -9ek '" + file.string() + "' && for i in $(seq " +
                       std::to_string(count) + "); do cat " + one + "; done > " + all + " && rm " +
                       one);
  }
  ~XzDecoding() { fs::remove(copies_); }

  double seconds() const {
    return seconds_of_command("xz -dc '" + copies_.string() + "' > /dev/null") / count;
  }

 private:
  static constexpr int count = 100;
  fs::path copies_;
};

void measure(const Backbone& backbone, const std::string& path, int rounds) {
  const Task task = read_task(path, backbone);
  const fs::path packed =
      fs::temp_directory_path() / ("submask_bits_" + std::to_string(::getpid()));
  std::vector<uint8_t> all;
  for (const UnitMask& unit : task.units) all.insert(all.end(), unit.bits.begin(), unit.bits.end());
  write_file_atomically(packed, all);

  nlohmann::ordered_json settings = {{"task", fs::path(path).filename().string()},
                                     {"backbone", task.backbone},
                                     {"weights", task.weights()},
                                     {"masked_fraction", task.masked_fraction()},
                                     {"packed_bits", all.size()},
                                     {"entropy", entropy_bytes(task)}};
  for (const auto& [name, command] : compressors)
    settings[name] = compressed_bytes(command, packed);
  const double xz_bytes = settings["xz -9e"];
  const XzDecoding xz(packed);
  auto units = units_of(task, backbone);
  std::map<std::string, Seconds> seconds;  // by profile
  std::vector<double> xz_seconds;
  for (int round = 0; round < rounds; ++round) {
    for (const char* profile : profiles) time_round(profile, units, seconds[profile]);
    xz_seconds.push_back(xz.seconds());
  }
  fs::remove(packed);

  const auto rate = [&](const std::vector<double>& each) {
    return static_cast<double>(task.weights()) / 1e6 / median(each);
  };
  for (const char* profile : profiles) {
    const Seconds& taken = seconds[profile];
    PackOptions options;
    options.profile = value_named<MaskProfile>(profile, "a profile");
    const auto bytes = static_cast<double>(pack_task(task, backbone, options).coded.size());
    std::vector<double> over_xz;
    for (size_t i = 0; i < xz_seconds.size(); ++i)
      over_xz.push_back(xz_seconds[i] / taken.decode[i]);
    nlohmann::ordered_json told = settings;
    told["over_entropy"] = bytes / entropy_bytes(task);
    told["encode_millions_per_second"] = rate(taken.encode);
    told["decode_millions_per_second"] = rate(taken.decode);
    told["xz_decode_millions_per_second"] = rate(xz_seconds);
    told["decode_speed_over_xz"] = median(over_xz);
    print_result(
        {std::string("mask_codec ") + profile, bytes, xz_bytes, {bytes / xz_bytes}, "bytes"}, told);
  }
}

}  // namespace
}  // namespace submask::bench

int main(int argc, char** argv) try {
  submask::bench::Options options(
      "Bytes and speed of coded masks over xz -9e of their packed bits, on one core");
  submask::bench::Settings settings;
  options.add("--backbone", settings.backbone);
  options.add("--weights", settings.weights, "None: the embedded ones");
  options.add_positive("--rounds", settings.rounds);
  options.add_required("TASKS", settings.tasks, "Task files over one backbone");
  options.parse(argc, argv);
  at::set_num_threads(1);
  const auto backbone = submask::Backbone::load(settings.backbone, settings.weights);
  for (const std::string& task : settings.tasks)
    submask::bench::measure(*backbone, task, settings.rounds);
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
