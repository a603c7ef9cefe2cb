"""What a price for bytes costs a run, and how near --bytes N comes to N. Prints two lines of JSON.

    python3 bench/byte_price.py PROGRAM [--rounds 5] [--network NAME=WEIGHTS:PIXELS ...] [WORDS...]

The first line compares processor seconds of `train --byte-price .01` (ours) and `train` (theirs) over the embedded
resnet20, in turn. The second has the bytes of files learned with --bytes (ours) and N (theirs), the worst of all networks:
of each, N is once what a mask without a price takes, less a half of its mask, and once less nine tenths. WORDS are further ones of
every command, such as --price-by coder.
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import tempfile

LEARN = ["train", "--data", "fashion-mnist", "--test-limit", "10", "--threads", "1", "--workers", "1", "--quiet", "--json"]


def learn(program, words, out):
    """What the program says of a run, and the processor seconds that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([program, *LEARN, *words, "--out", out], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return json.loads(done.stdout.splitlines()[-1]), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def cost_of_a_price(program, words, rounds, out):
    run = ["--backbone", "resnet20", "--train-limit", "1000", "--epochs", "2", *words]
    sides = {"ours": run + ["--byte-price", ".01"], "theirs": run + ["--byte-price", "0"]}
    seconds = {name: [] for name in sides}
    for i in range(rounds):
        for name in list(sides)[:: 1 if i % 2 == 0 else -1]:
            seconds[name].append(learn(program, sides[name], out)[1])
    ratios = [a / b for a, b in zip(seconds["ours"], seconds["theirs"])]
    return {
        "bench": "byte_price",
        "ours": round(statistics.median(seconds["ours"]), 2),
        "theirs": round(statistics.median(seconds["theirs"]), 2),
        "ratio": round(statistics.median(ratios), 4),
        "unit": "processor seconds",
        "lowest": round(min(ratios), 4),
        "highest": round(max(ratios), 4),
        "rounds": rounds,
    }


def distance_from_bytes(program, words, network, out):
    """N and the bytes of the file, for two N."""
    name, _, rest = network.partition("=")
    weights, _, pixels = rest.rpartition(":")
    run = ["--backbone", name, "--train-limit", "1500", "--epochs", "3", "--input-size", pixels, *words]
    run += ["--weights", weights] if weights else []
    free = learn(program, [*run, "--byte-price", "0"], out)[0]["task_bytes"]
    told = subprocess.run([program, "inspect", out, "--json"], capture_output=True, text=True, check=True).stdout
    mask = json.loads(told)["mask_bytes"]
    pairs = []
    for share in (0.5, 0.9):
        wanted = round(free - share * mask)
        pairs.append((wanted, learn(program, [*run, "--bytes", str(wanted)], out)[0]["task_bytes"]))
    return pairs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--network", action="append", default=[])
    options, words = parser.parse_known_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    program = str(pathlib.Path(options.program).resolve())
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "a.task")
        print(json.dumps(cost_of_a_price(program, words, options.rounds, out)), flush=True)
        found = {each: distance_from_bytes(program, words, each, out) for each in options.network or ["resnet20=:32"]}
    worst = max((pair for pairs in found.values() for pair in pairs), key=lambda pair: abs(pair[1] / pair[0] - 1))
    print(json.dumps({"bench": "bytes", "ours": worst[1], "theirs": worst[0], "ratio": round(worst[1] / worst[0], 4),
                      "unit": "bytes", "networks": {each.partition("=")[0]: pairs for each, pairs in found.items()}}))


if __name__ == "__main__":
    main()
