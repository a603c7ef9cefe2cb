"""Writes tests/golden/data/rare_images: small BMP, GIF, TIFF and PNM files, damaged JPEG and PNG files that Pillow
decodes, and orientations of every integer type, with the digest of what Pillow makes of them.

    python make_rare_images.py      (needs Pillow, numpy)
"""

import io
import struct

import numpy as np
import PIL
from PIL import Image, ImageFile, ImageOps

from make_images import FOLDER, HEIGHT, WIDTH, digest, encoded, noise, picture

IMAGES = FOLDER / "rare_images"


def bmp(rows, bits, *, size=(WIDTH, HEIGHT), header_bytes=40, compression=0, palette=b"", colours=0, masks=b"",
        upside_down=True):
    """`rows`: the bytes of the pixels as they are stored."""
    width, height = size
    if header_bytes == 12:
        header = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        header = struct.pack("<IIiHHIIiiII", header_bytes, width, height if upside_down else -height, 1, bits,
                             compression, len(rows), 0, 0, colours, 0) + masks
        header = header.ljust(header_bytes, b"\0") if header_bytes > 40 else header
    offset = 14 + len(header) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, offset) + header + palette + rows


def padded_rows(rows):
    """Rows of bytes, the last row first, each filled up to four bytes."""
    return b"".join(row + b"\0" * (-len(row) % 4) for row in reversed(rows))


def packed_bits(indices, bits):
    """Each row of [height, width] as bytes, the first pixel in the highest bits."""
    digits = np.unpackbits(indices.astype(np.uint8)[..., None], axis=2)[..., 8 - bits:]
    return [np.packbits(row.reshape(-1)).tobytes() for row in digits]


def run_lengths(indices):
    """RLE8: runs, an absolute stretch, a jump, ends of lines."""
    out = b""
    for y, row in enumerate(indices[::-1]):
        x = 0
        if y == 3:
            out += bytes([0, 2, 4, 0])  # four pixels to the right
            x = 4
        if y % 2:
            out += bytes([0, 5]) + row[x:x + 5].tobytes() + b"\0"
            x += 5
        while x < len(row):
            count = 1
            while x + count < len(row) and row[x + count] == row[x]:
                count += 1
            out += bytes([count, row[x]])
            x += count
        out += bytes([0, 0])
    return out + bytes([0, 1])


def run_lengths_4(indices):
    out = b""
    for row in indices[::-1]:
        out += bytes([0, 7, row[0] << 4 | row[1], row[2] << 4 | row[3], row[4] << 4 | row[5], row[6] << 4])
        for x in range(7, len(row) - 1, 2):
            out += bytes([2, row[x] << 4 | row[x + 1]])
        if (len(row) - 7) % 2:
            out += bytes([1, row[-1] << 4])
        out += bytes([0, 0])
    return out + bytes([0, 1])


def quads(palette):
    return b"".join(bytes([b, g, r, 0]) for r, g, b in palette)


