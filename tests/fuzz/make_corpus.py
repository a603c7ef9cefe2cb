"""Writes the seeds of tests/fuzz/corpus/ from the golden weight files. usage: make_corpus.py (in any folder)

What a fuzzer found goes beside them under its own name and stays.
"""

import pathlib
import shutil
import zipfile

FUZZ = pathlib.Path(__file__).parent
GOLDEN = FUZZ.parent / "golden"
SEEDS = {
    "safetensors": ["weights/flat.safetensors", "weights/module.safetensors"],
    "zip": ["weights/model_state_dict.pth", "weights/protocol4.pth", "weights/compressed.pth",
            "weights_layouts/frozen.pt", "weights_layouts/shared.pth"],
    "pickle": ["weights/model_state_dict.th", "weights/training.th", "weights/hostile_plain.pkl",
               "weights_layouts/dino.th"],
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


def main():
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
