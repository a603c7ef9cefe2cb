"""What MaskSGD and MaskAdam refuse, and that nothing has changed then."""

import copy
import pickle
import unittest
import warnings

import numpy as np
import torch
from torch import nn

import submask
from learning import attention, bits_of, learn

NORMAL = {"score_start": "normal", "score_mean": 0.05, "score_std": 0.1}
FC2 = "blocks.0.mlp.fc2.weight"


def learning(kind=submask.MaskSGD, **options):
    """A masked network, and its optimiser with a plain group."""
    model = attention()
    groups = [*submask.param_groups(model), {"params": model.head.parameters(), "lr": 0.05}]
    return model, kind(groups, **{"lr": 0.5, **NORMAL, **options})


class Changes(unittest.TestCase):
    def assert_same(self, model, before):
        for name, tensor in before.items():
            self.assertTrue(torch.equal(tensor, model.state_dict()[name]), name)

    def refused(self, pattern, call, *words, **options):
        with self.assertRaisesRegex(submask.InvalidArgument, pattern):
            call(*words, **options)


class Loads(Changes):
    def test_no_state_at_all(self):
        model, optimizer = learning()
        before = bits_of(model)
        for state in (None, [], {}, {"state": {}, "param_groups": [{}, {}]}, {"state": None, "param_groups": []}):
            self.refused("expected a state_dict\\(\\) of a mask optimizer", optimizer.load_state_dict, state)
        self.assert_same(model, before)

    def test_a_refused_state_leaves_the_optimizer_whole(self):
        def group(saved, **changes):
            saved["param_groups"][0].update(changes)

        score = torch.zeros(24, 8)
        for pattern, change in (
            ("a criterion: threshold", lambda s: group(s, criterion="bogus")),
            ("groups with lr, got one without", lambda s: s["param_groups"][0].pop("lr")),
            ("a finite mu, got 'x'", lambda s: group(s, mu="x")),
            ("a learning rate >= 0, got nan", lambda s: group(s, lr=float("nan"))),
            ("weights_identity that param_groups\\(\\) noted", lambda s: group(s, weights_identity=5)),
            ("a first_lr >= 0, got 'x'", lambda s: group(s, first_lr="x")),
            ("groups with first_mu, got one without", lambda s: s["param_groups"][0].pop("first_mu")),
            ("groups with statistics", lambda s: s["param_groups"][0].pop("statistics")),
            ("extra besides", lambda s: s["state"][0].update(extra=5)),
            ("dense and in memory, got torch.sparse_coo", lambda s: s["state"][0].update(score=score.to_sparse())),
            ("dense and in memory, got a meta", lambda s: s["state"][0].update(score=score.to("meta"))),
            ("gradient_sizes that are finite", lambda s: s["state"][0]["gradient_sizes"].fill_(float("inf"))),
            ("a score of numbers, got NaN", lambda s: s["state"][0].update(score=score * float("nan"))),
        ):
            with self.subTest(pattern):
                model, optimizer = learning()
                pretrained, before = bits_of(attention()), bits_of(model)
                saved = copy.deepcopy(optimizer.state_dict())
                change(saved)
                self.refused(pattern, optimizer.load_state_dict, saved)
                self.assert_same(model, before)
                learn(model, optimizer, 1)
                optimizer.undo()
                self.assertTrue(torch.equal(model.state_dict()[FC2], pretrained[FC2]))

    def test_a_load_that_fails_on_its_way_goes_back(self):
        for masked in (True, False):
            model, optimizer = learning()
            saved = copy.deepcopy(optimizer.state_dict())
            learn(model, optimizer, 2)
            if not masked:
                optimizer.undo()
            before, lr = bits_of(model), optimizer.param_groups[0]["lr"]
            saved["param_groups"][0]["lr"] = 7

            def fail(self):
                raise MemoryError

            hook = optimizer.register_load_state_dict_post_hook(fail)
            with self.assertRaises(MemoryError):
                optimizer.load_state_dict(saved)
            hook.remove()
            self.assert_same(model, before)
            self.assertEqual(optimizer.param_groups[0]["lr"], lr)
            if masked:
                learn(model, optimizer, 1)
            else:
                submask.param_groups(model)

    def test_what_another_one_masks_is_left_alone(self):
        model, optimizer = learning()
        saved = copy.deepcopy(optimizer.state_dict())
        optimizer.undo()
        other = submask.MaskAdam(submask.param_groups(model), **NORMAL)
        before = bits_of(model)
        self.refused("not masked yet .* masked by MaskAdam", optimizer.load_state_dict, saved)
        optimizer.undo()
        self.refused("masked by MaskAdam", submask.param_groups, model)
        self.assert_same(model, before)
        other.undo()
        optimizer.load_state_dict(saved)


