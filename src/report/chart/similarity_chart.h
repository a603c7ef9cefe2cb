// A heat map of similarities between items, under their dendrogram.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "numeric/average_linkage.h"

namespace submask {

struct SimilarityChart {
  std::string title;
  std::string measure;  // "Jaccard": what colours and heights mean
  std::vector<std::string> names;
  // Symmetric; 1 - value is the distance of two items. The diagonal is drawn where it is finite.
  SquareMatrix values;
};

// As plot_bars() (bar_chart.h). Throws invalid_argument for fewer than two or more than 64 names,
// and for values that are not finite.
void plot_similarity(const SimilarityChart& chart, const std::filesystem::path& out);

}  // namespace submask
