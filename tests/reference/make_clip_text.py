"""Writes tests/golden/backbone/clip_text.json: what open_clip and transformers make of texts with seeded weights.

A text transformer of two blocks over the small vocabulary of make_clip_tokens.py: embeddings of texts, and class
embeddings of an ensemble of prompts. seeded_clip_text() of tests/unit/backbone/clip_text_test.cpp is the twin of
seeded_state().

    python tests/reference/make_clip_text.py
"""

import gzip
import json
import math
import pathlib
import tempfile
from importlib.metadata import version

import numpy as np
import open_clip
import torch
from counter_random import uniform
from transformers import CLIPTextConfig, CLIPTextModelWithProjection

GOLDEN = pathlib.Path(__file__).parent.parent / "golden" / "backbone"
TEXT_STREAM = 3
WIDTH, EMBEDDING, CONTEXT, BLOCKS, HEADS = 128, 64, 16, 2, 2
TEXTS = ["a photo of a cat", "", "the dog's bowl, and twenty other words that do not fit into the context",
         "a <end_of_text> b", "Crème brûlée"]
CLASSES = ["tabby_cat", "dog", "Crème brûlée"]
PROMPTS = ["This is a photo of a {}", "a drawing of the {}.", "{}"]


def seeded_state(model):
    state = {name: tensor for name, tensor in model.state_dict().items() if not name.startswith("visual.")}
    for index, name in enumerate(sorted(state)):
        shape = state[name].shape
        noise = 2 * uniform([TEXT_STREAM, index], state[name].numel()) - 1
        if name == "logit_scale":
            values = np.array([math.log(1 / 0.07)])
        elif len(shape) == 2:
            values = noise * math.sqrt(3 / shape[1])
        else:
            values = 0.2 * noise + name.endswith("weight")
        state[name] = torch.from_numpy(values.astype(np.float32)).reshape(shape)
    return state


def transformers_names(state):
    renames = [("transformer.resblocks.", "text_model.encoder.layers."), (".ln_1.", ".layer_norm1."),
               (".ln_2.", ".layer_norm2."), (".attn.out_proj.", ".self_attn.out_proj."), (".mlp.c_fc.", ".mlp.fc1."),
               (".mlp.c_proj.", ".mlp.fc2."), ("ln_final.", "text_model.final_layer_norm."),
               ("token_embedding.", "text_model.embeddings.token_embedding.")]
    renamed = {}
    for name, tensor in state.items():
        for old, new in renames:
            name = name.replace(old, new)
        if ".attn.in_proj_" in name:
            for part, block in zip("qkv", tensor.chunk(3)):
                renamed[name.replace(".attn.in_proj_", f".self_attn.{part}_proj.")] = block
        elif name == "positional_embedding":
            renamed["text_model.embeddings.position_embedding.weight"] = tensor
        elif name == "text_projection":
            renamed["text_projection.weight"] = tensor.T
        elif name != "logit_scale":
            renamed[name] = tensor
    return renamed


def rounded(rows):
    return [[float(f"{value:.8g}") for value in row[::4]] for row in rows.tolist()]


@torch.no_grad()
def main():
    with tempfile.NamedTemporaryFile(suffix=".gz") as packed:
        packed.write(gzip.compress((GOLDEN.parent / "text" / "clip_merges.txt").read_bytes()))
        packed.flush()
        tokenizer = open_clip.tokenizer.SimpleTokenizer(packed.name, context_length=CONTEXT)
    text_shape = dict(context_length=CONTEXT, vocab_size=tokenizer.vocab_size, width=WIDTH, heads=HEADS, layers=BLOCKS)
    def tower(quick_gelu):
        return open_clip.CLIP(EMBEDDING, dict(layers=1, width=64, patch_size=16, image_size=32), text_shape,
                              quick_gelu=quick_gelu)

    state = seeded_state(tower(quick_gelu=True))
    model, with_gelu = tower(quick_gelu=True), tower(quick_gelu=False)
    for each in (model, with_gelu):
        each.load_state_dict(state, strict=False)
        each.double().eval()
    config = CLIPTextConfig(vocab_size=tokenizer.vocab_size, hidden_size=WIDTH, intermediate_size=4 * WIDTH,
                            projection_dim=EMBEDDING, num_hidden_layers=BLOCKS, num_attention_heads=HEADS,
                            max_position_embeddings=CONTEXT, hidden_act="quick_gelu",
                            bos_token_id=tokenizer.sot_token_id, eos_token_id=tokenizer.eot_token_id)
    other = CLIPTextModelWithProjection(config)
    missing, unexpected = other.load_state_dict(transformers_names(state), strict=False)
    assert all("position_ids" in name for name in missing) and not unexpected, (missing, unexpected)

    tokens = tokenizer(TEXTS)
    features = model.encode_text(tokens)
    by_transformers = other.double().eval()(input_ids=tokens).text_embeds
    difference = ((features - by_transformers).abs().max() / features.abs().max()).item()
    assert difference < 1e-12, difference
    classes = [[prompt.format(name.replace("_", " ")) for prompt in PROMPTS] for name in CLASSES]
    ensemble = torch.stack([model.encode_text(tokenizer(texts), normalize=True).mean(0) for texts in classes])
    ensemble = ensemble / ensemble.norm(dim=1, keepdim=True)
    fixture = {"source": f"open_clip_torch {version('open_clip_torch')}, transformers {version('transformers')}, "
                         f"torch {torch.__version__}",
               "names": {name: list(tensor.shape) for name, tensor in sorted(state.items())},
               "texts": TEXTS, "features": rounded(features), "gelu_features": rounded(with_gelu.encode_text(tokens)),
               "classes": CLASSES, "prompts": PROMPTS, "ensemble": rounded(ensemble)}
    (GOLDEN / "clip_text.json").write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    main()
