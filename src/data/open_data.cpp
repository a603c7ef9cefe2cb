#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "base/fail.h"
#include "data/readers.h"

namespace submask {
namespace {

constexpr const char* fashion_mnist_folder = "/usr/share/datasets/fashion-mnist";

TrainAndTest read_spec(const std::string& spec, uint64_t seed) {
  const size_t colon = spec.find(':');
  const std::string name = spec.substr(0, colon);
  const std::string folder = colon == std::string::npos ? "" : spec.substr(colon + 1);
  if (name == "fashion-mnist")
    return read_fashion_mnist(folder.empty() ? fashion_mnist_folder : folder);
  const bool known = name == "cifar10" || name == "cifar100" || name == "folder";
  if (known && folder.empty()) fail_argument(name + ":DIR as data", spec);
  if (name == "cifar10") return read_cifar10(folder);
  if (name == "cifar100") return read_cifar100(folder);
  if (name == "folder") return read_class_folders(folder, seed);
  fail_argument("data fashion-mnist[:DIR], cifar10:DIR, cifar100:DIR or folder:DIR",
                spec.empty() ? "nothing" : spec);
}

std::shared_ptr<const Dataset> first_images(std::shared_ptr<const Dataset> dataset, int64_t limit,
                                            const char* option) {
  if (limit < 0) fail_argument(text("a ", option, " of 0 (all) or more"), limit);
  if (limit == 0 || limit >= dataset->size()) return dataset;
  std::vector<int64_t> indices(static_cast<size_t>(limit));
  std::iota(indices.begin(), indices.end(), 0);
  return subset(std::move(dataset), std::move(indices));
}

// What `chosen`, ascending, leaves.
std::vector<int64_t> all_but(const std::vector<int64_t>& chosen, int64_t size) {
  std::vector<int64_t> all(static_cast<size_t>(size)), rest;
  std::iota(all.begin(), all.end(), 0);
  std::set_difference(all.begin(), all.end(), chosen.begin(), chosen.end(),
                      std::back_inserter(rest));
  return rest;
}

}  // namespace

DataSplits open_data(const DataOptions& options) {
  TrainAndTest data = read_spec(options.spec, options.seed);
  DataSplits splits;
  splits.train = first_images(std::move(data.train), options.train_limit, "training limit");
  splits.test = first_images(std::move(data.test), options.test_limit, "test limit");
  if (!options.validation.empty()) {
    const auto chosen = choose_images(*splits.train, options.validation,
                                      random_stream(options.seed, Stream::validation));
    const auto rest = all_but(chosen, splits.train->size());
    if (rest.empty())
      fail_argument("a validation part that leaves images to train on", options.validation);
    splits.validation = subset(splits.train, chosen);
    splits.train = subset(splits.train, rest);
  }
  if (!options.labels.empty())
    splits.train = subset(splits.train, choose_images(*splits.train, options.labels,
                                                      random_stream(options.seed, Stream::labels)));
  return splits;
}

const std::vector<DatasetInfo>& dataset_list() {
  static const std::vector<DatasetInfo> list{
      {"Fashion-MNIST", "fashion-mnist[:DIR]",
       "{train,t10k}-{images-idx3,labels-idx1}-ubyte, plain or .gz; DIR is " +
           std::string(fashion_mnist_folder) + " unless given",
       "Debian package dataset-fashion-mnist"},
      {"CIFAR-10", "cifar10:DIR", "data_batch_1.bin ... data_batch_5.bin, test_batch.bin",
       "https://www.cs.toronto.edu/~kriz/cifar.html, the binary version"},
      {"CIFAR-100", "cifar100:DIR", "train.bin, test.bin; the fine labels are the classes",
       "https://www.cs.toronto.edu/~kriz/cifar.html, the binary version"},
      {"A folder", "folder:DIR",
       "DIR/{train,test}/CLASS/IMAGE, or DIR/CLASS/IMAGE split 80:20 by the seed; .jpg .jpeg .png "
       ".webp",
       "any images of your own"},
  };
  return list;
}

}  // namespace submask
