#include "adapter/adapter_bytes.h"

#include <algorithm>
#include <lzma.h>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <submask/task_file.h>

#include "base/fail.h"

namespace submask {
namespace {

using Buffer = std::vector<uint8_t>;

void append(Buffer& buffer, const at::Tensor& values) {
  const at::Tensor flat = values.to(at::kCPU).contiguous();
  const auto* bytes = static_cast<const uint8_t*>(flat.const_data_ptr());
  buffer.insert(buffer.end(), bytes, bytes + flat.nbytes());
}

void append_rounded(Buffer& buffer, const at::Tensor& values, HeadForm form) {
  if (values.numel() == 0) return;
  if (form == HeadForm::half || values.dim() < 2) return append(buffer, values.to(at::kHalf));
  const at::Tensor rows = values.flatten(1);
  const at::Tensor scale = rows.abs().amax(1).clamp_min(1e-30) / 127;
  append(buffer, scale.to(at::kHalf));
  append(buffer, (rows / scale.unsqueeze(1)).round().to(at::kChar));
}

size_t smallest_size(const Buffer& buffer) {
  constexpr size_t most = 16 << 20;
  if (buffer.empty() || buffer.size() > most) return buffer.size();
  Buffer packed(lzma_stream_buffer_bound(buffer.size()));
  size_t size = 0;
  if (lzma_easy_buffer_encode(LZMA_PRESET_DEFAULT, LZMA_CHECK_NONE, nullptr, buffer.data(),
                              buffer.size(), packed.data(), &size, packed.size()) != LZMA_OK)
    fail(ErrorKind::io, "expected memory to pack an adapter of ", buffer.size(),
         " bytes, got none");
  return std::min(size, buffer.size());
}

}  // namespace

int64_t adapter_bytes(const AdapterContent& content, const Task& task, const Backbone& backbone) {
  const at::NoGradGuard no_grad;
  Task file = task;
  file.units = content.bits;
  PackedTask packed = pack_task(file, backbone);
  const auto bytes_in = [&](HeadForm form) {
    Buffer values;
    for (const auto& [name, tensor] : content.values) append_rounded(values, tensor, form);
    set_head(packed, task.head, form);
    return static_cast<int64_t>(packed_task_bytes(packed).size() + smallest_size(values));
  };
  return std::min(bytes_in(HeadForm::half), bytes_in(HeadForm::int8));
}

}  // namespace submask
