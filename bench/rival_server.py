"""The usual way to serve many masks over one network: FastAPI, and PyTorch that writes theta * mask into the network
where the task is another than before. One worker, so that requests come one after another to the network.

    python rival_server.py PORT TASKS THREADS
"""

import io
import sys

import torch
import torchvision
import uvicorn
from fastapi import FastAPI, Request
from PIL import Image

port, tasks, threads = map(int, sys.argv[1:])
torch.set_num_threads(threads)
torch.set_grad_enabled(False)
network = torchvision.models.resnet18(num_classes=10).eval()
units = {name: p for name, p in network.named_parameters() if p.dim() > 1 and not name.startswith("fc")}
theta = {name: p.detach().clone() for name, p in units.items()}
random = torch.Generator().manual_seed(0)
some_masks = [{name: torch.rand(p.shape, generator=random) > .08 for name, p in units.items()} for _ in range(min(tasks, 16))]
some_scales = [{name: float(mask.float().mean().rsqrt()) for name, mask in each.items()} for each in some_masks]
masks = [some_masks[task % len(some_masks)] for task in range(tasks)]
prepare = torchvision.transforms.Compose([
    torchvision.transforms.Resize(256), torchvision.transforms.CenterCrop(224), torchvision.transforms.ToTensor(),
    torchvision.transforms.Normalize((.485, .456, .406), (.229, .224, .225))])
scales = [some_scales[task % len(some_scales)] for task in range(tasks)]
current = None
app = FastAPI()


def switch(task):
    global current
    if task == current:
        return
    for name, parameter in units.items():
        torch.mul(theta[name], masks[task][name], out=parameter.data)
        parameter.data.mul_(scales[task][name])
    current = task


@app.post("/v1/tasks/{task}/predict")
async def predict(task: str, request: Request):
    image = prepare(Image.open(io.BytesIO(await request.body())).convert("RGB"))
    switch(int(task[1:]))
    shares = network(image[None]).softmax(1)[0]
    values, classes = shares.topk(5)
    return {"task": task, "predictions": [{"label": str(c), "score": v} for c, v in zip(classes.tolist(), values.tolist())]}


uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