class Copies(Changes):
    def test_a_copy_after_undo_is_not_masked(self):
        model, optimizer = learning()
        learn(model, optimizer, 1)
        optimizer.undo()
        before = bits_of(model)
        both = model, optimizer
        for copied, its_optimizer in (copy.deepcopy(both), pickle.loads(pickle.dumps(both))):
            self.assert_same(copied, before)
            submask.param_groups(copied)
            its_optimizer.load_state_dict(optimizer.state_dict())
            its_optimizer.undo()
            self.assert_same(copied, before)


class Steps(Changes):
    def test_nothing_moves_where_a_later_group_is_wrong(self):
        def cast(model, optimizer):
            model.head.double()
            model.head.weight.grad = torch.ones_like(model.head.weight)

        def rate(model, optimizer):
            optimizer.param_groups[1]["lr"] = "x"

        for pattern, change in (("a parameter as it was", cast), ("a learning rate >= 0, got 'x'", rate)):
            model, optimizer = learning()
            learn(model, optimizer, 1)
            change(model, optimizer)
            scores = [unit.score.clone() for unit in optimizer.units()]
            self.refused(pattern, optimizer.step)
            for unit, score in zip(optimizer.units(), scores):
                self.assertTrue(torch.equal(unit.score, score))

    def test_a_gradient_that_is_not_finite_moves_nothing(self):
        for kind in (submask.MaskSGD, submask.MaskAdam):
            for bad in (float("nan"), float("inf")):
                model, optimizer = learning(kind)
                learn(model, optimizer, 1)
                model.blocks[0]["mlp"]["fc2"].weight.grad[0, 0] = bad
                before = bits_of(model)
                self.refused(f"a finite gradient of {FC2}, got NaN or infinity", optimizer.step)
                self.assert_same(model, before)
        # Finite numbers whose sum overflows are no fault.
        model, optimizer = learning()
        model.zero_grad()
        weight = model.blocks[0]["mlp"]["fc2"].weight
        weight.grad = torch.full_like(weight, 3e38)
        optimizer.step()

    def test_schedules_outside_their_epochs_change_nothing(self):
        for epoch, epochs in ((3, 3), (-1, 3), ("a", 3), (0, 0), (float("nan"), 3)):
            model, optimizer = learning(criterion="topk", progressive=(1.0, 0.5))
            before = bits_of(model)
            self.refused("an epoch in 0 ... epochs - 1", optimizer.set_epoch, epoch, epochs)
            self.assert_same(model, before)
            self.assertEqual(optimizer.param_groups[0]["keep_share"], 1.0)
        self.refused("a finite mu, got nan", optimizer.set_criterion, mu=float("nan"))
        model.half()
        self.refused("a masked parameter as it was", optimizer.set_criterion, keep_share=0.5)
        self.assertEqual(optimizer.param_groups[0]["mu"], 0.0)


