"""Writes tests/golden/data: small images of every kind with the digest of what Pillow makes of them, and
digests of Pillow's resizing and torchvision's test transform of seeded noise.

    python make_images.py      (needs Pillow, torchvision, numpy)
"""

import hashlib
import io
import math
import struct
import zlib
from pathlib import Path

import numpy as np
import PIL
import torchvision
from PIL import Image, ImageOps
from torchvision import transforms

from counter_random import draws

FOLDER = Path(__file__).resolve().parent.parent / "golden" / "data"
IMAGES = FOLDER / "images"
WIDTH, HEIGHT = 24, 17
FILTERS = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}


def noise(key, height, width):
    """uint8 [height, width, 3]: the high bytes of the draws of Random({key, width, height})."""
    values = draws([key, width, height], height * width * 3) >> np.uint64(56)
    return values.astype(np.uint8).reshape(height, width, 3)


def picture():
    """A gradient with a little noise and no symmetry, so that every rotation looks different."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = np.stack([x * 10, y * 14, (x + 2 * y) * 4], axis=-1).astype(np.int64)
    return np.clip(planes + noise(1, HEIGHT, WIDTH) // 8, 0, 255).astype(np.uint8)


def png_bytes(samples, depth, colour, interlaced):
    """A PNG of `samples` [height, width, channels] (8 or 16 bits), which Pillow's writer cannot make itself."""
    height, width = samples.shape[:2]
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    raw = b""
    for top, left, down, right in passes if interlaced else [(0, 0, 1, 1)]:
        for row in samples[top::down, left::right]:
            if len(row):
                raw += b"\0" + row.astype(">u2" if depth == 16 else "u1").tobytes()

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


def encoded(image, **options):
    out = io.BytesIO()
    image.save(out, **options)
    return out.getvalue()


def orientation_exif(orientation):
    exif = Image.Exif()
    exif[0x010F] = "submask"
    exif[0x0112] = orientation
    return exif


def jpeg_images(rgb):
    options = {"format": "JPEG", "quality": 88}
    for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        yield f"rgb{name}.jpg", encoded(rgb, subsampling=subsampling, **options)
    yield "progressive.jpg", encoded(rgb, progressive=True, **options)
    yield "grey.jpg", encoded(rgb.convert("L"), **options)
    inks = Image.fromarray(np.concatenate([np.array(rgb), noise(2, HEIGHT, WIDTH)[..., :1]], axis=-1), "CMYK")
    cmyk = encoded(inks, **options)
    yield "cmyk.jpg", cmyk
    # The Adobe marker's last byte says how colours were transformed: 0 not at all, 2 to YCCK.
    marker = cmyk.index(b"Adobe") + 11
    assert cmyk[marker] == 0
    yield "ycck.jpg", cmyk[:marker] + b"\2" + cmyk[marker + 1 :]
    for orientation in range(1, 9):
        yield f"orientation{orientation}.jpg", encoded(rgb, exif=orientation_exif(orientation), **options)


def png_images(rgb):
    options = {"format": "PNG"}
    samples = np.array(rgb)
    alpha = noise(3, HEIGHT, WIDTH)[..., 0]
    grey = rgb.convert("L")
    deep = (samples.astype(np.uint16) << 8) + noise(4, HEIGHT, WIDTH)
    yield "rgb.png", encoded(rgb, **options)
    yield "grey.png", encoded(grey, **options)
    yield "grey1.png", encoded(rgb.convert("1"), **options)
    yield "grey16.png", png_bytes(deep[..., :1], 16, 0, False)
    yield "rgb16.png", png_bytes(deep, 16, 2, False)
    yield "rgba.png", encoded(Image.fromarray(np.dstack([samples, alpha]), "RGBA"), **options)
    yield "grey_alpha.png", encoded(Image.fromarray(np.dstack([samples[..., 0], alpha]), "LA"), **options)
    yield "rgb_transparent.png", encoded(rgb, transparency=tuple(int(v) for v in samples[3, 5]), **options)
    for colours in (2, 4, 16, 200):
        yield f"palette{colours}.png", encoded(rgb.quantize(colours), **options)
    yield "palette_transparent.png", encoded(rgb.quantize(16), transparency=bytes(range(0, 160, 10)), **options)
    yield "interlaced.png", png_bytes(samples, 8, 2, True)
    yield "interlaced16.png", png_bytes(deep, 16, 2, True)
    yield "orientation6.png", encoded(rgb, exif=orientation_exif(6), **options)


