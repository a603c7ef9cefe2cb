// The settings of reading images, and kinds of crops, as tables (base/fields.h).
#pragma once

#include <string>
#include <vector>

#include <submask/loader.h>
#include <submask/recipe.h>

#include "base/fields.h"

namespace submask {

const Section<InputSettings>& input_fields();

// A kind of crops by one word: its fields, as parse_crop() takes them.
template <>
struct WordForm<CropRecipe> {
  static FieldShape shape(const Range&) { return {.type_name = "CROP", .choices = {}}; }
  static CropRecipe read(const std::string&, const std::string& word, const Range&) {
    return parse_crop(word);
  }
  static std::string write(const CropRecipe& crop) { return crop_text(crop); }
  static RecordJson json(const CropRecipe& crop) { return crop_text(crop); }
};

}  // namespace submask
