"""Writes tests/golden/data/svhn/: SVHN's two files in small, by SciPy.
usage: make_mat_files.py

Pixel (row, column, channel) of image n is (3 row + 5 column + 70 channel + 11 n) mod 256, so that no two axes can
be mixed up. The training file is deflated, as the published ones are; the test file is not, and holds its labels as
int64, as somebody's own SciPy script would write them. versions.txt says what wrote them.
"""

import pathlib

import numpy
import scipy
from scipy.io import savemat

GOLDEN = pathlib.Path(__file__).parent.parent / "golden" / "data"
FOLDER = GOLDEN / "svhn"


def images(count):
    row, column, channel, n = numpy.ogrid[:32, :32, :3, :count]
    return ((3 * row + 5 * column + 70 * channel + 11 * n) % 256).astype(numpy.uint8)


def labels(values, dtype):
    return numpy.array(values, dtype=dtype).reshape(-1, 1)


def main():
    FOLDER.mkdir(exist_ok=True)
    train = {"note": "passed over", "X": images(5), "y": labels([1, 9, 10, 10, 3], numpy.uint8)}
    savemat(FOLDER / "train_32x32.mat", train, do_compression=True)
    savemat(FOLDER / "test_32x32.mat", {"y": labels([10, 2], numpy.int64), "X": images(2)})
    # A fixed text in place of the date of writing.
    for path in FOLDER.glob("*.mat"):
        content = path.read_bytes()
        path.write_bytes(b"MATLAB 5.0 MAT-file by SciPy".ljust(116) + content[116:])
    (FOLDER / "versions.txt").write_text(f"scipy {scipy.__version__}, numpy {numpy.__version__}\n")


if __name__ == "__main__":
    main()
