// Any bytes as a task file through the C interface, as they are and sealed anew, over weights that
// the file's own shapes ask for. What opens is described, decoded, repacked and opened again;
// nothing may crash, and no refusal be silent.
#include <cstdlib>
#include <string>
#include <vector>

#include <submask/submask.h>

#include "sealed_check.h"

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

// A refusal has a line.
bool accepted(submask_status status) {
  expect(status == SUBMASK_OK || submask_last_error()[0] != '\0');
  expect(status != SUBMASK_INTERNAL);
  return status == SUBMASK_OK;
}

void decode_units(const submask_task* task) {
  constexpr int64_t most_weights = 1 << 16;
  for (size_t i = 0; i < submask_task_unit_count(task); ++i) {
    submask_unit unit;
    expect(accepted(submask_task_unit(task, i, &unit)));
    if (unit.weights > most_weights) continue;
    const auto count = static_cast<size_t>(unit.weights);
    std::vector<float> theta(count), weights(count);
    for (size_t w = 0; w < count; ++w) theta[w] = static_cast<float>(w % 61) - 30;
    std::vector<uint8_t> bits((count + 7) / 8);
    if (accepted(
            submask_task_decode(task, i, theta.data(), count, nullptr, bits.data(), bits.size())))
      accepted(submask_apply(SUBMASK_FLOAT32, unit.scale, unit.off_scale, theta.data(), bits.data(),
                             weights.data(), count));
  }
}

void use(const submask_task* task) {
  const char* json = nullptr;
  expect(accepted(submask_task_describe(task, &json)));
  decode_units(task);
  const submask_pack_options plain{};
  submask_task *unpacked = nullptr, *again = nullptr;
  if (accepted(submask_task_unpack(task, &plain, &unpacked))) {
    accepted(submask_task_pack(unpacked, &plain, &again));
    submask_agreement agreement;
    accepted(submask_compare(unpacked, unpacked, &agreement));
  }
  submask_task_free(unpacked);
  submask_task_free(again);
  size_t size = 0;
  expect(accepted(submask_task_bytes(task, nullptr, 0, &size)));
  std::vector<uint8_t> bytes(size);
  expect(accepted(submask_task_bytes(task, bytes.data(), size, &size)));
  submask_task* read = nullptr;
  expect(accepted(submask_task_open_memory(bytes.data(), size, "again", &read)));
  submask_task_free(read);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  submask_set_threads(1);
  submask::check_sealed({data, size}, submask::task_format, [](const std::string& path) {
    submask_task* task = nullptr;
    if (accepted(submask_task_open(path.c_str(), &task))) use(task);
    submask_task_free(task);
  });
  return 0;
}
