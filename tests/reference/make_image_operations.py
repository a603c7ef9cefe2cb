"""Writes tests/golden/data/image_operations.txt: digests of what Pillow and torchvision make of seeded images with
200 seeded parameter sets, and of every 8-bit colour.

    python make_image_operations.py      (needs Pillow, torchvision, numpy)
"""

import hashlib
from pathlib import Path

import numpy as np
import PIL
import torchvision
from PIL import Image, ImageFilter
from torchvision.transforms import functional

from counter_random import draws, uniform

FILE = Path(__file__).resolve().parent.parent / "golden" / "data" / "image_operations.txt"
CASES = 200
SIZES = [(24, 17), (1, 40), (64, 48), (33, 1), (97, 61), (3, 5), (1, 1), (130, 35), (16, 16), (49, 90)]
STEPS = "bcsh"  # brightness, contrast, saturation, hue


def noise(key, height, width):
    """uint8 [height, width, 3]: the high bytes of the draws of Random({key, width, height})."""
    values = draws([key, width, height], height * width * 3) >> np.uint64(56)
    return values.astype(np.uint8).reshape(height, width, 3)


def picture(kind, key, height, width):
    """tests/unit/data/image_operations_test.cpp makes the same."""
    values = noise(key, height, width).astype(np.int64)
    if kind == "gradient":
        y, x, c = np.mgrid[0:height, 0:width, 0:3]
        values = np.minimum(x * (c + 2) + y * (4 - c) + values % 8, 255)
    elif kind == "saturated":
        values = np.where(values < 85, 0, np.where(values < 170, 255, values))
    elif kind == "grey":
        values = np.repeat(values[..., :1], 3, axis=2)
    elif kind == "dark":  # few levels: hues that lie exactly between two bytes
        values //= 16
    return values.astype(np.uint8)


KINDS = ["noise", "gradient", "saturated", "grey", "dark"]


def blur(image, sigma):
    return image.filter(ImageFilter.GaussianBlur(sigma))


def jitter(image, factors, order):
    steps = {"b": functional.adjust_brightness, "c": functional.adjust_contrast,
             "s": functional.adjust_saturation, "h": functional.adjust_hue}
    for step in order:
        image = steps[step](image, factors[step])
    return image


def digest(image):
    return hashlib.sha256(np.asarray(image).tobytes()).hexdigest()[:16]


def parameters(case):
    """Factors 0 ... 2, a hue shift of -.5 ... .5, a sigma mostly as small as augmentation takes it, and an order."""
    share = uniform([79, case], 9).tolist()
    factors = {step: round(2 * share[i], 4) for i, step in enumerate("bcs")}
    factors["h"] = round(share[3] - 0.5, 4)
    sigma = round(30 * share[4], 4) if case % 5 == 0 else round(0.1 + 1.9 * share[4], 4)
    return factors, sigma, "".join(STEPS[i] for i in np.argsort(share[5:9]))


def case_lines():
    yield "# kind width height brightness contrast saturation hue sigma order, then the first 16 hex digits of the"
    yield "# sha256 after: brightness, contrast, saturation, hue, these four in that order, grey, solarise, blur"
    for case in range(CASES):
        kind, (width, height) = KINDS[case % 5], SIZES[case // 5 % len(SIZES)]
        factors, sigma, order = parameters(case)
        image = Image.fromarray(picture(kind, 1000 + case, height, width))
        results = [jitter(image, factors, step) for step in STEPS]
        results += [jitter(image, factors, order), functional.to_grayscale(image, 3), functional.solarize(image, 128),
                    blur(image, sigma)]
        numbers = " ".join(repr(v) for v in [*factors.values(), sigma])
        yield f"{kind} {width} {height} {numbers} {order} " + " ".join(digest(result) for result in results)


def every_colour_lines():
    """Pixel n of 4096 x 4096 is red n >> 16, green n >> 8, blue n (each & 255)."""
    yield "# every colour: step factor digest"
    n = np.arange(1 << 24, dtype=np.uint32)
    image = Image.fromarray(np.stack([n >> 16, n >> 8 & 255, n & 255], -1).astype(np.uint8).reshape(4096, 4096, 3))
    for step, factor in (("h", 0.0), ("h", 0.1), ("h", -0.37), ("s", 0.3), ("s", 1.7), ("c", 0.6)):
        yield f"every {step} {factor} {digest(jitter(image, {step: factor}, step))}"


if __name__ == "__main__":
    made_by = ("# made by tests/reference/make_image_operations.py with "
               f"Pillow {PIL.__version__}, torchvision {torchvision.__version__}")
    FILE.write_text("\n".join([made_by, *case_lines(), *every_colour_lines()]) + "\n")
