"""A step of SwAV over a masked network as one would write it in plain PyTorch, for bench_ssl_step.

Answers lines on stdin with lines on stdout: "version" with the version of torch, "memory" with the process's peak and
what it held before the network was made (MiB), a number N with the seconds that N steps took. Crops lie in memory as
normalised float32, and the queue is full, so that nothing but the step is timed.
"""

import argparse
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

from plain_pytorch_step import ResNet, mask_convolutions

TEMPERATURE, EPSILON, ITERATIONS = 0.1, 0.05, 3
ASSIGNING = (0, 1)


@torch.no_grad()
def sinkhorn(scores):
    q = torch.exp(scores / EPSILON).t()
    prototypes, samples = q.shape
    q /= q.sum()
    for _ in range(ITERATIONS):
        q /= q.sum(1, keepdim=True)
        q /= prototypes
        q /= q.sum(0, keepdim=True)
        q /= samples
    return (q * samples).t()


class Swav(nn.Module):
    """Backbone, projection and prototypes."""

    def __init__(self, options):
        super().__init__()
        self.net = ResNet(options.backbone, classes=10)
        width = self.net.fc.in_features
        self.net.fc = nn.Identity()
        self.net.requires_grad_(False)
        mask_convolutions(self.net)
        self.projection = nn.Sequential(
            nn.Linear(width, options.hidden_mlp), nn.BatchNorm1d(options.hidden_mlp), nn.ReLU(inplace=True),
            nn.Linear(options.hidden_mlp, options.feat_dim))
        self.prototypes = nn.Linear(options.feat_dim, options.nmb_prototypes, bias=False)

    def forward(self, crops):
        features = torch.cat([self.net(kind) for kind in crops])
        embedding = F.normalize(self.projection(features))
        return embedding, self.prototypes(embedding)


def make_step(options):
    torch.manual_seed(1)
    model = Swav(options).train()
    kinds = [tuple(map(int, kind.split("x"))) for kind in options.crops]
    batch, total = options.batch, sum(count for count, _ in kinds)
    crops = [torch.randn(count * batch, 3, pixels, pixels) for count, pixels in kinds]
    if options.channels_last:
        model.net = model.net.to(memory_format=torch.channels_last)
        crops = [kind.contiguous(memory_format=torch.channels_last) for kind in crops]
    queue = F.normalize(torch.randn(len(ASSIGNING), options.queue_length, options.feat_dim), dim=2)
    head = [*model.projection.parameters(), *model.prototypes.parameters()]
    scores = [parameter for parameter in model.net.parameters() if parameter.requires_grad]
    optimizer = torch.optim.SGD([{"params": scores, "lr": 1.0}, {"params": head, "lr": 0.15}], momentum=0.9)

    def loss_of(embedding, output):
        loss = 0
        for crop in ASSIGNING:
            own = slice(batch * crop, batch * (crop + 1))
            with torch.no_grad():
                out = torch.cat((queue[crop] @ model.prototypes.weight.t(), output[own].detach()))
                queue[crop, batch:] = queue[crop, :-batch].clone()
                queue[crop, :batch] = embedding[own].detach()
                q = sinkhorn(out)[-batch:]
            part = 0
            for other in range(total):
                if other != crop:
                    x = output[batch * other : batch * (other + 1)] / TEMPERATURE
                    part -= torch.mean(torch.sum(q * F.log_softmax(x, dim=1), dim=1))
            loss += part / (total - 1)
        return loss / len(ASSIGNING)

    def step():
        with torch.no_grad():
            model.prototypes.weight.copy_(F.normalize(model.prototypes.weight))
        loss = loss_of(*model(crops))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def status(key):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(key))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--backbone", choices=["resnet18", "resnet20"], default="resnet20")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--crops", nargs="+", default=["2x32", "3x16"])
    parser.add_argument("--hidden-mlp", type=int, default=128)
    parser.add_argument("--feat-dim", type=int, default=64)
    parser.add_argument("--nmb-prototypes", type=int, default=100)
    parser.add_argument("--queue-length", type=int, default=512)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--channels-last", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    before = status("VmRSS:")
    step = make_step(options)
    for line in sys.stdin:
        if line.strip() == "version":
            print(f'"{torch.__version__}"', flush=True)
        elif line.strip() == "memory":
            print(f"[{status('VmHWM:')}, {before}]", flush=True)
        else:
            begin = time.perf_counter()
            for _ in range(int(line)):
                step()
            print(time.perf_counter() - begin, flush=True)


main()
