// Addresses and digests as torchvision 0.29 states them; those of CIFAR's binary version as its
// authors do (https://www.cs.toronto.edu/~kriz/cifar.html).
#include <utility>

#include "fetch/dataset_catalog.h"

namespace submask {
namespace {

// Kept under its own name, below `into`.
CatalogFile plain(const std::string& folder, const std::string& name, const char* md5,
                  const std::string& into = "") {
  return {folder + name, std::string("MD5 ") + md5, into + name, /*is_archive=*/false};
}

CatalogFile archive(const std::string& url, const char* md5, const std::string& path) {
  return {url, std::string("MD5 ") + md5, path, /*is_archive=*/true};
}

// Each is read by the reader of its name, from the folder that it is fetched into.
CatalogSet published(const char* name, const char* licence, std::vector<CatalogFile> files) {
  return {name, licence, name, "", std::move(files)};
}

}  // namespace

// Folders are named as CoOp's instructions name them, so that its splits can be put beside.
const std::vector<CatalogSet>& published_catalog() {
  static const std::string kriz = "https://www.cs.toronto.edu/~kriz/";
  static const std::string oxford = "https://www.robots.ox.ac.uk/~vgg/data/";
  static const std::string zalando = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";
  static const std::string housenumbers = "http://ufldl.stanford.edu/housenumbers/";
  static const std::string flowers = oxford + "flowers/102/";
  static const std::vector<CatalogSet> sets{
      published("cifar10", "none stated; its authors ask to be cited",
                {archive(kriz + "cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530",
                         "cifar-10-batches-bin")}),
      published("cifar100", "none stated; its authors ask to be cited",
                {archive(kriz + "cifar-100-binary.tar.gz", "03b5dce01913d631647c71ecec9e9cb8",
                         "cifar-100-binary")}),
      published("dtd", "for research",
                {archive(oxford + "dtd/download/dtd-r1.0.1.tar.gz",
                         "fff73e5086ae6bdbea199a49dfb8a4c1", "dtd")}),
      published("eurosat", "MIT",
                {archive("https://huggingface.co/datasets/torchgeo/eurosat/resolve/"
                         "c877bcd43f099cd0196738f714544e355477f3fd/EuroSAT.zip",
                         "c8fa014336c82ac7804f0398fcb19387", "eurosat/2750")}),
      published("fashion-mnist", "MIT",
                {plain(zalando, "train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
                 plain(zalando, "train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
                 plain(zalando, "t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
                 plain(zalando, "t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310")}),
      published(
          "flowers", "none stated; photographs from the web",
          {archive(flowers + "102flowers.tgz", "52808999861908f626f3c1f4e79d11fa",
                   "oxford_flowers/jpg"),
           plain(flowers, "imagelabels.mat", "e0620be6f572b9609742df49c70aed4d", "oxford_flowers/"),
           plain(flowers, "setid.mat", "a5357ecc9cb78c4bef273ce3793fc85c", "oxford_flowers/")}),
      published("food101", "for research; photographs from foodspotting.com",
                {archive("http://data.vision.ee.ethz.ch/cvl/food-101.tar.gz",
                         "85eeb15f3717b99a5da872d97d918f87", "food-101")}),
      published("oxfordpets", "CC BY-SA 4.0",
                {archive(oxford + "pets/data/images.tar.gz", "5c4f3ee8e5d25df40f4fd59a7f44e54c",
                         "oxford_pets/images"),
                 archive(oxford + "pets/data/annotations.tar.gz",
                         "95a8c909bbe2e81eed6a22bccdf3f68f", "oxford_pets/annotations")}),
      published("svhn", "for research, not for commerce",
                {plain(housenumbers, "train_32x32.mat", "e26dedcc434d2e4c54c9b2d4a06d8373"),
                 plain(housenumbers, "test_32x32.mat", "eb5a983be6a315427106f1b164d9cef3")}),
  };
  return sets;
}

}  // namespace submask
