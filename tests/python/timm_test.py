"""MaskSGD and MaskAdam by timm's optimiser factory: how timm's groups reach them, and what is refused."""

import importlib.util
import logging
import re
import unittest

import torch
from torch.nn.functional import cross_entropy

import submask
from files import ROOT

if importlib.util.find_spec("timm") is None:
    print("skipped: no timm")
    raise unittest.SkipTest("no timm")

import timm  # noqa: E402
from timm.optim import create_optimizer_v2, list_optimizers, param_groups_layer_decay  # noqa: E402
from timm.scheduler import create_scheduler_v2  # noqa: E402


def network(name="test_resnet"):
    torch.manual_seed(0)
    model = timm.create_model(name, num_classes=3)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))  # timm begins with zeros, behind which nothing learns
    return model


def learn(model, optimizer, steps=2):
    torch.manual_seed(1)
    model.eval()  # batch norm of noise has nothing to say here
    for _ in range(steps):
        optimizer.zero_grad()
        cross_entropy(model(torch.randn(4, 3, 32, 32)), torch.randint(0, 3, (4,))).backward()
        optimizer.step()


class Factory(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        submask.register_timm()

    def create(self, model, kind="masksgd", **options):
        settings = {"lr": 5, "head_lr": 0.1, "score_mean": 0.1, **options}
        return create_optimizer_v2(model, kind, model=model, **settings)

    def test_both_are_in_timms_list_once(self):
        with self.assertNoLogs(logging.getLogger("timm"), logging.WARNING):
            submask.register_timm()
        self.assertTrue({"masksgd", "maskadam"} <= set(list_optimizers("mask*")))

    def test_the_pages_block_runs(self):
        page = (ROOT / "docs/python_recipes.md").read_text()
        (block,) = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
        names = {"submask": submask, "create_optimizer_v2": create_optimizer_v2, "model": network()}
        exec(compile(block, "the page", "exec"), names)
        self.assertIs(type(names["optimizer"]), submask.MaskSGD)

    def test_the_factory_makes_what_the_plain_call_does(self):
        start = {"score_start": "normal", "score_mean": 0.1, "score_std": 0.1}
        for name in ("test_resnet", "test_vit"):
            for kind, plain in (("masksgd", submask.MaskSGD), ("maskadam", submask.MaskAdam)):
                with self.subTest(name, kind=kind):
                    made, other = network(name), network(name)
                    by_timm = self.create(made, kind, **start)
                    masks = submask.param_groups(other)
                    head = {"params": list(other.get_classifier().parameters()), "lr": 0.1}
                    called = plain([*masks, head], lr=5, **start)
                    learned = {id(parameter) for parameter in masks[0]["params"] + head["params"]}
                    for parameter in other.parameters():
                        parameter.requires_grad_(id(parameter) in learned)
                    self.assertIs(type(by_timm), plain)
                    first = {unit.unit.name: unit.score.clone() for unit in by_timm.units()}
                    self.assertEqual(set(first), {unit.unit.name for unit in called.units()})
                    learn(made, by_timm)
                    learn(other, called)
                    for unit in called.units():
                        score = self.score_of(by_timm, unit.unit.name)
                        self.assertTrue(torch.equal(unit.score, score), unit.unit.name)
                        self.assertFalse(torch.equal(first[unit.unit.name], score), unit.unit.name)
                    for a, b in zip(made.parameters(), other.parameters()):
                        self.assertTrue(torch.equal(a, b))
                        self.assertEqual(a.requires_grad, b.requires_grad)

    def score_of(self, optimizer, name):
        return next(unit.score for unit in optimizer.units() if unit.unit.name == name)

    def test_weight_decay_reaches_the_scores_as_timm_groups_them(self):
        model = network("test_vit")
        optimizer = self.create(model, weight_decay=0.01)
        decays = {}
        for group in optimizer.param_groups:
            for rows in group["units"] or []:
                decays.update({row[0]: group["weight_decay"] for row in rows})
        weights = {name: decay for name, decay in decays.items() if name.endswith(".weight")}
        biases = {name: decay for name, decay in decays.items() if name.endswith(".bias")}
        self.assertTrue(weights and biases)
        self.assertEqual((set(weights.values()), set(biases.values())), ({0.01}, {0.0}))
        # Of scores that get no gradient only those that decay move.
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                parameter.grad = torch.zeros_like(parameter)
        optimizer.step()
        for unit in optimizer.units():
            self.assertEqual(bool((unit.score == 0.1).all()), unit.unit.name.endswith(".bias"), unit.unit.name)

    def test_layer_decay_scales_the_rates_of_masks_by_timms_scheduler(self):
        model = network()
        optimizer = self.create(model, layer_decay=0.5)
        names = {id(parameter): name for name, parameter in model.named_parameters()}
        scales = {
            name: group["lr_scale"]
            for group in param_groups_layer_decay(model, layer_decay=0.5)
            for name in (names[id(parameter)] for parameter in group["params"])
        }
        self.assertGreater(len(set(scales.values())), 2)
        scheduler, _ = create_scheduler_v2(optimizer, sched="cosine", num_epochs=4)
        scheduler.step(2)
        rates = set()
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                start = 5 if group["units"] else 0.1
                self.assertAlmostEqual(group["lr"], start / 2 * scales[names[id(parameter)]])
            rates.add(group["lr"])
        self.assertGreater(len(rates), 4)

    def test_layers_that_timm_freezes_have_no_masks(self):
        model = network()
        optimizer = self.create(model, layer_decay=0.1, layer_decay_no_opt_scale=0.05)
        learned = {unit.unit.name for unit in optimizer.units()}
        self.assertTrue(learned)
        for unit in submask.units(model):
            if unit.masked_by_default:
                self.assertEqual(unit.name in learned, model.get_parameter(unit.tensor).requires_grad, unit.name)
        self.assertNotIn("conv1.0.weight", learned)

    def test_groups_with_masks_pass_through(self):
        model = network()
        masks = submask.param_groups(model, only="layer3.*")
        optimizer = create_optimizer_v2(masks, "masksgd", lr=5)
        self.assertTrue(all(unit.unit.name.startswith("layer3.") for unit in optimizer.units()))
        optimizer.undo()
        optimizer = create_optimizer_v2(model, "maskadam", lr=0.1, param_group_fn=submask.param_groups)
        self.assertEqual(optimizer.param_groups[0]["lr"], 0.1)
        self.assertGreater(len(optimizer.units()), 5)

    def test_patterns_and_shares_reach_the_masks(self):
        optimizer = self.create(network(), only="layer2.*", exclude="*.conv2.weight", largest_share=0.5)
        for unit in optimizer.units():
            self.assertRegex(unit.unit.name, r"^layer2\.(?!.*\.conv2\.weight)")
            self.assertEqual(int(unit.score.isinf().sum()), unit.count - round(unit.count / 2))

    def test_what_has_no_meaning_is_refused(self):
        model = network()
        before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        for words, options in (
            ("the network as model= too", {"model": None}),
            ("the network as model= too", {"model": None, "layer_decay": 0.9}),
            ("groups without fallback_list", {"fallback_list": ["layer1.*"]}),
            ("head_lr= where model.get_classifier\\(\\) has parameters, .* got head_lr=None", {"head_lr": None}),
            ("a pattern that matches a mask unit", {"only": "layer9.*"}),
        ):
            with self.subTest(words), self.assertRaisesRegex(submask.InvalidArgument, words):
                create_optimizer_v2(model, "masksgd", **{"model": model, "lr": 5, "head_lr": 0.1, **options})
        with self.assertRaisesRegex(TypeError, "unexpected keyword argument 'foreach'"):
            self.create(model, foreach=True)
        with self.assertRaisesRegex(submask.InvalidArgument, "model= with head_lr="):
            create_optimizer_v2(submask.param_groups(model), "masksgd", head_lr=0.1)
        for name, tensor in before.items():
            self.assertTrue(torch.equal(tensor, model.state_dict()[name]), name)
        self.assertTrue(all(parameter.requires_grad for parameter in model.parameters()))
        headless = timm.create_model("test_resnet", num_classes=0)
        with self.assertRaisesRegex(submask.InvalidArgument, "head_lr= where .* got head_lr=0.1"):
            self.create(headless)
        self.create(headless, head_lr=None)

    def test_an_average_of_weights_is_refused_at_the_first_step(self):
        model = network()
        optimizer = self.create(model, "lookahead_masksgd")
        with self.assertRaisesRegex(submask.InvalidArgument, "masksgd or maskadam alone, got timm's lookahead_"):
            learn(model, optimizer, 1)


if __name__ == "__main__":
    unittest.main()
