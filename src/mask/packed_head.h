// The forms in which a file holds a head (head.h): exact, half or int8.
//
// half: weights and features in float16. int8: their rows as eight-bit whole numbers times a power
// of two each (an exponent a row); powers of two make the rounding one that happens once. A bias,
// and labels and votes of a bank, stay as they are.
#pragma once

#include <string>

#include <submask/head.h>

namespace submask {

bool is_head_form(const std::string& name);

// The values that a form holds, float32: rounding again changes nothing. Throws invalid_argument
// for an unknown form, or for values that float16 does not reach.
TensorMap round_head(const TensorMap& head, const std::string& form);

// A rounded head as tensors of the file, "NAME" and, of an int8 matrix, "NAME_exponents"; and back.
TensorMap pack_head(const TensorMap& head, const std::string& form);
// Throws corrupt_file, naming `file`, for tensors that pack_head() does not make.
TensorMap unpack_head(const TensorMap& stored, const std::string& form, const std::string& file);

}  // namespace submask
