"""Learns a mask by timm's own optimiser and scheduler factories: python with_timm.py (needs timm)"""

import timm
import torch
from timm.optim import create_optimizer_v2
from timm.scheduler import create_scheduler_v2
from torch.nn.functional import cross_entropy

import submask
from stripes import CLASSES, PREPROCESSING, accuracy, stripes


def network():
    """A network of timm's; yours has pretrained=True in place of the seed, and weights that are worth masking."""
    torch.manual_seed(0)
    return timm.create_model("test_resnet", num_classes=len(CLASSES), zero_init_last=False)


model = network()
submask.register_timm()
# Layers further from the head learn more slowly, as timm's --layer-decay has it.
optimizer = create_optimizer_v2(model, "masksgd", lr=2, model=model, head_lr=0.1, layer_decay=0.9, score_mean=0.1)
epochs = 4
scheduler, _ = create_scheduler_v2(optimizer, sched="cosine", num_epochs=epochs, warmup_epochs=1, warmup_lr=0.1)

images, labels = stripes(1024, seed=1)
torch.manual_seed(0)
for epoch in range(epochs):
    scheduler.step(epoch)
    model.train()
    for rows in torch.randperm(len(images)).split(32):
        optimizer.zero_grad()
        loss = cross_entropy(model(images[rows]), labels[rows])
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch + 1}: loss {loss.item():.3f}, {optimizer.masked_fraction():.1%} of the weights are off")

# The name and the preprocessing are timm's own of the model, but for the size of these pictures.
submask.save_task(
    model, optimizer, "timm.task", head=model.get_classifier(), classes=CLASSES, preprocessing=PREPROCESSING
)
other, (new_images, new_labels) = network().eval(), stripes(1000, seed=2)
with submask.task(other, "timm.task") as task:
    print(f"{task.description['backbone']}: accuracy {accuracy(other, new_images, new_labels):.3f}")
