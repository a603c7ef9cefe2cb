"""20 steps of SwAV in float64, from the formulas of the paper (Caron and others 2020, sections 3.1 to 3.3, appendix A).

    /tmp/ref/venv/bin/python tests/reference/make_swav.py > tests/golden/learn/swav.json

Features are given numbers, so that what is compared is the loss with its projection, prototypes, queue and
gradients. Each case is one line of JSON.
"""

import json
import math

import numpy as np
import torch
from counter_random import uniform

WIDTH, HIDDEN, OUT, PROTOTYPES = 6, 5, 4, 7
IMAGES, CROPS, FIRST = 3, 5, 2
STEPS, RATE, MOMENTUM, DECAY = 20, 0.3, 0.9, 1e-3
CASES = [
    {"name": "plain", "queue_length": 0, "queue_from": 0, "frozen": 0, "epsilon": 0.05, "hidden": HIDDEN},
    {"name": "queue", "queue_length": 9, "queue_from": 4, "frozen": 6, "epsilon": 0.05, "hidden": HIDDEN},
    {"name": "small_epsilon", "queue_length": 6, "queue_from": 0, "frozen": 2, "epsilon": 0.003, "hidden": 0},
]


class Draws:
    """Numbers of one stream, one after the other."""

    def __init__(self, key, count=10_000):
        self.numbers, self.next = uniform(key, count), 0

    def take(self, *shape):
        count = math.prod(shape)
        self.next += count
        return self.numbers[self.next - count : self.next].reshape(shape)


def uniform_start(draws, shape, width):
    bound = 1 / math.sqrt(width)
    values = (bound * (2 * draws.take(*shape) - 1)).astype(np.float32).astype(np.float64)
    return torch.tensor(values, requires_grad=True)


def assignments(scores, epsilon):
    """Sinkhorn-Knopp: the transport of every sample to the prototypes, in equal parts."""
    q = torch.exp((scores - scores.max()) / epsilon).double().T
    q = q / q.sum()
    for _ in range(3):
        q = q / q.sum(1, keepdim=True) / q.shape[0]
        q = q / q.sum(0, keepdim=True) / q.shape[1]
    return (q * q.shape[1]).T


class Momentum:
    def __init__(self, parameters):
        self.parameters, self.moments = parameters, [None] * len(parameters)

    def step(self):
        with torch.no_grad():
            for i, parameter in enumerate(self.parameters):
                if parameter.grad is None:
                    continue
                change = parameter.grad + DECAY * parameter
                self.moments[i] = change if self.moments[i] is None else MOMENTUM * self.moments[i] + change
                parameter -= RATE * self.moments[i]
                parameter.grad = None


def run(case):
    draws = Draws([5, 7])
    layers = []
    inner = case["hidden"] or OUT
    layers += [uniform_start(draws, (inner, WIDTH), WIDTH), uniform_start(draws, (inner,), WIDTH)]
    if case["hidden"]:
        layers += [torch.ones(inner, dtype=torch.double, requires_grad=True),
                   torch.zeros(inner, dtype=torch.double, requires_grad=True)]
        layers += [uniform_start(draws, (OUT, inner), inner), uniform_start(draws, (OUT,), inner)]
    prototypes = uniform_start(draws, (PROTOTYPES, OUT), OUT)
    queue = torch.zeros(FIRST, case["queue_length"], OUT, dtype=torch.double)
    waiting = 0
    of_layers, of_prototypes = Momentum(layers), Momentum([prototypes])
    lines = []
    for step in range(STEPS):
        features = torch.tensor(uniform([11, step], CROPS * IMAGES * WIDTH).reshape(-1, WIDTH) - 0.3,
                                requires_grad=True)
        with torch.no_grad():
            prototypes /= prototypes.norm(dim=1, keepdim=True)
        x = features @ layers[0].T + layers[1]
        if case["hidden"]:
            x = (x - x.mean(0)) / torch.sqrt(x.var(0, unbiased=False) + 1e-5) * layers[2] + layers[3]
            x = torch.clamp(x, min=0) @ layers[4].T + layers[5]
        z = x / x.norm(dim=1, keepdim=True)
        scores = z @ prototypes.T
        log_p = torch.log_softmax(scores / 0.1, 1).view(CROPS, IMAGES, PROTOTYPES)
        loss, kept = 0, []
        for s in range(FIRST):
            with torch.no_grad():
                own = scores.view(CROPS, IMAGES, PROTOTYPES)[s]
                full = case["queue_length"] > 0 and waiting >= case["queue_length"]
                everyone = torch.cat([queue[s] @ prototypes.T, own]) if full else own
                q = assignments(everyone, case["epsilon"])[-IMAGES:]
                kept.append(q)
                if case["queue_length"] > 0 and step >= case["queue_from"]:
                    queue[s] = torch.cat([z.view(CROPS, IMAGES, OUT)[s], queue[s]])[: case["queue_length"]]
            others = [t for t in range(CROPS) if t != s]
            loss = loss - sum((q * log_p[t]).sum(1).mean() for t in others) / len(others)
        if step >= case["queue_from"]:
            waiting += IMAGES
        loss = loss / FIRST
        loss.backward()
        if step < case["frozen"]:
            prototypes.grad = None
        of_layers.step()
        of_prototypes.step()
        line = {"loss": loss.item()}
        if step in (0, 9, STEPS - 1):
            line["assignments"] = torch.cat(kept).flatten().tolist()
            line["gradient"] = features.grad.flatten().tolist()
            line["prototypes"] = prototypes.detach().flatten().tolist()
            line["queue"] = queue.flatten().tolist()
        lines.append(line)
    return {**case, "steps": lines}


print(json.dumps({"torch": torch.__version__, "numpy": np.__version__}))
for each in CASES:
    print(json.dumps(json.loads(json.dumps(run(each)), parse_float=lambda text: float(f"{float(text):.12g}"))))
