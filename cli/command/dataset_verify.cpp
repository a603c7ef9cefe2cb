// Checks that a data set is whole: every image decodes, and the counts are the published ones.
#include <algorithm>
#include <iostream>

#include "base/fail.h"
#include "cli/command/datasets_subcommands.h"
#include "cli/output/progress_line.h"
#include "data/set/dataset_report.h"
#include "data/set/published_set.h"
#include "run/opened.h"
#include "run/result_header.h"

namespace submask::cli {
namespace {

struct Verdict {
  DatasetCheck check;
  std::optional<PublishedSet> published;
  std::vector<std::string> differences;
  std::vector<PassedOver> passed_over;

  // Files that were passed over and may be images.
  int64_t lost() const {
    int64_t count = 0;
    for (const PassedOver& files : passed_over) count += files.is_loss ? files.count : 0;
    return count;
  }

  bool whole() const {
    return check.unreadable.empty() && check.train_without.empty() && check.test_without.empty() &&
           differences.empty() && lost() == 0;
  }
};

Json verdict_json(const Verdict& verdict) {
  Json result = {{"whole", verdict.whole()},
                 {"unreadable", unreadable_json(verdict.check.unreadable)},
                 {"damaged", unreadable_json(verdict.check.damaged)},
                 {"passed_over", passed_over_json(verdict.passed_over)},
                 {"train_without", verdict.check.train_without},
                 {"test_without", verdict.check.test_without},
                 {"differences", verdict.differences}};
  Json& repeated = result["repeated"] = Json::array();
  for (const RepeatedImage& image : verdict.check.repeated)
    repeated.push_back(
        {{"name", image.name}, {"first", image.first}, {"test_of_train", image.across_parts}});
  Json& expected = result["expected"] = Json::object();
  if (verdict.published)
    expected = {{"train_images", verdict.published->train_images},
                {"test_images", verdict.published->test_images},
                {"classes", verdict.published->classes}};
  return result;
}

void print_verdict(const Verdict& verdict) {
  const DatasetCheck& check = verdict.check;
  if (!verdict.published) std::cout << "\nno figures of this set are known to compare with\n";
  print_list("expected as published", verdict.differences);
  print_unreadable(check.unreadable);
  print_damaged(check.damaged);
  print_passed_over(verdict.passed_over);
  print_list("classes without training images", check.train_without);
  print_list("classes without test images", check.test_without);
  std::vector<std::string> within, across;
  for (const RepeatedImage& image : check.repeated)
    (image.across_parts ? across : within).push_back(image.name + " = " + image.first);
  print_list("images with the pixels of an earlier one in the same part", within);
  print_list("test images with the pixels of a training image", across);
  std::cout << std::flush;
}

// Called after the result was printed; the error gives the exit code.
[[noreturn]] void fail_verdict(const Verdict& verdict, const std::string& spec) {
  const DatasetCheck& check = verdict.check;
  std::string got;
  const auto add = [&](size_t count, const char* problem) {
    if (count > 0) got += (got.empty() ? "" : ", ") + std::to_string(count) + problem;
  };
  add(check.unreadable.size(), " image(s) that do not decode");
  add(check.train_without.size(), " class(es) without training images");
  add(check.test_without.size(), " class(es) without test images");
  add(verdict.differences.size(), " difference(s) from what is published");
  add(static_cast<size_t>(verdict.lost()), " file(s) passed over that may be images");
  fail_corrupt("a whole data set", got, spec);
}

}  // namespace

void verify_dataset(const DatasetsOptions& options, int workers, const Json& before) {
  const std::string& spec = options.input.data.spec;
  const DataSplits data = options.input.open(options);
  Verdict verdict;
  verdict.published = published_set(spec);
  verdict.passed_over = data.passed_over;
  if (verdict.published) verdict.differences = differences(*verdict.published, data);
  {
    CountLine line(options, "verify");
    verdict.check =
        check_images(data, {workers, [&](int64_t done, int64_t total) { line.show(done, total); }});
  }
  Json result = before;
  result.update({{"data", spec},
                 {"data_digest", data.train->digest()},
                 {"test_digest", data.test->digest()},
                 {"train_images", data.train->size()},
                 {"test_images", data.test->size()},
                 {"classes", data.train->class_names().size()}});
  result.update(verdict_json(verdict));
  print_result(options, result);
  if (!options.json) print_verdict(verdict);
  if (!verdict.whole()) fail_verdict(verdict, spec);
}

void add_verify_subcommand(CLI::App& datasets, const SharedDatasetsOptions& options) {
  auto* command = options->add_subcommand(
      datasets, "verify",
      "Decodes every image and compares with what is published; exit code 3 if not whole");
  auto workers = std::make_shared<int>(0);
  add_workers(*command, *workers);
  command->callback([options, workers] { verify_dataset(*options, *workers); });
}

}  // namespace submask::cli