class Options(Changes):
    def test_options_out_of_range_or_of_another_type(self):
        nan, inf, sgd, adam = float("nan"), float("inf"), submask.MaskSGD, submask.MaskAdam
        model = attention()
        before = bits_of(model)
        for kind, pattern, options in (
            (sgd, "a finite mu, got nan", {"mu": nan}),
            (sgd, "a finite score_mean, got 'x'", {"score_mean": "x"}),
            (sgd, "a finite score_std >= 0, got -1", {"score_std": -1}),
            (sgd, "a learning rate >= 0, got inf", {"lr": inf}),
            (sgd, "a learning rate >= 0, got None", {"lr": None}),
            (sgd, "a learning rate of one number", {"lr": torch.ones(2)}),
            (sgd, "a learning rate >= 0, got -5", {"lr": torch.tensor(-5.0)}),
            (sgd, "a weight decay >= 0, got inf", {"weight_decay": inf}),
            (sgd, "a byte_price in \\[0, 3.4e38\\], got -0.1", {"byte_price": -0.1}),
            (sgd, "a byte_price in .*, got 1e\\+300", {"byte_price": 1e300}),
            (sgd, "an lr of at most 1 with unit_rates", {"unit_rates": True}),
            (sgd, "a score_mean above mu for byte_price, got 0.1", {"byte_price": 0.1, "mu": 0.1, "score_mean": 0.1}),
            (sgd, "score_start constant or normal for byte_price", {"byte_price": 0.1, "score_start": "magnitude"}),
            (adam, "a first lr above 0 for byte_price", {"byte_price": 0.1, "lr": 0.0}),
            (sgd, "nesterov that is True or False, got 'no'", {"nesterov": "no"}),
            (sgd, "a seed that is a whole number, got 1.5", {"seed": 1.5}),
            (sgd, "progressive=\\(start, stop\\), got \\(1,\\)", {"progressive": (1,)}),
            (sgd, "a finite mu, got 'a'", {"progressive": ("a", "b")}),
            (sgd, "a keep_share in", {"progressive": (1.0, 2.0), "criterion": "topk"}),
            (adam, "two betas, got \\(0.9,\\)", {"betas": (0.9,)}),
            (adam, "betas in \\[0, 1\\), got 1", {"betas": (0.9, 1)}),
            (adam, "an eps >= 0, got nan", {"eps": nan}),
        ):
            self.refused(pattern, kind, submask.param_groups(model), **options)
            self.assert_same(model, before)

    def test_names_of_options_that_are_not_known(self):
        for name in ("score_maen", "units", "params", "weights_identity"):
            expected = f"an option of MaskSGD or MaskAdam, got {name}"
            self.refused(expected, submask.param_groups, attention(), **{name: 1})
        submask.param_groups(attention(), score_mean=np.float32(0.5), lr_scale=0.5)

    def test_groups_that_are_none(self):
        model = attention()
        iterators = model.parameters(), model.named_parameters()
        for params in (None, 5, [], model, [[]], *iterators, [{"lr": 1}], [{"params": "x"}]):
            self.refused("expected ", submask.MaskSGD, params)
        (group,) = submask.param_groups(model)
        weight = group["params"][0]
        self.refused(
            "each parameter in one group, once, got blocks.0.attn.q.weight, .* again",
            submask.MaskSGD,
            [group, {"params": [weight]}],
        )
        for units in (5, [], [[["x", 0, 99, False, 0]]]):
            self.refused("expected units ", submask.MaskSGD, [{"params": [weight], "units": units}])
        self.refused("real parameters, got one of torch.complex64", submask.MaskAdam,
                     [group, {"params": [nn.Parameter(torch.ones(3, dtype=torch.complex64))]}])  # fmt: skip
        submask.param_groups(model)

    def test_parameters_without_memory_of_their_own(self):
        self.refused("an array of real numbers in memory", submask.identity, attention().to("meta"))
        self.refused("in memory", submask.param_groups, attention().to("meta"))
        lazy = nn.Sequential(nn.Conv2d(3, 3, 3), nn.LazyLinear(3))
        self.refused("with a shape, got a lazy parameter", submask.param_groups, lazy)
        expanded = attention()
        expanded.blocks[0]["mlp"]["fc2"].weight = nn.Parameter(torch.ones(1, 16).expand(8, 16))
        self.refused("memory for each weight, got an expanded", submask.param_groups, expanded)
        complex_one = attention()
        complex_one.blocks[0]["mlp"]["fc2"].weight = nn.Parameter(torch.zeros(8, 16, dtype=torch.complex64))
        self.refused("expected ", submask.param_groups, complex_one)
        for model in (None, 5, [], nn.Identity()):
            self.refused("expected ", submask.param_groups, model)
            self.refused("expected ", submask.identity, model)


class Masking(Changes):
    def test_parameters_that_cannot_be_masked(self):
        self.refused("in float32 or float64, got torch.float16: .*autocast", submask.param_groups, attention().half())
        frozen = attention().requires_grad_(False)
        self.refused("a leaf that requires a gradient", submask.param_groups, frozen)
        tied = attention()
        tied.blocks.append(tied.blocks[0])
        self.refused("tied weights blocks.0.*and blocks.1", submask.param_groups, tied)

        class DTensor(nn.Parameter):
            pass

        sharded = attention()
        layer = sharded.blocks[0]["attn"]["proj"]
        layer.weight = DTensor(layer.weight.detach())
        self.refused("attn.proj.weight as a whole tensor, got a DTensor: FSDP", submask.param_groups, sharded)
        quantised = attention()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            quantised.extra = torch.ao.nn.quantized.Linear(4, 4)
        sparse = attention()
        optimizer = submask.MaskSGD(submask.param_groups(sparse))
        weight = sparse.blocks[0]["attn"]["proj"].weight
        weight.grad = torch.ones_like(weight).to_sparse()
        self.refused("dense gradients, got torch.sparse_coo", optimizer.step)
        self.refused("without quantised modules, got extra, a Linear", submask.param_groups, quantised)

    def test_patterns_that_fit_nothing(self):
        self.refused(
            "a pattern that matches a mask unit .* got 'layer9", submask.param_groups, attention(), only="layer9.*"
        )
        self.refused("at least one mask unit", submask.param_groups, attention(), exclude="*")

    def test_options_out_of_range(self):
        model = attention()
        before = bits_of(model)
        for words, options in (
            ("a criterion: threshold, topk, flip, got 'best'", {"criterion": "best"}),
            ("a keep_share in", {"keep_share": 1.5}),
            ("a momentum in", {"momentum": 1.0}),
            ("a learning rate >= 0", {"lr": -1}),
            ("a weight decay >= 0", {"weight_decay": -1}),
            ("a score start: constant", {"score_start": "zeros"}),
        ):
            self.refused(words, submask.MaskSGD, submask.param_groups(model), **options)
        groups = submask.param_groups(model)
        self.refused(
            "each parameter in one group", submask.MaskSGD, groups + groups, score_start="normal", score_mean=0
        )
        # The first of the two groups was masked, and is not any more.
        for name, tensor in before.items():
            self.assertTrue(torch.equal(tensor, model.state_dict()[name]))
        submask.MaskSGD(submask.param_groups(model))


if __name__ == "__main__":
    unittest.main()
