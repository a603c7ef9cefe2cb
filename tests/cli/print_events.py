"""Prints the scalars of event files, a line each: FILE STEP TAG VALUE; "restart" as a tag says that later files replace
what earlier ones have of that step and those after it. Fails on anything that is no whole record with right checksums.

    python3 print_events.py FILE...
"""

import struct
import sys


def masked_crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        payload = data[12 : 12 + length]
        assert struct.unpack("<I", data[8:12])[0] == masked_crc32c(data[:8]), "checksum of a length"
        (crc,) = struct.unpack("<I", data[12 + length : 16 + length])
        assert crc == masked_crc32c(payload), "checksum of a record"
        yield payload
        data = data[16 + length :]


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def fields(message):
    """Number and value of each field; of fixed-size ones the bytes."""
    at = 0
    while at < len(message):
        key, at = varint(message, at)
        if key & 7 == 0:
            value, at = varint(message, at)
        else:
            length = {1: 8, 5: 4}.get(key & 7)
            if length is None:
                assert key & 7 == 2, "a known kind of field"
                length, at = varint(message, at)
            value, at = message[at : at + length], at + length
        yield key >> 3, value


def print_file(path):
    with open(path, "rb") as file:
        events = [list(fields(record)) for record in records(file.read())]
    assert dict(events[0])[3] == b"brain.Event:2", "the version first"
    before = 0
    for event in map(dict, events):
        (wall_time,) = struct.unpack("<d", event[1])
        assert wall_time >= before, "times that rise"
        before = wall_time
        if 7 in event:
            assert event[7] == b"\x08\x01", "the start of a session"
            print(path, event.get(2, 0), "restart")
        for _, value in fields(event.get(5, b"")):
            scalar = dict(fields(value))
            print(path, event.get(2, 0), scalar[1].decode(), f"{struct.unpack('<f', scalar[2])[0]:.6g}")


for path in sys.argv[1:]:
    print_file(path)
