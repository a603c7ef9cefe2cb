"""torchvision's transforms of Pillow images, for bench_recipes.

Answers lines on stdin with lines on stdout:
    version                          the versions of torch, torchvision and Pillow
    run RECIPE DIR                   seconds to read and transform every JPEG of a folder once, one thread
As a program of its own, `torchvision_recipes.py --make PHOTOS DIR` cuts 64 images of 500 x 375 pixels, about
30 kB each, out of a folder of photographs.
"""

import argparse
import pathlib
import random
import sys
import time

import PIL
import torch
import torchvision
from PIL import Image, ImageFilter
from torchvision import transforms as T

CUBIC = T.InterpolationMode.BICUBIC
TO_TENSOR = [T.ToTensor(), T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]


class Blur:
    """Pillow's, as SwAV has it."""

    def __call__(self, image):
        if random.random() >= 0.5:
            return image
        return image.filter(ImageFilter.GaussianBlur(random.uniform(0.1, 2.0)))


def ssl_crop(size, scale):
    jitter = T.RandomApply([T.ColorJitter(0.8, 0.8, 0.8, 0.2)], 0.8)
    return T.Compose([T.RandomResizedCrop(size, scale, interpolation=CUBIC), T.RandomHorizontalFlip(), jitter,
                      T.RandomGrayscale(0.2), Blur(), *TO_TENSOR])


RECIPES = {
    "test": [(1, T.Compose([T.Resize(224, CUBIC), T.CenterCrop(224), *TO_TENSOR]))],
    "paper-supervised": [(1, T.Compose([
        T.RandomResizedCrop(224, (1, 1), interpolation=CUBIC), T.RandomApply([T.ColorJitter(0.4, 0.4, 0.4)], 0.8),
        T.RandomGrayscale(0.2), T.RandomSolarize(128, 0.2), T.RandomHorizontalFlip(), *TO_TENSOR]))],
    "paper-ssl": [(2, ssl_crop(224, (0.14, 1))), (6, ssl_crop(96, (0.05, 0.14)))],
}


def run(recipe, folder):
    kinds = RECIPES[recipe]
    files = sorted(pathlib.Path(folder).glob("*.jpg"))
    begin = time.perf_counter()
    for file in files:
        with Image.open(file) as opened:
            image = opened.convert("RGB")
        for count, transform in kinds:
            for _ in range(count):
                transform(image)
    return time.perf_counter() - begin


def make(photos, folder):
    draw = random.Random(5)
    sources = [Image.open(file).convert("RGB") for file in sorted(pathlib.Path(photos).glob("*.jpg"))]
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(64):
        source = draw.choice(sources)
        width = int(min(source.width, source.height * 4 / 3) * draw.uniform(0.7, 1))
        height = width * 3 // 4
        left, top = draw.randrange(source.width - width + 1), draw.randrange(source.height - height + 1)
        image = source.resize((500, 375), Image.LANCZOS, (left, top, left + width, top + height))
        for quality in range(90, 20, -5):
            image.save(folder / f"{number:02}.jpg", quality=quality)
            if (folder / f"{number:02}.jpg").stat().st_size <= 31_000:
                break


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--make", nargs=2, metavar=("PHOTOS", "DIR"))
    options = parser.parse_args()
    if options.make:
        return make(*options.make)
    torch.set_num_threads(1)
    for line in sys.stdin:
        words = line.split()
        if words[0] == "run":
            print(run(words[1], words[2]), flush=True)
        else:
            print(f"torch {torch.__version__} torchvision {torchvision.__version__} Pillow {PIL.__version__}", flush=True)


if __name__ == "__main__":
    main()
