"""Writes tests/golden/data/crops.txt: digests of whole crops, of 200 seeded parameter sets on each of 20 images, as
torchvision's functional operations and Pillow make them; and tests/golden/data/crops/, the images that are not in
golden/data/images or noise.

    python make_crops.py      (needs Pillow, torchvision, numpy)
"""

import hashlib
import math
from pathlib import Path

import numpy as np
import PIL
import torchvision
from PIL import Image, ImageFilter
from torchvision.transforms import InterpolationMode, functional

from counter_random import uniform
from make_images import IMAGES, decoded, encoded, noise, orientation_exif, png_bytes

GOLDEN = IMAGES.parent
FOLDER = GOLDEN / "crops"
SETS = 200
SIZES = [32, 64, 17, 48, 8, 96, 33, 1, 32, 64]  # of a crop; every 25th set makes 224
SHARES = [1.0, 0.875, 0.95, 0.8]
STEPS = "bcsh"  # brightness, contrast, saturation, hue
IMAGE_STREAM, CROP_STREAM = 90, 91
NOISE_KEY = 92
SMALL = ["ycck.jpg", "grey16.png", "palette_transparent.png", "interlaced16.png", "lossy_alpha.webp",
         "orientation8.webp", "grey1.png"]
NOISE_SIZES = [(97, 61), (1, 1), (500, 375), (3, 700), (32, 32)]


def smooth(key, width, height, channels=3):
    """Waves and a disc with a sharp edge: what JPEG keeps small, and what blurring and resizing change."""
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    planes = []
    for channel in range(channels):
        a, b, c, d = uniform([IMAGE_STREAM, key, channel], 4)
        plane = 128 + 70 * np.sin(7 * a * x + 9 * b * y + 6 * c) + 50 * np.cos(23 * d * (x - y))
        plane[(x - 0.4) ** 2 + (y - 0.35) ** 2 < 0.04] += 90 - 60 * channel
        planes.append(plane)
    return np.clip(np.stack(planes, axis=-1), 0, 255).astype(np.uint8)


