// The forms in which a file holds a head (head.h): exact, half or int8.
//
// half: weights or features are in float16. int8: each row of them is eight-bit whole numbers times
// a power of two (one exponent a row). Because the factor is a power of two, values that were
// rounded once are not changed by rounding again. All other tensors of a head
// (backbone/head_tensors.h) stay float32.
#pragma once

#include <optional>
#include <string>

#include <submask/task_file.h>

namespace submask {

// Returns the head with the values that the form can hold, on the CPU. Rounding again changes
// nothing. Throws invalid_argument for heads that head_size() refuses, for weights or features that
// are not finite, and for those that become infinite in float16; the exact form takes any values.
std::optional<Head> round_head(const std::optional<Head>& head, HeadForm form);

// Converts a rounded head to the tensors of a file: "NAME" and, for an int8 matrix, also
// "NAME_exponents".
TensorMap pack_head(const std::optional<Head>& head, HeadForm form);
// Converts back. Throws corrupt_file for tensors that pack_head() does not make. The messages name
// the tensors by `head_name` ("head"), and `file`.
std::optional<Head> unpack_head(const TensorMap& stored, HeadForm form,
                                const std::string& head_name, const std::string& file);

}  // namespace submask