def bmp_images(rgb):
    samples = np.array(rgb)
    bgr = [row[:, ::-1].tobytes() for row in samples]
    alpha = noise(3, HEIGHT, WIDTH)[..., :1]
    bgra = [np.concatenate([row[:, ::-1], a], axis=1).tobytes() for row, a in zip(samples, alpha)]
    colours = (noise(5, 1, 200)[0] | 1).tolist()
    many = noise(6, HEIGHT, WIDTH)[..., 0] % 200
    some = noise(7, HEIGHT, WIDTH)[..., 0] % 16
    runs = np.sort(some, axis=1)
    words = (samples.astype(np.uint16) >> 3) @ np.array([1 << 10, 1 << 5, 1], np.uint16)
    words_565 = (samples >> [3, 2, 3]).astype(np.uint16) @ np.array([1 << 11, 1 << 5, 1], np.uint16)
    grey = [[i, i, i] for i in range(256)]
    rows_16 = [row.astype("<u2").tobytes() for row in words]
    yield "24.bmp", bmp(padded_rows(bgr), 24)
    yield "top_down.bmp", bmp(padded_rows(bgr[::-1]), 24, upside_down=False)
    yield "32.bmp", bmp(padded_rows(bgra), 32)
    yield "fields_32.bmp", bmp(padded_rows(bgra), 32, header_bytes=124, compression=3,
                               masks=struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000))
    yield "fields_32_high.bmp", bmp(padded_rows(bgra), 32, compression=3,
                                    masks=struct.pack("<III", 0xFF000000, 0xFF0000, 0xFF00))
    yield "555.bmp", bmp(padded_rows(rows_16), 16)
    yield "fields_565.bmp", bmp(padded_rows([row.astype("<u2").tobytes() for row in words_565]), 16, compression=3,
                                masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F))
    yield "palette_8.bmp", bmp(padded_rows(packed_bits(many, 8)), 8, palette=quads(colours), colours=200)
    yield "palette_short.bmp", bmp(padded_rows(packed_bits(many, 8)), 8, palette=quads(colours[:90]), colours=90)
    yield "grey_8.bmp", bmp(padded_rows(packed_bits(many, 8)), 8, palette=quads(grey))
    yield "grey_short.bmp", bmp(padded_rows(packed_bits(many, 8)), 8, palette=quads(grey[:90]), colours=90)
    yield "palette_4.bmp", bmp(padded_rows(packed_bits(some, 4)), 4, palette=quads(colours[:16]))
    yield "palette_1.bmp", bmp(padded_rows(packed_bits(some % 2, 1)), 1, palette=quads(colours[:2]))
    yield "black_1.bmp", bmp(padded_rows(packed_bits(some % 2, 1)), 1, palette=quads([[0, 0, 0], [255, 255, 255]]))
    yield "runs_8.bmp", bmp(run_lengths(runs), 8, compression=1, palette=quads(colours[:16]), colours=16)
    yield "runs_4.bmp", bmp(run_lengths_4(some), 4, compression=2, palette=quads(colours[:16]))
    yield "os2.bmp", bmp(padded_rows(packed_bits(some, 8)), 8, header_bytes=12,
                         palette=b"".join(bytes(c[::-1]) for c in (colours * 2)[:256]))
    yield "orientation_ignored.bmp", bmp(padded_rows(bgr), 24, header_bytes=108)


def gif_images(rgb):
    few = rgb.quantize(100)
    options = {"format": "GIF"}
    yield "palette.gif", encoded(few, interlace=0, **options)
    yield "interlaced.gif", encoded(few, interlace=1, **options)
    yield "grey.gif", encoded(rgb.convert("L"), **options)
    yield "transparent.gif", encoded(few, transparency=3, **options)
    yield "animated.gif", encoded(few, save_all=True, append_images=[few.rotate(180)], duration=100, **options)
    # The first frame lies within a larger screen, or beyond it.
    for name, content in (("within.gif", encoded(few, **options)),
                          ("within_transparent.gif", encoded(few, transparency=3, **options))):
        frame = content.index(b"," + struct.pack("<HHHH", 0, 0, WIDTH, HEIGHT))
        moved = content[:frame] + b"," + struct.pack("<HHHH", 3, 2, WIDTH, HEIGHT) + content[frame + 9:]
        yield name, moved[:6] + struct.pack("<HH", WIDTH + 5, HEIGHT + 4) + moved[10:]
        yield name.replace("within", "beyond"), moved
    content = encoded(few, **options)
    frame = content.index(b"," + struct.pack("<HHHH", 0, 0, WIDTH, HEIGHT))
    table = 3 * 2 ** ((content[10] & 7) + 1)
    # The same palette beside the frame, and none for the screen.
    yield "local.gif", (content[:10] + bytes([content[10] & 0x70]) + content[11:13] + content[13 + table:frame + 9] +
                        bytes([0x80 | content[10] & 7]) + content[13:13 + table] + content[frame + 10:])
    yield "no_palette.gif", content[:10] + bytes([content[10] & 0x70]) + content[11:13] + content[13 + table:]


def pnm_images(rgb):
    samples = np.array(rgb)
    yield "rgb.ppm", f"P6\n# made by hand\n{WIDTH} {HEIGHT}\n255\n".encode() + samples.tobytes()
    yield "grey.pgm", f"P5 {WIDTH}\t{HEIGHT} 255\n".encode() + samples[..., 0].tobytes()
    yield "small.ppm", f"P6 {WIDTH} {HEIGHT} 100 ".encode() + (samples % 101).tobytes()
    yield "small.pgm", f"P5 {WIDTH} {HEIGHT} 77\n".encode() + (samples[..., 1] % 78).tobytes()
    yield "deep.ppm", (f"P6 {WIDTH} {HEIGHT} 65535\n".encode() +
                       ((samples.astype(np.uint16) << 8) + noise(4, HEIGHT, WIDTH)).astype(">u2").tobytes())


