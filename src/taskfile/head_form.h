// The forms in which a file holds a head (head_shape.h): exact, half or int8.
//
// half: weights or features are in float16. int8: each row of them is eight-bit whole numbers times
// a power of two (one exponent a row). Because the factor is a power of two, values that were
// rounded once are not changed by rounding again. All other arrays of a head stay float32.
#pragma once

#include <string>

#include <submask/packed_task.h>

namespace submask {

// Returns the head with the values that the form can hold. Rounding again changes nothing. Throws
// invalid_argument for what is no head, and for weights or features that become infinite in
// float16.
ArrayMap round_head(const ArrayMap& head, HeadForm form);

// Converts a rounded head to the arrays of a file: "NAME" and, for an int8 matrix, also
// "NAME_exponents".
ArrayMap pack_head(const ArrayMap& head, HeadForm form);
// Converts back. Throws corrupt_file for arrays that pack_head() does not make. The messages name
// the arrays by `head_name` ("head"), and `file`.
ArrayMap unpack_head(const ArrayMap& stored, HeadForm form, const std::string& head_name,
                     const std::string& file);

}  // namespace submask
