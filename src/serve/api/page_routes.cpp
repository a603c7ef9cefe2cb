#include <algorithm>
#include <map>

#include "base/quoted_name.h"
#include "serve/api/refusal.h"
#include "serve/api/routes.h"
#include "serve/page/page_files.h"

namespace submask {
namespace {

std::string content_type(std::string_view name) {
  const std::map<std::string_view, std::string> types{{"html", "text/html; charset=utf-8"},
                                                      {"css", "text/css; charset=utf-8"},
                                                      {"js", "text/javascript; charset=utf-8"}};
  const auto found = types.find(name.substr(name.rfind('.') + 1));
  return found == types.end() ? "application/octet-stream" : found->second;
}

// Names of classes and files are anybody's: nothing that they say may run or be fetched.
HttpResponse page_file(std::string_view name) {
  const auto files = page_files();
  const auto found = std::ranges::find(files, name, &PageFile::name);
  if (found == files.end())
    throw Refusal(404, "expected a file of the page, got " + quoted_name(name));
  HttpResponse response{.content_type = content_type(name), .body = std::string(found->content)};
  response.headers = {
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
       "connect-src 'self'; media-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors "
       "'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cache-Control", "no-cache"}};
  return response;
}

}  // namespace

void add_page_routes(RouteTable& table) {
  table.add(simple_route("GET", "/", AccessRole::none, /*may_wait=*/false, Json(),
                         [](const Call&) { return page_file("index.html"); }));
  table.add(simple_route("GET", "/page/{name}", AccessRole::none, /*may_wait=*/false, Json(),
                         [](const Call& call) { return page_file(call.path.at("name")); }));
}

}  // namespace submask
