"""What the recipes beside this file learn: pictures of stripes in one of four directions, and a network with seeded
random weights that stands in for a pretrained one. Put your own data and network in their place."""

import math

import torch
from torch import nn

CLASSES = ["across", "rising", "upright", "falling"]
# How the program would make the network's input of a photo; these pictures are made as they are needed.
PREPROCESSING = {"input_size": 16, "crop_pct": 1.0, "interpolation": "bilinear", "mean": [0.0] * 3, "std": [1.0] * 3}


def stripes(count, seed):
    """Noisy pictures [count, 3, 16, 16] and the classes [count] of their stripes."""
    random = torch.Generator().manual_seed(seed)
    labels = torch.randint(len(CLASSES), (count,), generator=random)
    angle = labels * (math.pi / len(CLASSES)) + math.pi / 2
    phase = 2 * math.pi * torch.rand(count, generator=random)
    place = torch.arange(16.0)
    across, up = (part[:, None, None] for part in (torch.cos(angle), torch.sin(angle)))
    waves = torch.sin(1.5 * (across * place[None, None, :] + up * place[None, :, None]) + phase[:, None, None])
    noise = torch.randn((count, 3, 16, 16), generator=random)
    return waves[:, None] + 1.5 * noise, labels


class SmallNetwork(nn.Module):
    """Three convolutions and a linear head."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(16, 32, 3, 2, padding=1, bias=False)
        self.conv3 = nn.Conv2d(32, 32, 3, 2, padding=1, bias=False)
        self.head = nn.Linear(32, len(CLASSES))

    def forward(self, images):
        for convolution in (self.conv1, self.conv2, self.conv3):
            images = torch.relu(convolution(images))
        return self.head(images.mean((2, 3)))


@torch.no_grad()
def accuracy(model, images, labels):
    """The share of right answers."""
    return (model(images).argmax(1) == labels).float().mean().item()
