// Any network as a TorchScript program.
//
// TorchScript is code: it runs only because the user names the file as `torchscript:FILE`, never
// because a task or a checkpoint does.
#pragma once

#include <string>
#include <string_view>

#include "backbone/backbone_registry.h"

namespace submask {

constexpr std::string_view torchscript_prefix = "torchscript:";

// The program in a file that torch.jit.script(model).save(FILE) wrote, with its weights. Its
// features are what it returns for images: [N, D], or maps [N, D, H, W], which are averaged. Input
// size and D are found by running it on zeros. Throws corrupt_file for a file that holds no
// program, one without parameters (frozen), one traced with the mode of its batch norms or dropout
// baked in, and one that returns something else.
BackboneEntry torchscript_entry(const std::string& name);

}  // namespace submask
