"""Learns tasks with the Python package on other libraries' networks, and has the program apply them.

For each network: seeded weights, one step of MaskSGD on noise, a task file, and the program over the same checkpoint:
`submask verify` has to find that the task is whole and fits, and `submask predict` has to give the library's
probabilities. Prints the largest difference of probabilities, and ends with an error where they differ.

    PYTHONPATH=python python tests/reference/check_python_package.py PROGRAM [NETWORK ...]
    (needs torch, timm, torchvision, transformers and open_clip; half a minute a network)
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import open_clip
import timm
import torch
import torchvision
import transformers
from torch import nn

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "python"))
from files import write_png  # noqa: E402

import submask  # noqa: E402

MOST_DIFFERENCE = 1e-5  # of probabilities: what float32 sums in another order leave
CLASSES = ["one", "two", "three"]
PREPROCESSING = {
    "input_size": 224,
    "crop_share": 1.0,
    "interpolation": "bicubic",
    "mean": [0.485, 0.456, 0.406],
    "std": [0.229, 0.224, 0.225],
}


class Hugging(nn.Module):
    """transformers' ViT of the width of timm's smallest; its answer is an object."""

    def __init__(self):
        super().__init__()
        size = {"hidden_size": 192, "num_hidden_layers": 12, "num_attention_heads": 3, "intermediate_size": 768}
        # timm's epsilon, which no checkpoint says.
        self.vit = transformers.ViTForImageClassification(
            transformers.ViTConfig(**size, layer_norm_eps=1e-6, num_labels=len(CLASSES))
        )

    def forward(self, images):
        return self.vit(images).logits


class Clip(nn.Module):
    """open_clip's image tower, with a head over its features."""

    def __init__(self):
        super().__init__()
        self.visual = open_clip.create_model("ViT-B-32", force_quick_gelu=True).visual
        self.fc = nn.Linear(512, len(CLASSES))

    def forward(self, images):
        return self.fc(self.visual(images))


def of_timm(name):
    return name, lambda: timm.create_model(name, num_classes=len(CLASSES)), lambda model: model.get_classifier()


NETWORKS = {
    "timm resnet18": of_timm("resnet18"),
    "timm resnet50d": of_timm("resnet50d"),
    "timm vit": of_timm("vit_tiny_patch16_224"),
    "timm convnext": of_timm("convnext_tiny"),
    "timm mobilenetv3": of_timm("mobilenetv3_small_100"),
    "timm efficientnet": of_timm("tf_efficientnet_lite0"),
    "torchvision resnet18": (
        "resnet18",
        lambda: torchvision.models.resnet18(num_classes=len(CLASSES)),
        lambda model: model.fc,
    ),
    "transformers vit": ("vit_tiny_patch16_224", Hugging, lambda model: model.vit.classifier),
    "open_clip vit": ("vitb32-clip", Clip, lambda model: model.fc),
}


def run(program, *words):
    done = subprocess.run([program, *map(str, words), "--json", "--quiet"], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))}: {done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def learned(model, head):
    groups = [*submask.param_groups(model), {"params": head.parameters(), "lr": 0.01}]
    optimizer = submask.MaskSGD(groups, lr=5, score_start="normal", score_mean=0.1, score_std=0.1)
    images, labels = torch.randn(2, 3, 224, 224), torch.tensor([0, 1])
    nn.functional.cross_entropy(model.train()(images), labels).backward()
    optimizer.step()
    model.eval()
    return optimizer


@torch.no_grad()
def soften(model, head, inputs):
    """Scales a head so that its probabilities tell something: random weights may answer with logits of hundreds."""
    logits = model(inputs)[0]
    factor = 2 / max(2.0, float(logits.max() - logits.min()))
    head.weight.mul_(factor)
    head.bias.mul_(factor)


def compare(program, name, folder):
    backbone, make, head_of = NETWORKS[name]
    torch.manual_seed(0)
    model = make()
    weights, task, picture = folder / "weights.pth", folder / "learned.task", folder / "picture.png"
    torch.save({name: tensor.clone() for name, tensor in model.state_dict().items()}, weights)
    optimizer = learned(model, head_of(model))
    pixels = np.random.default_rng(0).integers(0, 256, (224, 224, 3), np.uint8)
    mean, std = (np.array(PREPROCESSING[key], np.float32) for key in ("mean", "std"))
    inputs = torch.from_numpy((pixels.astype(np.float32) / np.float32(255) - mean) / std).permute(2, 0, 1)[None]
    soften(model, head_of(model), inputs)
    exact = {"statistics": "exact", "head_form": "exact"}
    settings = {"classes": CLASSES, "preprocessing": PREPROCESSING, "backbone": backbone}
    submask.save_task(model, optimizer, task, head=head_of(model), **settings, **exact)
    checkpoint = ("--backbone", backbone, "--weights", weights)
    run(program, "verify", task, *checkpoint)

    write_png(picture, pixels)
    answer = run(program, "predict", "--task", task, *checkpoint, "--top", len(CLASSES), picture)
    found = {entry["label"]: entry["probability"] for entry in answer["images"][0]["predictions"][0]["classes"]}
    with torch.no_grad():
        expected = dict(zip(CLASSES, model(inputs).softmax(1)[0].tolist()))
    if max(expected.values()) > 0.999:
        raise SystemExit(f"{name}: expected probabilities that tell something, got {expected}")
    return len(optimizer.units()), max(abs(found[label] - expected[label]) for label in CLASSES)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("networks", nargs="*", default=list(NETWORKS))
    options = parser.parse_args()
    worst = 0.0
    for name in options.networks:
        with tempfile.TemporaryDirectory() as folder:
            units, difference = compare(options.program, name, pathlib.Path(folder))
        worst = max(worst, difference)
        print(f"{name:22}{units:4} units, probabilities differ by {difference:.1e}")
    if worst > MOST_DIFFERENCE:
        raise SystemExit(f"expected differences of at most {MOST_DIFFERENCE}, got {worst}")


if __name__ == "__main__":
    main()
