#include "run/option_places.h"

#include <cctype>

namespace submask {
namespace {

std::string place_of_named(const OptionPlaces& places, const std::string& message) {
  for (size_t at = 0; (at = message.find("--", at)) != std::string::npos;) {
    size_t end = at += 2;
    while (end < message.size() &&
           (std::isalnum(static_cast<unsigned char>(message[end])) != 0 || message[end] == '-'))
      ++end;
    if (const auto place = places.find(message.substr(at, end - at)); place != places.end())
      return place->second;
    at = end;
  }
  return "";
}

}  // namespace

std::string place_of_error(const OptionPlaces& places, const Error& error) {
  std::string place;
  if (error.kind() == ErrorKind::invalid_argument) place = place_of_named(places, error.what());
  const auto* of_option = dynamic_cast<const OptionError*>(&error);
  if (!place.empty() || of_option == nullptr) return place;
  const auto found = places.find(of_option->option());
  return found == places.end() ? "" : found->second;
}

}  // namespace submask
