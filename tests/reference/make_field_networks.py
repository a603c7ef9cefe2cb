"""Writes more of tests/golden/backbone/*_file.json, as make_transformers.py does: torchvision's ViT, MobileNetV3 and ConvNeXt,
transformers' ResNet, DeiT and Dinov2 with registers, timm's ViTs with registers and with a distillation token, and ResNets
for images of 32 pixels as solo-learn and lightly save them.

    python tests/reference/make_field_networks.py
"""

import timm
import torch
import torchvision
import transformers
from make_transformers import (BY_TIMM, BY_TRANSFORMERS, from_saved, gradients, record, seeded_file, shapes_of, timm_vit)

BY_TORCHVISION = f"torchvision {torchvision.__version__}, torch {torch.__version__}"


def seeded(model, prefix="", rename=lambda name: name):
    """The model with the tensors of its seeded file, and the shapes in that file."""
    names = {name: prefix + rename(name) for name in shapes_of(model.state_dict())}
    shapes = {names[name]: shape for name, shape in shapes_of(model.state_dict()).items()}
    file = seeded_file(shapes)
    model.load_state_dict({name: file[there] for name, there in names.items()}, strict=False)
    return model.double().eval(), shapes


def torchvision_vit():
    model, shapes = seeded(torchvision.models.VisionTransformer(224, 16, 12, 3, 192, 768, num_classes=5))

    def forward(images):
        tokens = model._process_input(images)
        tokens = torch.cat([model.class_token.expand(len(images), -1, -1), tokens], dim=1)
        return model.encoder(tokens)[:, 0]

    block = "encoder.layers.encoder_layer_5."
    units = {f"blocks.5.attn.{part}.weight": (block + "self_attention.in_proj_weight", i) for i, part in enumerate("qkv")}
    units |= {"blocks.5.attn.proj.weight": block + "self_attention.out_proj.weight",
              "blocks.5.mlp.fc1.weight": block + "mlp.0.weight", "blocks.5.mlp.fc2.bias": block + "mlp.3.bias"}
    record("torchvision_vit", forward, gradients(model, units), [1, 3, 224, 224], source=BY_TORCHVISION,
           backbone="vit_tiny_patch16_224", layout="torchvision", tensors=shapes, ignored=[], classes=5)


def torchvision_mobilenet(name, make, backbone):
    model, shapes = seeded(make(num_classes=7))

    def forward(images):
        return model.classifier[1](model.classifier[0](model.avgpool(model.features(images)).flatten(1)))

    record(name, forward, {}, [2, 3, 64, 64], source=BY_TORCHVISION, backbone=backbone, layout="torchvision",
           tensors=shapes, ignored=[], classes=7)


def torchvision_convnext():
    model, shapes = seeded(torchvision.models.convnext_tiny(num_classes=3))
    record("torchvision_convnext",
           lambda images: model.classifier[1](model.classifier[0](model.avgpool(model.features(images)))), {}, [1, 3, 64, 64],
           source=BY_TORCHVISION, backbone="convnext_tiny", layout="torchvision", tensors=shapes, ignored=[], classes=3)


def transformers_resnet(name, layer_type, sizes, depths, backbone):
    config = transformers.ResNetConfig(layer_type=layer_type, hidden_sizes=sizes, depths=depths, num_labels=4)
    model, shapes = from_saved(transformers.ResNetForImageClassification(config))
    record(name, lambda images: model.resnet(images).pooler_output.flatten(1), {}, [2, 3, 64, 64],
           source=BY_TRANSFORMERS, backbone=backbone, layout="transformers", tensors=shapes, ignored=[], classes=4)


def transformers_dinov2_registers():
    config = transformers.Dinov2WithRegistersConfig(hidden_size=384, num_attention_heads=6, image_size=518, patch_size=14)
    unused = "embeddings.mask_token"
    model, shapes = from_saved(transformers.Dinov2WithRegistersModel(config), lambda name: name != unused)
    record("transformers_dinov2_registers", lambda images: model(images).last_hidden_state[:, 0], {}, [1, 3, 518, 518],
           source=BY_TRANSFORMERS, backbone="vit_small_patch14_reg4_dinov2", layout="transformers", tensors=shapes,
           ignored=[unused])


