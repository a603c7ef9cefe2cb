// Question: what do sums in the order of ranks cost over MPI's own? All processes sum one tensor by
// Communicator::all_reduce (ours) and by MPI_Allreduce (theirs) in turn.
//
//   mpirun -n 2 ./bench_all_reduce
#include <iostream>
#include <mpi.h>

#include <ATen/ATen.h>

#include "bench/options.h"
#include "bench/paired_timing.h"
#include "parallel/process_group.h"

int main(int argc, char** argv) {
  using namespace submask;
  bench::Options options("A sum over processes in the order of ranks, and MPI's own");
  double mib = 42.6;  // of resnet18's weights
  int rounds = 21;
  options.add("--mib", mib, "MiB of float32 values");
  options.add_positive("--rounds", rounds);
  options.parse(argc, argv);
  const ProcessGroup group;
  const Communicator& processes = group.communicator();
  if (processes.is_alone()) {
    std::cerr << "expected several processes (mpirun -n 2 bench_all_reduce), got one\n";
    return 2;
  }
  const auto count = static_cast<int64_t>(mib * (1 << 20) / sizeof(float));
  at::Tensor own = at::ones({count}), other = at::ones({count});
  const auto restart = [](at::Tensor& tensor) { tensor.fill_(1); };
  const int64_t before = processes.bytes_sent();
  const bench::PairedTimes times = bench::time_in_turn(
      rounds, [&] { processes.all_reduce(own); },
      [&] {
        MPI_Allreduce(MPI_IN_PLACE, other.data_ptr(), static_cast<int>(count), MPI_FLOAT, MPI_SUM,
                      MPI_COMM_WORLD);
      });
  restart(own);
  processes.all_reduce(own);
  const bool right = at::equal(own, at::full({count}, static_cast<double>(processes.size())));
  const double least = 2.0 * (processes.size() - 1) / processes.size() *
                       static_cast<double>(own.nbytes()) * (rounds + 2);
  if (processes.is_first())
    bench::print_result(
        {"all_reduce", bench::median(times.ours) * 1e3, bench::median(times.theirs) * 1e3,
         times.ratios(), "ms"},
        {{"processes", processes.size()},
         {"mib", mib},
         {"sums_are_right", right},
         {"bytes_over_least", static_cast<double>(processes.bytes_sent() - before) / least}});
  return right ? 0 : 1;
}
