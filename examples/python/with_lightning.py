"""Learns a mask by Lightning, is broken off, and goes on from the checkpoint: python with_lightning.py
(needs lightning)"""

import lightning
import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

import submask
from stripes import CLASSES, PREPROCESSING, SmallNetwork, accuracy, stripes

EPOCHS = 4


class Learner(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.network = SmallNetwork()

    def training_step(self, batch, index):
        images, labels = batch
        loss = cross_entropy(self.network(images), labels)
        self.log("loss", loss, prog_bar=True)
        return loss

    def configure_optimizers(self):
        masks = submask.param_groups(self.network, score_mean=0.1)
        head = {"params": self.network.head.parameters(), "lr": 0.1}
        optimizer = submask.MaskSGD([*masks, head], lr=5, momentum=0.9)
        return [optimizer], [torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=EPOCHS)]


def trainer(epochs):
    return lightning.Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        default_root_dir="lightning",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


lightning.seed_everything(0)
pictures = DataLoader(TensorDataset(*stripes(1000, seed=1)), batch_size=32, shuffle=True)
broken_off = trainer(epochs=2)
broken_off.fit(Learner(), pictures)
broken_off.save_checkpoint("half.ckpt")

# As in another process: a module with the pretrained weights, and the checkpoint, which has scores and masks.
learner, rest = Learner(), trainer(EPOCHS)
rest.fit(learner, pictures, ckpt_path="half.ckpt", weights_only=True)
optimizer = learner.optimizers().optimizer  # the one inside Lightning's
print(f"{optimizer.masked_fraction():.1%} of the weights are off after {rest.current_epoch} epochs")

model = learner.network
submask.save_task(
    model, optimizer, "lightning.task", head=model.head, classes=CLASSES, preprocessing=PREPROCESSING, backbone="small"
)
other, (new_images, new_labels) = SmallNetwork(), stripes(1000, seed=2)
with submask.task(other, "lightning.task"):
    print(f"by the task's file: accuracy {accuracy(other, new_images, new_labels):.3f}")
