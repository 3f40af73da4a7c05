"""Which files and choices each stage rests on, read from its imports; `python -m pipeline.graph` writes `dvc.yaml`.

A stage must run again when any module that it can import has changed, lazy imports and the `__init__` of every package
on the way included, or a file that these packages read (theory, specifications, schemas), or a pinned version. Of the
choices (`models/choices.yaml`) it rests on the values that these modules read, and on nothing else of that file. Of the
remarks it rests on the keys with the kinds of their values (`models/remarks/keys.json`, written here too); on the words
rests only a stage that makes pages. On what the command line says rests no stage.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

from models.remarks import keys
from pipeline.followed import CHOSEN, ROOMS, dotted, mentions, nodes_of, refuse, takes_choices

DVC = Path("dvc.yaml")
EVERYWHERE = ("requirements.txt",)
CHOICES = "models/choices.yaml"
RECORD = "pipeline/core/record.py"  # asks for the choices that a stage declares
WORDS, KEYS = "models/remarks/catalogue", "models/remarks/keys.json"
# What the command line says, on which no result rests.
SAID = ("pipeline/wording/catalogue", "pipeline/wording/argparse.zh.yaml")
_DATA = {".yaml", ".lav", ".json", ".css", ".js", ".jinja", ".html"}


def dependencies(stage: str, root: Path = Path()) -> list[str]:
    """Files and folders of code that a stage rests on; a folder stands for all that lies in it.

    Parameters
    ----------
    stage
        Its name; the imports begin at `pipeline/stages/<stage>.py`.
    root
        The project's folder.
    """
    files = _read(stage, root)
    if chosen(stage, root) is None:
        files.add(root / CHOICES)
    if root / "pipeline/cards/card.py" in files:
        files.add(root / "data/card.schema.json")
    files |= {root / name for name in EVERYWHERE}
    return sorted({path.relative_to(root).as_posix() for path in _folded(files, root)})


def chosen(stage: str, root: Path = Path()) -> list[str] | None:
    """Names of the choices whose values a stage can read; None when it reads the whole file, words and sources too."""
    found: set[str] = set()
    for path in _read(stage, root):
        if path.suffix != ".py" or path == (root / CHOICES).with_suffix(".py"):
            continue
        names = _choices(nodes_of(path), {"choices", "named"} if path == root / RECORD else {"choices"})
        if names is None:
            return None
        found |= names
    return sorted(found)


def _choices(nodes: list[ast.AST], alone: set[str]) -> set[str] | None:
    """The choices that a module names as `choices.<name>`; None when it takes more than these names for it alone."""
    froms = (n for n in nodes if isinstance(n, ast.ImportFrom) and n.module == CHOSEN)
    taken = {alias.name for n in froms for alias in n.names}
    if taken - alone:
        return None
    read = {n.attr for n in nodes if isinstance(n, ast.Attribute) and dotted(n.value) == "choices"}
    return read if taken else set()


@cache
def _read(stage: str, root: Path) -> set[Path]:
    """The closure of a stage; one that makes pages also reads every file of `reports` and the words of remarks."""
    files = closure(f"pipeline.stages.{stage}", root)
    if (root / "reports/notebooks") in {path.parent.parent / "notebooks" for path in files}:
        files |= {*_within(root / "reports"), *_within(root / WORDS)}
    return files


def closure(module: str, root: Path = Path()) -> set[Path]:
    """Every file that importing a module can read: modules, their packages, and the data files beside them."""
    found: set[Path] = set()
    waiting = [module]
    seen = set(waiting)
    while waiting:
        name = waiting.pop()
        for path in _files(name, root):
            if path not in found:
                found.add(path)
                for imported in _imports(path, root) - seen:
                    seen.add(imported)
                    waiting.append(imported)
    return found | {data for path in found if path.name == "__init__.py" for data in _data(path.parent)}


def _files(name: str, root: Path) -> Iterator[Path]:
    """The file of a module, and the `__init__` of every package on the way to it."""
    parts = name.split(".")
    for depth in range(1, len(parts) + 1):
        place = root.joinpath(*parts[:depth])
        if (place / "__init__.py").is_file():
            yield place / "__init__.py"
        elif place.with_suffix(".py").is_file():
            yield place.with_suffix(".py")


@cache
def _imports(path: Path, root: Path) -> set[str]:
    """Modules that a file imports when it runs, those of its functions included."""
    found: set[str] = set()
    nodes = nodes_of(path)
    names = mentions(nodes)
    for node in nodes:
        if isinstance(node, ast.Import):
            bound = {alias.asname or alias.name: alias.name for alias in node.names}
            found |= set(bound.values())
        elif isinstance(node, ast.ImportFrom) and node.module:
            bound = {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            offered = _offered(node.module, root)
            found |= {node.module} | {offered.get(alias.name, f"{node.module}.{alias.name}") for alias in node.names}
            if f"{node.module}.choices" in bound.values() and _hands_on_choices(node.module, root):
                refuse(path, node)
        else:
            continue
        for name, module in bound.items():
            found |= _asked(name, module, names, root)
            if f"{name}.choices" in names and _hands_on_choices(module, root):
                refuse(path, names[f"{name}.choices"][0])
    return {name for name in found if name.split(".")[0] in ROOMS}


def _asked(bound: str, package: str, names: dict[str, list[ast.AST]], root: Path) -> set[str]:
    """Modules that a package loads for a file: those of the names asked for, all where that cannot be told.

    Parameters
    ----------
    bound
        The name that the file has for the package.
    names
        `mentions` of the file.
    """
    if package.split(".")[0] not in ROOMS:
        return set()
    offered = _offered(package, root)
    asked = [node for node in names.get(f"{bound}.", ()) if isinstance(node, ast.Attribute)]
    alone = {id(node) for node in names.get(bound, ())} - {id(node.value) for node in asked}
    whole = set(offered.values()) if alone or not asked else set()
    return whole | {offered.get(node.attr, f"{package}.{node.attr}") for node in asked}


def _hands_on_choices(module: str, root: Path) -> bool:
    """Whether the choices could be had from a module that is not theirs."""
    file = root.joinpath(*module.split(".")).with_suffix(".py")
    return module != CHOSEN and file.is_file() and takes_choices(nodes_of(file))


@cache
def _offered(package: str, root: Path) -> dict[str, str]:
    """What a package loads when it is asked for it (its `__init__.pyi`): name → module."""
    stub = root.joinpath(*package.split(".")) / "__init__.pyi"
    if not stub.is_file():
        return {}
    tree = ast.parse(stub.read_text(encoding="utf-8"))
    lines = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: f"{package}.{node.module}" for node in lines for alias in node.names}


def _data(package: Path) -> Iterator[Path]:
    """Files that a package reads, words apart: those in it, or in folders of it that are no packages."""
    for path in sorted(package.iterdir()):
        if path.as_posix().endswith((WORDS, *SAID)):
            continue
        if path.is_file() and path.suffix in _DATA | {".pyi"} and not path.as_posix().endswith(CHOICES):
            yield path
        elif path.is_dir() and not (path / "__init__.py").exists() and path.name != "__pycache__":
            yield from (inner for inner in sorted(path.rglob("*")) if inner.suffix in _DATA)


def _within(folder: Path) -> Iterator[Path]:
    """All files of a folder that are kept: no caches, no pictures of the page."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix in _DATA | {".py", ".pyi"}:
            yield path


