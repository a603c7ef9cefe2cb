// Where files set options, so that errors which an option causes name its line, however late they
// come.
#pragma once

#include <map>
#include <string>

#include "base/fail.h"
#include "base/option_error.h"

namespace submask {

// By the option's name "FILE, line N".
using OptionPlaces = std::map<std::string, std::string>;

// The place of the first of these options that the message names, as --NAME, or else of the option
// of an OptionError; "" where there is none. Of the kinds of errors only invalid_argument names
// options for another reason than as advice.
std::string place_of_error(const OptionPlaces& places, const Error& error);

// Returns what `work` does. Its errors that one of these options causes get ", in FILE, line N" at
// their end, where they do not have it yet.
template <typename Work>
decltype(auto) with_places_in_errors(const OptionPlaces& places, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    const std::string message = error.what(), place = place_of_error(places, error);
    if (place.empty() || message.ends_with(place)) throw;
    fail(error.kind(), message, ", in ", place);
  }
}

}  // namespace submask
