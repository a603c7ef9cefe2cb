"""Learns a mask in two processes that share each batch: torchrun --nproc-per-node 2 with_ddp.py

The processes see the mean of their gradients, so that they come to equal scores and masks without sending these."""

import torch
from torch import distributed
from torch.nn.functional import cross_entropy
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset

import submask
from stripes import CLASSES, PREPROCESSING, SmallNetwork, accuracy, stripes

distributed.init_process_group("gloo")  # "nccl" where each process has a GPU
model = SmallNetwork()
masks = submask.param_groups(model, score_mean=0.1)
optimizer = submask.MaskSGD([*masks, {"params": model.head.parameters(), "lr": 0.1}], lr=5, momentum=0.9)
shared = DistributedDataParallel(model)

pictures = TensorDataset(*stripes(1000, seed=1))
mine = DistributedSampler(pictures, seed=0)
for epoch in range(4):
    mine.set_epoch(epoch)
    for images, labels in DataLoader(pictures, batch_size=16, sampler=mine):
        optimizer.zero_grad()
        cross_entropy(shared(images), labels).backward()
        optimizer.step()

identities = [None] * distributed.get_world_size()
distributed.all_gather_object(identities, submask.identity(model))
if distributed.get_rank() == 0:
    print(f"{len(identities)} processes have {len(set(identities))} network: {optimizer.masked_fraction():.1%} is off")
    submask.save_task(
        model, optimizer, "ddp.task", head=model.head, classes=CLASSES, preprocessing=PREPROCESSING, backbone="small"
    )
    other, (new_images, new_labels) = SmallNetwork(), stripes(1000, seed=2)
    with submask.task(other, "ddp.task"):
        print(f"by the task's file: accuracy {accuracy(other, new_images, new_labels):.3f}")
distributed.barrier()
# While the wrapper holds the group, its threads outlive it: one that frees a tensor as Python ends aborts the process.
del shared
distributed.destroy_process_group()
