"""Writes tests/golden/data/svhn/ and flowers/: the files of SVHN and of Oxford Flowers 102 in small, by SciPy.
usage: make_mat_files.py

Pixel (row, column, channel) of image n is (3 row + 5 column + 70 channel + 11 n) mod 256, so that no two axes can
be mixed up. The training file is deflated, as the published ones are; the test file is not, and holds its labels as
int64, as somebody's own SciPy script would write them. Of 300 flowers image n is of class n mod 102, from 1 on, and seven are
in a part. versions.txt says what wrote them.
"""

import pathlib

import numpy
import scipy
from scipy.io import savemat

GOLDEN = pathlib.Path(__file__).parent.parent / "golden" / "data"
SVHN, FLOWERS = GOLDEN / "svhn", GOLDEN / "flowers"


def images(count):
    row, column, channel, n = numpy.ogrid[:32, :32, :3, :count]
    return ((3 * row + 5 * column + 70 * channel + 11 * n) % 256).astype(numpy.uint8)


def labels(values, dtype):
    return numpy.array(values, dtype=dtype).reshape(-1, 1)


def row(values, dtype):
    return numpy.array(values, dtype=dtype).reshape(1, -1)


def finish(folder):
    # A fixed text in place of the date of writing.
    for path in folder.glob("*.mat"):
        content = path.read_bytes()
        path.write_bytes(b"MATLAB 5.0 MAT-file by SciPy".ljust(116) + content[116:])
    (folder / "versions.txt").write_text(f"scipy {scipy.__version__}, numpy {numpy.__version__}\n")


def main():
    SVHN.mkdir(exist_ok=True)
    train = {"note": "passed over", "X": images(5), "y": labels([1, 9, 10, 10, 3], numpy.uint8)}
    savemat(SVHN / "train_32x32.mat", train, do_compression=True)
    savemat(SVHN / "test_32x32.mat", {"y": labels([10, 2], numpy.int64), "X": images(2)})
    finish(SVHN)
    FLOWERS.mkdir(exist_ok=True)
    parts = {"trnid": row([299, 1, 103], numpy.uint16), "valid": row([102, 300], numpy.uint16), "tstid": row([2, 257], numpy.uint16)}
    savemat(FLOWERS / "setid.mat", parts, do_compression=True)
    savemat(FLOWERS / "imagelabels.mat", {"labels": row([n % 102 + 1 for n in range(1, 301)], numpy.uint8)}, do_compression=True)
    finish(FLOWERS)


if __name__ == "__main__":
    main()
