"""Decodes a block of the profile `small`, by docs/mask_format.md: about 100,000 weights a second.

    off = SmallDecoder(coded, block).offs()  # bool, True where a weight is off
"""

from functools import lru_cache

import numpy as np

from task_reader.block import expect, size_bins

LARGEST = 2815  # logit, in 256ths


@lru_cache(maxsize=None)
def logit_tables():
    """P as a list whose place LARGEST + x holds P(x), and L as a list of 65536."""
    powers = [1 << 32]
    for _ in range(LARGEST):
        powers.append(powers[-1] * 4278222805 >> 32)
    upper = [min((1 << 48) // ((1 << 32) + power), 65535) for power in powers]
    probability = [65536 - p for p in upper[:0:-1]] + upper
    logit = np.searchsorted(probability, np.arange(65536), side="right") - 1 - LARGEST
    return probability, np.maximum(logit, -LARGEST).tolist()


def clamp(x, least, most):
    return least if x < least else most if x > most else x


def within(p):
    return clamp(p, 16, 65520)


class RangeDecoder:
    def __init__(self, coded):
        expect(not coded or coded[-1] != 0, "coded bits whose last byte is not zero", "a zero")
        self.coded, self.next = coded, 4
        self.low, self.high = 0, 0xFFFFFFFF
        self.code = int.from_bytes(coded[:4].ljust(4, b"\0"), "big")

    def bit(self, p):
        middle = self.low + ((self.high - self.low) * p >> 16)
        bit = self.code <= middle
        if bit:
            self.high = middle
        else:
            self.low = middle + 1
        while (self.low ^ self.high) >> 24 == 0:
            self.low = self.low << 8 & 0xFFFFFFFF
            self.high = (self.high << 8 & 0xFFFFFFFF) | 255
            byte = self.coded[self.next] if self.next < len(self.coded) else 0
            self.code = (self.code << 8 & 0xFFFFFFFF) | byte
            self.next += 1
        return bit

    def expect_end(self):
        expect(self.next >= len(self.coded), f"{len(self.coded)} coded bytes to be read", self.next)


class Excess:
    def __init__(self):
        self.off = self.expected = self.value = 0

    def add(self, off, expectation, prior):
        self.off += 65536 * off
        self.expected += expectation
        share = ((self.off + prior) << 16) // (self.off + self.expected + 2 * prior)
        self.value = logit_tables()[1][clamp(share, 1, 65535)]


class SmallDecoder:
    """The model of a block. All its adaptive bits lie in one list, each table from a place of its own on."""

    def __init__(self, coded, block):
        shape = block.weight.shape
        self.inputs = shape[1] if len(shape) > 1 else 1
        self.kernel = int(np.prod(shape[2:]))
        self.width = block.kernel_width
        self.coder = RangeDecoder(coded)
        self.positive = (block.weight.ravel() > 0).tolist()
        self.bins = size_bins(block.weight).tolist()
        self.parent = None if block.parent is None else (~block.parent.ravel()).tolist()
        self.start_model(shape[0], block.off_share)

    def start_model(self, outputs, off_share):
        self.by_output = 80
        self.by_neighbours = self.by_output + outputs * 8
        self.by_parent = self.by_neighbours + 12 * 81
        places = self.by_parent + 12 * 64
        self.q = [within(off_share) << 6] * 80 + [0] * (places - 80)
        self.count = [0] * places
        self.out = [(Excess(), Excess()) for _ in range(outputs)]
        self.into = [(Excess(), Excess()) for _ in range(self.inputs)]
        self.at_place = [(Excess(), Excess()) for _ in range(self.kernel)]
        self.share = [256 * share for share in (32, 32, 32, 150, 150, 120, 190, 190, 60, 110, 100)]
        self.state = [0] * len(self.bins)
        self.surprise = [0] * len(self.bins)

    def offs(self):
        for i in range(len(self.bins)):
            o, rest = divmod(i, self.inputs * self.kernel)
            c, k = divmod(rest, self.kernel)
            if k == 0:
                self.here = (Excess(), Excess())
                self.begin = i
            positive = self.positive[i]
            excesses = [self.out[o][positive], self.into[c][positive], self.here[positive], self.at_place[k][positive]]
            self.decode_weight(i, k, excesses, o)
        self.coder.expect_end()
        return np.array(self.state, bool)

    def decode_weight(self, i, k, excesses, o):
        probability, logit = logit_tables()
        sign = 1 if self.positive[i] else -1
        near = self.neighbours(k)
        places = self.places(i, o, sign, near)
        p0 = self.q[places[0]] >> 6
        z = logit[within(p0)]
        x = self.place_inputs(places, z) + [excess.value for excess in excesses[:3]]
        x += [sign * self.surprise[j] if j >= 0 else 0 for j in near]
        x += [excess.value for excess in excesses[3:]]
        mixed = z + (sum(map(int.__mul__, self.share, x)) >> 16)
        p = within(probability[LARGEST + clamp(mixed, -LARGEST, LARGEST)])
        off = int(self.coder.bit(p))
        self.learn_shares(x, 65536 * off - p)
        for excess, expectation, prior in zip(excesses, (p0, p0, p, p0), (524288, 524288, 16384, 524288)):
            excess.add(off, expectation, prior)
        for place in places:
            self.learn_bit(place, off)
        self.state[i] = sign * off
        self.surprise[i] = sign * ((65536 * off - p0) >> 8)

    def neighbours(self, k):
        """Left, above, above left, above right: places of weights, -1 where there is none."""
        row, column = divmod(k, self.width)
        here, above = self.begin + k, self.begin + k - self.width
        first, last = column == 0, column == self.width - 1
        return (-1 if first else here - 1, above if row else -1, -1 if first or not row else above - 1,
                -1 if last or not row else above + 1)

    def places(self, i, o, sign, near):
        b = self.bins[i]
        m = clamp((b - 4) // 3, 0, 11)
        around = 0
        for j in (near[0], near[1], i - self.inputs * self.kernel, i - self.kernel):
            state = self.state[j] if j >= 0 else 0
            around = 3 * around + (0 if state == 0 else 1 if state == sign else 2)
        two = [self.by_output + 8 * o + m * 8 // 12, self.by_neighbours + 81 * m + around]
        if self.parent is None:
            return [b] + two
        f = int(self.parent[i])
        same, other = self.parent_counts(i)
        return [b + 40 * f] + two + [self.by_parent + 64 * m + 32 * f + 8 * min(same, 3) + min(other, 7)]

    def parent_counts(self, i):
        offs = [j for j in range(self.begin, self.begin + self.kernel) if j != i and self.parent[j]]
        same = sum(self.positive[j] == self.positive[i] for j in offs)
        return same, len(offs) - same

    def place_inputs(self, places, z):
        for place in places[1:]:
            if self.count[place] == 0:
                self.q[place] = self.q[places[0]]
        inputs = [logit_tables()[1][within(self.q[place] >> 6)] - z for place in places[1:]]
        return inputs if len(inputs) == 3 else inputs + [0]

    def learn_shares(self, x, error):
        for j, value in enumerate(x):
            self.share[j] = clamp(self.share[j] + (value * error * 200 >> 22), -1048576, 1048576)

    def learn_bit(self, place, off):
        count = self.count[place]
        target = (1 << 22) - 1 if off else 0
        self.q[place] += (target - self.q[place]) * (131072 // (2 * count + 5)) >> 16
        self.count[place] = min(count + 1, 1000)
