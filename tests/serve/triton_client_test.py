"""Asks a server by Triton's own client: health, metadata, statistics, inference in each form of its tensors.

    python3 triton_client_test.py HOST:PORT TASK IMAGE.png
"""

import sys

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException


def infer(client, task, inputs, outputs=None, **options):
    answer = client.infer(task, inputs, outputs=outputs, **options)
    assert answer.get_response()["model_name"] == task, answer.get_response()
    return answer


def image_input(image, count=1, binary=True):
    tensor = triton.InferInput("image", [count], "BYTES")
    tensor.set_data_from_numpy(np.array([image] * count, dtype=object), binary_data=binary)
    return tensor


def pixel_input(pixels, datatype):
    tensor = triton.InferInput("pixels", list(pixels.shape), datatype)
    tensor.set_data_from_numpy(pixels)
    return tensor


def refusal(action):
    try:
        action()
    except InferenceServerException as error:
        return str(error)
    raise AssertionError("expected a refusal, got an answer")


def check_server(client, task):
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(task)
    assert client.get_server_metadata()["name"] == "submask"
    assert "expected a task that is served" in refusal(lambda: client.get_model_metadata("no-such-task"))
    models = {model["name"]: model for model in client.get_model_repository_index()}
    assert models[task]["state"] == "READY", models
    metadata = client.get_model_metadata(task)
    assert {each["name"] for each in metadata["outputs"]} == {"scores", "labels", "features"}, metadata
    assert client.is_model_ready(task, metadata["versions"][0])
    assert client.get_model_metadata(task, metadata["versions"][0]) == metadata
    return metadata


def check_answers(client, task, image, classes):
    first = infer(client, task, [image_input(image)], request_id="q1")
    assert first.get_response()["id"] == "q1"
    scores = first.as_numpy("scores")
    assert scores.shape == (1, len(classes)) and abs(scores.sum() - 1) < 1e-5, scores
    assert first.as_numpy("labels")[0].decode() == classes[int(scores.argmax())]
    several = infer(client, task, [image_input(image, 3)], [triton.InferRequestedOutput("scores", binary_data=True)])
    assert np.allclose(several.as_numpy("scores"), scores, atol=1e-5)
    as_json = infer(client, task, [image_input(image)], [triton.InferRequestedOutput("scores", binary_data=False)])
    assert np.allclose(as_json.as_numpy("scores"), scores, atol=1e-6)
    best = infer(client, task, [image_input(image)], [triton.InferRequestedOutput("scores", class_count=2)])
    words = [entry.decode().split(":") for entry in best.as_numpy("scores").flatten()]
    order = scores[0].argsort()[::-1]
    assert [int(number) for _, number, _ in words] == list(order[:2]), words
    assert [label for _, _, label in words] == [classes[number] for number in order[:2]]
    for algorithm in ("gzip", "deflate"):
        packed = infer(client, task, [image_input(image)], request_compression_algorithm=algorithm,
                       response_compression_algorithm=algorithm)
        assert np.allclose(packed.as_numpy("scores"), scores, atol=1e-6)
    return scores


def check_pixels(client, task, side):
    random = np.random.default_rng(0)
    bytes_in = random.integers(0, 256, (2, side, side, 3), dtype=np.uint8)
    floats = random.normal(size=(2, 3, side, side)).astype(np.float32)
    for pixels, datatype in ((bytes_in, "UINT8"), (floats, "FP32")):
        together = infer(client, task, [pixel_input(pixels, datatype)]).as_numpy("scores")
        alone = [infer(client, task, [pixel_input(pixels[i:i + 1], datatype)]).as_numpy("scores")[0] for i in range(2)]
        assert np.allclose(together, alone, atol=1e-5)
        assert not np.allclose(alone[0], alone[1])
    assert "float" in refusal(lambda: infer(client, task, [pixel_input(floats[:, :, 1:], "FP32")]))
    assert "pixels" in refusal(lambda: infer(client, task, [pixel_input(bytes_in[:, :, :, :2].copy(), "UINT8")]))
    assert "JPEG" in refusal(lambda: infer(client, task, [image_input(b"no image")]))


def check_at_once(client, task, image, scores):
    handles = [client.async_infer(task, [image_input(image)]) for _ in range(32)]
    for handle in handles:
        assert np.allclose(handle.get_result().as_numpy("scores"), scores, atol=1e-5)


def main():
    address, task, path = sys.argv[1:]
    with open(path, "rb") as file:
        image = file.read()
    client = triton.InferenceServerClient(address, concurrency=8)
    metadata = check_server(client, task)
    scores = check_answers(client, task, image, metadata["parameters"]["classes"])
    check_pixels(client, task, metadata["parameters"]["input_size"])
    check_at_once(client, task, image, scores)
    counts = client.get_inference_statistics(task)["model_stats"][0]
    assert counts["inference_count"] >= 32 and counts["inference_stats"]["success"]["ns"] > 0, counts
    print("tritonclient: all as expected")


main()
