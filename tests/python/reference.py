"""The formulas of include/submask/mask.h and update_settings.h once more, in numpy alone, for one unit."""

import math

import numpy as np


class Unit:
    """theta, score and gradients have one shape and dtype; weight is what the network computes with."""

    def __init__(self, theta, score, options):
        self.theta, self.score, self.options = theta, score.copy(), options
        self.first, self.second = np.zeros_like(theta), np.zeros_like(theta)
        self.steps, self.gradient_size = 0, 0.0
        self.cut()

    def cut(self):
        score, options = self.score, self.options
        if options["criterion"] == "topk":
            keep = max(1, math.floor(options["keep_share"] * score.size + 0.5))
            self.on = self.largest(keep)
        else:
            self.on = score > options["mu"]
            if options["criterion"] == "threshold" and not self.on.any():
                self.on = self.largest(1)
        self.scaled = options["scale"] and options["criterion"] != "flip"
        self.c = math.sqrt(score.size / self.on.sum()) if self.scaled else 1.0
        off = -self.theta if options["criterion"] == "flip" else 0 * self.theta
        self.weight = np.where(self.on, self.theta.dtype.type(self.c) * self.theta, off)

    def largest(self, keep):
        on = np.zeros(self.score.size, bool)
        on[np.argsort(-self.score.reshape(-1), kind="stable")[:keep]] = True
        return on.reshape(self.score.shape)

    def unit_rate(self, rate, squares):
        """`squares` is sum((theta * gradient)^2)."""
        size = self.c * math.sqrt(squares / self.theta.size)
        average = 0.99 * float(self.gradient_size) + 0.01 * size if self.gradient_size > 0 else size
        self.gradient_size = self.theta.dtype.type(average)
        return rate / average

    def step(self, gradient, rate):
        options, n = self.options, self.score.size
        d, full_rate = self.theta * gradient, rate
        if options.get("unit_rates"):
            rate = self.unit_rate(rate, (d * d).sum())
        if self.scaled:
            d = self.c * d - self.c**3 / (2 * n) * (gradient * self.theta * self.on).sum()
        finite = np.where(np.isinf(self.score), 0, self.score)
        d = d + options["weight_decay"] * finite
        self.steps += 1
        if "betas" in options:
            beta1, beta2 = options["betas"]
            self.first = beta1 * self.first + (1 - beta1) * d
            self.second = beta2 * self.second + (1 - beta2) * d * d
            mean = self.first / (1 - beta1**self.steps)
            self.score = self.score - rate * mean / (np.sqrt(self.second / (1 - beta2**self.steps)) + options["eps"])
        else:
            self.first = options["momentum"] * self.first + d
            self.score = self.score - rate * (
                d + options["momentum"] * self.first if options["nesterov"] else self.first
            )
        self.score = pulled(self.score, options, full_rate)
        self.cut()


def pulled(score, options, rate):
    """Scores below their start after what a mask pays for the weights that are off."""
    if not options.get("byte_price"):
        return score
    height = options["byte_price"] * (options["score_mean"] - options["first_mu"]) * rate / options["first_lr"]
    return np.where(score < options["score_mean"], score + score.dtype.type(height), score)


def block_dot(a, b):
    """kernels::dot of float32 arrays: sixteen float32 sums over a block of 16384 each, added up in float64."""
    total = 0.0
    for begin in range(0, a.size, 16384):
        products = a[begin : begin + 16384] * b[begin : begin + 16384]
        whole = products.size // 16 * 16
        lanes = np.zeros(16, np.float32)
        for row in products[:whole].reshape(-1, 16):
            lanes += row
        part = 0.0
        for value in [*lanes.tolist(), *products[whole:].tolist()]:
            part += value
        total += part
    return total


def fused_step(unit, velocity, gradient, rate):
    """A step of SGD with a threshold in float32, operation by operation as the program's kernels; of flat arrays."""
    f, options, n = np.float32, unit.options, unit.theta.size
    scale, shift = f(1), f(0)
    if unit.scaled:
        scale = f(unit.c)
        shift = f(unit.c * unit.c / (2.0 * n) * block_dot(gradient, unit.weight))
    d = scale * unit.theta * gradient - shift
    if options["weight_decay"]:
        d = d + np.where(np.isinf(unit.score), f(0), f(options["weight_decay"]) * unit.score)
    own_rate = f(rate)
    if options.get("unit_rates"):
        products = unit.theta * gradient
        own_rate = f(unit.unit_rate(float(own_rate), block_dot(products, products)))
    momentum = f(options["momentum"])
    velocity = momentum * velocity + d
    moved = d + momentum * velocity if options["nesterov"] else velocity
    unit.score = pulled(unit.score - own_rate * moved, options, rate)
    unit.cut()
    return velocity
