// Question: how long from a task file on disk to a resident network under its mask, over loading
// the full network that it stands for, how long by the C interface, and how much smaller is the
// file?
#include <filesystem>
#include <stdexcept>
#include <unistd.h>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <submask/submask.h>
#include <submask/task_file.h>

#include "base/names.h"
#include "base/random.h"
#include "bench/options.h"
#include "bench/paired_timing.h"
#include "mask/unit_rows.h"
#include "mask/weight_set.h"

namespace submask::bench {
namespace {

namespace fs = std::filesystem;

// Small weights are off more often, as in trained masks: with probability `off_share` at a tensor's
// root mean square, and by exp(-|w| / rms) more or less.
Task plausible_task(const Backbone& backbone, double off_share) {
  Task task;
  task.backbone = backbone.info().name;
  task.weights_identity = backbone.identity();
  Random random({1});
  for (const MaskUnit& unit : backbone.mask_units()) {
    if (!unit.masked_by_default) continue;
    const at::Tensor& weight = backbone.theta().at(unit.parameter);
    at::Tensor chance = at::exp(-weight.abs() / weight.square().mean().sqrt());
    chance = (chance * (off_share / chance.mean())).contiguous();
    at::Tensor on = at::empty(weight.sizes(), at::kBool);
    for (int64_t i = 0; i < on.numel(); ++i)
      on.data_ptr<bool>()[i] = random.uniform() >= chance.const_data_ptr<float>()[i];
    task.units.push_back(pack_mask(unit.name, on));
  }
  for (const auto& [name, buffer] : backbone.buffers())
    if (buffer.is_floating_point()) task.statistics[name] = buffer + 0.01;
  task.head = LinearHead{at::randn({10, backbone.info().feature_width}), at::randn({10})};
  task.classes = std::vector<std::string>(10, "class");
  return task;
}

void check(submask_status status) {
  if (status != SUBMASK_OK) throw std::runtime_error(submask_last_error());
}

// The same by the C interface, into weights and statistics that are there.
class CLoader {
 public:
  CLoader(const Task& task, const Backbone& backbone, int threads) {
    check(submask_set_threads(threads));
    const auto by_name = units_by_name(backbone);
    for (const UnitMask& unit : task.units) {
      theta_.push_back(unit_theta(backbone, *by_name.at(unit.name)));
      weights_.push_back(at::empty_like(theta_.back()));
      bits_.emplace_back(unit.bits.size());
    }
    for (const auto& [name, statistic] : task.statistics) {
      const at::Tensor base = backbone.pretrained_buffers().at(name);
      base_.insert(base_.end(), base.data_ptr<float>(), base.data_ptr<float>() + base.numel());
    }
    statistics_.resize(base_.size());
  }

  void load(const std::string& file) {
    submask_task* task = nullptr;
    check(submask_task_open(file.c_str(), &task));
    for (size_t i = 0; i < theta_.size(); ++i) {
      const float* theta = theta_[i].const_data_ptr<float>();
      const auto count = static_cast<size_t>(theta_[i].numel());
      submask_unit unit;
      check(submask_task_unit(task, i, &unit));
      check(submask_task_decode(task, i, theta, count, nullptr, bits_[i].data(), bits_[i].size()));
      check(submask_apply(SUBMASK_FLOAT32, unit.scale, unit.off_scale, theta, bits_[i].data(),
                          weights_[i].data_ptr<float>(), count));
    }
    check(submask_task_statistics(task, base_.data(), statistics_.data(), statistics_.size()));
    submask_task_free(task);
  }

 private:
  std::vector<at::Tensor> theta_, weights_;
  std::vector<std::vector<uint8_t>> bits_;
  std::vector<float> base_, statistics_;
};

void measure(const std::string& name, double off_share, const std::string& profile, int threads,
             int rounds) {
  const auto backbone = Backbone::create(name, 1);
  const Task task = plausible_task(*backbone, off_share);
  PackOptions options;
  options.profile = value_named<MaskProfile>(profile, "a profile");
  const PackedTask packed = pack_task(task, *backbone, options);
  const fs::path folder = fs::temp_directory_path();
  const fs::path file = folder / ("submask_load_" + std::to_string(::getpid()) + ".task");
  const fs::path full = folder / ("submask_load_" + std::to_string(::getpid()) + ".safetensors");
  write_task(file, packed);
  write_safetensors(full, export_state_dict(task, *backbone), {});

  WeightSet weights;
  const auto ours = [&] { apply_task(read_task(file, *backbone), *backbone, weights); };
  // The resident network's tensors, filled from a state dict.
  TensorMap resident = backbone->theta();
  for (auto& [name, tensor] : resident) tensor = tensor.clone();
  const auto theirs = [&] {
    const WeightFile state = read_weight_file(full.string());
    for (auto& [name, tensor] : resident) tensor.copy_(state.tensors.at(name));
  };
  const PairedTimes times = time_in_turn(rounds, ours, theirs);
  std::vector<double> memory;
  memory.reserve(static_cast<size_t>(rounds));
  for (int i = 0; i < rounds; ++i)
    memory.push_back(
        seconds_of([&] { apply_task(unpack_task(packed, *backbone), *backbone, weights); }));
  CLoader c_loader(task, *backbone, threads);
  const PairedTimes by_c = time_in_turn(
      rounds, [&] { c_loader.load(file.string()); }, ours);
  print_result({"task_load", median(times.ours) * 1e3, median(times.theirs) * 1e3, times.ratios(),
                "ms from disk to applied"},
               {{"backbone", name},
                {"profile", profile},
                {"masked_fraction", packed.masked_fraction()},
                {"from_memory_ms", median(memory) * 1e3},
                {"c_interface_ms", median(by_c.ours) * 1e3},
                {"c_interface_over_ours", median(by_c.ratios())},
                {"task_bytes", fs::file_size(file)},
                {"network_bytes", fs::file_size(full)},
                {"network_over_task", static_cast<double>(fs::file_size(full)) /
                                          static_cast<double>(fs::file_size(file))}});
  fs::remove(file);
  fs::remove(full);
}

}  // namespace
}  // namespace submask::bench

int main(int argc, char** argv) {
  submask::bench::Options options(
      "A task file applied to a resident network (ours) over a full state dict copied into it");
  std::string backbone = "resnet50", profile = "fast";
  int threads = 2, rounds = 11;
  double off_share = .08;
  options.add("--backbone", backbone);
  options.add("--profile", profile);
  options.add("--threads", threads, "Of both");
  options.add_positive("--rounds", rounds);
  options.add_share("--masked-share", off_share);
  options.parse(argc, argv);
  at::set_num_threads(threads);
  submask::bench::measure(backbone, off_share, profile, threads, rounds);
}
