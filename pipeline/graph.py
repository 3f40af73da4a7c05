"""Which files each stage rests on, read from its imports; `python -m pipeline.graph` writes them into `dvc.yaml`.

A stage must run again when any module that it can import has changed, lazy imports and the `__init__` of every package
on the way included, or a file that these packages read (theory, specifications, schemas), or a pinned version.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

ROOMS = ("models", "pipeline", "reports")
DVC = Path("dvc.yaml")
EVERYWHERE = ("requirements.txt",)
_DATA = {".yaml", ".lav", ".json", ".css", ".js", ".jinja", ".html"}


def dependencies(stage: str, root: Path = Path()) -> list[str]:
    """Files and folders of code that a stage rests on; a folder stands for all that lies in it.

    Parameters
    ----------
    stage : its name; the imports begin at `pipeline/stages/<stage>.py`.
    root : the project's folder.
    """
    files = closure(f"pipeline.stages.{stage}", root)
    if (root / "reports/notebooks") in {path.parent.parent / "notebooks" for path in files}:
        files |= set(_within(root / "reports"))
    if root / "pipeline/cards/card.py" in files:
        files.add(root / "data/card.schema.json")
    files |= {root / name for name in EVERYWHERE}
    return sorted({path.relative_to(root).as_posix() for path in _folded(files, root)})


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


def _imports(path: Path, root: Path) -> set[str]:
    """Modules that a file imports when it runs, those of its functions included."""
    found: set[str] = set()
    for node in _running(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found |= {alias.name} | set(_offered(alias.name, root).values())
        elif isinstance(node, ast.ImportFrom) and node.module:
            offered = _offered(node.module, root)
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                found |= {node.module, offered.get(alias.name, name)} | set(_offered(name, root).values())
    return {name for name in found if name.split(".")[0] in ROOMS}


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those that only a type checker reads."""
    if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        return
    yield node
    for inner in ast.iter_child_nodes(node):
        yield from _running(inner)


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
    """Files that a package reads: what lies in it, or in folders of it that are no packages."""
    for path in sorted(package.iterdir()):
        if path.is_file() and path.suffix in _DATA | {".pyi"}:
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
    """The text of `dvc.yaml` with the code that each stage rests on in place of what stood there."""
    stages = yaml.safe_load(text)["stages"]
    for name in stages:
        block = re.search(rf"^  {name}:\n(?:    .*\n|\n)*?    deps:\n((?:      - .*\n)*)", text, flags=re.M)
        if block is None:
            continue
        kept = [line for line in block[1].splitlines() if _is_product(line.strip().removeprefix("- "))]
        lines = kept + [f"      - {path}" for path in dependencies(name, root)]
        text = text[: block.start(1)] + "\n".join(lines) + "\n" + text[block.end(1) :]
    return text


def _is_product(dependency: str) -> bool:
    """Whether a dependency is data or a result, which people list, rather than code, which imports tell."""
    return dependency.startswith(("results/", "data/${", '"'))


def main() -> None:
    """Write the dependencies into `dvc.yaml`."""
    DVC.write_text(written(DVC.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
