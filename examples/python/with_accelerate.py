"""Learns a mask by Accelerate, in bfloat16 and with accumulated gradients, and goes on from a saved state:
python with_accelerate.py (needs accelerate)"""

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

import submask
from stripes import CLASSES, PREPROCESSING, SmallNetwork, accuracy, stripes


def start():
    """What a process begins with, and begins again with after it was broken off."""
    accelerator = Accelerator(cpu=True, mixed_precision="bf16", gradient_accumulation_steps=2)
    model = SmallNetwork()
    head = {"params": model.head.parameters(), "lr": 0.1}
    optimizer = submask.MaskSGD([*submask.param_groups(model, score_mean=0.1), head], lr=20, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=4 * 32)
    pictures = DataLoader(TensorDataset(*stripes(1024, seed=1)), batch_size=16, shuffle=True)
    return accelerator, *accelerator.prepare(model, optimizer, scheduler, pictures)


def learn(accelerator, model, optimizer, scheduler, pictures, epochs):
    for _ in range(epochs):
        for images, labels in pictures:
            with accelerator.accumulate(model):
                loss = cross_entropy(model(images), labels)
                accelerator.backward(loss)
                if accelerator.sync_gradients:
                    accelerator.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                scheduler.step()
                optimizer.zero_grad()


set_seed(0)
first = start()
learn(*first, epochs=2)
first[0].save_state("half")

accelerator, model, optimizer, scheduler, pictures = again = start()
accelerator.load_state("half")
learn(*again, epochs=2)

inner, model = optimizer.optimizer, accelerator.unwrap_model(model, keep_fp32_wrapper=False)
print(f"{inner.masked_fraction():.1%} of the weights are off")
submask.save_task(
    model, inner, "accelerate.task", head=model.head, classes=CLASSES, preprocessing=PREPROCESSING, backbone="small"
)
other, (new_images, new_labels) = SmallNetwork(), stripes(1000, seed=2)
with submask.task(other, "accelerate.task"):
    print(f"by the task's file: accuracy {accuracy(other, new_images, new_labels):.3f}")