def webp_images(rgb):
    options = {"format": "WEBP"}
    alpha = Image.fromarray(noise(3, HEIGHT, WIDTH)[..., 0] // 2 + 100, "L")
    with_alpha = rgb.copy()
    with_alpha.putalpha(alpha)
    yield "lossy.webp", encoded(rgb, quality=85, **options)
    yield "lossless.webp", encoded(rgb, lossless=True, **options)
    yield "lossy_alpha.webp", encoded(with_alpha, quality=85, **options)
    yield "lossless_alpha.webp", encoded(with_alpha, lossless=True, exact=True, **options)
    yield "animated.webp", encoded(
        rgb, save_all=True, append_images=[rgb.rotate(180)], duration=100, lossless=True, **options)
    yield "orientation8.webp", encoded(rgb, lossless=True, exif=orientation_exif(8).tobytes(), **options)


def decoded(name, content):
    image = Image.open(io.BytesIO(content))
    if name == "grey16.png":  # Pillow clips at 255; the project keeps the high byte
        high = (np.array(image) >> 8).astype(np.uint8)
        return np.repeat(high[..., None], 3, axis=2)
    return np.array(ImageOps.exif_transpose(image).convert("RGB"))


def write(name, lines):
    made_by = f"# made by tests/reference/make_images.py with Pillow {PIL.__version__}, torchvision {torchvision.__version__}"
    (FOLDER / name).write_text("\n".join([made_by, *lines]) + "\n")


def digest(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def write_images():
    rgb = Image.fromarray(picture())
    lines = ["# file width height sha256 of the RGB bytes"]
    for name, content in [*jpeg_images(rgb), *png_images(rgb), *webp_images(rgb)]:
        (IMAGES / name).write_bytes(content)
        pixels = decoded(name, content)
        lines.append(f"{name} {pixels.shape[1]} {pixels.shape[0]} {digest(pixels)}")
    write("images.txt", lines)


def write_resizes():
    lines = ["# width height new_width new_height filter box(left top right bottom) sha256; noise of key 77"]
    sizes = [(28, 28, 32, 32), (32, 32, 28, 28), (32, 32, 224, 224), (500, 375, 64, 48), (97, 61, 40, 61),
             (61, 97, 61, 40), (3, 500, 7, 11), (1, 1, 5, 4), (9, 7, 1, 1), (33, 31, 33, 31), (200, 10, 13, 80),
             (60, 60, 50, 40), (60, 60, 50, 39), (30, 80, 20, 20), (30, 40, 31, 39)]
    boxes = [(0.0, 0.0, 1.0, 1.0), (0.25, 0.125, 0.75, 0.875), (0.1, 0.3, 0.93, 0.61)]
    for width, height, new_width, new_height in sizes:
        image = Image.fromarray(noise(77, height, width))
        for name, resample in FILTERS.items():
            for share in boxes:
                box = tuple(float(np.float32(s * n)) for s, n in zip(share, (width, height, width, height)))
                result = np.array(image.resize((new_width, new_height), resample, box))
                numbers = " ".join(repr(v) for v in box)
                lines.append(f"{width} {height} {new_width} {new_height} {name} {numbers} {digest(result)}")
    write("resizes.txt", lines)


def write_transforms():
    lines = ["# width height input_size crop_share filter sha256 of [3, S, S]; noise of key 78"]
    sizes = [(32, 32), (28, 28), (500, 375), (375, 500), (33, 100), (101, 30), (2, 90), (41, 40)]
    for width, height in sizes:
        image = Image.fromarray(noise(78, height, width))
        for size, share in ((32, 1.0), (32, 0.875), (31, 0.95), (64, 0.8)):
            for name in FILTERS:
                steps = transforms.Compose([
                    transforms.Resize(math.floor(size / share), transforms.InterpolationMode(name)),
                    transforms.CenterCrop(size)])
                planes = np.array(steps(image)).transpose(2, 0, 1)
                lines.append(f"{width} {height} {size} {share} {name} {digest(planes)}")
    write("transforms.txt", lines)


if __name__ == "__main__":
    IMAGES.mkdir(parents=True, exist_ok=True)
    write_images()
    write_resizes()
    write_transforms()
