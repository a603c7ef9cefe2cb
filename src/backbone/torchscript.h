// Networks that are TorchScript programs.
//
// TorchScript is code: it runs only because the user names the file as `torchscript:FILE`, never
// because a task or a checkpoint does.
#pragma once

#include <string>
#include <string_view>

#include "backbone/backbone_registry.h"

namespace submask {

constexpr std::string_view torchscript_prefix = "torchscript:";

// Reads a program with its weights from a file that torch.jit.script(model).save(FILE) wrote.
// `name` is "torchscript:FILE". Features are the output of the program: [N, D], or maps [N, D, H,
// W], which are averaged. Input size and D are found by running the program on zeros. Throws io for
// a missing file; corrupt_file for a file without a program, a program without parameters (frozen),
// a traced one in which the mode of batch norms or dropout is a constant, and one with another
// output.
BackboneEntry torchscript_entry(const std::string& name);

}  // namespace submask