def _folded(files: set[Path], root: Path) -> set[Path]:
    """Folders of which every file is among the files, in their place."""
    left = set(files)
    for folder in sorted(
        {p for f in files for p in f.parents if p != root and root in p.parents}, key=lambda p: len(p.parts)
    ):
        inside = set(_within(folder))
        if len(inside) > 1 and inside <= files and folder.parent not in left and not set(folder.parents) & left:
            left = {path for path in left if folder not in path.parents} | {folder}
    return left


def written(text: str, root: Path = Path()) -> str:
    """The text of `dvc.yaml` with the code and the choices that each stage rests on in place of what stood there."""
    for name, stage in yaml.safe_load(text)["stages"].items():
        block = re.search(
            rf"^  {name}:\n(?:    .*\n|\n)*?((?:    params:.*\n(?:      .*\n)*)?)    deps:\n((?:      - .*\n)*)",
            text,
            flags=re.M,
        )
        if block is None:
            continue
        kept = [line for line in block[2].splitlines() if _is_product(line.strip().removeprefix("- "))]
        lines = kept + [f"      - {path}" for path in dependencies(name, root)]
        own = [entry for entry in stage.get("params", ()) if isinstance(entry, str)]
        params = _params(own, chosen(name, root) or [])
        text = text[: block.start(1)] + params + "    deps:\n" + "\n".join(lines) + "\n" + text[block.end(2) :]
    return text


def _params(own: list[str], choices: list[str]) -> str:
    """The parameters of a stage: its blocks of `params.yaml`, then the value of each choice, not the words about it."""
    if not choices:
        return f"    params: [{', '.join(own)}]\n" if own else ""
    lines = [*own, f"{CHOICES}:"]
    inner = "".join(f"          - {name}.value\n" for name in choices)
    return "    params:\n" + "".join(f"      - {line}\n" for line in lines) + inner


def _is_product(dependency: str) -> bool:
    """Whether a dependency is data or a result, which people list, rather than code, which imports tell."""
    return dependency.startswith(("results/", "published", "data/${", '"'))


def main() -> None:
    """Write the keys of remarks, and the dependencies into `dvc.yaml`."""
    Path(KEYS).write_text(keys.written(), encoding="utf-8")
    DVC.write_text(written(DVC.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
