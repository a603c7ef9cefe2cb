"""Gives save_task() other libraries' own preprocessing objects, and has the program predict by what it wrote of them.

One network of seeded weights learns one step; for each object (torchvision's weights.transforms(), transformers' image
processors, slow and fast ones, timm's and open_clip's transforms) a task file is written with it, and the network on
what the object makes of photos, wide and tall, has to give the probabilities of `submask predict` on their files. No
weights are fetched. Prints each largest difference of probabilities, and ends with an error where one is too large.

    PYTHONPATH=python python tests/reference/check_python_preprocessing.py PROGRAM
    (needs torch, timm, torchvision, transformers and open_clip; two minutes)
"""

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
from PIL import Image
from torch import nn

import submask

CLASSES = ["one", "two", "three"]
# Of probabilities. The program's pixels are Pillow's, bit for bit; what resizes tensors rounds otherwise.
MOST_DIFFERENCE, MOST_OF_TENSORS = 1e-5, 1e-3


def of_torchvision():
    """The transforms of every weights that labels images."""
    for name in torchvision.models.list_models(module=torchvision.models):
        for weights in torchvision.models.get_model_weights(name):
            yield f"torchvision {weights}", weights.transforms()


def of_transformers():
    sizes = {"shortest_edge": 256}, {"height": 224, "width": 224}
    made = (
        ("ViTImageProcessor", {}),
        ("ViTImageProcessor", {"resample": 3, "size": {"height": 384, "width": 384}}),
        ("DeiTImageProcessor", {}),
        ("BeitImageProcessor", {}),
        ("CLIPImageProcessor", {}),
        ("SiglipImageProcessor", {}),
        ("ConvNextImageProcessor", {}),
        ("ConvNextImageProcessor", {"size": {"shortest_edge": 224}, "crop_pct": 0.875}),
        ("BitImageProcessor", {"size": sizes[0], "crop_size": sizes[1]}),  # DINOv2's
        ("MobileNetV2ImageProcessor", {}),
    )
    for kind, options in made:
        for suffix in ("", "Fast"):
            if hasattr(transformers, kind + suffix):
                yield f"transformers {kind}{suffix} {options or ''}", getattr(transformers, kind + suffix)(**options)


def of_timm():
    for name in ("resnet50.a1_in1k", "vit_base_patch16_224.augreg_in21k_ft_in1k", "convnext_tiny.fb_in1k"):
        config = timm.data.resolve_data_config(pretrained_cfg=timm.get_pretrained_cfg(name).to_dict())
        yield f"timm create_transform of {name}", timm.data.create_transform(**config)
    yield "open_clip ViT-B-32", open_clip.transform.image_transform(224, is_train=False)


def inputs_of(transform, picture):
    """What the network gets of a photo by the object itself."""
    if isinstance(transform, transformers.image_processing_utils.BaseImageProcessor):
        return transform(picture, return_tensors="pt")["pixel_values"]
    return transform(picture)[None]


def is_of_tensors(transform):
    """Whether it resizes tensors, not pictures of Pillow."""
    return "Fast" in type(transform).__name__


def photo(width, height, seed):
    """Smooth colours with a little noise, as a camera's."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 256, (9, 12, 3), np.uint8)).resize((width, height), Image.BICUBIC)
    noisy = np.asarray(coarse, float) + random.normal(0, 6, (height, width, 3))
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def learned():
    torch.manual_seed(0)
    model = torchvision.models.resnet18(num_classes=len(CLASSES))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    optimizer = submask.MaskSGD(submask.param_groups(model), lr=5, score_start="normal", score_mean=0.1, score_std=0.1)
    nn.functional.cross_entropy(model(torch.randn(4, 3, 96, 96)), torch.tensor([0, 1, 2, 0])).backward()
    optimizer.step()
    return model.eval(), optimizer, before


def predict(program, *words):
    done = subprocess.run([program, "predict", *map(str, words), "--json", "--quiet"], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))}: {done.stderr}")
    images = json.loads(done.stdout.splitlines()[-1])["images"]
    entries = [image["predictions"][0]["classes"] for image in images]
    return [{entry["label"]: entry["probability"] for entry in classes} for classes in entries]


def main():
    program, failed, seen = sys.argv[1], [], 0
    model, optimizer, before = learned()
    pictures = [photo(500, 333, 1), photo(301, 420, 2)]
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        torch.save(before, place / "weights.pth")
        files = [place / f"{index}.png" for index in range(len(pictures))]
        for picture, file in zip(pictures, files):
            picture.save(file)
        exact = {"statistics": "exact", "head_form": "exact", "classes": CLASSES, "backbone": "resnet18"}
        found_for = {}  # many weights have the same transforms
        for name, transform in (*of_torchvision(), *of_transformers(), *of_timm()):
            seen += 1
            task = place / "a.task"
            try:
                written = submask.save_task(model, optimizer, task, head=model.fc, preprocessing=transform, **exact)
            except submask.InvalidArgument as error:
                failed.append(name)
                print(f"{name:70} refused: {error}")
                continue
            key = json.dumps(written.preprocessing, sort_keys=True), type(transform).__name__
            if key in found_for:
                continue
            words = "--task", task, "--backbone", "resnet18", "--weights", place / "weights.pth", "--top", len(CLASSES)
            worst = 0.0
            for found, picture in zip(predict(program, *words, *files), pictures):
                with torch.no_grad():
                    expected = model(inputs_of(transform, picture)).softmax(1)[0].tolist()
                worst = max(worst, *(abs(found[label] - value) for label, value in zip(CLASSES, expected)))
            found_for[key] = worst
            most = MOST_OF_TENSORS if is_of_tensors(transform) else MOST_DIFFERENCE
            print(f"{name:70} probabilities differ by {worst:.1e}{'' if worst <= most else ', TOO MUCH'}")
            if worst > most:
                failed.append(name)
    print(f"{seen} objects, {len(found_for)} different")
    if failed:
        raise SystemExit(f"expected the program's pixels to be those of {', '.join(failed)}")


if __name__ == "__main__":
    main()