def tiff_images(rgb):
    options = {"format": "TIFF"}
    alpha = Image.fromarray(noise(3, HEIGHT, WIDTH)[..., 0])
    with_alpha = rgb.copy()
    with_alpha.putalpha(alpha)
    for compression in ("raw", "tiff_lzw", "tiff_deflate", "packbits"):
        yield f"{compression}.tif", encoded(rgb, compression=compression, **options)
    yield "grey.tif", encoded(rgb.convert("L"), **options)
    yield "palette.tif", encoded(rgb.quantize(100), **options)
    yield "alpha.tif", encoded(with_alpha, **options)
    yield "grey_alpha.tif", encoded(with_alpha.convert("LA"), **options)
    yield "bits.tif", encoded(rgb.convert("1"), **options)
    yield "orientation6.tif", encoded(rgb, tiffinfo={0x0112: 6}, **options)
    yield "two_pages.tif", encoded(rgb, save_all=True, append_images=[rgb.rotate(180)], **options)


def chunk_at(png, kind):
    """Where the chunk begins, at its length."""
    return png.index(kind) - 4


def damaged_images(rgb):
    large = Image.fromarray(np.kron(picture(), np.ones((4, 4, 1), np.uint8)))
    png = encoded(rgb, format="PNG")
    end = chunk_at(png, b"IEND")
    yield "no_iend.png", png[:end]
    yield "cut_iend.png", png[:end + 6]
    yield "wrong_iend.png", png[:-1] + bytes([png[-1] ^ 1])
    text = struct.pack(">I", 4) + b"tEXt" + b"a\0bc" + b"\0\0\0\0"  # its checksum is wrong
    yield "wrong_text_behind.png", png[:end] + text + png[end:]
    interlaced = (IMAGES.parent / "images" / "interlaced.png").read_bytes()
    yield "interlaced_no_iend.png", interlaced[:chunk_at(interlaced, b"IEND")]
    for name, options in {"baseline": {}, "progressive": {"progressive": True}, "grey": {}}.items():
        image = large.convert("L") if name == "grey" else large
        jpeg = encoded(image, format="JPEG", quality=80, **options)
        # Within the last scan's data, as a marker that is cut is an error.
        last_scan = jpeg.rindex(b"\xFF\xDA")
        yield f"early_{name}.jpg", jpeg[:(last_scan + len(jpeg)) // 2] + b"\xFF\xD9"
    jpeg = encoded(large, format="JPEG", quality=80)
    middle = len(jpeg) * 3 // 4
    yield "stray_marker.jpg", jpeg[:middle] + b"\xFF\xD3" + jpeg[middle:]
    yield "behind_the_end.jpg", jpeg + b"rest"


def typed_exif(kind, value, byte_order="<"):
    """A block whose orientation has this type: 1 byte, 3 short, 4 long, 6, 8 and 9 signed."""
    width = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i"}[kind]
    mark = b"II*\0" if byte_order == "<" else b"MM\0*"
    packed = struct.pack(byte_order + width, value).ljust(4, b"\0")
    return mark + struct.pack(byte_order + "IHHHI", 8, 1, 0x0112, kind, 1) + packed + b"\0\0\0\0"


def turned_images(rgb):
    for kind in (1, 3, 4, 6, 8, 9):
        for order, name in (("<", "little"), (">", "big")):
            yield f"type{kind}_{name}.jpg", encoded(rgb, format="JPEG", quality=88,
                                                    exif=b"Exif\0\0" + typed_exif(kind, 6, order))
    packet = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="8"/></x:xmpmeta>'
    plain = encoded(rgb, format="JPEG", quality=88)
    segment = b"http://ns.adobe.com/xap/1.0/\0" + packet.encode()
    yield "xmp.jpg", plain[:2] + b"\xFF\xE1" + struct.pack(">H", len(segment) + 2) + segment + plain[2:]


def decoded(content):
    image = Image.open(io.BytesIO(content))
    return np.array(ImageOps.exif_transpose(image).convert("RGB"))


def main():
    IMAGES.mkdir(parents=True, exist_ok=True)
    rgb = Image.fromarray(picture())
    lines = [f"# made by tests/reference/make_rare_images.py with Pillow {PIL.__version__}",
             "# file width height sha256 of the RGB bytes"]
    kinds = (bmp_images, gif_images, pnm_images, tiff_images, damaged_images, turned_images)
    for name, content in [image for kind in kinds for image in kind(rgb)]:
        (IMAGES / name).write_bytes(content)
        try:
            pixels = decoded(content)
        except Exception as error:
            print(name, "does not decode:", repr(error)[:150])
            continue
        lines.append(f"{name} {pixels.shape[1]} {pixels.shape[0]} {digest(pixels)}")
    (FOLDER / "rare_images.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
