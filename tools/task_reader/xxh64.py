"""XXH64 with seed 0, of bytes."""

import struct

PRIMES = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)
FULL = (1 << 64) - 1


def turn(x, by):
    return (x << by | x >> 64 - by) & FULL


def lane_round(lane, word):
    return turn((lane + word * PRIMES[1]) & FULL, 31) * PRIMES[0] & FULL


def stripes_hash(stripes):
    a, b, c, d = (PRIMES[0] + PRIMES[1]) & FULL, PRIMES[1], 0, -PRIMES[0] & FULL
    for w, x, y, z in struct.iter_unpack("<4Q", stripes):
        a, b, c, d = lane_round(a, w), lane_round(b, x), lane_round(c, y), lane_round(d, z)
    result = turn(a, 1) + turn(b, 7) + turn(c, 12) + turn(d, 18)
    for lane in (a, b, c, d):
        result = ((result ^ lane_round(0, lane)) * PRIMES[0] + PRIMES[3]) & FULL
    return result


def xxh64(data):
    p1, p2, p3, p4, p5 = PRIMES
    words = len(data) // 32 * 32
    rest = words + len(data) % 32 // 8 * 8
    result = ((stripes_hash(data[:words]) if words else p5) + len(data)) & FULL
    for (word,) in struct.iter_unpack("<Q", data[words:rest]):
        result = (turn(result ^ lane_round(0, word), 27) * p1 + p4) & FULL
    if len(data) - rest >= 4:
        result ^= int.from_bytes(data[rest:rest + 4], "little") * p1 & FULL
        result = (turn(result, 23) * p2 + p3) & FULL
        rest += 4
    for byte in data[rest:]:
        result = turn(result ^ byte * p5 & FULL, 11) * p1 & FULL
    result = (result ^ result >> 33) * p2 & FULL
    result = (result ^ result >> 29) * p3 & FULL
    return result ^ result >> 32
