"""Writes tests/golden/data/svhn/: SVHN's two files in small, by SciPy; svhn73/: the same as version 7.3, by h5py.
usage: make_mat_files.py

Pixel (row, column, channel) of image n is (3 row + 5 column + 70 channel + 11 n) mod 256, so that no two axes can
be mixed up. The training file is deflated, as the published ones are; the test file is not, and holds its labels as
int64, as somebody's own SciPy script would write them. versions.txt says what wrote them.

Version 7.3 is HDF5 behind a user block of 512 bytes, MATLAB's dimensions turned round. svhn73/train holds X in
chunks that are shuffled and deflated and do not divide it, and y as doubles in one piece, as MATLAB does; test holds
X in one piece and y in the object's header. forms.mat has one small array in each form that the reader knows or
refuses; small.mat has few bytes, for tests that damage each of them. No times are stored: the same bytes come out
again.
"""

import pathlib

import h5py
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


class Hdf5Mat:
    """A file as MATLAB would begin it; its arrays as MATLAB would turn them."""

    def __init__(self, path):
        self.path = path
        self.file = h5py.File(path, "w", libver="earliest", userblock_size=512)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        content = self.path.read_bytes()
        text = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, written by h5py HDF5 schema 1.00 ."
        self.path.write_bytes(text.ljust(124) + b"\0\2IM" + content[128:])

    def add(self, name, values, **options):
        self.file.create_dataset(name, data=values.T, **options)

    def add_in_header(self, name, values):
        form = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        form.set_layout(h5py.h5d.COMPACT)
        form.set_obj_track_times(False)
        space, kind = h5py.h5s.create_simple(values.T.shape), h5py.h5t.py_create(values.dtype)
        made = h5py.h5d.create(self.file.id, name.encode(), kind, space, form)
        made.write(h5py.h5s.ALL, h5py.h5s.ALL, numpy.ascontiguousarray(values.T))


def write_version_73(folder):
    folder.mkdir(exist_ok=True)
    with Hdf5Mat(folder / "train_32x32.mat") as mat:
        mat.add("X", images(5), chunks=(2, 2, 20, 32), compression="gzip", shuffle=True)
        mat.add("y", labels([1, 9, 10, 10, 3], numpy.float64))
    with Hdf5Mat(folder / "test_32x32.mat") as mat:
        mat.add("X", images(2))
        mat.add_in_header("y", labels([10, 2], numpy.float64))
    with Hdf5Mat(folder / "small.mat") as mat:
        small = numpy.arange(15, dtype=numpy.uint16).reshape(3, 5)
        mat.add("X", small, chunks=(2, 2), compression="gzip", shuffle=True)
        mat.add("y", labels([1, 2, 3], numpy.float64))
        mat.add_in_header("z", labels([4, 5], numpy.uint8))
    counting = numpy.arange(6 * 35).reshape(6, 35) % 251
    with Hdf5Mat(folder / "forms.mat") as mat:
        for kind in ("int8", "int16", "uint32", "int64", "float32", "float64"):
            mat.add(kind, (counting % 100).astype(kind), chunks=(9, 4), compression="gzip", shuffle=True)
        mat.add("shuffled", counting.astype("uint16"), chunks=(35, 6), shuffle=True)
        mat.add("deflated", counting.astype("uint8"), chunks=(1, 6), compression="gzip")
        mat.add("plain", counting.astype("uint8"), chunks=(7, 2))
        mat.add("negative", -counting.astype("int8"))
        mat.add("fraction", counting / 2)
        mat.add("big_endian", counting.astype(">i4"))
        mat.add("checked", counting.astype("uint8"), chunks=(35, 6), fletcher32=True)
        mat.file.create_dataset("missing", shape=(8, 8), dtype="uint8", chunks=(4, 4))
        mat.file.create_group("group")
        for i in range(300):  # more names than one node of their tree holds, so that it has two levels
            mat.file[f"name{i}"] = mat.file["deflated"]
    (folder / "versions.txt").write_text(f"h5py {h5py.__version__}, HDF5 {h5py.version.hdf5_version}\n")


def main():
    FOLDER.mkdir(exist_ok=True)
    train = {"note": "passed over", "X": images(5), "y": labels([1, 9, 10, 10, 3], numpy.uint8)}
    savemat(FOLDER / "train_32x32.mat", train, do_compression=True)
    savemat(FOLDER / "test_32x32.mat", {"y": labels([10, 2], numpy.int64), "X": images(2)})
    # A fixed text in place of the date of writing.
    for path in FOLDER.glob("*.mat"):
        content = path.read_bytes()
        path.write_bytes(b"MATLAB 5.0 MAT-file by SciPy".ljust(116) + content[116:])
    write_version_73(GOLDEN / "svhn73")
    (FOLDER / "versions.txt").write_text(f"scipy {scipy.__version__}, numpy {numpy.__version__}\n")


if __name__ == "__main__":
    main()
