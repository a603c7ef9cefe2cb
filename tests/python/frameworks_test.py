"""Lightning, Accelerate and transformers' Trainer: learning that is broken off goes on to the bits of one that was not.

What is not installed is left out; tools/nightly python has all of them.
"""

import importlib.util
import logging
import os
import pathlib
import sys
import tempfile
import unittest
import warnings

import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

import submask
from files import ROOT

sys.path.insert(0, str(ROOT / "examples" / "python"))
from stripes import SmallNetwork, stripes  # noqa: E402

EPOCHS = 4


def optimizer_of(network, kind, head):
    """A mask optimiser with a head, and a schedule."""
    rates = {"lr": 5, "momentum": 0.9} if kind is submask.MaskSGD else {"lr": 0.05}
    masks = submask.param_groups(network, score_start="normal", score_mean=0.02, score_std=0.02)
    optimizer = kind([*masks, {"params": head.parameters(), "lr": 0.1}], **rates)
    return optimizer, torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=EPOCHS)


def batches():
    """In one order, so that what differs is not what was seen."""
    return DataLoader(TensorDataset(*stripes(128, seed=1)), batch_size=32)


class Resumed(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        caught = warnings.catch_warnings()
        caught.__enter__()
        self.addCleanup(caught.__exit__, None, None, None)
        warnings.simplefilter("ignore")  # of the frameworks, about this machine

    def need(self, *packages):
        for package in packages:
            if importlib.util.find_spec(package) is None:
                self.skipTest(f"no {package}")

    def compare(self, learn):
        """`learn(kind, epochs, resumed)` learns from where `resumed` says, and gives the network and the optimiser."""
        for kind in (submask.MaskSGD, submask.MaskAdam):
            with self.subTest(kind.__name__):
                whole, optimizer = learn(kind, EPOCHS, False)
                learn(kind, EPOCHS // 2, False)
                network, again = learn(kind, EPOCHS, True)
                self.assertIs(type(again), kind)
                self.assertGreater(optimizer.masked_fraction(), 0)
                for a, b in zip(optimizer.units(), again.units()):
                    self.assertTrue(torch.equal(a.score, b.score), a.unit.name)
                    self.assertTrue(torch.equal(a.theta, b.theta), a.unit.name)
                for name, tensor in whole.state_dict().items():
                    self.assertTrue(torch.equal(tensor, network.state_dict()[name]), name)
                self.assertEqual(
                    [group["lr"] for group in optimizer.param_groups], [group["lr"] for group in again.param_groups]
                )
                again.undo()
                self.assertEqual(submask.identity(network), again.param_groups[0]["weights_identity"])

    def test_lightning(self):
        self.need("lightning")
        import lightning

        logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
        quiet = ("logger", "enable_progress_bar", "enable_model_summary", "enable_checkpointing")

        class Learner(lightning.LightningModule):
            def __init__(self, kind):
                super().__init__()
                self.network, self.kind = SmallNetwork(), kind

            def training_step(self, batch, index):
                return cross_entropy(self.network(batch[0]), batch[1])

            def configure_optimizers(self):
                optimizer, schedule = optimizer_of(self.network, self.kind, self.network.head)
                return [optimizer], [schedule]

        def learn(kind, epochs, resumed):
            learner = Learner(kind)
            trainer = lightning.Trainer(max_epochs=epochs, accelerator="cpu", **dict.fromkeys(quiet, False))
            trainer.fit(learner, batches(), ckpt_path="half.ckpt" if resumed else None, weights_only=True)
            trainer.save_checkpoint("half.ckpt")
            return learner.network, learner.optimizers().optimizer

        self.compare(learn)

    def test_accelerate(self):
        self.need("accelerate")
        from accelerate import Accelerator

        def learn(kind, epochs, resumed):
            accelerator = Accelerator(cpu=True)
            network = SmallNetwork()
            model, optimizer, schedule, data = accelerator.prepare(
                network, *optimizer_of(network, kind, network.head), batches()
            )
            if resumed:
                accelerator.load_state("half")
            for _ in range(EPOCHS // 2 if resumed else epochs):
                for images, labels in data:
                    optimizer.zero_grad()
                    accelerator.backward(cross_entropy(model(images), labels))
                    optimizer.step()
                schedule.step()
            accelerator.save_state("half")
            return network, optimizer.optimizer

        self.compare(learn)

    def test_trainer(self):
        self.need("transformers", "accelerate")
        import transformers

        images, labels = stripes(128, seed=1)
        pictures = [{"pixel_values": image, "labels": label} for image, label in zip(images, labels)]
        shape = {"embedding_size": 16, "hidden_sizes": [16, 32], "depths": [1, 1], "layer_type": "basic"}

        class InOrder(transformers.Trainer):
            def get_train_dataloader(self):
                return self.accelerator.prepare(
                    DataLoader(self.train_dataset, 32, collate_fn=transformers.default_data_collator)
                )

        def learn(kind, epochs, resumed):
            transformers.set_seed(0)
            network = transformers.ResNetForImageClassification(transformers.ResNetConfig(**shape, num_labels=4))
            arguments = transformers.TrainingArguments(
                "trainer", num_train_epochs=epochs, save_strategy="epoch", use_cpu=True, report_to=[], disable_tqdm=True
            )
            arguments.set_logging(strategy="no")
            trainer = InOrder(
                network, arguments, train_dataset=pictures, optimizers=optimizer_of(network, kind, network.classifier)
            )
            trainer.train(resume_from_checkpoint=f"trainer/checkpoint-{4 * EPOCHS // 2}" if resumed else None)
            return network, trainer.optimizer.optimizer

        self.compare(learn)


if __name__ == "__main__":
    unittest.main()
