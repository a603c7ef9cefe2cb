"""A task as a folder in the manners of Hugging Face's hub: the task file, a model card and config.json."""

from __future__ import annotations

import importlib
import json
import os
import re
from pathlib import Path
from typing import Any, Callable, Dict, Mapping, Optional, Sequence

from submask._error import CorruptFile, FileError, Unavailable, converted, invalid
from submask._files import AnyTask, as_task
from submask._paths import PathLike, path_of, replace_text
from submask._task import Task

_task_file = "mask.task"


def _yaml(value: object) -> str:
    """A scalar of YAML, which JSON's texts and numbers are."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _text(value: str) -> str:
    """In a line of Markdown, as it is: names are strangers' and must not become links, markup or further lines."""
    return re.sub(r"([\\`*_\[\]<>#|~&!])", r"\\\1", " ".join(value.split()))


def _card(task: Task, base_model: Optional[str], tags: Sequence[str], metrics: Mapping[str, float], title: str) -> str:
    said = task.description
    lines = ["---", "library_name: submask"]
    if base_model is not None:
        lines += [f"base_model: {_yaml(base_model)}", "base_model_relation: adapter"]
    if "licence" in said:
        lines.append(f"license: {_yaml(said['licence'])}")
    lines += ["pipeline_tag: image-classification", "tags:"]
    lines += [f"- {_yaml(tag)}" for tag in ("submask", "mask", *tags)]
    if metrics:
        lines += [
            "model-index:",
            f"- name: {_yaml(title)}",
            "  results:",
            "  - task:",
            "      type: image-classification",
        ]
        lines += ["    dataset:", f"      name: {_yaml(str(said['provenance'].get('data', 'unknown')))}"]
        lines += ["      type: image-folder", "    metrics:"]
        for name, value in metrics.items():
            lines += [f"    - type: {_yaml(name)}", f"      value: {_yaml(value)}"]
    masked, size = f"{100 * said['masked_fraction']:.1f} %", f"{said['task_bytes'] / 1000:.1f} kB"
    lines += ["---", "", f"# {_text(title)}", ""]
    lines += [
        f"A mask over {_text(said['backbone'])}: {masked} of {said['weights']} weights are off, in a task file of "
        f"{size}.",
        "",
    ]
    lines += [f"It fits the weights of identity `{said['weights_identity']}` alone.", ""]
    if said["classes"]:
        shown = ", ".join(map(_text, said["classes"][:50])) + (", ..." if len(said["classes"]) > 50 else "")
        lines += [f"Classes: {shown}.", ""]
    lines += ["```python", "import submask", "", f"task = submask.from_pretrained({json.dumps(title)})"]
    lines += ["with submask.task(model, task):", "    logits = model(images)", "```", ""]
    return "\n".join(lines)


def save_pretrained(
    task: AnyTask,
    folder: PathLike,
    *,
    base_model: Optional[str] = None,
    tags: Sequence[str] = (),
    metrics: Optional[Mapping[str, float]] = None,
) -> None:
    """Writes a task into a folder for the hub: mask.task, README.md (a model card) and config.json.

    `base_model` is the backbone's name on the hub ("timm/resnet50.a1_in1k"), `metrics` are as {"accuracy": .93}. A task
    with a parent is refused, as the folder would lack the parent: unpack() or pack() it anew first. Raises
    InvalidArgument, with nothing written, and FileError.
    """
    given = as_task(task)
    said = given.description
    if "parent" in said:
        raise invalid("a task without a parent (unpack() or pack() it)", f"one with {said['parent']}")
    if isinstance(tags, str) or not all(isinstance(tag, str) for tag in tags):
        raise invalid("tags, a list of texts", repr(tags))
    if not isinstance(base_model, (str, type(None))):
        raise invalid("base_model, a name on the hub", repr(base_model))
    place = Path(path_of(folder))
    with converted("metrics, numbers by name, and texts in Unicode"):
        numbers = {str(name): float(value) for name, value in (metrics or {}).items()}
        config: Dict[str, Any] = {
            "library_name": "submask",
            "task_file": _task_file,
            "base_model": base_model,
            **{name: said[name] for name in ("backbone", "weights_identity", "criterion", "classes", "preprocessing")},
        }
        texts = {
            "config.json": json.dumps(config, indent=2, ensure_ascii=False) + "\n",
            "README.md": _card(given, base_model, tags, numbers, place.resolve().name),
        }
        for text in texts.values():
            text.encode("utf-8")
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"expected a folder {place}, got {error.strerror}") from error
    given.write(place / _task_file)
    for name, text in texts.items():
        replace_text(place / name, text)


def from_pretrained(source: PathLike, *, revision: Optional[str] = None) -> Task:
    """The task of such a folder, or of a repository of the hub ("name/pets"), which huggingface_hub fetches.

    Raises FileError, CorruptFile, and Unavailable where it is no folder and huggingface_hub is not installed.
    """
    name = path_of(source)
    fetch: Callable[[str], str] = _from_folder(name) if os.path.isdir(name) else _from_hub(name, revision)
    config_file = fetch("config.json")
    try:
        with open(config_file, encoding="utf-8") as file:
            config = json.load(file)
        task_file = config["task_file"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CorruptFile(f"expected task_file in a JSON object, got {error}, in {config_file}") from None
    except OSError as error:
        raise FileError(f"expected {config_file}, got {error.strerror}") from None
    # A config of a stranger must not lead out of its folder.
    if not isinstance(task_file, str) or Path(task_file).name != task_file or task_file in ("", ".", ".."):
        raise CorruptFile(f"expected the name of a file as task_file, got {task_file!r}, in {config_file}")
    return Task.open(fetch(task_file))


def _from_folder(folder: str) -> Callable[[str], str]:
    return lambda file: os.path.join(folder, file)


def _from_hub(repository: str, revision: Optional[str]) -> Callable[[str], str]:
    try:
        hub = importlib.import_module("huggingface_hub")
    except ImportError:
        raise Unavailable(f"expected a folder, or huggingface_hub to fetch it by, got {repository}") from None

    def fetch(file: str) -> str:
        try:
            return str(hub.hf_hub_download(repository, file, revision=revision))
        except Exception as error:  # of many libraries: the network's, the hub's, the disk's
            line = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise FileError(f"expected {file} of {repository}, got {line}") from error

    return fetch