def large_palette():
    """4000 x 2200 of uneven stripes and squares in four colours: a file of a few kilobytes."""
    y, x = np.mgrid[0:2200, 0:4000]
    image = Image.fromarray(((x // 37 + x // 410 + y // 271 * 3) % 4).astype(np.uint8), "P")
    image.putpalette([20, 40, 200, 250, 240, 10, 90, 200, 90, 255, 0, 130])
    return encoded(image, format="PNG", bits=2, optimize=True)


def new_files():
    jpeg = {"format": "JPEG", "quality": 88}
    yield "smooth420.jpg", encoded(Image.fromarray(smooth(0, 150, 113)), **jpeg)
    yield "smooth_rotated.jpg", encoded(
        Image.fromarray(smooth(1, 110, 75)), subsampling=1, exif=orientation_exif(6), **jpeg)
    yield "smooth_grey.jpg", encoded(Image.fromarray(smooth(2, 80, 120)[..., 0]), progressive=True, **jpeg)
    yield "smooth_cmyk.jpg", encoded(Image.fromarray(smooth(3, 70, 52, 4), "CMYK"), **jpeg)
    yield "long.jpg", encoded(Image.fromarray(smooth(4, 4000, 9)), format="JPEG", quality=70)
    yield "column16.png", png_bytes(smooth(5, 1, 200).astype(np.uint16) * 256 + noise(5, 200, 1), 16, 2, False)
    yield "large_palette.png", large_palette()
    yield "smooth_rgba.png", encoded(Image.fromarray(smooth(6, 40, 30, 4), "RGBA"), format="PNG")


def all_images():
    """Name and RGB image, 20 of them."""
    for name, content in new_files():
        (FOLDER / name).write_bytes(content)
        yield f"crops/{name}", Image.fromarray(decoded(name, content))
    for name in SMALL:
        yield f"images/{name}", Image.fromarray(decoded(name, (IMAGES / name).read_bytes()))
    for width, height in NOISE_SIZES:
        yield "noise", Image.fromarray(noise(NOISE_KEY, height, width))


def draw_factors(shares):
    """How much of each step of colour jitter; a factor of 1 and no hue leave a step out, as 0 strength does."""
    factors = {step: round(2 * share, 4) for step, share in zip("bcs", shares)}
    for step, share in zip("bcs", shares):
        if share > 0.9:
            factors[step] = 1.0
    factors["h"] = None if shares[3] > 0.8 else round(shares[3] / 0.8 - 0.5, 4)
    return factors


def draw_set(number):
    u = uniform([CROP_STREAM, number], 24).tolist()
    size = 224 if number % 25 == 24 else SIZES[number % len(SIZES)]
    reach = 1.0 if number % 10 == 3 else 0.25
    moved = u[0] < 0.5
    box = None
    if size == 224 or u[1] < 0.7:  # left, top, width, height in thousandths of the image
        width, height = int(30 + 970 * u[2] ** 0.5), int(30 + 970 * u[3] ** 0.5)
        box = (int((1000 - width) * u[4]), int((1000 - height) * u[5]), width, height)
    return {
        "size": size,
        "filter": "bilinear" if u[6] < 0.4 else "bicubic",
        "share": SHARES[int(4 * u[7])],
        "box": box,
        "dx": round((2 * u[8] - 1) * reach * size) if moved else 0,
        "dy": round((2 * u[9] - 1) * reach * size) if moved else 0,
        "mirrored": int(u[10] < 0.5),
        "order": "".join(STEPS[i] for i in np.argsort(u[11:15])) if u[15] < 0.8 else None,
        "factors": draw_factors(u[16:20]),
        "grey": int(u[20] < 0.2),
        "sigma": round(0.1 + 1.9 * u[21], 4) if u[22] < 0.5 else None,
        "solarise": int(u[23] < 0.2),
    }


def resized(image, crop):
    mode, size = InterpolationMode(crop["filter"]), crop["size"]
    if crop["box"] is None:
        shorter = functional.resize(image, math.floor(size / crop["share"]), mode)
        return functional.center_crop(shorter, [size, size])
    left, top, width, height = crop["box"]
    x0, y0 = image.width * left // 1000, image.height * top // 1000
    x1 = max(x0 + 1, image.width * (left + width) // 1000)
    y1 = max(y0 + 1, image.height * (top + height) // 1000)
    return functional.resized_crop(image, y0, x0, y1 - y0, x1 - x0, [size, size], mode)


def shifted(image, dx, dy):
    """A crop of the image with zeros around it."""
    pad, (width, height) = max(abs(dx), abs(dy)), image.size
    return functional.crop(functional.pad(image, pad), pad + dy, pad + dx, height, width)


def jittered(image, order, factors):
    steps = {"b": functional.adjust_brightness, "c": functional.adjust_contrast,
             "s": functional.adjust_saturation, "h": functional.adjust_hue}
    for step in order:
        if factors[step] is not None:
            image = steps[step](image, factors[step])
    return image


def cropped(image, crop):
    image = resized(image, crop)
    image = shifted(image, crop["dx"], crop["dy"])
    if crop["mirrored"]:
        image = functional.hflip(image)
    if crop["order"]:
        image = jittered(image, crop["order"], crop["factors"])
    if crop["grey"]:
        image = functional.to_grayscale(image, 3)
    if crop["sigma"] is not None:
        image = image.filter(ImageFilter.GaussianBlur(crop["sigma"]))
    if crop["solarise"]:
        image = functional.solarize(image, 128)
    return np.asarray(image)


def digest(pixels):
    return hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()


def words(crop):
    box = [*crop["box"]] if crop["box"] else ["-"] * 4
    values = [crop["size"], crop["filter"], crop["share"], *box, crop["dx"], crop["dy"], crop["mirrored"],
              crop["order"], *crop["factors"].values(), crop["grey"], crop["sigma"], crop["solarise"]]
    return " ".join("-" if value is None else str(value) for value in values)


def lines():
    yield (f"# made by tests/reference/make_crops.py with Pillow {PIL.__version__}, "
           f"torchvision {torchvision.__version__}, numpy {np.__version__}")
    yield f"# image file ('noise': of key {NOISE_KEY}) width height, first 16 hex digits of the sha256 of its RGB bytes"
    images = list(all_images())
    for name, image in images:
        yield f"image {name} {image.width} {image.height} {digest(image)[:16]}"
    yield "# crop size filter crop_share box(left top width height, thousandths of the image) dx dy mirrored"
    yield "# jitter(order brightness contrast saturation hue) grey blur_sigma solarise ('-': left out), then for each"
    yield "# image the first 8 hex digits of the sha256 of uint8 [size, size, 3]"
    for number in range(SETS):
        crop = draw_set(number)
        yield f"crop {words(crop)} " + " ".join(digest(cropped(image, crop))[:8] for _, image in images)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    content = "\n".join(lines()) + "\n"
    (GOLDEN / "crops.txt").write_text(content)
