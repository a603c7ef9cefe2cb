"""Writes tests/golden/backbone/*_file.json: what timm, open_clip and transformers make of seeded checkpoint files.

A file per checkpoint: the names and shapes of its tensors in its library's own layout, sampled features of seeded
images (float64 arithmetic), and sampled gradients of mean(features^2) for some mask units. A tenth of every matrix is
zero, so these are a masked network's. tests/unit/backbone/transformer_reference_test.cpp writes the same files and
loads them by submask's own names.

    python tests/reference/make_transformers.py
"""

import json
import pathlib
import tempfile

import numpy as np
import open_clip
import safetensors.torch
import timm
import torch
import transformers
from counter_random import uniform

GOLDEN = pathlib.Path(__file__).parent.parent / "golden" / "backbone"
WEIGHT_STREAM, IMAGE_STREAM = 1, 2
SAMPLES = 16

BY_TORCH = f"torch {torch.__version__}"
BY_TIMM = f"timm {timm.__version__}, {BY_TORCH}"
BY_OPEN_CLIP = f"open_clip {open_clip.__version__}, {BY_TORCH}"
BY_TRANSFORMERS = f"transformers {transformers.__version__}, {BY_TORCH}"


def seeded_tensor(name, index, shape):
    """Activations keep a variance near 1 and positions matter; every tenth weight of a matrix is off."""
    noise = 2 * uniform([WEIGHT_STREAM, index], int(np.prod(shape))) - 1
    if len(shape) == 3 or "position" in name:
        values = noise
    elif len(shape) == 4:
        values = noise * np.sqrt(3 / (shape[1] * shape[2] * shape[3]))
    elif len(shape) == 2:
        values = np.where(np.abs(noise) < 0.1, 0, noise) * np.sqrt(3 / shape[1])
    elif name.endswith("running_var"):
        values = 1 + 0.3 * noise
    elif name.endswith(("weight", "gamma", "lambda1")):
        values = 1 + 0.2 * noise
    else:
        values = 0.2 * noise
    return torch.from_numpy(values.astype(np.float32)).reshape(shape)


def seeded_file(shapes):
    return {name: seeded_tensor(name, index, shapes[name]) for index, name in enumerate(sorted(shapes))}


def shapes_of(state, keep=lambda name: True):
    return {name: list(tensor.shape) for name, tensor in state.items()
            if keep(name) and not name.endswith("num_batches_tracked")}


def seeded_images(shape):
    images = 4 * uniform([IMAGE_STREAM], int(np.prod(shape))) - 2
    return torch.from_numpy(images.astype(np.float32)).reshape(shape).double()


def rounded(values):
    return [float(f"{value:.7g}") for value in values.tolist()]


