// Question: what does switching a resident network to another task cost over copying its masked
// weights once?
#include <cstring>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <submask/task_file.h>

#include "bench/options.h"
#include "bench/paired_timing.h"
#include "bench/random_task.h"
#include "mask/weight_set.h"

namespace submask::bench {
namespace {

// memcpy of `bytes`, cut into one piece a thread.
void copy_bytes(void* to, const void* from, int64_t bytes) {
  constexpr int64_t grain = 1 << 16;
  at::parallel_for(0, bytes, grain, [&](int64_t begin, int64_t end) {
    std::memcpy(static_cast<char*>(to) + begin, static_cast<const char*>(from) + begin,
                static_cast<size_t>(end - begin));
  });
}

void measure(const std::string& name, double off_share, int rounds) {
  const auto backbone = Backbone::create(name, 1);
  const std::vector<Task> tasks = {random_task(*backbone, off_share, 1),
                                   random_task(*backbone, off_share, 2)};
  WeightSet weights;
  size_t next = 0;
  const auto apply = [&] { apply_task(tasks[next++ % 2], *backbone, weights); };

  TensorMap copies;
  for (const UnitMask& unit : tasks[0].units)
    copies[unit.name] = at::empty_like(backbone->theta().at(unit.name));
  const auto copy = [&] {
    for (auto& [unit, to] : copies)
      copy_bytes(to.data_ptr(), backbone->theta().at(unit).data_ptr(),
                 to.numel() * to.element_size());
  };
  const PairedTimes times = time_in_turn(rounds, apply, copy);
  print_result(
      {"task_switch", median(times.ours) * 1e3, median(times.theirs) * 1e3, times.ratios(), "ms"},
      {{"backbone", name}, {"mask_bits", tasks[0].weights()}, {"masked_share", off_share}});
}

}  // namespace
}  // namespace submask::bench

int main(int argc, char** argv) {
  submask::bench::Options options(
      "Applying another task (ours) over copying its weights with memcpy (theirs)");
  std::string backbone = "resnet50";
  int threads = 2, rounds = 101;
  double off_share = .08;
  options.add("--backbone", backbone);
  options.add("--threads", threads, "Of both");
  options.add_positive("--rounds", rounds);
  options.add_share("--masked-share", off_share);
  options.parse(argc, argv);
  at::set_num_threads(threads);
  submask::bench::measure(backbone, off_share, rounds);
}
