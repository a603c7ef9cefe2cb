"""Writes the seeds of tests/fuzz/corpus/, most of them golden files. usage: make_corpus.py (in any folder; needs zstd)

What a fuzzer found goes beside them under its own name and stays. The tasks that are no golden files were learned over
the embedded resnet20 (`submask train --mask-only 'layer1.0*'`) and packed in each profile.
"""

import gzip
import io
import json
import pathlib
import shutil
import struct
import subprocess
import tarfile
import zipfile
import zlib

FUZZ = pathlib.Path(__file__).parent
GOLDEN = FUZZ.parent / "golden"
SEEDS = {
    "safetensors": ["weights/flat.safetensors", "weights/module.safetensors"],
    "zip": ["weights/model_state_dict.pth", "weights/protocol4.pth", "weights/compressed.pth",
            "weights_layouts/frozen.pt", "weights_layouts/shared.pth"],
    "pickle": ["weights/model_state_dict.th", "weights/training.th", "weights/hostile_plain.pkl",
               "weights_layouts/dino.th"],
    "task_file": [
        "mask/small.task", "mask/bank_exact.task", "mask/bank_int8.task", "mask/cosine_half.task",
    ],
    "c_interface": ["mask/small.task", "mask/bank_int8.task"],
    "cascade_file": ["cascade/small.cascade"],
    "jpeg": [f"data/images/{name}.jpg" for name in ("cmyk", "grey", "orientation6", "progressive", "rgb420", "rgb422")],
    "png": [f"data/images/{name}.png" for name in (
        "grey1", "grey16", "grey_alpha", "interlaced", "orientation6", "palette4", "palette_transparent", "rgba")],
    "webp": [f"data/images/{name}.webp" for name in (
        "animated", "lossless", "lossless_alpha", "lossy", "lossy_alpha", "orientation8")],
    "bmp": [f"data/rare_images/{name}.bmp" for name in (
        "24", "555", "fields_32", "fields_565", "os2", "palette_1", "palette_short", "runs_4", "runs_8", "top_down")],
    "gif": [f"data/rare_images/{name}.gif" for name in (
        "animated", "beyond", "interlaced", "local", "no_palette", "within_transparent")],
    "tiff": [f"data/rare_images/{name}.tif" for name in (
        "alpha", "bits", "grey", "orientation6", "packbits", "palette", "tiff_deflate", "tiff_lzw")],
    "pnm": [f"data/rare_images/{name}" for name in ("deep.ppm", "grey.pgm", "rgb.ppm", "small.pgm")],
    "checkpoint": ["weights/protocol4.pth"],
}
PICKLED = ["weights/hostile_system.pth", "weights/whole_model.pth", "weights/sparse.pth", "weights/cyclic.pth",
           "weights/training.pth", "weights_layouts/script.pt", "weights_layouts/named_twice.pth"]
# Programs made to take a lot of memory, or to run something.
HOSTILE = {
    "memo_far": b"Nr\xff\xff\x3f\x00.",
    "call_system": b"cos\nsystem\nU\x02ls\x85R.",
    "instance_system": b"(U\x02lsios\nsystem\n.",
    "long_class": b"ca\n" + b"n" * 1000 + b"\nq\x010" + b"h\x01)\x810" * 200 + b"N.",
    "copied_pairs": b"ccollections\nOrderedDict\nq\x010(" + b"N2\x86" * 100 + b"lq\x02\x85q\x030"
                    + b"h\x01h\x03R" * 300 + b".",
    "list_in_itself": b"]\x94h\x00a.",
    "nested_lists": b"]" * 2000 + b"a" * 1999 + b".",
}
SCENE = ('{"image_index": 0, "objects": [{"color": "red"}, {"coords": [0.5, -1]}, {}], "split": "train", '
         '"image_filename": "CLEVR_train_000000.png", "relationships": {"left": [[1, 2], []]}}')
