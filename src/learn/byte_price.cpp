#include "learn/byte_price.h"

#include <ATen/ATen.h>

#include <submask/task.h>

#include "mask/aten_parallel.h"
#include "taskfile/mask_blocks.h"

namespace submask {

BytePrice::BytePrice(const TrainSettings& settings, MaskOptimizer& optimizer)
    : is_by_coder_(settings.byte_price > 0 && settings.price_by == PriceBy::coder),
      optimizer_(optimizer) {}

void BytePrice::start_epoch(int64_t epoch) {
  if (!is_by_coder_ || epoch == 0) return;
  std::vector<UnitMask> masks;
  std::vector<at::Tensor> thetas;
  UnitWeights weights;
  for (size_t i = 0; i < optimizer_.size(); ++i) {
    masks.push_back(pack_mask(optimizer_.name(i), optimizer_.mask(i)));
    thetas.push_back(optimizer_.theta(i).to(at::kCPU, at::kFloat).contiguous());
    weights.emplace_back(thetas.back().const_data_ptr<float>(), thetas.back().numel());
  }
  MaskPrices prices = price_masks(aten_parallel(), masks, weights);
  double sum = 0;
  int64_t off = 0;
  std::vector<at::Tensor> tensors;
  for (size_t i = 0; i < masks.size(); ++i) {
    tensors.push_back(
        at::from_blob(prices.units[i].data(), thetas[i].sizes(), at::kFloat).clamp_min_(0));
    const at::Tensor of_off =
        tensors.back().masked_select(optimizer_.mask(i).logical_not().to(at::kCPU));
    sum += of_off.sum(at::kDouble).item<double>();
    off += of_off.numel();
  }
  if (sum <= 0) return;
  for (size_t i = 0; i < masks.size(); ++i)
    optimizer_.set_prices(i, tensors[i] * (static_cast<double>(off) / sum));
}

}  // namespace submask
