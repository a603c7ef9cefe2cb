#include "fetch/fetch_weights.h"

#include "base/fail.h"
#include "fetch/fetch_hooks.h"
#include "fetch/hub_files.h"
#include "fetch/url_files.h"

namespace submask {

FetchHooks& fetch_hooks() {
  static FetchHooks hooks;
  return hooks;
}

std::string fetch_weights(const std::string& weights, const std::string& published,
                          const std::string& backbone) {
  if (weights == "auto") {
    if (published.empty())
      fail_argument("--weights FILE for " + backbone + ", which has no published default", "auto");
    return fetch_weights(published, "", backbone);
  }
  if (weights.starts_with("hf:")) return fetch_hub_weights(parse_hub_spec(weights)).string();
  if (weights.starts_with("https://") || weights.starts_with("http://"))
    return fetch_url(weights).string();
  return weights;
}

}  // namespace submask
