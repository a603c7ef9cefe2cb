// How the classes of a data set are numbered.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <submask/dataset.h>

namespace submask {

// The names in the order that DataOptions::class_order asks for. Throws corrupt_file for a file
// that lacks classes or has others, naming them, and io.
std::vector<std::string> ordered_classes(const std::vector<std::string>& names,
                                         const std::string& order);

// The same images with their classes numbered as `names` has them, which are those of the data set
// in any order, and may be more. The data set itself where the order is its own.
std::shared_ptr<const Dataset> renumber_classes(std::shared_ptr<const Dataset> dataset,
                                                const std::vector<std::string>& names);

// What the two lists of names do not have in common, as "no cat, dog; bird too"; "" for the same
// names in any order.
std::string class_difference(const std::vector<std::string>& expected,
                             const std::vector<std::string>& got);

bool share_a_class(const std::vector<std::string>& names, const std::vector<std::string>& others);

// All parts of a data set numbered as `names` has its classes, and without the note on their own
// order; the data as it is where these are not its classes.
DataSplits match_class_order(DataSplits data, const std::vector<std::string>& names);

// A sentence for users where the order of the classes depends on how numbers are sorted, as
// torchvision and timm sort them otherwise; "" elsewhere.
std::string explain_class_order(const std::vector<std::string>& names);

}  // namespace submask
