"""What a mask saves another that starts from it, and what masks of several seeds are together. Prints two tables.

    python3 experiments/prepare_small.py ...              once; it says what it needs
    python3 experiments/transfer_small.py SUBMASK OUT     in the folder above this one

Everything is learned by CIFAR-10's resnet20 from 5,000 images with three seeds and measured on 5,000 test images. OUT
keeps what is learned, so the same command goes on where it was.

First: Fashion-MNIST in 1, 2 and 4 epochs, from nothing and --from the masks of three other tasks (4 epochs each).
Second: three masks of Fashion-MNIST that differ by their seeds, merged by and, or and majority, and a linear probe of each.
"""

import argparse
import json
import pathlib
import statistics
import subprocess

SEEDS = (0, 1, 2)
EPOCHS = (1, 2, 4)
FASHION = "fashion-mnist"
SOURCES = {
    "four coarse classes of the same images": ("idx:experiments/data/fashion-coarse", 4),
    "the images inverted and turned": ("idx:experiments/data/fashion-turned", 4),
    "digits": ("idx:experiments/data/digits", 12),
}
LIMITS = ["--train-limit", "5000", "--test-limit", "5000"]


class Program:
    def __init__(self, path, out):
        self.path, self.out = path, pathlib.Path(out)
        self.out.mkdir(parents=True, exist_ok=True)
        self.network = ["--backbone", "resnet20", "--weights", "experiments/data/resnet20-12fca82f.th"]

    def run(self, name, command, words):
        """The result of a command that makes OUT/name.task; of an earlier run, where there is one."""
        kept = self.out / f"{name}.json"
        if not kept.exists():
            task = ["--out", str(self.out / f"{name}.task"), "--json", "--quiet"]
            done = subprocess.run([self.path, command, *words, *self.network, *task], capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(done.stderr)
            kept.write_text(done.stdout)
        return json.loads(kept.read_text())

    def learn(self, name, data, epochs, seed, start=None):
        words = ["--data", data, "--epochs", str(epochs), "--seed", str(seed), *LIMITS]
        return self.run(name, "train", words + (["--from", str(self.out / f"{start}.task")] if start else []))


def mean_of(values):
    return f"{statistics.mean(values):.4f} +- {statistics.stdev(values):.4f}"


def transfer(program):
    print("| mask starts from | " + " | ".join(f"epochs: {epochs}" for epochs in EPOCHS) + " |")
    print("|---|" + "---:|" * len(EPOCHS))
    for source in [None, *SOURCES]:
        cells = []
        for epochs in EPOCHS:
            accuracies = []
            for seed in SEEDS:
                start = None
                if source:
                    data, source_epochs = SOURCES[source]
                    start = f"{pathlib.Path(data).name}-{source_epochs}-{seed}"
                    program.learn(start, data, source_epochs, seed)
                name = f"fashion-{epochs}-{seed}" + (f"-from-{start}" if start else "")
                accuracies.append(program.learn(name, FASHION, epochs, seed, start)["accuracy"])
            cells.append(mean_of(accuracies))
        print(f"| {source or 'nothing'} | " + " | ".join(cells) + " |", flush=True)


def merging(program):
    print("\n| mask | off | bytes | head | linear probe |\n|---|---:|---:|---:|---:|")
    alone = [program.learn(f"fashion-4-{seed}", FASHION, 4, seed) for seed in SEEDS]

    def probe(name):
        words = ["--task", str(program.out / f"{name}.task"), "--data", FASHION, "--probe", "lp", *LIMITS]
        return program.run(f"{name}-lp", "fit", words)["accuracy"]

    means = [statistics.mean(each[key] for each in alone) for key in ("masked_fraction", "task_bytes", "accuracy")]
    probes = statistics.mean(probe(f"fashion-4-{seed}") for seed in SEEDS)
    print(f"| of one seed (mean of three) | {means[0]:.1%} | {means[1]:,.0f} | {means[2]:.4f} | {probes:.4f} |")
    for rule in ("and", "or", "majority"):
        files = [str(program.out / f"fashion-4-{seed}.task") for seed in SEEDS]
        merged = program.run(f"merged-{rule}", "merge", [*files, "--rule", rule, "--data", FASHION, *LIMITS])
        print(
            f"| {rule} of three | {merged['masked_fraction']:.1%} | {merged['task_bytes']:,} "
            f"| {merged['accuracy']:.4f} | {probe(f'merged-{rule}'):.4f} |",
            flush=True,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("submask")
    parser.add_argument("out")
    options = parser.parse_args()
    program = Program(options.submask, options.out)
    transfer(program)
    merging(program)


if __name__ == "__main__":
    main()
