// Fetches a published data set and verifies it.
#include <algorithm>
#include <filesystem>

#include "base/fail.h"
#include "base/nearest_name.h"
#include "base/quoted_name.h"
#include "cli/command/datasets_subcommands.h"
#include "data/set/dataset_registry.h"
#include "fetch/fetch_dataset.h"

namespace submask::cli {
namespace {

struct FetchOptions {
  std::string name, out, catalog;
  int workers = 0;
};

CatalogSet find_set(const FetchOptions& fetch) {
  const auto sets = fetch.catalog.empty() ? published_catalog() : read_catalog(fetch.catalog);
  std::vector<std::string> names;
  for (const CatalogSet& set : sets) {
    if (set.name == fetch.name) return set;
    names.push_back(set.name);
  }
  fail_unknown("a data set to fetch", fetch.name, names,
               fetch.catalog.empty() ? "submask datasets lists them" : fetch.catalog);
}

Json files_json(const std::vector<FetchedFile>& files) {
  Json list = Json::array();
  for (const FetchedFile& file : files)
    list.push_back({{"path", file.file.path},
                    {"url", file.file.url},
                    {"digest", file.file.digest},
                    {"fetched", !file.was_there}});
  return list;
}

void fetch_and_verify(DatasetsOptions options, const FetchOptions& fetch) {
  const CatalogSet set = find_set(fetch);
  if (find_dataset(set.reader) == nullptr)
    fail_corrupt("a data set's reader (submask datasets lists them) as data of " + set.name,
                 quoted_name(set.reader), fetch.catalog);
  const auto files = fetch_dataset(set, fetch.out);
  if (std::all_of(files.begin(), files.end(), [](const FetchedFile& f) { return f.was_there; }))
    note(options, "nothing is fetched: " + set.name + " is in " + fetch.out);
  std::filesystem::path location = fetch.out;
  if (!set.location.empty()) location /= set.location;
  options.input.data.spec = set.reader + ":" + location.string();
  verify_dataset(options, fetch.workers, {{"licence", set.licence}, {"files", files_json(files)}});
}

}  // namespace

void add_fetch_subcommand(CLI::App& datasets, const SharedDatasetsOptions& options) {
  auto* command = datasets.add_subcommand(
      "fetch", "Downloads a published data set, unpacks it and verifies it");
  auto fetch = std::make_shared<FetchOptions>();
  options->add_to(*command);
  command->add_option("NAME", fetch->name, "One that submask datasets shows a command for")
      ->required();
  command->add_option("--out", fetch->out, "Folder for the data set; made if it is not there")
      ->required()
      ->type_name("DIR");
  command
      ->add_option("--catalog", fetch->catalog,
                   "Addresses and digests of your own, in place of those submask knows")
      ->envname("SUBMASK_CATALOG")
      ->type_name("FILE");
  add_workers(*command, fetch->workers);
  command->callback([options, fetch] { fetch_and_verify(*options, *fetch); });
}

}  // namespace submask::cli
