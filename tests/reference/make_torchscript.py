"""Writes tests/golden/backbone/torchscript/: a small program as torch.jit saves it in three ways, and what it gives.

scripted.pt can be masked; traced.pt and frozen.pt cannot. expected.json: its features on seeded images.

    python tests/reference/make_torchscript.py
"""

import json
import pathlib

import numpy as np
import torch

from counter_random import uniform

FOLDER = pathlib.Path(__file__).parent.parent / "golden" / "backbone" / "torchscript"
WEIGHT_STREAM, IMAGE_STREAM = 1, 2


class TinyNet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = torch.nn.Conv2d(3, 8, 3, 2, 1)
        self.norm = torch.nn.BatchNorm2d(8)
        self.filter = torch.nn.Conv2d(8, 8, 3, 1, 1, groups=8, bias=False)
        self.drop = torch.nn.Dropout(0.1)
        self.mix = torch.nn.Linear(8, 6)

    def forward(self, images):
        maps = torch.relu(self.norm(self.stem(images)))
        maps = torch.relu(self.filter(maps))
        return self.mix(self.drop(maps.mean(dim=(2, 3))))


def main():
    net = TinyNet().eval()
    state = net.state_dict()
    for index, name in enumerate(sorted(n for n in state if not n.endswith("num_batches_tracked"))):
        noise = torch.from_numpy(2 * uniform([WEIGHT_STREAM, index], state[name].numel()) - 1).float()
        state[name] = (noise + 1.5 if name.endswith("running_var") else noise).reshape(state[name].shape)
    net.load_state_dict(state)
    shape = [2, 3, 32, 32]
    images = torch.from_numpy((4 * uniform([IMAGE_STREAM], int(np.prod(shape))) - 2).astype(np.float32)).reshape(shape)
    FOLDER.mkdir(parents=True, exist_ok=True)
    torch.jit.script(net).save(FOLDER / "scripted.pt")
    torch.jit.trace(net, images).save(FOLDER / "traced.pt")
    torch.jit.freeze(torch.jit.script(net)).save(FOLDER / "frozen.pt")
    with torch.no_grad():
        features = net.double()(images.double()).tolist()
    expected = {"source": f"torch {torch.__version__}", "input_shape": shape,
                "features": [[float(f"{v:.9g}") for v in row] for row in features]}
    (FOLDER / "expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    main()
