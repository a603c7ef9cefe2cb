#include "parallel/communicator.h"

#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <submask/error.h>

#include "error_of.h"
#include "parallel/shares.h"
#include "parallel/thread_processes.h"

namespace submask {
namespace {

TEST(Shares, CoverAllItemsOnce) {
  for (const int64_t count : {0, 1, 5, 7, 64, 1000})
    for (const int size : {1, 2, 3, 7, 64}) {
      int64_t next = 0;
      for (int rank = 0; rank < size; ++rank) {
        const Share share = share_of(count, rank, size);
        EXPECT_EQ(share.begin, next);
        EXPECT_LE(share.end - share.begin, count / size + 1);
        next = share.end;
      }
      EXPECT_EQ(next, count);
    }
}

TEST(Communicator, IsOneProcessUnlessAScopeSaysSo) {
  EXPECT_TRUE(communicator().is_alone());
  at::Tensor tensor = at::ones({3});
  communicator().all_reduce(tensor);
  EXPECT_TRUE(at::equal(tensor, at::ones({3})));
  EXPECT_EQ(communicator().all_gather_text("a"), std::vector<std::string>{"a"});
}

// 1e8, -1e8 and 1 give another sum in float32 for most orders.
TEST(Communicator, SumsInTheOrderOfRanks) {
  const std::vector<float> values = {1.0F, 1e8F, -1e8F, 3.0F};
  float expected = values[0];
  for (size_t i = 1; i < values.size(); ++i) expected += values[i];
  run_processes(4, [&](int rank) {
    at::Tensor tensor = at::full({5}, values[static_cast<size_t>(rank)]);
    communicator().all_reduce(tensor);
    EXPECT_TRUE(at::equal(tensor, at::full({5}, expected))) << tensor;
  });
}

TEST(Communicator, SumsTensorsThatRanksDoNotShareEvenly) {
  for (const int64_t count : {0, 1, 2, 3, 10, 1001})
    run_processes(3, [&](int rank) {
      at::Tensor tensor = at::arange(count, at::kDouble) * (rank + 1);
      communicator().all_reduce(tensor);
      EXPECT_TRUE(at::equal(tensor, at::arange(count, at::kDouble) * 6));
    });
}

// An all-reduce of n bytes sends 2 (W - 1) / W n from each rank.
TEST(Communicator, SendsNoMoreThanASumNeeds) {
  for (const int size : {2, 4})
    run_processes(size, [&](int) {
      at::Tensor tensor = at::ones({1 << 16});
      communicator().all_reduce(tensor);
      EXPECT_EQ(communicator().bytes_sent(), 2 * (size - 1) * int64_t{4 << 16} / size);
    });
}

TEST(Communicator, RefusesATensorThatIsNotContiguous) {
  run_processes(2, [](int) {
    at::Tensor tensor = at::ones({4, 3}).t();
    const std::string message =
        error_of(ErrorKind::invalid_argument, [&] { communicator().all_reduce(tensor); });
    EXPECT_EQ(message,
              "expected a contiguous tensor on the CPU to share among processes, got cpu, strides "
              "[1, 3]");
  });
}

TEST(Communicator, GathersRowsOfDifferentCounts) {
  run_processes(4, [](int rank) {
    const at::Tensor own = at::full({rank, 2}, static_cast<double>(rank));
    const at::Tensor all = communicator().all_gather_rows(own);
    const at::Tensor expected =
        at::tensor({1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3}, at::kDouble).view({6, 2});
    EXPECT_TRUE(at::equal(all, expected.to(all.scalar_type()))) << all;
  });
}

TEST(Communicator, AveragesTensorsOfSeveralShapes) {
  run_processes(3, [&](int rank) {
    const std::vector<at::Tensor> tensors = {at::full({2, 3}, static_cast<float>(rank)),
                                             at::arange(4, at::kFloat) * static_cast<float>(rank)};
    communicator().average(tensors);
    EXPECT_TRUE(tensors[0].equal(at::ones({2, 3})));
    EXPECT_TRUE(tensors[1].equal(at::arange(4, at::kFloat)));
    communicator().average({});
  });
}

TEST(Communicator, GathersNamesOnce) {
  run_processes(3, [&](int rank) {
    const std::vector<std::string> own = {"shared", "of\n" + std::to_string(rank)};
    EXPECT_EQ(communicator().all_gather_names(rank == 2 ? std::vector<std::string>{} : own),
              (std::vector<std::string>{"of\n0", "of\n1", "shared"}));
  });
}

TEST(Communicator, GathersTextsAndBroadcastsTensors) {
  run_processes(3, [](int rank) {
    EXPECT_EQ(communicator().all_gather_text(std::string(static_cast<size_t>(rank), 'x')),
              (std::vector<std::string>{"", "x", "xx"}));
    EXPECT_EQ(communicator().broadcast(rank == 0 ? "first" : "other"), "first");
    const TensorMap own = {{"a b", at::arange(6).view({2, 3})},
                           {"empty", at::empty({0, 4})},
                           {"number", at::scalar_tensor(7.5, at::kDouble)}};
    const TensorMap all = communicator().broadcast(rank == 0 ? own : TensorMap());
    ASSERT_EQ(all.size(), own.size());
    for (const auto& [name, tensor] : own) EXPECT_TRUE(at::equal(all.at(name), tensor)) << name;
  });
}

}  // namespace
}  // namespace submask
