"""Learns a mask in a plain PyTorch loop: python plain_loop.py"""

import torch
from torch.nn.functional import cross_entropy

import submask
from stripes import CLASSES, PREPROCESSING, SmallNetwork, accuracy, stripes

model = SmallNetwork()
masks = submask.param_groups(model, score_mean=0.1)
optimizer = submask.MaskSGD([*masks, {"params": model.head.parameters(), "lr": 0.1}], lr=5, momentum=0.9)
epochs = 4
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)

images, labels = stripes(1000, seed=1)
torch.manual_seed(0)
for epoch in range(epochs):
    for rows in torch.randperm(len(images)).split(32):
        optimizer.zero_grad()
        loss = cross_entropy(model(images[rows]), labels[rows])
        loss.backward()
        optimizer.step()
    scheduler.step()
    print(f"epoch {epoch + 1}: loss {loss.item():.3f}, {optimizer.masked_fraction():.1%} of the weights are off")

submask.save_task(
    model, optimizer, "stripes.task", head=model.head, classes=CLASSES, preprocessing=PREPROCESSING, backbone="small"
)
new_images, new_labels = stripes(1000, seed=2)
print(f"learned: accuracy {accuracy(model, new_images, new_labels):.3f}")

# Elsewhere: the pretrained network, and the task's file.
other = SmallNetwork()
print(f"before: accuracy {accuracy(other, new_images, new_labels):.3f}")
with submask.task(other, "stripes.task"):
    print(f"by the task's file: accuracy {accuracy(other, new_images, new_labels):.3f}")
