// Question: what does it cost a server that each request is about another task?
//
// Both sides ask the same engine in a closed loop; ours about many tasks, theirs about one.
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <sys/resource.h>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <submask/task_file.h>

#include "base/fail.h"
#include "base/keep_freed_memory.h"
#include "base/names.h"
#include "base/random.h"
#include "bench/options.h"
#include "bench/paired_timing.h"
#include "bench/random_task.h"
#include "serve/engine/engine.h"
#include "serve/engine/task_folder.h"

namespace submask::bench {
namespace {

namespace fs = std::filesystem;

struct Settings {
  std::string backbone = "resnet50", order = "zipf";
  double off_share = .08, memory_mb = 2000;
  int tasks = 1000, masks = 16, batch = 16, waiting = 64, seconds = 10, threads = 1, rounds = 5;
  bool is_warm = false;
  std::string folder, profile = "small";
};

Task random_served_task(const Backbone& backbone, double off_share, uint64_t seed) {
  Task task = random_task(backbone, off_share, seed);
  task.head = LinearHead{at::zeros({10, backbone.info().feature_width}), at::zeros({10})};
  for (int i = 0; i < 10; ++i) task.classes.push_back(std::to_string(i));
  return task;
}

// Many files of few masks: each is a version of its own, which no other shares anything with.
void write_tasks(const Settings& settings, const Backbone& backbone) {
  fs::create_directories(settings.folder);
  for (int mask = 0; mask < settings.masks; ++mask) {
    PackOptions options;
    options.profile = *find_value<MaskProfile>(settings.profile);
    PackedTask packed =
        pack_task(random_served_task(backbone, settings.off_share, static_cast<uint64_t>(mask)),
                  backbone, options);
    for (int task = mask; task < settings.tasks; task += settings.masks) {
      const fs::path path = fs::path(settings.folder) / text("t", task, ".task");
      if (fs::exists(path)) continue;
      packed.provenance = text("{\"seed\": ", task, "}");
      write_task(path, packed);
    }
  }
}

// Which task each question is about: t0 always, in turn, or by Zipf's law with the exponent 1.
std::vector<std::string> order_of(const Settings& settings, const std::string& order, int count) {
  std::vector<double> sums;
  sums.reserve(static_cast<size_t>(settings.tasks));
  for (int i = 0; i < settings.tasks; ++i)
    sums.push_back((sums.empty() ? 0 : sums.back()) + 1. / (i + 1));
  Random random({7});
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) {
    int task = 0;
    if (order == "uniform") task = static_cast<int>(random.uniform() * settings.tasks);
    if (order == "zipf")
      task = static_cast<int>(std::ranges::lower_bound(sums, random.uniform() * sums.back()) -
                              sums.begin());
    names.push_back(text("t", std::min(task, settings.tasks - 1)));
  }
  return names;
}

// Keeps so many questions under way for so many seconds, and asks one at least; returns seconds an
// answer.
class ClosedLoop {
 public:
  ClosedLoop(Engine& engine, TaskFolder& folder, const at::Tensor& image)
      : engine_(engine), folder_(folder), image_(image) {}

  double run(const std::vector<std::string>& order, int waiting, int seconds) {
    const auto begin = ServeClock::now(), end = begin + std::chrono::seconds(seconds);
    answered_ = 0;
    int asked = 0;
    std::unique_lock lock(mutex_);
    while (asked == 0 || ServeClock::now() < end || under_way_ > 0) {
      if ((asked == 0 || ServeClock::now() < end) && under_way_ < waiting) {
        ++under_way_;
        lock.unlock();
        ask(order[static_cast<size_t>(asked++) % order.size()]);
        lock.lock();
        continue;
      }
      changed_.wait(lock);
    }
    return std::chrono::duration<double>(last_ - begin).count() / answered_;
  }

 private:
  void ask(const std::string& name) {
    engine_.ask({.file = folder_.open(name), .image = image_}, [this](auto outcome) {
      if (const auto* error = std::get_if<std::exception_ptr>(&outcome))
        std::rethrow_exception(*error);
      const std::lock_guard guard(mutex_);
      --under_way_;
      ++answered_;
      last_ = ServeClock::now();
      changed_.notify_one();
    });
  }

