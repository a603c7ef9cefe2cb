// Parts of a cascade as the tensors of a finished stage (stage_store.h).
#pragma once

#include <string>

#include "cascade/cascade.h"

namespace submask {

TensorMap projection_tensors(const std::string& prefix, const Projection& projection);
Projection projection_of(const std::string& prefix, const TensorMap& tensors);

TensorMap router_tensors(const Router& router);
Router router_of(RouterKind kind, TensorMap tensors);

}  // namespace submask
