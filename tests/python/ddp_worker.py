"""One of two processes that learn masks together over gloo: ddp_worker.py FOLDER RANK."""

import sys

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

import submask
from networks import Attention


def start():
    torch.manual_seed(0)
    model = Attention()
    return model, submask.MaskSGD(submask.param_groups(model, exclude="patch*"), lr=20, score_mean=0.1)


def batches(rank):
    """What a process learns from."""
    random = torch.Generator().manual_seed(100 + rank)
    for _ in range(4):
        yield torch.randn(4, 3, 16, 16, generator=random), torch.randint(0, 3, (4,), generator=random)


if __name__ == "__main__":
    folder, rank = sys.argv[1], int(sys.argv[2])
    torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2)
    model, optimizer = start()
    wrapped = DistributedDataParallel(model)
    for x, y in batches(rank):
        optimizer.zero_grad()
        nn.functional.cross_entropy(wrapped(x), y).backward()
        optimizer.step()
    scores = {unit.unit.name: unit.score for unit in optimizer.units()}
    torch.save({"masks": optimizer.masks(), "scores": scores}, f"{folder}/{rank}.pt")
    # Neither process leaves while the other still talks to it.
    torch.distributed.barrier()
    # While the wrapper holds the group, its threads outlive it: one that frees a tensor as Python ends aborts the process.
    del wrapped
    torch.distributed.destroy_process_group()
