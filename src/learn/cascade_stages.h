// Converts parts of a cascade to the tensors of a finished stage (stage_store.h) and back.
#pragma once

#include <string>

#include "cascade/cascade.h"

namespace submask {

TensorMap projection_tensors(const std::string& prefix, const Projection& projection);
Projection projection_from_tensors(const std::string& prefix, const TensorMap& tensors);

TensorMap router_tensors(const Router& router);
Router router_from_tensors(RouterKind kind, TensorMap tensors);

}  // namespace submask
