"""A training step as one would write it in plain PyTorch, for bench_train_throughput.

Answers lines on stdin with lines on stdout: "version" with the version of torch, a number N with the seconds that
N steps took. The batch lies in memory as normalised float32, so that nothing but the step is timed.
"""

import argparse
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    """He et al.'s basic block; a 1 x 1 convolution (ImageNet) or zero padding (CIFAR) on the shortcut."""

    def __init__(self, inner, planes, stride, cifar):
        super().__init__()
        self.conv1 = nn.Conv2d(inner, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.pad = (planes - inner) // 2
        self.downsample = None
        if not cifar and (stride != 1 or inner != planes):
            self.downsample = nn.Sequential(
                nn.Conv2d(inner, planes, 1, stride, bias=False), nn.BatchNorm2d(planes))

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.downsample is not None:
            x = self.downsample(x)
        elif self.pad > 0:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.pad, self.pad))
        out += x
        return self.relu(out)


class ResNet(nn.Module):
    def __init__(self, name, classes):
        super().__init__()
        cifar = name == "resnet20"
        planes, blocks = ([16, 32, 64], 3) if cifar else ([64, 128, 256, 512], 2)
        if cifar:
            stem = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True)]
        else:
            stem = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True),
                    nn.MaxPool2d(3, 2, 1)]
        self.stem = nn.Sequential(*stem)
        layers, inner = [], planes[0]
        for stage, width in enumerate(planes):
            for block in range(blocks):
                layers.append(Block(inner, width, 2 if stage > 0 and block == 0 else 1, cifar))
                inner = width
        self.layers = nn.Sequential(*layers)
        self.fc = nn.Linear(inner, classes)

    def forward(self, x):
        return self.fc(self.layers(self.stem(x)).mean((2, 3)))


class Cut(torch.autograd.Function):
    """A binary mask whose gradient passes straight through."""

    @staticmethod
    def forward(ctx, score):
        return (score > 0).to(score.dtype)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


class MaskedConv2d(nn.Module):
    """A frozen convolution under a learned mask, scaled to keep its variance."""

    def __init__(self, conv):
        super().__init__()
        self.conv = conv
        conv.weight.requires_grad_(False)
        self.score = nn.Parameter(torch.ones_like(conv.weight))

    def forward(self, x):
        mask = Cut.apply(self.score)
        weight = self.conv.weight * mask / mask.mean().sqrt()
        return F.conv2d(x, weight, None, self.conv.stride, self.conv.padding)


def mask_convolutions(module):
    for name, child in module.named_children():
        if isinstance(child, nn.Conv2d):
            setattr(module, name, MaskedConv2d(child))
        else:
            mask_convolutions(child)


def make_step(options):
    torch.manual_seed(1)
    net = ResNet(options.backbone, classes=10).train()
    if options.method == "fs":
        for parameter in net.layers.parameters():
            parameter.requires_grad_(False)
        for parameter in net.stem.parameters():
            parameter.requires_grad_(False)
        mask_convolutions(net)
    images = torch.randn(options.batch, 3, options.pixels, options.pixels)
    labels = torch.randint(10, (options.batch,))
    if options.channels_last:
        net = net.to(memory_format=torch.channels_last)
        images = images.contiguous(memory_format=torch.channels_last)
    learned = [p for name, p in net.named_parameters() if p.requires_grad and not name.startswith("fc.")]
    optimizer = torch.optim.SGD(
        [{"params": learned, "lr": 1.0 if options.method == "fs" else 1e-3,
          "weight_decay": 0 if options.method == "fs" else 5e-4},
         {"params": net.fc.parameters(), "lr": 1e-3, "weight_decay": 1e-4}], momentum=0.9)

    def step():
        with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bfloat16"):
            logits = net(images)
        loss = F.cross_entropy(logits.float(), labels)
        correct = (logits.detach().argmax(1) == labels).sum().item()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item(), correct

    return step


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--backbone", choices=["resnet18", "resnet20"], default="resnet18")
    parser.add_argument("--method", choices=["fs", "fft"], default="fs")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--pixels", type=int, default=224)
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--channels-last", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    step = make_step(options)
    for line in sys.stdin:
        if line.strip() == "version":
            print(f'"{torch.__version__}"', flush=True)
            continue
        begin = time.perf_counter()
        for _ in range(int(line)):
            step()
        print(time.perf_counter() - begin, flush=True)


if __name__ == "__main__":
    main()
