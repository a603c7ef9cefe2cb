#include "learn/byte_price.h"

#include <vector>

#include <ATen/ATen.h>

#include <submask/task.h>

#include "mask/aten_parallel.h"

namespace submask {

MaskPrices price_masks(const MaskOptimizer& optimizer) {
  std::vector<UnitMask> masks;
  std::vector<at::Tensor> thetas;
  UnitWeights weights;
  for (size_t i = 0; i < optimizer.size(); ++i) {
    masks.push_back(pack_mask(optimizer.name(i), optimizer.mask(i)));
    thetas.push_back(optimizer.theta(i).to(at::kCPU, at::kFloat).contiguous());
    weights.emplace_back(thetas.back().const_data_ptr<float>(), thetas.back().numel());
  }
  return price_masks(aten_parallel(), masks, weights);
}

BytePrice::BytePrice(const TrainSettings& settings, MaskOptimizer& optimizer)
    : is_by_coder_(settings.pays_for_bytes() && settings.price_by == PriceBy::coder),
      optimizer_(optimizer) {}

void BytePrice::start_epoch(int64_t epoch) {
  if (!is_by_coder_ || epoch == 0) return;
  MaskPrices prices = price_masks(optimizer_);
  double sum = 0;
  int64_t off = 0;
  std::vector<at::Tensor> tensors;
  for (size_t i = 0; i < optimizer_.size(); ++i) {
    tensors.push_back(at::from_blob(prices.units[i].data(), optimizer_.theta(i).sizes(), at::kFloat)
                          .clamp_min_(0));
    const at::Tensor of_off =
        tensors.back().masked_select(optimizer_.mask(i).logical_not().to(at::kCPU));
    sum += of_off.sum(at::kDouble).item<double>();
    off += of_off.numel();
  }
  if (sum <= 0) return;
  for (size_t i = 0; i < tensors.size(); ++i)
    optimizer_.set_prices(i, tensors[i] * (static_cast<double>(off) / sum));
}

}  // namespace submask
