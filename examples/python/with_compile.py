"""Learns a mask by way of torch.compile: python with_compile.py (needs a C++ compiler, and Python's headers)"""

import torch
from torch.nn.functional import cross_entropy

import submask
from stripes import CLASSES, PREPROCESSING, SmallNetwork, accuracy, stripes

model = SmallNetwork()
masks = submask.param_groups(model, score_mean=0.1)
optimizer = submask.MaskSGD([*masks, {"params": model.head.parameters(), "lr": 0.1}], lr=5, momentum=0.9)
compiled = torch.compile(model)  # before or after the optimizer: parameters, and names of units, are the model's

images, labels = stripes(1024, seed=1)
torch.manual_seed(0)
for epoch in range(4):
    for rows in torch.randperm(len(images)).split(32):
        optimizer.zero_grad()
        loss = cross_entropy(compiled(images[rows]), labels[rows])
        loss.backward()
        optimizer.step()  # writes the weights in place: nothing is compiled again
    print(f"epoch {epoch + 1}: loss {loss.item():.3f}, {optimizer.masked_fraction():.1%} of the weights are off")
print(f"compiled {torch._dynamo.utils.counters['stats']['unique_graphs']} graph")

submask.save_task(
    model, optimizer, "compiled.task", head=model.head, classes=CLASSES, preprocessing=PREPROCESSING, backbone="small"
)
other, (new_images, new_labels) = SmallNetwork(), stripes(1000, seed=2)
compiled = torch.compile(other)
with submask.task(other, "compiled.task"):  # binds other memory under the compiled network
    print(f"by the task's file: accuracy {accuracy(compiled, new_images, new_labels):.3f}")
