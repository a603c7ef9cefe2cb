"""Networks of the tests: the embedded resnet20, and small ones."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from files import RESNET20


class Block(nn.Module):
    """A basic block of the CIFAR ResNets, whose shortcut takes every second pixel and pads channels by zeros."""

    def __init__(self, width_in, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(width_in, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.stride, self.padding = stride, (width - width_in) // 2

    def forward(self, x):
        y = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
        shortcut = x[:, :, :: self.stride, :: self.stride]
        return functional.relu(y + functional.pad(shortcut, (0, 0, 0, 0, self.padding, self.padding)))


class ResNet20(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = nn.Sequential(*(Block(16, 16, 1) for _ in range(3)))
        self.layer2 = nn.Sequential(Block(16, 32, 2), Block(32, 32, 1), Block(32, 32, 1))
        self.layer3 = nn.Sequential(Block(32, 64, 2), Block(64, 64, 1), Block(64, 64, 1))
        self.linear = nn.Linear(64, classes)

    def features(self, x):
        x = functional.relu(self.bn1(self.conv1(x)))
        return self.layer3(self.layer2(self.layer1(x))).mean((2, 3))

    def forward(self, x):
        return self.linear(self.features(x))


def _dict(**modules):
    return nn.ModuleDict(modules)


class OfTransformers(nn.Module):
    """A resnet20 whose modules have the names that transformers gives a ResNet's."""

    def __init__(self, network):
        super().__init__()
        stages = []
        for layer in (network.layer1, network.layer2, network.layer3):
            blocks = []
            for block in layer:
                parts = ((block.conv1, block.bn1), (block.conv2, block.bn2))
                blocks.append(_dict(layer=nn.ModuleList(_dict(convolution=c, normalization=n) for c, n in parts)))
            stages.append(_dict(layers=nn.ModuleList(blocks)))
        stem = _dict(embedder=_dict(convolution=network.conv1, normalization=network.bn1))
        self.resnet = _dict(embedder=stem, encoder=_dict(stages=nn.ModuleList(stages)))
        self.classifier = nn.Sequential(nn.Flatten(), network.linear)
        self._network = (network,)  # whose modules these are: in a tuple it is no second name for them

    def forward(self, x):
        return self.classifier(self._network[0].features(x))


def load(model, state):
    model.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in state.items()})
    return model


def pretrained_resnet20():
    """With the embedded weights, ten classes."""
    import sys

    from files import ROOT

    sys.path.insert(0, str(ROOT / "tools"))
    from task_reader.tensor_file import read_tensors

    return load(ResNet20(), read_tensors(str(RESNET20))[2])


class Attention(nn.Module):
    """Layers that are named as a ViT's of timm, so that q, k and v are units of one parameter."""

    def __init__(self):
        super().__init__()
        self.patch_embed = nn.ModuleDict({"proj": nn.Conv2d(3, 8, 4, 4)})
        attention = nn.ModuleDict({"qkv": nn.Linear(8, 24), "proj": nn.Linear(8, 8)})
        mlp = nn.ModuleDict({"fc1": nn.Linear(8, 16), "fc2": nn.Linear(16, 8)})
        self.blocks = nn.ModuleList([nn.ModuleDict({"attn": attention, "mlp": mlp})])
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        x = self.patch_embed["proj"](x).flatten(2).transpose(1, 2)
        block = self.blocks[0]
        q, k, v = block["attn"]["qkv"](x).chunk(3, dim=-1)
        x = x + block["attn"]["proj"]((q @ k.transpose(1, 2) / 8**0.5).softmax(-1) @ v)
        x = x + block["mlp"]["fc2"](functional.gelu(block["mlp"]["fc1"](x)))
        return self.head(x.mean(1))
