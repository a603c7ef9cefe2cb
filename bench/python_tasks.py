"""What task files cost in Python: a resnet50's from disk, switched, decoded, and the import.

    PYTHONPATH=python python bench/python_tasks.py BENCH_TASK_LOAD [--threads N]

Prints one line of JSON a question: a task of resnet50 from disk into a network that has been checked, over the program's
(BENCH_TASK_LOAD, the built bench/bench_task_load); two tasks that stay expanded in turn, over one copy of the masked
weights; masks decoded, in tasks a second over tools/read_task.py; and the seconds of `import submask` after torch's.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import timm
import torch

import submask

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests" / "python")]
import read_task  # noqa: E402
from networks import pretrained_resnet20  # noqa: E402
from task_reader.task_description import read  # noqa: E402


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def show(question, ours, theirs, ratio):
    rounded = {"ours": round(ours, 4), "theirs": round(theirs, 4), "ratio": round(ratio, 3)}
    print(json.dumps({"bench": question, **rounded}), flush=True)


PREPROCESSING = {"input_size": (3, 32, 32), "mean": (0.5,) * 3, "std": (0.5,) * 3, "interpolation": "bilinear", "crop_pct": 1.0}


def write_task(model, backbone, path, seed, head):
    """About a tenth of the weights off."""
    groups = submask.param_groups(model, seed=seed, score_start="normal", score_mean=1.28, score_std=1.0)
    optimizer = submask.MaskSGD(groups, lr=1.0)
    classes = [f"class {i}" for i in range(10)]
    known = {"classes": classes, "preprocessing": PREPROCESSING, "backbone": backbone}
    submask.save_task(model, optimizer, path, head=head, **known)
    optimizer.undo()


def load_and_switch(folder, program, threads, rounds):
    torch.manual_seed(0)
    model = timm.create_model("resnet50", pretrained=False, num_classes=10).eval()
    paths = [folder / f"{seed}.task" for seed in range(2)]
    for seed, path in enumerate(paths):
        write_task(model, "resnet50", path, seed, model.fc)

    cold = submask.Switch(model)
    loads = [seconds(lambda: cold.switch(path, key=f"{turn} {path}")) for turn in range(rounds) for path in paths][2:]
    cold.undo()
    said = subprocess.run([program, "--threads", str(threads), "--profile", "small"], capture_output=True, text=True, check=True).stdout
    theirs = json.loads(said.splitlines()[-1])["ours"] / 1000
    ours = statistics.median(loads)
    show("a resnet50's task from disk (s), over the program's", ours, theirs, ours / theirs)

    warm = submask.Switch(model, keep=2)
    masked = [parameter.data for group in submask.param_groups(model) for parameter in group["params"]]
    copies = [torch.empty_like(tensor) for tensor in masked]
    ratios, switches, moves = [], [], []
    for path in paths:
        warm.switch(path)
    for turn in range(2 * rounds):
        switches.append(seconds(lambda: warm.switch(paths[turn % 2])))
        moves.append(seconds(lambda: [a.copy_(b) for a, b in zip(copies, masked)]))
        ratios.append(switches[-1] / moves[-1])
    warm.undo()
    ours, theirs = statistics.median(switches), statistics.median(moves)
    show("a switch between expanded tasks (s), over a copy of the masked weights", ours, theirs, statistics.median(ratios))


def decode(folder, rounds):
    model = pretrained_resnet20()
    path = folder / "small.task"
    write_task(model, "resnet20", path, 0, model.linear)
    views = read_task.unit_views({name: value.numpy() for name, value in model.state_dict().items()})
    ours, theirs, ratios = [], [], []
    for _ in range(rounds):
        ours.append(1 / seconds(lambda: submask.load_task(path).masks(model)))
        theirs.append(1 / seconds(lambda: read_task.decode_masks(read(str(path)), views)))
        ratios.append(ours[-1] / theirs[-1])
    show("masks decoded (tasks/s), over tools/read_task.py", *map(statistics.median, (ours, theirs, ratios)))


# Names that are imported when they are first used count too.
IMPORTS = """
import time
start = time.perf_counter()
import torch
between = time.perf_counter()
import submask
submask.MaskSGD, submask.apply
print(time.perf_counter() - between, between - start)
"""


def imports(rounds):
    said = [subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True).stdout
            for _ in range(rounds)]
    ours, theirs = (statistics.median(map(float, values)) for values in zip(*(line.split() for line in said)))
    show("import of submask after torch (s), over torch's", ours, theirs, ours / theirs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with tempfile.TemporaryDirectory() as name:
        load_and_switch(pathlib.Path(name), options.program, options.threads, options.rounds)
        decode(pathlib.Path(name), options.rounds)
    imports(options.rounds)


if __name__ == "__main__":
    main()
