"""Whether what is here comes from what is declared: versions, inputs of stages, random draws, exhibits."""

from __future__ import annotations

import ast
import platform
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from models.messages.yaml_text import parsed
from models.remarks import remark
from pipeline import graph
from pipeline.examining.tree import Amiss, Tree

PINS = "requirements.txt"
PYTHON = (3, 11), (3, 14)
_PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)\s*(?:;\s*(.*?))?\s*\\?$")
_PICTURES = (".png", ".svg", ".pdf", ".jpg", ".jpeg", ".docx", ".xlsx", ".tex")
# Draws that no seed of the project reaches: generators without a seed, the global state of a library.
_UNSEEDED = {"default_rng", "RandomState", "SeedSequence", "PCG64"}
_GLOBAL = {"seed", "rand", "randn", "randint", "random", "normal", "choice", "shuffle", "permutation", "uniform"}


def environment(tree: Tree) -> Iterator[Amiss]:
    """Installed versions that are not the pinned ones."""
    if not PYTHON[0] <= tuple(map(int, platform.python_version_tuple()[:2])) <= PYTHON[1]:
        yield Amiss("environment", remark("tree_python", found=platform.python_version()), PINS)
    for name, pinned in pins(tree).items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            continue
        if installed != pinned:
            yield Amiss("environment", remark("tree_version", name=name, found=installed, pinned=pinned), PINS)


def pins(tree: Tree) -> dict[str, str]:
    """Package → the version that is pinned; of a package pinned by system or Python, those that hold everywhere."""
    found: dict[str, str] = {}
    for line in tree.texts.get(PINS, "").splitlines():
        pin = _PIN.match(line)
        if pin and not pin[3]:
            found[pin[1]] = pin[2]
    return found


def inputs(tree: Tree) -> Iterator[Amiss]:
    """Files that a stage can read and does not name."""
    declared = parsed(tree.texts[graph.DVC.as_posix()])["stages"]
    for stage, entry in declared.items():
        for name in graph.dependencies(stage, tree.root):
            if not any(name == known or name.startswith(f"{known}/") for known in entry["deps"]):
                yield Amiss("inputs", remark("tree_undeclared", stage=stage, path=name), graph.DVC.as_posix())


def seeds(tree: Tree) -> Iterator[Amiss]:
    """Random draws in the program that no recorded seed reaches."""
    for name in tree.named(".py"):
        if not name.startswith(graph.ROOMS) or not any(call in tree.texts[name] for call in (*_UNSEEDED, *_GLOBAL)):
            continue
        for node in ast.walk(ast.parse(tree.texts[name])):
            if isinstance(node, ast.Call) and (called := _unseeded(node)):
                yield Amiss("seeds", remark("tree_unseeded", call=called), name, node.lineno)


def _unseeded(node: ast.Call) -> str:
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name in _UNSEEDED and not node.args and not node.keywords:
        return f"{name}()"
    if name not in _GLOBAL or not isinstance(function, ast.Attribute):
        return ""
    owner = ast.unparse(function.value)
    return f"{owner}.{name}" if owner in ("np.random", "numpy.random", "random") else ""


def exhibits(tree: Tree) -> Iterator[Amiss]:
    """Pictures and documents that no program of the project makes."""
    programs = "\n".join(tree.texts[name] for name in tree.named(".py", ".yaml", ".R", "/run"))
    for name in tree.files:
        if name.endswith(_PICTURES) and name.rsplit("/", 1)[-1] not in programs:
            yield Amiss("exhibits", remark("tree_no_program"), name)
