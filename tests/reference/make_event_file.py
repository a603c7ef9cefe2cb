"""Records of an event file as TensorBoard's own messages and writer make them (PyPI: tensorboard).

    /tmp/ref/venv/bin/python tests/reference/make_event_file.py > tests/golden/run/event_file.json
"""

import io
import json

import google.protobuf
import tensorboard
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

# Values of every length: of the steps in bytes of seven bits, of tags above 127 bytes, and defaults.
EVENTS = [
    {"kind": "version", "wall_time": 1700000000.25, "step": 0},
    {"kind": "restart", "wall_time": 1700000001.5, "step": 1},
    {"kind": "scalars", "wall_time": 1700000002.125, "step": 1, "scalars": [["loss", 2.302585092994046]]},
    {"kind": "scalars", "wall_time": 0.5, "step": 0, "scalars": [["zero", 0.0], ["negative", -1.5], ["small", 1e-40]]},
    {"kind": "scalars", "wall_time": 1700000003.0, "step": 127, "scalars": [["Größe/µ", 1e30]]},
    {"kind": "scalars", "wall_time": 1700000003.0, "step": 128, "scalars": [["long " * 40, 0.1], ["one", 1.0]]},
    {"kind": "scalars", "wall_time": 1700000004.75, "step": 2**40 + 3, "scalars": []},
    {"kind": "restart", "wall_time": 1700000005.0, "step": 300},
]


def record(each):
    event = Event(wall_time=each["wall_time"], step=each["step"])
    if each["kind"] == "version":
        event.file_version = "brain.Event:2"
    elif each["kind"] == "restart":
        event.session_log.CopyFrom(SessionLog(status=SessionLog.START))
    else:
        values = [Summary.Value(tag=tag, simple_value=value) for tag, value in each["scalars"]]
        event.summary.CopyFrom(Summary(value=values))
    out = io.BytesIO()
    RecordWriter(out).write(event.SerializeToString(deterministic=True))
    return out.getvalue().hex()


lines = [json.dumps({**each, "record": record(each)}) for each in EVENTS]
print(f'{{"tensorboard": "{tensorboard.__version__}", "protobuf": "{google.protobuf.__version__}", "events": [')
print(",\n".join(lines) + "]}")
