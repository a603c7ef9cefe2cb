"""20 steps of DINO in float64, from the formulas of the paper (Caron and others 2021, section 3.1, algorithm 1, appendix C).

    /tmp/ref/venv/bin/python tests/reference/make_dino.py > tests/golden/learn/dino.json

The network is one linear layer of given images, so that what is compared is the loss with both heads, the centre, the
gradients and the teacher's weights. Each case is one line of JSON.
"""

import json
import math

import numpy as np
import torch
from counter_random import uniform

PIXELS, WIDTH, HIDDEN, BOTTLENECK, OUT = 5, 6, 4, 3, 7
IMAGES, CROPS = 3, 5
STEPS, RATE, MOMENTUM, DECAY = 20, 0.2, 0.9, 1e-3
STUDENT_TEMP, CENTER_MOMENTUM = 0.1, 0.9
CASES = [
    {"name": "plain", "first_kind": 2, "teacher_temp": 0.04, "momentum_teacher": 0.9, "frozen": 0},
    {"name": "frozen_last_layer", "first_kind": 2, "teacher_temp": 0.07, "momentum_teacher": 0.8, "frozen": 6},
    {"name": "one_crop_for_the_teacher", "first_kind": 1, "teacher_temp": 0.1, "momentum_teacher": 0.5, "frozen": 2},
]


class Draws:
    """Numbers of one stream, one after the other."""

    def __init__(self, key, count=10_000):
        self.numbers, self.next = uniform(key, count), 0

    def take(self, count):
        self.next += count
        return self.numbers[self.next - count : self.next]


def leaf(values, *shape):
    """Starts are drawn as float32."""
    return torch.tensor(values.astype(np.float32).astype(np.float64).reshape(shape), requires_grad=True)


def uniform_start(draws, shape, width):
    return leaf((2 * draws.take(math.prod(shape)) - 1) / math.sqrt(width), *shape)


def start_head(draws):
    head = []
    for inputs, outputs in [(WIDTH, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN, BOTTLENECK)]:
        head += [uniform_start(draws, (outputs, inputs), inputs), uniform_start(draws, (outputs,), inputs)]
        if outputs == HIDDEN:
            head += [leaf(np.ones(outputs), outputs), leaf(np.zeros(outputs), outputs)]
    return head + [uniform_start(draws, (OUT, BOTTLENECK), BOTTLENECK)]


def apply_head(head, x):
    for layer in (0, 4):
        x = x @ head[layer].T + head[layer + 1]
        x = (x - x.mean(0)) / torch.sqrt(x.var(0, unbiased=False) + 1e-5) * head[layer + 2] + head[layer + 3]
        x = 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))
    x = x @ head[8].T + head[9]
    x = x / x.norm(dim=1, keepdim=True)
    last = head[10] / head[10].norm(dim=1, keepdim=True)
    return x, x @ last.T


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
    draws, seen = Draws([5, 7]), case["first_kind"]
    head = start_head(draws)
    network = leaf(uniform([6], WIDTH * PIXELS) - 0.5, WIDTH, PIXELS)
    student = [network, *head]
    teacher = [parameter.detach().clone() for parameter in student]
    centre = torch.zeros(OUT, dtype=torch.double)
    rest, last = Momentum(student[:-1]), Momentum(student[-1:])
    lines = []
    for step in range(STEPS):
        images = torch.tensor(uniform([11, step], CROPS * IMAGES * PIXELS).reshape(CROPS, IMAGES, PIXELS) - 0.3)
        with torch.no_grad():
            _, told = apply_head(teacher[1:], images[:seen].reshape(-1, PIXELS) @ teacher[0].T)
            targets = torch.softmax((told - centre) / case["teacher_temp"], 1).view(seen, IMAGES, OUT)
        features = images.reshape(-1, PIXELS) @ network.T
        features.retain_grad()
        projections, out = apply_head(head, features)
        out = out.view(CROPS, IMAGES, OUT)
        loss, terms = 0, 0
        for s in range(seen):
            for t in range(CROPS):
                if s == t:
                    continue
                loss = loss - (targets[s] * torch.log_softmax(out[t] / STUDENT_TEMP, 1)).sum(1).mean()
                terms += 1
        loss = loss / terms
        loss.backward()
        kept = step in (0, 9, STEPS - 1)
        line = {"loss": loss.item()}
        if kept:
            line["gradient"] = features.grad.flatten().tolist()
            line["targets"] = targets.flatten().tolist()
            line["projections"] = projections[: seen * IMAGES].detach().flatten().tolist()
        if step < case["frozen"]:
            head[-1].grad = None
        rest.step()
        last.step()
        centre = CENTER_MOMENTUM * centre + (1 - CENTER_MOMENTUM) * told.mean(0)
        momentum = 1 - (1 - case["momentum_teacher"]) * (1 + math.cos(math.pi * step / STEPS)) / 2
        with torch.no_grad():
            for slow, fast in zip(teacher, student):
                slow.mul_(momentum).add_((1 - momentum) * fast)
        if kept:
            line["centre"] = centre.tolist()
            line["last_layer"] = head[-1].detach().flatten().tolist()
            line["teacher_network"] = teacher[0].flatten().tolist()
            line["teacher_last_layer"] = teacher[-1].flatten().tolist()
        lines.append(line)
    return {**case, "steps": lines}


print(json.dumps({"torch": torch.__version__, "numpy": np.__version__}))
for each in CASES:
    print(json.dumps(json.loads(json.dumps(run(each)), parse_float=lambda text: float(f"{float(text):.12g}"))))
