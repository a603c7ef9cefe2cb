"""Asks a server by KServe's own client, and by the one that is made of the Open Inference Protocol's openapi.

    python3 kserve_client_test.py URL TASK IMAGE.png
"""

import asyncio
import base64
import sys

import numpy as np
from kserve import InferInput, InferenceRESTClient, InferRequest, RESTConfig

url, task, path = sys.argv[1:]
with open(path, "rb") as file:
    image = file.read()


async def by_kserve():
    client = InferenceRESTClient(RESTConfig(protocol="v2", timeout=60))
    assert await client.is_server_live(url) and await client.is_server_ready(url)
    assert await client.is_model_ready(url, task)
    scores = []
    for binary in (True, False):
        tensor = InferInput("image", [1], "BYTES")
        content = image if binary else base64.b64encode(image)
        tensor.set_data_from_numpy(np.array([content], dtype=object), binary_data=binary)
        answer = await client.infer(url, InferRequest(task, [tensor], request_id="k1"), model_name=task)
        assert answer.model_name == task and answer.id == "k1", answer
        outputs = {output.name: output.as_numpy() for output in answer.outputs}
        assert abs(outputs["scores"].sum() - 1) < 1e-5
        scores.append(outputs["scores"])
    assert np.allclose(*scores, atol=1e-6)
    return scores[0]


def by_open_inference(scores):
    from open_inference.openapi.client import OpenInferenceClient, InferenceRequest
    client = OpenInferenceClient(base_url=url)
    client.check_server_readiness()
    client.read_model_metadata(task)
    answer = client.model_infer(task, request=InferenceRequest(inputs=[
        {"name": "image", "shape": [1], "datatype": "BYTES", "data": [base64.b64encode(image).decode()]}]))
    outputs = {output.name: output.data.__root__ for output in answer.outputs}
    assert np.allclose(outputs["scores"], scores.flatten(), atol=1e-6)


by_open_inference(asyncio.run(by_kserve()))
print("kserve and open-inference: all as expected")
