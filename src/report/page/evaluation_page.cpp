#include "report/page/evaluation_page.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include <ATen/ATen.h>

#include "base/fail.h"
#include "base/file.h"
#include "evaluate/feature_source.h"
#include "numeric/feature_matrix.h"
#include "report/page/class_confusions.h"
#include "report/page/html_text.h"
#include "report/page/page_figures.h"
#include "report/page/page_frame.h"

namespace submask {
namespace {

constexpr int64_t most_classes_drawn = 100;
constexpr size_t confusions_shown = 12, images_shown = 6;
constexpr int longest_side = 160;  // pixels of an embedded image
constexpr int pixelated_below = 96;

// The images of the data set that the features are of. Throws invalid_argument where report,
// features and data set do not belong together.
std::vector<int64_t> image_indices(const EvaluationPage& page) {
  std::vector<int64_t> indices = decoded_images(page.dataset, page.test);
  const int64_t samples = page.test.labels.numel();
  if (std::ssize(indices) != samples || page.report.predictions.numel() != samples ||
      page.report.class_samples.size() != page.dataset.class_names().size())
    fail_argument(text("a report on the ", indices.size(), " images and ",
                       page.dataset.class_names().size(), " classes of the data set"),
                  text(page.report.predictions.numel(), " and ", page.report.class_samples.size()));
  return indices;
}

const std::string& class_name(const EvaluationPage& page, int64_t label) {
  return page.dataset.class_names()[static_cast<size_t>(label)];
}

void add_numbers(const EvaluationPage& page, std::ostringstream& out) {
  const ClassificationReport& report = page.report;
  const auto number = [&](const std::string& value, const char* label) {
    out << "<div><b>" << value << "</b>" << label << "</div>\n";
  };
  out << "<div class=\"numbers\">\n";
  number(percent(report.accuracy.accuracy), "accuracy");
  number(percent(report.accuracy.mean_class_accuracy), "mean of the classes");
  number(percent(report.top5_accuracy), "among the first five");
  number(percent(report.ece), "expected calibration error");
  number(std::to_string(report.accuracy.count), "test images");
  out << "</div>\n<h2>What made them</h2>\n<table>\n";
  for (const auto& [name, value] : page.facts)
    out << "<tr><th>" << escaped(name) << "</th><td>" << escaped(value) << "</td></tr>\n";
  out << "</table>\n";
}

void add_classes(const EvaluationPage& page, const std::vector<Confusion>& confusions,
                 std::ostringstream& out) {
  std::vector<const Confusion*> worst(page.report.class_samples.size());
  for (const Confusion& confusion : confusions)
    if (auto& first = worst[static_cast<size_t>(confusion.label)]; first == nullptr)
      first = &confusion;
  out << "<h2>Classes</h2>\n<div class=\"scroll tall\"><table class=\"sortable\">\n<thead><tr>"
         "<th>class</th><th>images</th><th>right</th><th>accuracy</th><th>most often taken for</th>"
         "<th>times</th></tr></thead>\n<tbody>\n";
  const auto number = [&](double value, const std::string& shown) {
    out << "<td class=\"n\" data-v=\"" << value << "\">" << shown << "</td>";
  };
  for (size_t i = 0; i < worst.size(); ++i) {
    const auto label = static_cast<int64_t>(i);
    const double accuracy = page.report.class_accuracy(label);
    const int64_t samples = page.report.class_samples[i], right = page.report.class_right[i];
    const int64_t times = worst[i] == nullptr ? 0 : std::ssize(worst[i]->samples);
    out << "<tr><td>" << escaped(class_name(page, label)) << "</td>";
    number(static_cast<double>(samples), std::to_string(samples));
    number(static_cast<double>(right), std::to_string(right));
    number(std::isnan(accuracy) ? -1 : accuracy, percent(accuracy));
    out << "<td>" << (times == 0 ? "" : escaped(class_name(page, worst[i]->predicted))) << "</td>";
    number(static_cast<double>(times), times == 0 ? "" : std::to_string(times));
    out << "</tr>\n";
  }
  out << "</tbody></table></div>\n";
}

void add_figures(const EvaluationPage& page, const std::vector<Confusion>& confusions,
                 std::ostringstream& out) {
  const auto classes = std::ssize(page.report.class_samples);
  const auto chosen = most_confused_classes(confusions, classes, most_classes_drawn);
  out << "<h2>Confusion matrix</h2>\n<p class=\"note\">Rows: the true class; columns: the answer. "
         "Blue is right, red is wrong; the darker, the larger the share of the row's images.";
  if (std::ssize(chosen) < classes)
    out << " Shown are the " << chosen.size() << " of " << classes
        << " classes with most mistakes from or to them.";
  out << "</p>\n<div class=\"scroll\">\n"
      << confusion_map(page.report, confusions, chosen, page.dataset.class_names())
      << "</div>\n<h2>Calibration</h2>\n<p class=\"note\">Answers by their probability, in "
      << calibration_bins
      << " bins: the blue bar is the share that is right, the red line what the probabilities "
         "promise. On the dashed diagonal both are equal.</p>\n"
      << reliability_diagram(page.report);
}

void add_image(const EvaluationPage& page, const Confusion& confusion, int64_t sample,
               int64_t index, std::ostringstream& out) {
  const Image image = page.dataset.image(index);
  const double confidence = page.report.confidences[sample].item<double>();
  const bool small = std::max(image.width, image.height) < pixelated_below;
  out << "<figure" << (small ? "" : " class=\"smooth\"") << "><img alt=\"\" src=\""
      << png_data_uri(image, longest_side) << "\"><figcaption><b>"
      << escaped(class_name(page, confusion.label)) << "</b> as <b>"
      << escaped(class_name(page, confusion.predicted)) << "</b>, " << percent(confidence)
      << "<br><span class=\"note\">" << escaped(page.dataset.image_name(index))
      << "</span></figcaption></figure>\n";
}

void add_mistakes(const EvaluationPage& page, const std::vector<Confusion>& confusions,
                  const std::vector<int64_t>& indices, std::ostringstream& out) {
  out << "<h2>Worst confusions</h2>\n";
  if (confusions.empty()) {
    out << "<p>None: every answer is right.</p>\n";
    return;
  }
  out << "<p class=\"note\">The pairs of classes most often confused, with the mistakes made most "
         "confidently; the number is the probability of the wrong answer.</p>\n";
  for (size_t i = 0; i < std::min(confusions_shown, confusions.size()); ++i) {
    const Confusion& confusion = confusions[i];
    out << "<h3>" << escaped(class_name(page, confusion.label)) << " taken for "
        << escaped(class_name(page, confusion.predicted)) << ": " << confusion.samples.size()
        << "</h3>\n<div class=\"images\">\n";
    for (size_t j = 0; j < std::min(images_shown, confusion.samples.size()); ++j) {
      const int64_t sample = confusion.samples[j];
      add_image(page, confusion, sample, indices[static_cast<size_t>(sample)], out);
    }
    out << "</div>\n";
  }
}

}  // namespace

void write_evaluation_page(const std::filesystem::path& path, const EvaluationPage& page) {
  const std::vector<int64_t> indices = image_indices(page);
  const at::Tensor labels = class_vector(page.test.labels, std::ssize(indices),
                                         std::ssize(page.dataset.class_names()), "labels");
  const std::vector<Confusion> confusions = find_confusions(page.report, labels);
  std::ostringstream out;
  out << page_begin(page.title);
  add_numbers(page, out);
  add_classes(page, confusions, out);
  add_figures(page, confusions, out);
  add_mistakes(page, confusions, indices, out);
  out << page_end();
  write_file_atomically(path, as_bytes(out.str()));
}

}  // namespace submask