def transformers_deit():
    config = transformers.DeiTConfig(hidden_size=192, num_attention_heads=3, intermediate_size=768, num_labels=5)
    model = transformers.DeiTForImageClassificationWithTeacher(config)
    heads = [name for name in model.state_dict() if "classifier" in name]
    model, shapes = from_saved(model, lambda name: name not in heads)
    record("transformers_deit", lambda images: model.deit(images).last_hidden_state[:, :2].mean(1), {}, [1, 3, 224, 224],
           source=BY_TRANSFORMERS, backbone="deit_tiny_distilled_patch16_224", layout="transformers", tensors=shapes,
           ignored=heads)


def timm_distilled():
    model = timm.create_model("deit_tiny_distilled_patch16_224", num_classes=0, dynamic_img_size=True)
    timm_vit("timm_deit", model, "deit_tiny_distilled_patch16_224", [2, 3, 64, 96],
             ignored=["head.weight", "head.bias", "head_dist.weight", "head_dist.bias"])


def cifar_resnet(make, padding):
    model = make()
    model.conv1 = torch.nn.Conv2d(3, 64, kernel_size=3, stride=1, padding=padding, bias=False)
    model.maxpool = torch.nn.Identity()
    model.fc = torch.nn.Identity()
    return model


def solo_learn():
    """As solo/methods/base.py makes it for CIFAR, with what a checkpoint of Lightning has beside it."""
    model, shapes = seeded(cifar_resnet(torchvision.models.resnet18, padding=2), prefix="backbone.")
    record("solo_learn", model, {}, [2, 3, 32, 32], source=BY_TORCHVISION, backbone="resnet18-cifar.solo",
           layout="its own names", tensors=shapes,
           ignored=["classifier.weight", "projector.0.weight", "momentum_projector.0.weight"])


def lightly(name, make, backbone, numbers):
    """`numbers`: of the modules that have weights in the Sequential of lightly's examples."""
    model = cifar_resnet(make, padding=1)

    def rename(parameter):
        module, rest = parameter.split(".", 1)
        return f"{numbers[module]}.{rest}"

    model, shapes = seeded(model, prefix="backbone.", rename=rename)
    record(name, model, {}, [2, 3, 32, 32], source=BY_TORCHVISION, backbone=backbone, layout="numbered modules",
           tensors=shapes, ignored=["projection_head.layers.0.weight", "online_classifier.weight"])


def main():
    torchvision_vit()
    torchvision_mobilenet("torchvision_mobilenet_small", torchvision.models.mobilenet_v3_small, "mobilenetv3_small_100")
    torchvision_mobilenet("torchvision_mobilenet_large", torchvision.models.mobilenet_v3_large, "mobilenetv3_large_100")
    torchvision_convnext()
    transformers_resnet("transformers_resnet18", "basic", [64, 128, 256, 512], [2, 2, 2, 2], "resnet18")
    transformers_resnet("transformers_resnet50", "bottleneck", [256, 512, 1024, 2048], [3, 4, 6, 3], "resnet50")
    transformers_dinov2_registers()
    transformers_deit()
    timm_vit("timm_registers", timm.create_model("vit_small_patch14_reg4_dinov2", num_classes=0, dynamic_img_size=True),
             "vit_small_patch14_reg4_dinov2", [2, 3, 56, 70])
    timm_distilled()
    solo_learn()
    names = ["conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"]
    lightly("lightly_resnet18", torchvision.models.resnet18, "resnet18-cifar", {name: i for i, name in enumerate(names)})
    own = ["conv1", "bn1", "layer1", "layer2", "layer3", "layer4"]
    lightly("lightly_resnet50", torchvision.models.resnet50, "resnet50-cifar", {name: i for i, name in enumerate(own)})


if __name__ == "__main__":
    main()