TEXTS = {
    "csv": {"labels.csv": "path,label\na.jpg,cat\n\"b,\"\"1\"\".jpg\",dog\r\n",
            "split.csv": "\ufefflabel,split,path\ncat10,train,a\ncat9,val,b\ncat9,test,c\n",
            "commas.csv": "path,label" + "," * 100 + "\n" + "," * 101 + "\n"},
    "coop": {"split.json": '{"train": [["a/1.jpg", 0, "cat"]], "val": [["b/2.jpg", 1, "dog"]], '
                           '"test": [["a/3.jpg", 0, "cat"]]}',
             "gap.json": '{"train": [["a", 1, "b"]], "test": []}',
             "labels.json": '{"train":[' + ",".join(f'["a",{i},""]' for i in range(100)) + ']}'},
    "clevr": {"scenes.json": '{"info": {"scenes": [1]}, "scenes": [' + SCENE + ", " + SCENE + "]}",
              "few.json": '{"scenes": [{"objects": [{}], "image_filename": "a"}]}'},
    "toml": {"learn.toml": 'method = "ssl-fs"\nbackbone = "resnet20"\ndata = "fashion-mnist"\nepochs = 6\n'
                           'mask-only = ["layer1.*", "layer2.*"]\nseed = 3\nlr-schedule = "cosine"\n'
                           '[[crop]]\ncount = 2\nsize = 32\nscale-min = .25\n[[crop]]\nsize = 16\n',
             "measure.toml": 'method = ["lp", "knn"]\nlabels = "10p"\nk = 20\nthreads = 2\ncache = "ram"\n'
                             'task = """a\nb.task"""\n# a comment\nprobe-l2 = 1e-3\n',
             "cascade.toml": "experts = 3\nno-heads = true\nrate = 0x1F\nworkers = 0\n"},
    "grid": {"axes.toml": 'title = "Two"\nversion = 2\n[all]\nepochs = 6\nseed = [0, 1]\n[model.small]\n'
                          'backbone = "resnet20"\n[model.lite]\nbackbone = "efficientnet_lite0"\ninput-size = 64\n'
                          '[set.fashion]\ndata = "fashion-mnist"\n[[run]]\nmethod = ["fs", "fft", "lp", "knn"]\n',
             "then.toml": '[all]\nmask-only = [["layer1.*", "layer2.*"]]\n[[run]]\nmethod = "ssl-fs"\nrate = [25, 50]\n'
                          '[[run.then]]\nmethod = ["lp", "knn"]\nlabels = ["1p", "100p"]\n[[run]]\n'
                          'method = "cascade"\nexperts = 2\n',
             "wide.toml": "[[run]]\nmethod = 'fs'\n" + "".join(f"{name} = [1, 2, 3]\n" for name in (
                 "epochs", "seed", "rate", "batch-size", "tune"))},
}


def idx(*shape):
    count = 1
    for length in shape:
        count *= length
    return struct.pack(f">{1 + len(shape)}I", 0x800 + len(shape), *shape) + bytes(range(count))


def tar(form):
    """Short and long names, a folder, a link; in pax form a global header too."""
    content = io.BytesIO()
    settings = {"comment": "global"} if form == tarfile.PAX_FORMAT else None
    with tarfile.open(fileobj=content, mode="w", format=form, pax_headers=settings) as archive:
        for name, kind in (("a.jpg", tarfile.REGTYPE), ("a.cls", tarfile.REGTYPE), ("d", tarfile.DIRTYPE),
                           ("d/" * 40 + "n" * 90 + ".jpg", tarfile.REGTYPE), ("link", tarfile.SYMTYPE)):
            entry = tarfile.TarInfo(name)
            entry.type, entry.size = kind, 3 if kind == tarfile.REGTYPE else 0
            entry.linkname = "a.jpg" if kind == tarfile.SYMTYPE else ""
            archive.addfile(entry, io.BytesIO(b"7\n\n"))
    return content.getvalue().rstrip(b"\0") + bytes(1536)


