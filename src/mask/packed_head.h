// The forms in which a file holds a head (head.h): exact, half or int8.
//
// half: weights and features in float16. int8: their rows as eight-bit whole numbers times a power
// of two each (an exponent a row); powers of two make the rounding one that happens once. All other
// tensors of a head (backbone/head_tensors.h) stay float32.
#pragma once

#include <optional>
#include <string>

#include <submask/task_file.h>

namespace submask {

// The values that a form holds, on the CPU: rounding again changes nothing. Throws invalid_argument
// for what head_size() refuses, or for values that float16 does not reach.
std::optional<Head> round_head(const std::optional<Head>& head, HeadForm form);

// A rounded head as tensors of the file, "NAME" and, of an int8 matrix, "NAME_exponents"; and back.
TensorMap pack_head(const std::optional<Head>& head, HeadForm form);
// Throws corrupt_file for tensors that pack_head() does not make. `head_name` ("head") and `file`
// are where they lie.
std::optional<Head> unpack_head(const TensorMap& stored, HeadForm form,
                                const std::string& head_name, const std::string& file);

}  // namespace submask
