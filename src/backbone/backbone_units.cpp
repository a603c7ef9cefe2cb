#include "backbone/backbone_units.h"

#include "naming/mask_units.h"
#include "naming/weights_identity.h"

namespace submask {
namespace {

std::vector<NamedShape> shapes_of(const Network& network) {
  std::vector<NamedShape> shapes;
  for (const auto& item : network.named_parameters())
    shapes.push_back({item.key(), item.value().sizes().vec()});
  for (const auto& item : network.named_buffers())
    shapes.push_back({item.key(), item.value().sizes().vec()});
  return shapes;
}

}  // namespace

std::vector<MaskUnit> find_mask_units(const Network& network) {
  return mask_units(shapes_of(network));
}

std::string weights_identity(const std::vector<MaskUnit>& units, const TensorMap& parameters) {
  WeightsIdentity identity;
  for (const MaskUnit& unit : units) {
    const at::Tensor values = parameters.at(unit.parameter)
                                  .detach()
                                  .slice(0, unit.row_begin, unit.row_end)
                                  .to(at::kCPU, at::kFloat)
                                  .contiguous();
    identity.add(unit.name, values.sizes(),
                 {values.const_data_ptr<float>(), static_cast<size_t>(values.numel())});
  }
  return identity.hex();
}

}  // namespace submask
