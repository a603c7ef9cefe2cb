"""A few steps of learning over a small network, which the tests of the optimisers share."""

import torch
from torch import nn

from networks import Attention


def learn(model, optimizer, steps, seed=0):
    """Seeded batches of noise; what matters is that they are equal."""
    torch.manual_seed(seed)
    for _ in range(steps):
        x, y = torch.randn(4, 3, 16, 16), torch.randint(0, 3, (4,))
        optimizer.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()


def attention(seed=0):
    torch.manual_seed(seed)
    return Attention()


def bits_of(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}
