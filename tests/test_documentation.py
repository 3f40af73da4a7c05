"""Every function that the methods offer says what it takes and what it gives, and shows an example."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ["sem", "panel", "measurement", "synthesis"]

Definition = ast.FunctionDef | ast.ClassDef


def definition(module: str, name: str) -> Definition:
    """Where a name of a module is written, also if the module has it from another one."""
    for node in ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")).body:
        if isinstance(node, Definition) and node.name == name:
            return node
        if isinstance(node, ast.ImportFrom) and name in [imported.name for imported in node.names]:
            return definition(str(node.module), name)
    raise LookupError(f"{module} has no {name}")


def offered() -> list[tuple[str, Definition]]:
    """Each name that a package exports, with its definition."""
    found = []
    for package in PACKAGES:
        stub = ROOT / "models" / package / "__init__.pyi"
        for node in ast.parse(stub.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom):
                module = f"models.{package}.{node.module}"
                found += [(f"{package}.{name.name}", definition(module, name.name)) for name in node.names]
    return found


def sections(node: Definition) -> dict[str, str]:
    """The sections of a numpydoc text by their headings."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}$", ast.get_docstring(node) or "", flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def entries(section: str) -> list[tuple[str, str, str]]:
    """Names, type and text of each entry."""
    found = re.findall(r"^(\S.*?)(?: : (.+))?\n((?: +.*\n|\n)*)", section + "\n", flags=re.MULTILINE)
    return [(head, kind, text.strip()) for head, kind, text in found]


FUNCTIONS = [pytest.param(node, id=name) for name, node in offered() if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_parameter_has_an_entry_with_its_kind_and_what_it_means(function: ast.FunctionDef) -> None:
    takes = function.args
    taken = [*takes.posonlyargs, *takes.args, *takes.kwonlyargs, *filter(None, (takes.vararg, takes.kwarg))]
    said = entries(sections(function).get("Parameters", ""))
    named = [name.lstrip("*") for heads, _, _ in said for name in heads.split(", ")]
    assert sorted(named) == sorted(argument.arg for argument in taken)
    assert [heads for heads, kind, text in said if not (kind and text)] == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_says_what_it_gives_and_shows_it(function: ast.FunctionDef) -> None:
    said = sections(function)
    assert all(text for _, _, text in entries(said["Returns"]))
    assert ">>>" in said["Examples"]
