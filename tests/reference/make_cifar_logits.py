"""Writes tests/golden/data/cifar_logits.json: what PyTorch's resnet20 says about the 5,000 test images of
cifar10-jpeg, read by Pillow and transformed by torchvision.

    python make_cifar_logits.py SHARED_DATA/resnet20-12fca82f.th CIFAR10_JPEG

Twice: as the images are, and resized to 36 pixels and cut to 32 (the recipe timm-eval). Images in the order of
classes and file names. Logits are float32, but for their sums over all images (float64). `checks` holds a byte an
image in hexadecimal: the alternating sum of its logits (+ for class 0, - for class 1, ...) in units of 1e-5,
rounded, modulo 256; so every image is compared, though only every hundredth is stored.
"""

import json
import sys
from pathlib import Path

import numpy as np
import PIL
import torch
import torchvision
from make_backbones import CifarResNet
from PIL import Image
from torchvision import transforms

FILE = Path(__file__).resolve().parent.parent / "golden" / "data" / "cifar_logits.json"
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CROP_SHARES = {"as_they_are": 1.0, "timm_eval": 0.875}
STORED_EVERY = 100
CHECK_UNIT = 1e-5


def load_network(path):
    network = CifarResNet(20)
    state = torch.load(path, map_location="cpu", weights_only=True)["state_dict"]
    network.load_state_dict({name.removeprefix("module."): tensor for name, tensor in state.items()})
    return network.eval()


def test_recipe(crop_share):
    return transforms.Compose([
        transforms.Resize(int(32 / crop_share), transforms.InterpolationMode.BICUBIC),
        transforms.CenterCrop(32),
        transforms.ToTensor(),
        transforms.Normalize(MEAN, STD)])


def compute_logits(network, paths, recipe):
    logits = []
    with torch.no_grad():
        for begin in range(0, len(paths), 100):
            images = [recipe(Image.open(path).convert("RGB")) for path in paths[begin : begin + 100]]
            logits.append(network(torch.stack(images)))
    return torch.cat(logits).numpy()


def summary(logits):
    wide = logits.astype(np.float64)
    signs = np.where(np.arange(logits.shape[1]) % 2 == 0, 1, -1)
    checks = np.rint(wide @ signs / CHECK_UNIT).astype(np.int64) % 256
    return {
        "predictions": "".join(f"{p:x}" for p in logits.argmax(axis=1)),
        "checks": "".join(f"{c:02x}" for c in checks),
        "sums": wide.sum(axis=0).tolist(),
        "logits": [[float(f"{v:.7g}") for v in row] for row in logits[::STORED_EVERY].tolist()],
    }


def main():
    network = load_network(sys.argv[1])
    paths = sorted((Path(sys.argv[2]) / "test").glob("*/*.jpg"))
    fixture = {"made_by": f"tests/reference/make_cifar_logits.py with torch {torch.__version__}, "
                          f"torchvision {torchvision.__version__}, Pillow {PIL.__version__}",
               "images": len(paths), "stored_every": STORED_EVERY, "check_unit": CHECK_UNIT}
    for name, share in CROP_SHARES.items():
        logits = compute_logits(network, paths, test_recipe(share))
        fixture[name] = {"crop_share": share, **summary(logits)}
        if len(sys.argv) > 3:  # all of them, for looking at by hand
            np.save(Path(sys.argv[3]) / f"{name}.npy", logits)
    FILE.write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    main()
