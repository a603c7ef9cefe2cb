"""Loads tasks that the program learned into timm's networks by tools/read_task.py and compares what both answer.

For each backbone: timm's seeded weights, a task learned on Fashion-MNIST for one epoch, coded as `small` and as
`fast`, and a bank of neighbours. Printed are the largest differences on ten test images: of logits between the state
dict that read_task.apply() makes and the one of `submask export`, both in timm (the same bits, so 0), and of
probabilities between timm and `submask predict`, which reads the images itself. Ends with an error where they differ.

    python tests/reference/check_timm_task.py PROGRAM [--data fashion-mnist:DIR] [BACKBONE ...]
    (needs timm, torch, Pillow, numpy; two minutes a backbone, because `small` takes Python ten seconds a million weights)
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import timm
import torch
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent.parent / "tools"))
import read_task

INPUT_SIZES = {"vit_tiny_patch16_224": 224}
MOST_DIFFERENCE = 1e-5  # of probabilities: what float32 sums in another order leave


def run(program, *words):
    done = subprocess.run([program, *map(str, words), "--json", "--quiet"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def numpy_state(model):
    return {name: tensor.numpy() for name, tensor in model.state_dict().items()}


def loaded(name, state, classes):
    model = timm.create_model(name, pretrained=False)
    model.reset_classifier(classes)
    model.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in state.items()})
    return model.eval()


def batch(files, preprocessing):
    size, share = preprocessing["input_size"], preprocessing["crop_share"]
    transform = timm.data.create_transform(
        (3, size, size), interpolation=preprocessing["interpolation"], crop_pct=share, mean=preprocessing["mean"],
        std=preprocessing["std"])
    return torch.stack([transform(Image.open(file).convert("RGB")) for file in files])


def predicted(program, task, backbone, files):
    """The program's probabilities [images, classes], in the order of the task's classes."""
    classes = task.description["classes"]
    answer = run(program, "predict", "--task", task.file, *backbone, "--top", len(classes), *files)
    rows = []
    for image in answer["images"]:
        top = {entry["label"]: entry["probability"] for entry in image["predictions"][0]["classes"]}
        rows.append([top[name] for name in classes])
    return np.array(rows)


def difference(a, b):
    return float(np.abs(np.asarray(a, np.float64) - np.asarray(b, np.float64)).max())


def compare_linear(program, file, backbone, weights, files):
    task = read_task.read(str(file))
    name, classes = task.description["backbone"], len(task.description["classes"])
    run(program, "export", "--task", file, *backbone, "--out", f"{file}.exported")
    exported = read_task.read_tensors(f"{file}.exported")[2]
    images = batch(files, task.description["preprocessing"])
    state = read_task.apply(task, weights)
    unmasked = {**state, **{unit.name: weights[unit.name] for unit in task.units if unit.name in weights}}
    with torch.inference_mode():
        ours, theirs, control = (loaded(name, each, classes)(images) for each in (state, exported, unmasked))
    of_logits = difference(ours, theirs)
    of_program = difference(torch.softmax(ours, dim=1), predicted(program, task, backbone, files))
    profile = task.description["profile"]
    print(f"{name} {profile}: logits, export in timm {of_logits}; probabilities, program {of_program:.2g}; "
          f"had no mask been applied, logits {difference(ours, control):.2g}", flush=True)
    return of_logits == 0 and of_program < MOST_DIFFERENCE


def compare_bank(program, file, backbone, weights, files):
    task = read_task.read(str(file))
    name, images = task.description["backbone"], batch(files, task.description["preprocessing"])
    model = timm.create_model(name, pretrained=False)
    model.load_state_dict({name: torch.from_numpy(array) for name, array in read_task.apply(task, weights).items()})
    with torch.inference_mode():
        features = model.eval().forward_head(model.forward_features(images), pre_logits=True).numpy()
    got = difference(np.exp(read_task.logits(task, features)), predicted(program, task, backbone, files))
    print(f"{name} bank: probabilities, program {got:.2g}", flush=True)
    return got < MOST_DIFFERENCE


def check(program, data, name, folder):
    torch.manual_seed(0)
    weights = numpy_state(timm.create_model(name, pretrained=False))
    read_task.write_tensors(f"{folder}/weights.safetensors", {"format": "pt"}, weights)
    backbone = ["--backbone", name, "--weights", f"{folder}/weights.safetensors"]
    small, fast, bank = (folder / f"{kind}.task" for kind in ("small", "fast", "bank"))
    run(program, "train", *backbone, "--data", data, "--train-limit", 64, "--test-limit", 10, "--epochs", 1,
        "--batch-size", 8, "--input-size", INPUT_SIZES.get(name, 64), "--head-rate", 0.01, "--score-start", "normal",
        "--score-mean", 0.5, "--score-std", 0.5, "--out", small)
    run(program, "pack", small, *backbone, "--profile", "fast", "--out", fast)
    run(program, "fit", "--task", fast, *backbone, "--data", data, "--train-limit", 64, "--test-limit", 10, "--probe",
        "knn", "--out", bank)
    run(program, "datasets", "extract", data, "--out", folder / "images", "--count", 10)
    files = sorted((folder / "images").rglob("*.png"))
    assert len(files) == 10
    linear = [compare_linear(program, file, backbone, weights, files) for file in (fast, small)]
    return all(linear) and compare_bank(program, bank, backbone, weights, files)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("backbones", nargs="*", default=["resnet18", "tf_efficientnet_lite0", "vit_tiny_patch16_224"])
    parser.add_argument("--data", default="fashion-mnist")
    options = parser.parse_args()
    equal = True
    for name in options.backbones:
        with tempfile.TemporaryDirectory() as folder:
            equal = check(options.program, options.data, name, pathlib.Path(folder)) and equal
    sys.exit(0 if equal else "expected the same answers")


if __name__ == "__main__":
    main()
