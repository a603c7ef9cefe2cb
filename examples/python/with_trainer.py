"""Learns a mask by transformers' Trainer, is broken off, and goes on from the checkpoint: python with_trainer.py
(needs transformers and accelerate)"""

import torch
from transformers import ResNetConfig, ResNetForImageClassification, Trainer, TrainingArguments, set_seed

import submask
from stripes import CLASSES, PREPROCESSING, stripes

STEPS = 128


def network():
    """Yours comes from ResNetForImageClassification.from_pretrained(..., num_labels=len(CLASSES))."""
    set_seed(0)
    shape = {"embedding_size": 16, "hidden_sizes": [16, 32], "depths": [1, 1], "layer_type": "basic"}
    return ResNetForImageClassification(ResNetConfig(**shape, num_labels=len(CLASSES)))


def as_trainers(count, seed):
    images, labels = stripes(count, seed)
    return [{"pixel_values": image, "labels": label} for image, label in zip(images, labels)]


def trainer(steps):
    model = network()
    masks = submask.param_groups(model, score_mean=0.1)
    head = {"params": model.classifier.parameters(), "lr": 0.1}
    # Without an optimizer of its own the Trainer would make AdamW over all weights.
    optimizer = submask.MaskSGD([*masks, head], lr=5, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=STEPS)
    arguments = TrainingArguments(
        "trainer",
        max_steps=steps,
        save_steps=steps,
        per_device_train_batch_size=32,
        use_cpu=True,
        report_to=[],
        disable_tqdm=True,
    )
    return Trainer(model, arguments, train_dataset=as_trainers(1000, seed=1), optimizers=(optimizer, scheduler))


trainer(STEPS // 2).train()
rest = trainer(STEPS)
rest.train(resume_from_checkpoint=f"trainer/checkpoint-{STEPS // 2}")

optimizer, model = rest.optimizer.optimizer, rest.model  # the optimizer inside Accelerate's
print(f"{optimizer.masked_fraction():.1%} of the weights are off after {rest.state.global_step} steps")
head = model.classifier[1]
submask.save_task(
    model, optimizer, "trainer.task", head=head, classes=CLASSES, preprocessing=PREPROCESSING, backbone="resnet"
)
other = network().eval()
images, labels = stripes(1000, seed=2)
with submask.task(other, "trainer.task"), torch.no_grad():
    print(f"by the task's file: accuracy {(other(images).logits.argmax(1) == labels).float().mean():.3f}")
