// Forms with files as browsers and curl -F send them (RFC 7578, RFC 2046). No torch.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace submask {

struct FormPart {
  std::string name;                               // of the field
  std::map<std::string, std::string> parameters;  // of Content-Disposition: "filename", "label" ...
  std::string_view content;                       // of the body that was parsed
};

// Whether a Content-Type is that of such a form.
bool is_multipart_form(std::string_view content_type);

// The parts of a whole body, in their order, at most `most_parts`. Throws invalid_argument for a
// body that is not as its Content-Type says.
std::vector<FormPart> parse_multipart_form(std::string_view content_type, std::string_view body,
                                           size_t most_parts = 1000);

}  // namespace submask