  Engine& engine_;
  TaskFolder& folder_;
  at::Tensor image_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int under_way_ = 0, answered_ = 0;
  ServeClock::time_point last_;
};

// What a first answer of a task takes over another of a task whose weights are ready.
void measure_cold(const Settings& settings, ClosedLoop& loop) {
  int next = 1;
  const auto ask = [&](int task) {
    return loop.run({text("t", task)}, /*waiting=*/1, /*seconds=*/0);
  };
  ask(0);
  const PairedTimes times = measure_in_turn(
      std::min(settings.rounds, settings.tasks - 2), [&] { return ask(next++); },
      [&] { return ask(0); });
  std::vector<double> extra;
  for (size_t i = 0; i < times.ours.size(); ++i)
    extra.push_back(1e3 * (times.ours[i] - times.theirs[i]));
  print_result(
      {"serve, cold", 1e3 * median(times.ours), 1e3 * median(times.theirs), times.ratios(), "ms"},
      {{"extra_ms", median(extra)},
       {"backbone", settings.backbone},
       {"profile", settings.profile},
       {"threads", settings.threads}});
}

double resident_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

void measure(const Settings& settings) {
  const auto backbone = Backbone::create(settings.backbone, 1);
  write_tasks(settings, *backbone);
  TaskMemory memory(*backbone, static_cast<uint64_t>(settings.memory_mb * 1e6), 1);
  const auto start = ServeClock::now();
  TaskFolder folder(settings.folder, *backbone, memory);
  const std::chrono::duration<double> opened = ServeClock::now() - start;
  while (folder.unchecked() > 0) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  Engine engine(*backbone, memory,
                {.threads = settings.threads,
                 .max_batch = settings.batch,
                 .max_delay = std::chrono::microseconds(0)});
  if (settings.is_warm)
    for (const TaskListing& task : folder.list()) memory.bits(*folder.open(task.name), 0);
  const int64_t side = backbone->info().preprocessing.input_size;
  ClosedLoop loop(engine, folder, at::randint(0, 256, {3, side, side}, at::kByte));
  if (settings.order == "cold") return measure_cold(settings, loop);
  const auto many = order_of(settings, settings.order, 1'000'000),
             one = order_of(settings, "one", 1);
  const PairedTimes times = measure_in_turn(
      settings.rounds, [&] { return loop.run(many, settings.waiting, settings.seconds); },
      [&] { return loop.run(one, settings.waiting, settings.seconds); });
  std::vector<double> throughput;
  for (const double ratio : times.ratios()) throughput.push_back(1 / ratio);
  print_result({"serve, " + settings.order, 1 / median(times.ours), 1 / median(times.theirs),
                throughput, "images/s"},
               {{"backbone", settings.backbone},
                {"tasks", settings.tasks},
                {"batch", settings.batch},
                {"waiting", settings.waiting},
                {"memory_mb", settings.memory_mb},
                {"warm", settings.is_warm},
                {"slots", memory.slots().size()},
                {"kept", memory.rest().count()},
                {"highest_mb", static_cast<double>(memory.rest().highest_bytes()) / 1e6},
                {"resident_mb", resident_mb()},
                {"seconds_to_open", opened.count()},
                {"threads", settings.threads}});
}

}  // namespace
}  // namespace submask::bench

int main(int argc, char** argv) {
  submask::keep_freed_memory();  // as the program does
  submask::share_freed_memory();
  submask::bench::Options options(
      "Images a second by many tasks (ours) over one task (theirs), through one engine");
  submask::bench::Settings settings;
  options.add("--backbone", settings.backbone);
  options.add_choice("--order", settings.order, {"zipf", "uniform", "cold"},
                     "Of the tasks that are asked");
  options.add_share("--masked-share", settings.off_share);
  options.add("--memory-mb", settings.memory_mb, "Of --memory");
  options.add_positive("--tasks", settings.tasks);
  options.add_positive("--masks", settings.masks, "Different ones, of which the tasks are made");
  options.add_positive("--batch", settings.batch, "Largest");
  options.add_positive("--waiting", settings.waiting, "Questions under way at a time");
  options.add_positive("--seconds", settings.seconds, "Of a round");
  options.add_positive("--rounds", settings.rounds);
  options.add_positive("--threads", settings.threads, "Of the one worker");
  options.add_flag("--warm", settings.is_warm, "Decode each mask once before");
  options.add_choice("--profile", settings.profile, {"small", "fast", "plain"}, "Of the files");
  options.add_required("--folder", settings.folder, "Where the tasks are, or are made");
  options.parse(argc, argv);
  submask::bench::measure(settings);
}