def exif(order, orientation, directory=8):
    """A TIFF block with one other entry before the orientation."""
    return ((b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, directory) + bytes(directory - 8)
            + struct.pack(order + "HHHIIHHIHHI", 2, 0x010F, 2, 4, 0, 0x0112, 3, 1, orientation, 0, 0))


def image_cache(crops, images):
    """The three bytes that choose the contents, then a file; image_cache_fuzz.cpp puts the checksums right."""
    pixels = 128 + 24 * images
    table = b"".join(struct.pack("<QQII", pixels + 6 * i, 0, 2, 1) for i in range(images))
    return (bytes([images + (128 if crops else 0), 1, 2]) + b"submimg1" + b"0" * 64 + bytes(56) + table
            + bytes(range(6 * images)))


def safetensors(metadata, **tensors):
    """One-dimensional float32 tensors."""
    header, content = {"__metadata__": metadata}, b""
    for name, values in tensors.items():
        data = struct.pack(f"<{len(values)}f", *values)
        begin = len(content)
        content += data
        header[name] = {"dtype": "F32", "shape": [len(values)], "data_offsets": [begin, len(content)]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + content


def checkpoint(**changes):
    """checkpoint_fuzz.cpp puts the checksum right."""
    position = {"epoch": 3, "batch": 7, "loss_sum": 0.1, "correct": 5, "seen": 9, "best_accuracy": 0.5, "best_epoch": 2}
    metadata = {"format": "submask-checkpoint", "run": "run", "position": json.dumps(position | changes), "xxh64": "0"}
    return safetensors(metadata, score=[0.5, -1], momentum=[0, 0])


def zstd(content):
    return subprocess.run(["zstd", "-q", "-3"], input=content, capture_output=True, check=True).stdout


def write_seeds(seeds):
    for name, content in seeds.items():
        path = FUZZ / "corpus" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 16\r\nETag: \"" + b"a" * 40 + b"\"\r\n\r\n" + b"x" * 16
CUT = b"HTTP/1.1 206 Partial\r\nContent-Range: bytes 8-15/16\r\nContent-Length: 8\r\n\r\n" + b"x" * 8
MOVED = b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"
BUSY = b"HTTP/1.1 429 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
MODEL = json.dumps({"sha": "b" * 40, "siblings": [{"rfilename": "model.safetensors"}, {"rfilename": "config.json"}]}).encode()
HUB = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(MODEL) + MODEL


def fetched_seeds():
    """An archive's members beside folders and files are refused; replies are told apart by a byte of 30."""
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("d/a.jpg", "abc")
    return {"archive/gnu.tar.gz": gzip.compress(tar(tarfile.GNU_FORMAT), mtime=0), "archive/ustar.tar": tar(tarfile.USTAR_FORMAT),
            "archive/small.zip": zipped.getvalue(),
            "http/text": b"\0" + REPLY, "http/head": b"\1" + MOVED + b"\x1e" + REPLY, "http/size": b"\2" + REPLY,
            "http/file": b"\3" + REPLY, "http/resumed": b"\4" + CUT, "http/busy": b"\0" + BUSY + b"\x1e" + REPLY,
            "http/hub": b"\5" + b"\x1e".join([HUB, REPLY, REPLY, REPLY, REPLY])}


def asked_seeds():
    """What a server is asked: a header and a body. Requests have their kind in a byte before."""
    tensor = {"name": "image", "shape": [1], "datatype": "BYTES", "parameters": {"binary_data_size": 7}}
    binary = json.dumps({"inputs": [tensor]}).encode()
    plain = {"inputs": [{"name": "pixels", "shape": [1, 1, 1, 3], "datatype": "UINT8", "data": [[[[1, 2, 3]]]]}],
             "outputs": [{"name": "scores", "parameters": {"classification": 2, "binary_data": True}}],
             "id": "1", "parameters": {"timeout": 5}}
    form = (b"--XX\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\nabc\r\n"
            b"--XX\r\nContent-Disposition: form-data; label=cat; name=image\r\n\r\n\r\n--XX--\r\n")
    return {"infer/binary": b"%d\n" % len(binary) + binary + b"\3\0\0\0abc",
            "infer/json": b"\n" + json.dumps(plain).encode(),
            "infer/base64": b"\n" + json.dumps({"inputs": [{**tensor, "parameters": {}, "data": ["YWJj"]}]}).encode(),
            "request/form": b"\0multipart/form-data; boundary=XX\n" + form,
            "request/gzip": b"\1gzip\n" + gzip.compress(b"abc" * 50, mtime=0),
            "request/deflate": b"\1deflate, identity\n" + zlib.compress(b"abc"),
            "request/query": b"\2\ntop=3&tasks=a%2Cb+c&x", "request/base64": b"\2\nYWJjZA=="}


def write_kept_seeds():
    """Files that images bring along and that runs leave."""
    write_seeds({"exif/little": exif("<", 6), "exif/big": exif(">", 8), "exif/prefixed": b"Exif\0\0" + exif(">", 3, 20),
                 "image_cache/crops": image_cache(True, 2), "image_cache/decoded": image_cache(False, 3),
                 "checkpoint/whole": checkpoint(), "checkpoint/fraction": checkpoint(epoch=1e300, batch=0.5),
                 "checkpoint/negative": checkpoint(batch=-1, best_epoch=-(1 << 63)),
                 "shard/ustar.tar": tar(tarfile.USTAR_FORMAT), "shard/pax.tar": tar(tarfile.PAX_FORMAT),
                 "shard/gnu.tar.gz": gzip.compress(tar(tarfile.GNU_FORMAT), mtime=0),
                 "shard/gnu.tar.zst": zstd(tar(tarfile.GNU_FORMAT)),
                 "shard/two_frames.zst": b"\x50\x2a\x4d\x18\3\0\0\0abc" + zstd(b"a") + zstd(b"b" * 1000)})


def write_data_seeds():
    for reader, texts in TEXTS.items():
        (FUZZ / "corpus" / reader).mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (FUZZ / "corpus" / reader / name).write_bytes(text.encode())
    seeds = {"idx/images": idx(3, 2, 4), "idx/labels": idx(5), "idx/hostile": idx(1 << 30, 1, 0),
             "idx/images.gz": gzip.compress(idx(3, 2, 4), mtime=0),
             "idx/zeros.gz": gzip.compress(struct.pack(">2I", 0x801, 1 << 16) + bytes(1 << 16), mtime=0),
             "mat/deflated.mat": (GOLDEN / "data/svhn/train_32x32.mat").read_bytes(),
             "mat/plain.mat": (GOLDEN / "data/svhn/test_32x32.mat").read_bytes(),
             "tar/ustar.tar": tar(tarfile.USTAR_FORMAT), "tar/gnu.tar": tar(tarfile.GNU_FORMAT),
             "tar/pax.tar": tar(tarfile.PAX_FORMAT)}
    write_seeds(seeds)


def main():
    write_data_seeds()
    write_kept_seeds()
    write_seeds({**fetched_seeds(), **asked_seeds()})
    for reader, names in SEEDS.items():
        folder = FUZZ / "corpus" / reader
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            shutil.copyfile(GOLDEN / name, folder / pathlib.Path(name).name)
    for name in PICKLED:
        with zipfile.ZipFile(GOLDEN / name) as archive:
            entry = next(entry for entry in archive.namelist() if entry.endswith("/data.pkl"))
            (FUZZ / "corpus" / "pickle" / f"{pathlib.Path(name).stem}.pkl").write_bytes(archive.read(entry))
    for name, program in HOSTILE.items():
        (FUZZ / "corpus" / "pickle" / f"{name}.pkl").write_bytes(program)


if __name__ == "__main__":
    main()
