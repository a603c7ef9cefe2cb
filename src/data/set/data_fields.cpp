#include "data/set/data_fields.h"

namespace submask {

// Which images these give, the digests of the data sets say.
const Section<DataOptions>& data_fields() {
  using S = DataOptions;
  constexpr auto content = Effect::content;
  static const Section<S> section{
      "Data",
      {
          {"data",
           &S::spec,
           "A data set as NAME:WHERE, e.g. folder:DIR (submask datasets lists them)",
           {.effect = content, .type_name = "D"}},
          {"labels",
           &S::labels,
           "Training images to learn from: 10p (percent), 4000 (images), 16/class, "
           "classes:cat,dog or file:FILE (their numbers from 0, one a line)",
           {.effect = content}},
          {"train-limit", &S::train_limit, "The first N training images", {at_least(1), content}},
          {"test-limit", &S::test_limit, "The first N test images", {at_least(1), content}},
          {"validation",
           &S::validation,
           "Take this much of the training set (10p, 500) to choose the best epoch by; split: the "
           "validation part that the data set has",
           {.effect = content}},
          {"class-order",
           &S::class_order,
           "How classes are numbered: natural (class2 before class10), text (as torchvision and "
           "timm "
           "sort folders) or a file of all names, one a line",
           {.effect = content}},
          {"pixel-limit",
           &S::decode,
           &DecodeRules::pixel_limit,
           "Pixels that an image may have; one of more does not decode",
           {at_least(1), content}},
          {"exif",
           &S::decode,
           &DecodeRules::exif,
           "apply turns images as their EXIF block says; ignore leaves them, as torchvision and "
           "timm do",
           {.effect = content}},
          {"strict-images",
           &S::decode,
           &DecodeRules::strict,
           "Refuse damaged images that decode all the same",
           {.effect = content, .is_flag = true}},
      }};
  return section;
}

}  // namespace submask
