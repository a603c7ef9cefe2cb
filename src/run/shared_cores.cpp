#include "run/shared_cores.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace submask {
namespace {

constexpr std::chrono::milliseconds measure_interval(250);

// Seconds that all cores together worked since the system started: the sum of user, nice, system,
// irq, softirq and stolen time. Not set where the system does not report them.
std::optional<double> busy_seconds() {
  std::ifstream file("/proc/stat");
  std::string cpu;
  double user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0, stolen = 0;
  if (!(file >> cpu >> user >> nice >> system >> idle >> waiting >> irq >> softirq >> stolen))
    return std::nullopt;
  return (user + nice + system + irq + softirq + stolen) /
         static_cast<double>(sysconf(_SC_CLK_TCK));
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

double process_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Numbers of cores that worked, on average, between two measurements.
struct Load {
  double process = 0, others = 0;
};

class LoadMeter {
 public:
  // The load since the last call, or since the system's start. Not set where it is not reported.
  std::optional<Load> measure() {
    const auto busy = busy_seconds();
    if (!busy) return std::nullopt;
    const double process = process_seconds(), time = steady_seconds();
    const Load sum{process, *busy - process};
    const Load load{(sum.process - sum_.process) / (time - time_),
                    (sum.others - sum_.others) / (time - time_)};
    sum_ = sum;
    time_ = time;
    return load;
  }

 private:
  Load sum_;  // core seconds
  double time_ = 0;
};

// Whether threads should sleep. The limits are lower while they sleep already, because sleep lowers
// the load of this process and must not end itself.
bool should_sleep(const Load& load, bool sleeping) {
  const double cores = static_cast<double>(std::thread::hardware_concurrency());
  const double others_limit = sleeping ? 0.15 : 0.25;
  const double total_limit = (sleeping ? 0.6 : 0.9) * cores;
  return load.others > others_limit && load.process + load.others > total_limit;
}

}  // namespace

// A team of one thread more than there are cores, which only sleeps.
class SharedCores::IdleTeam {
 public:
  IdleTeam()
      : holder_([ends = end_.get_future()]() mutable {
          // Not used where the compiler makes no code for OpenMP (cmake/FindLibTorch.cmake).
          [[maybe_unused]] const int threads =
              static_cast<int>(std::thread::hardware_concurrency()) + 1;
          std::atomic<int> started = 0;  // the compiler would drop a region that does nothing
#pragma omp parallel num_threads(threads)
          ++started;
          ends.wait();
        }) {
  }
  ~IdleTeam() {
    end_.set_value();
    holder_.join();
  }
  IdleTeam(const IdleTeam&) = delete;
  IdleTeam& operator=(const IdleTeam&) = delete;

 private:
  std::promise<void> end_;
  std::thread holder_;
};

SharedCores::SharedCores() {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr) return;
  if (std::thread::hardware_concurrency() < 2) return;
  // The watcher inherits a mask that blocks all signals, so that other threads handle them.
  sigset_t all_signals, before;
  sigfillset(&all_signals);
  pthread_sigmask(SIG_SETMASK, &all_signals, &before);
  watcher_ = std::thread([this] { watch(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

SharedCores::~SharedCores() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  ended_.notify_all();
  if (watcher_.joinable()) watcher_.join();
}

bool SharedCores::wait_until_end() {
  std::unique_lock lock(mutex_);
  return ended_.wait_for(lock, measure_interval, [this] { return ends_; });
}

void SharedCores::watch() {
  LoadMeter meter;
  if (!meter.measure()) return;
  while (!wait_until_end()) {
    const auto load = meter.measure();
    if (!load) break;
    const bool sleep = should_sleep(*load, team_ != nullptr);
    try {
      if (sleep && !team_) team_ = std::make_unique<IdleTeam>();
    } catch (const std::system_error&) {  // No thread could be made. The next round tries again.
    }
    if (!sleep) team_.reset();
  }
  team_.reset();
}

}  // namespace submask
