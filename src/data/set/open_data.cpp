#include <algorithm>
#include <functional>
#include <iterator>
#include <numeric>
#include <utility>

#include "base/fail.h"
#include "base/name_list.h"
#include "data/set/readers.h"
#include "text/unicode.h"

namespace submask {
namespace {

// A form of data as the text after --data names it: "NAME:WHERE".
struct DataForm {
  std::string name;
  DatasetInfo info;
  std::function<TrainAndTest(const std::string& where, const ReadOptions& options)> read;
  std::string default_where;  // "" where one has to be given
};

constexpr const char* fashion_mnist_folder = "/usr/share/datasets/fashion-mnist";
constexpr const char* cifar_source =
    "https://www.cs.toronto.edu/~kriz/cifar.html, the binary version";

std::vector<DataForm> list_forms() {
  using Where = const std::string&;
  using Options = const ReadOptions&;
  std::vector<DataForm> forms{
      {"fashion-mnist",
       {"Fashion-MNIST", "fashion-mnist[:DIR]",
        text("{train,t10k}-{images-idx3,labels-idx1}-ubyte, plain or .gz; DIR is ",
             fashion_mnist_folder, " unless given"),
        "Debian package dataset-fashion-mnist"},
       [](Where where, Options) { return read_fashion_mnist(where); },
       fashion_mnist_folder},
      {"idx",
       {"Any IDX set", "idx:DIR", "as Fashion-MNIST; the classes are named by their numbers",
        "MNIST, KMNIST, EMNIST under those names, ..."},
       [](Where where, Options) { return read_idx(where); },
       {}},
      {"cifar10",
       {"CIFAR-10", "cifar10:DIR", "data_batch_1.bin ... data_batch_5.bin, test_batch.bin",
        cifar_source},
       [](Where where, Options) { return read_cifar10(where); },
       {}},
      {"cifar100",
       {"CIFAR-100", "cifar100:DIR", "train.bin, test.bin; the fine labels are the classes",
        cifar_source},
       [](Where where, Options) { return read_cifar100(where); },
       {}},
      {"svhn",
       {"SVHN, cropped digits", "svhn:DIR",
        "train_32x32.mat, test_32x32.mat, of MATLAB's version 5 to 7.3; or class folders in train/ "
        "and test/",
        "http://ufldl.stanford.edu/housenumbers/"},
       read_svhn,
       {}},
      {"resisc45",
       {"RESISC45", "resisc45:DIR", "NWPU-RESISC45/CLASS/IMAGE, split 80:20 by the seed",
        "https://gcheng-nwpu.github.io/"},
       read_resisc45,
       {}},
      {"clevr_count",
       {"CLEVR, objects counted", "clevr_count:DIR",
        "CLEVR_v1.0/images/{train,val}/IMAGE, CLEVR_v1.0/scenes/CLEVR_{train,val}_scenes.json; "
        "val is the test part",
        "https://cs.stanford.edu/people/jcjohns/clevr/"},
       read_clevr_count,
       {}},
      {"inatloc500",
       {"iNatLoc500", "inatloc500:DIR",
        "metadata/class_names.txt, metadata/{train,test}/class_labels.txt, train/SPECIES/IMAGE, "
        "test/GROUP/SPECIES/IMAGE; val, which has boxes for localisation, is left out",
        "https://github.com/visipedia/inat_loc"},
       read_inatloc500,
       {}},
  };
  for (const CoopSet& set : coop_sets())
    forms.push_back(
        {set.name,
         {set.title, set.name + ":DIR",
          set.folder + "/" + set.split + ", " + set.folder + "/" + set.images +
              "/...; train and val are the training part",
          set.source + "; the split from CoOp's DATASETS.md"},
         [&set](Where where, Options options) { return read_coop(set, where, options); },
         {}});
  forms.insert(
      forms.end(),
      {{"coop",
        {"A set split by CoOp", "coop:NAME:DIR",
         "as NAME:DIR, for the sets that have a split_zhou_*.json",
         "https://github.com/KaiyangZhou/CoOp, DATASETS.md"},
        [](Where where, Options options) { return read_coop(where, options); },
        {}},
       {"folder",
        {"A folder", "folder:DIR",
         "DIR/{train,test}/CLASS/IMAGE, or DIR/CLASS/IMAGE split 80:20 by the seed; .jpg .jpeg "
         ".png .webp",
         "any images of your own"},
        read_class_folders,
        {}},
       {"csv",
        {"A table", "csv:FILE",
         "a first line path,label or path,label,split (train, val, test), then one line an image; "
         "paths from the file's folder; without split 80:20 by the seed",
         "any images of your own"},
        read_csv,
        {}},
       {"tar",
        {"WebDataset shards", "tar:PATTERN[,TEST_PATTERN]",
         ".tar archives, plain or compressed (.tar.zst, .tar.gz), of KEY.jpg (.jpeg .png .webp) "
         "and "
         "KEY.cls, named with * ? {000..012}; classnames.txt beside them if wanted; without "
         "TEST_PATTERN split 80:20 by the seed",
         "any images of your own"},
        read_tar,
        {}}});
  return forms;
}

const std::vector<DataForm>& data_forms() {
  static const std::vector<DataForm> forms = list_forms();
  return forms;
}

TrainAndTest read_spec(const std::string& spec, const ReadOptions& options) {
  const size_t colon = spec.find(':');
  const std::string name = spec.substr(0, colon);
  std::string where = colon == std::string::npos ? "" : spec.substr(colon + 1);
  std::string specs;
  for (const DataForm& form : data_forms()) {
    specs += (specs.empty() ? "" : ", ") + form.info.spec;
    if (form.name != name) continue;
    if (where.empty()) where = form.default_where;
    if (where.empty()) fail_argument(form.info.spec + " as data", spec);
    return form.read(where, options);
  }
  fail_argument("data as one of " + specs, spec.empty() ? "nothing" : spec);
}

std::shared_ptr<const Dataset> first_images(std::shared_ptr<const Dataset> dataset,
                                            std::optional<int64_t> limit, const char* option) {
  if (limit && *limit < 1) fail_argument(text("a ", option, " of 1 or more"), *limit);
  if (!limit || *limit >= dataset->size()) return dataset;
  std::vector<int64_t> indices(static_cast<size_t>(*limit));
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

// Leaves of the training set what is not `taken` and what `labels` chooses of that. Images that it
// names keep the numbers they have before the validation part was taken off.
void choose_training_images(const std::vector<int64_t>& taken, const DataOptions& options,
                            DataSplits& splits) {
  if (taken.empty() && !options.labels) return;
  const auto whole = splits.train;
  const auto rest = all_but(taken, whole->size());
  const std::string labels = options.labels.value_or("");
  if (const auto named = named_images(*whole, labels)) {
    splits.labelled_of = whole;
    std::set_intersection(named->begin(), named->end(), rest.begin(), rest.end(),
                          std::back_inserter(splits.labelled));
    if (splits.labelled.empty()) fail_argument("labels beyond the validation part", labels);
  } else {
    if (!taken.empty()) splits.train = subset(whole, rest);
    if (!options.labels) return;
    splits.labelled_of = splits.train;
    splits.labelled =
        choose_images(*splits.train, labels, random_stream(options.seed, Stream::labels));
  }
  splits.train = subset(splits.labelled_of, splits.labelled);
}

// Task files, results and texts of CLIP's classes hold them: better to know before a long run.
void expect_utf8(const std::vector<std::string>& class_names, const std::string& spec) {
  NameList others;
  for (const std::string& name : class_names)
    if (encode_utf8(decode_utf8(name)) != name) others.add(name);
  if (others.count() > 0) fail_corrupt("class names in UTF-8", others.joined(), spec);
}

}  // namespace

DataSplits open_data(const DataOptions& options) {
  if (options.pixel_limit < 1) fail_argument("a pixel limit of 1 or more", options.pixel_limit);
  TrainAndTest data =
      read_spec(options.spec, {.seed = options.seed, .pixel_limit = options.pixel_limit});
  expect_utf8(data.train->class_names(), options.spec);
  DataSplits splits;
  splits.train = first_images(std::move(data.train), options.train_limit, "training limit");
  splits.test = first_images(std::move(data.test), options.test_limit, "test limit");
  std::vector<int64_t> validation;
  if (options.validation) {
    validation = choose_images(*splits.train, *options.validation,
                               random_stream(options.seed, Stream::validation));
    if (std::ssize(validation) == splits.train->size())
      fail_argument("a validation part that leaves images to train on", *options.validation);
    splits.validation = subset(splits.train, validation);
  }
  choose_training_images(validation, options, splits);
  return splits;
}

const std::vector<DatasetInfo>& dataset_list() {
  static const std::vector<DatasetInfo> list = [] {
    std::vector<DatasetInfo> infos;
    for (const DataForm& form : data_forms()) infos.push_back(form.info);
    return infos;
  }();
  return list;
}

}  // namespace submask
