"""Decodes a block of the profile `fast`, by docs/mask_format.md: about a million weights that are off a second.

    off = decode_fast(coded, block)  # bool, True where a weight is off
"""

from functools import lru_cache

import numpy as np

from task_reader.block import expect, size_bins, unpacked

CLASS_STARTS = (20, 25, 27, 29, 30, 31, 33, 35)


@lru_cache(maxsize=None)
def fast_table(step):
    """shift, and for each state mod 2048 its (symbol, frequency, begin)."""
    p = ((1 << 32) if step % 2 == 0 else 3037000500) >> step // 2
    shift = next((k for k in range(16) if p << (k + 1) >= 1 << 30), 16)
    g = (1 << 32) - p
    for _ in range(shift):
        g = g * g >> 32
    left, frequencies = 1 << 32, []
    for symbol in range(24):
        after = 0 if symbol == 23 else left * g >> 32
        frequencies.append(((left - after) * 2024 >> 32) + 1)
        left = after
    frequencies[23 if frequencies[23] > frequencies[0] else 0] += 2048 - sum(frequencies)
    slots, begin = [], 0
    for symbol, frequency in enumerate(frequencies):
        slots += [(symbol, frequency, begin)] * frequency
        begin += frequency
    return shift, slots


class TwoEnds:
    """The state of the symbols and the R bytes after it: words from the end, low bits from the beginning."""

    def __init__(self, coded):
        expect(len(coded) >= 4, "4 bytes of state", len(coded))
        self.state = int.from_bytes(coded[:4], "little")
        self.bytes, self.bit, self.back = coded[4:], 0, len(coded) - 4

    def symbol(self, slots):
        y = self.state % 2048
        symbol, frequency, begin = slots[y]
        self.state = frequency * (self.state >> 11) + y - begin
        if self.state < 65536:
            self.back -= 2
            expect(self.back >= 0, "a word of coded symbols", "no more bytes")
            self.state = self.state << 16 | int.from_bytes(self.bytes[self.back:self.back + 2], "little")
        return symbol

    def low_bits(self, bits):
        first, end = self.bit >> 3, (self.bit + bits + 7) >> 3
        expect(end <= self.back, "low bits", "no more bytes")
        number = int.from_bytes(self.bytes[first:end], "little") >> (self.bit & 7) & ((1 << bits) - 1)
        self.bit += bits
        return number

    def expect_end(self):
        expect(self.state == 65536, "a last state of 65536", self.state)
        expect((self.bit + 7) >> 3 == self.back, f"{self.back} bytes of low bits", (self.bit + 7) >> 3)
        expect(self.low_bits(-self.bit % 8) == 0, "zeros after the last low bit", "ones")


def decode_fast(coded, block):
    size = block.weight.size
    off = np.zeros(size, bool)
    if not coded:
        return off
    if coded[0] == 31:
        return ~unpacked(coded[1:], size)
    classes = np.searchsorted(CLASS_STARTS, size_bins(block.weight), side="right")
    groups = np.ones(int(np.prod(block.weight.shape[2:])), int)
    if coded[0] == 63:
        groups, coded = read_groups(coded[1:], groups.size)
    group = np.resize(groups, size)
    number = 9 * max(1, int(groups.max()))
    classes += 9 * (group - 1)
    if block.parent is not None:
        classes, number = classes + number * ~block.parent.ravel(), 2 * number
    classes[group == 0] = -1
    steps, ends = read_steps(coded, number)
    for begin in range(0, size, 65536):
        chunk = classes[begin:begin + 65536]
        for index, step in enumerate(steps):
            listed = np.flatnonzero(chunk == index)
            if listed.size:
                off[begin + listed[read_gaps(ends, step, listed.size)]] = True
    ends.expect_end()
    return off


def read_numbers(coded, count, bits, most, what):
    """So many numbers of so many bits, and the bytes after them."""
    length = (bits * count + 7) // 8
    expect(len(coded) >= length, f"{length} bytes of {what}", len(coded))
    packed = int.from_bytes(coded[:length], "little")
    numbers = [packed >> bits * index & (1 << bits) - 1 for index in range(count)]
    expect(packed >> bits * count == 0 and max(numbers) <= most, f"{what} of 0 to {most} and zeros after them", numbers)
    return numbers, coded[length:]


def read_groups(coded, places):
    groups, rest = read_numbers(coded, places, 2, 2, "groups")
    expect(any(groups), "a position of a group", groups)
    return np.array(groups), rest


def read_steps(coded, number):
    steps, rest = read_numbers(coded, number, 5, 30, "steps")
    return steps, TwoEnds(rest)


def read_gaps(ends, step, size):
    """The places in a class's list of those that are off."""
    shift, slots = fast_table(step)
    places, i = [], 0
    while True:
        past = (size - i) >> shift
        high = symbol = ends.symbol(slots)
        while symbol == 23 and high <= past:
            symbol = ends.symbol(slots)
            high += symbol
        if high > past:
            expect(high == past + 1, f"an end of {past + 1}", high)
            return places
        gap = (high << shift) + ends.low_bits(shift)
        expect(gap < size - i, f"a gap below {size - i}", gap)
        i += gap
        places.append(i)
        i += 1
