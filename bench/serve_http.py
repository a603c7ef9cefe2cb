"""Questions: how many requests a second does `submask serve` answer over FastAPI and PyTorch doing the same, and over
`submask predict`, which has no HTTP?

    PYTHON serve_http.py --submask SUBMASK [--tasks 100] [--threads 1] [--seconds 10] [--rounds 5] [--connections 16]

PYTHON needs torch, torchvision, fastapi, uvicorn and pillow; wrk (Debian) sends the requests. Both servers have one
resnet18 of the same weights and as many threads, and get the same JPEG file, about one task, then about --tasks of
them in turn; `predict` gets the file again and again, in batches as large as the server's. Prints a JSON line for each:
requests a second, the median of the rounds' ratios. The ceiling is what the network alone would answer, timed in the same
run.
"""

import argparse
import contextlib
import hashlib
import io
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import torch
import torchvision
from PIL import Image

root = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "tests" / "serve"))
import server  # noqa: E402

KEY = "bench"
IN_TURN = """
wrk.method, wrk.body = "POST", io.open("%s", "rb"):read("*all")
wrk.headers["Content-Type"], wrk.headers["Authorization"] = "image/jpeg", "Bearer bench"
local count = 0
request = function()
  count = count + 1
  return wrk.format(nil, "/v1/tasks/t" .. count %% %d .. "/predict")
end
"""


def photo():
    """A picture of soft shapes, as large as photographs of data sets are."""
    small = torch.rand(1, 3, 12, 16, generator=torch.Generator().manual_seed(0))
    pixels = torch.nn.functional.interpolate(small, size=(375, 500), mode="bicubic")[0].clamp(0, 1)
    file = io.BytesIO()
    torchvision.transforms.functional.to_pil_image(pixels).save(file, "JPEG", quality=90)
    return file.getvalue()


def start_ours(options, folder, stack):
    """A server with tasks t0 ..., each a mask learned in one step and a head of its own."""
    tasks = folder / "tasks"
    tasks.mkdir()
    torch.manual_seed(0)
    network = torchvision.models.resnet18(num_classes=10).state_dict()
    torch.save(network, folder / "weights.pth")
    for split in ("train", "test"):
        for label in ("a", "b"):
            place = folder / "data" / split / label
            place.mkdir(parents=True)
            for i in range(4):
                Image.new("RGB", (64, 64), (40 * i, 200 if label == "a" else 0, 30)).save(place / f"{i}.png")
    words = ["--backbone", "resnet18", "--weights", str(folder / "weights.pth"), "--threads", str(options.threads)]
    subprocess.run([options.submask, "train", *words, "--data", f"folder:{folder}/data", "--method", "fs", "--epochs", "1",
                    "--batch-size", "4", "--score-start", "normal", "--score-mean", ".5", "--score-std", ".35", "--quiet",
                    "--out", str(tasks / "mask.task")], check=True, stdout=subprocess.DEVNULL)
    keys = folder / "keys"
    keys.write_text(hashlib.sha256(KEY.encode()).hexdigest() + " admin\n")
    ours = stack.enter_context(server.Server(options.submask, *words, "--tasks", tasks, "--keys", keys, "--max-delay-ms", "0",
                                             "--memory", 16 << 30))
    image = photo()
    for task in range(options.tasks):
        answer = ours.post_form(f"/v1/teach?task=mask&probe=lp&name=t{task}",
                                [(f"image:a{task}", "a", image), (f"image:b{task}", "b", image)],
                                {"Authorization": f"Bearer {KEY}"})
        assert answer.status == 200, answer.body
    return ours.port


def start_theirs(options, stack):
    port = 18999
    process = stack.enter_context(subprocess.Popen([sys.executable, root / "bench" / "rival_server.py", str(port),
                                                    str(options.tasks), str(options.threads)]))
    stack.callback(process.terminate)
    for _ in range(600):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/openapi.json", timeout=1).close()
            return port
        time.sleep(.1)
    raise SystemExit("expected the rival to start")


def rate(port, script, options):
    """Requests a second, all of them answered 200."""
    out = subprocess.run(["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s", "--timeout", "60s", "-s",
                          str(script), f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out and "Socket errors" not in out, out
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", out)[1])


def library_rate(options, folder):
    """Images a second of `submask predict`, without its start."""
    def seconds(images):
        start = time.perf_counter()
        subprocess.run([options.submask, "predict", "--weights", folder / "weights.pth", "--threads", str(options.threads),
                        "--task", folder / "tasks" / "t0.task", "--batch-size", "16", "--quiet",
                        *[folder / "photo.jpg"] * images], check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start
    few, many = 16, 16 + 20 * options.seconds
    return (many - few) / (seconds(many) - seconds(few))


def result(name, pairs, options):
    ratios = sorted(ours / theirs for ours, theirs in pairs)
    print(json.dumps({"bench": f"serve_http, {name}", "ours": statistics.median(p[0] for p in pairs),
                      "theirs": statistics.median(p[1] for p in pairs), "ratio": statistics.median(ratios),
                      "unit": "requests/s", "ratio_extremes": [ratios[0], ratios[-1]],
                      "ceiling": ceiling(options.threads), "rounds": options.rounds, "threads": options.threads,
                      "connections": options.connections, "backbone": "resnet18"}), flush=True)


def ceiling(threads):
    """Images a second of the network alone, one at a time."""
    torch.set_num_threads(threads)
    network, image = torchvision.models.resnet18().eval(), torch.rand(1, 3, 224, 224)
    with torch.no_grad():
        for _ in range(5):
            network(image)
        start = time.perf_counter()
        for _ in range(50):
            network(image)
    return 50 / (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--submask", required=True)
    for name, value in (("tasks", 100), ("threads", 1), ("seconds", 10), ("rounds", 5), ("connections", 16)):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "photo.jpg").write_bytes(photo())
        ports = start_ours(options, folder, stack), start_theirs(options, stack)
        for tasks in (1, options.tasks):
            script = folder / "ask.lua"
            script.write_text(IN_TURN % (folder / "photo.jpg", tasks))
            for port in ports:
                rate(port, script, argparse.Namespace(**{**vars(options), "seconds": 2}))
            result(f"{tasks} tasks", [[rate(port, script, options) for port in ports] for _ in range(options.rounds)], options)
            if tasks == 1:
                pairs = [[rate(ports[0], script, options), library_rate(options, folder)] for _ in range(options.rounds)]
                result("over predict", pairs, options)


main()