def sampled(values):
    values = values.flatten()
    return rounded(values[:: max(1, values.numel() // SAMPLES)])


def record(name, forward, units, shape, **fixture):
    """`units`: by submask's names, functions from () to the part of a gradient that is that mask unit's."""
    with torch.set_grad_enabled(bool(units)):
        features = forward(seeded_images(shape))
    if units:
        features.square().mean().backward()
    stride = features.shape[1] // SAMPLES
    fixture |= {"input_shape": shape, "feature_stride": stride,
                "features": [rounded(row[::stride]) for row in features.detach()],
                "gradients": {unit: sampled(gradient()) for unit, gradient in units.items()}}
    (GOLDEN / f"{name}_file.json").write_text(json.dumps(fixture) + "\n")


def gradients(model, names):
    """Of parameters by name; (name, part) is a third of a fused qkv's rows."""
    parameters = dict(model.named_parameters())

    def of(name):
        if isinstance(name, str):
            return lambda: parameters[name].grad
        return lambda: parameters[name[0]].grad.chunk(3)[name[1]]

    return {unit: of(name) for unit, name in names.items()}


def timm_units(model, block="blocks.5."):
    names = {block + f"attn.{part}.weight": (block + "attn.qkv.weight", i) for i, part in enumerate("qkv")}
    names[block + "attn.v.bias"] = (block + "attn.qkv.bias", 2)
    for same in ("attn.proj.weight", "mlp.fc1.weight", "mlp.fc1.bias", "mlp.fc2.weight"):
        names[block + same] = block + same
    return gradients(model, names)


def timm_vit(name, model, backbone, shape, prefix="", ignored=()):
    shapes = {prefix + key: value for key, value in shapes_of(model.state_dict()).items()}
    state = {key.removeprefix(prefix): tensor for key, tensor in seeded_file(shapes).items()}
    model.load_state_dict(state)
    model.double().eval()
    record(name, model, timm_units(model), shape, source=BY_TIMM, backbone=backbone, layout="its own names",
           tensors=shapes, ignored=list(ignored))


def from_saved(model, keep=lambda name: True):
    """The model as its library reads it from a file of seeded tensors, and the shapes in that file."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        path = pathlib.Path(folder) / "model.safetensors"
        shapes = shapes_of(safetensors.torch.load_file(path), keep)
        safetensors.torch.save_file(seeded_file(shapes), path, metadata={"format": "pt"})
        return type(model).from_pretrained(folder).double().eval(), shapes


def transformers_vit():
    config = transformers.ViTConfig(hidden_size=192, num_attention_heads=3, intermediate_size=768, num_labels=5)
    model, shapes = from_saved(transformers.ViTForImageClassification(config))
    ours, theirs = "blocks.5.", "vit.layers.5."
    names = {ours + f"attn.{part}.weight": theirs + f"attention.{part}_proj.weight" for part in "qkv"}
    names |= {ours + "attn.proj.weight": theirs + "attention.o_proj.weight",
              ours + "mlp.fc1.weight": theirs + "mlp.fc1.weight", ours + "mlp.fc2.weight": theirs + "mlp.fc2.weight"}
    record("transformers_vit", lambda images: model.vit(images).last_hidden_state[:, 0], gradients(model, names),
           [1, 3, 224, 224], source=BY_TRANSFORMERS, backbone="vit_tiny_patch16_224", layout="transformers",
           tensors=shapes, ignored=[], classes=5)


def transformers_dinov2():
    config = transformers.Dinov2Config(hidden_size=384, num_attention_heads=6, image_size=518)
    unused = "embeddings.mask_token"
    model, shapes = from_saved(transformers.Dinov2Model(config), lambda name: name != unused)
    record("transformers_dinov2", lambda images: model(images).last_hidden_state[:, 0], {}, [1, 3, 518, 518],
           source=BY_TRANSFORMERS, backbone="vit_small_patch14_dinov2", layout="transformers", tensors=shapes,
           ignored=[unused])


def transformers_clip():
    """A whole CLIPModel's file; only the image tower is asked."""
    model = transformers.CLIPModel(transformers.CLIPConfig())
    whole = shapes_of(model.state_dict())
    tower, shapes = from_saved(transformers.CLIPVisionModelWithProjection(model.config.vision_config))
    ours, theirs = "blocks.5.", "vision_model.encoder.layers.5."
    names = {ours + f"attn.{part}.weight": theirs + f"self_attn.{part}_proj.weight" for part in "qkv"}
    names |= {ours + "attn.proj.weight": theirs + "self_attn.out_proj.weight",
              ours + "mlp.fc1.bias": theirs + "mlp.fc1.bias", "projection.weight": "visual_projection.weight"}
    record("transformers_clip", lambda images: tower(images).image_embeds, gradients(tower, names), [1, 3, 224, 224],
           source=BY_TRANSFORMERS, backbone="vitb32-clip", layout="transformers", tensors=shapes,
           ignored=sorted(set(whole) - set(shapes)))


def open_clip_tower(name, model_name, backbone, layout, units):
    model = open_clip.create_model(model_name)
    in_tower = "visual."
    shapes = shapes_of(model.state_dict(), lambda key: key.startswith(in_tower))
    ignored = [key for key in model.state_dict() if not key.startswith(in_tower)]
    model.load_state_dict(seeded_file(shapes), strict=False)
    tower = model.visual.double().eval()
    record(name, tower, gradients(tower, units), [1, 3, 224, 224], source=BY_OPEN_CLIP, backbone=backbone,
           layout=layout, tensors=shapes, ignored=ignored)


def main():
    timm_vit("timm_vit", timm.create_model("vit_tiny_patch16_224", num_classes=0, dynamic_img_size=True),
             "vit_tiny_patch16_224", [2, 3, 64, 96])
    timm_vit("timm_dinov2", timm.create_model("vit_small_patch14_dinov2", num_classes=0, dynamic_img_size=True),
             "vit_small_patch14_dinov2", [2, 3, 56, 70])
    timm_vit("mae_mean", timm.create_model("vit_base_patch16_224.mae", global_pool="avg", dynamic_img_size=True),
             "vit_base_patch16_224.mae_mean", [1, 3, 64, 64],
             ignored=["mask_token", "decoder_pos_embed", "decoder_embed.weight", "decoder_blocks.0.attn.qkv.weight"])
    small = timm.models.VisionTransformer(embed_dim=384, depth=12, num_heads=12, num_classes=0, dynamic_img_size=True)
    timm_vit("mocov3", small, "vit_small_patch16_224.mocov3", [2, 3, 48, 64], prefix="module.base_encoder.",
             ignored=["module.base_encoder.head.0.weight", "module.base_encoder.head.1.running_mean",
                      "module.momentum_encoder.norm.weight", "module.predictor.0.weight"])
    transformers_vit()
    transformers_dinov2()
    transformers_clip()
    block = "transformer.resblocks.5."
    units = {f"blocks.5.attn.{part}.weight": (block + "attn.in_proj_weight", i) for i, part in enumerate("qkv")}
    units |= {"blocks.5.attn.q.bias": (block + "attn.in_proj_bias", 0),
              "blocks.5.attn.proj.weight": block + "attn.out_proj.weight",
              "blocks.5.mlp.fc1.weight": block + "mlp.c_fc.weight",
              "blocks.5.mlp.fc2.weight": block + "mlp.c_proj.weight"}
    open_clip_tower("open_clip_vit", "ViT-B-32-quickgelu", "vitb32-clip", "OpenAI", units)
    open_clip_tower("open_clip_gelu", "ViT-B-32", "vit_base_patch32_clip_224", "OpenAI", units)
    same = ("conv2.weight", "layer1.0.conv3.weight", "layer3.0.downsample.0.weight", "layer4.2.conv2.weight",
            "attnpool.q_proj.weight", "attnpool.k_proj.weight", "attnpool.v_proj.bias", "attnpool.c_proj.weight")
    open_clip_tower("open_clip_resnet", "RN50", "rn50-clip", "its own names", {unit: unit for unit in same})


if __name__ == "__main__":
    main()
