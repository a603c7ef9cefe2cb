"""timm's networks, for bench_architectures and bench_first_image.

Answers lines on stdin with lines on stdout:
    version                        the versions of torch and timm
    pass NAME BATCH PIXELS STEPS   seconds of STEPS forward and backward passes, all weights learned
    load NAME FILE                 seconds from nothing to the features of a first image
"""

import argparse
import functools
import json
import sys
import time

import safetensors.torch
import timm
import torch


@functools.cache
def network(name, batch, pixels):
    torch.manual_seed(1)
    net = timm.create_model(name, num_classes=0, **({"img_size": pixels} if "vit" in name else {})).eval()
    return net, torch.randn(batch, 3, pixels, pixels)


def seconds_of_passes(name, batch, pixels, steps):
    net, images = network(name, batch, pixels)
    begin = time.perf_counter()
    for _ in range(steps):
        net.zero_grad()
        net(images).square().mean().backward()
    return time.perf_counter() - begin


def seconds_to_first_image(name, file):
    begin = time.perf_counter()
    net = timm.create_model(name).eval()
    net.load_state_dict(safetensors.torch.load_file(file))
    net.reset_classifier(0)
    with torch.no_grad():
        net(torch.zeros(1, 3, 224, 224))
    return time.perf_counter() - begin


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    torch.set_num_threads(parser.parse_args().threads)
    for line in sys.stdin:
        command, *words = line.split()
        if command == "version":
            print(json.dumps(f"torch {torch.__version__}, timm {timm.__version__}"), flush=True)
        elif command == "pass":
            print(seconds_of_passes(words[0], *map(int, words[1:])), flush=True)
        else:
            print(seconds_to_first_image(*words), flush=True)


main()
