"""Functions and methods that the packages offer say what they take, give and refuse; functions show an example."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

MODELS = Path(__file__).parents[1] / "models"
PACKAGES = ["sem", "panel", "measurement", "synthesis", "messages", "remarks", "results"]


@cache
def written(path: Path) -> list[ast.stmt]:
    return ast.parse(path.read_text(encoding="utf-8")).body


def definition(module: str, name: str) -> ast.stmt | None:
    """Where a function or class of a module is written, also if the module has it from another one."""
    for node in written(MODELS.parent / f"{module.replace('.', '/')}.py"):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return node
        if isinstance(node, ast.ImportFrom) and name in [imported.name for imported in node.names]:
            return definition(str(node.module), name)
    return None


def offered() -> Iterator[tuple[str, ast.stmt | None]]:
    """What each package exports, and the functions of `statistics`, which exports its modules."""
    for package in PACKAGES:
        stub = MODELS / package / "__init__.pyi"
        for node in written(stub if stub.exists() else stub.with_suffix(".py")):
            if isinstance(node, ast.ImportFrom):
                module = f"models.{package}.{node.module}" if node.level else str(node.module)
                yield from ((f"{package}.{name.name}", definition(module, name.name)) for name in node.names)
    for path in sorted((MODELS / "statistics").glob("[!_]*.py")):
        yield from ((f"statistics.{path.stem}.{getattr(node, 'name', '')}", node) for node in written(path))


def sections(function: ast.FunctionDef | ast.ClassDef) -> dict[str, str]:
    """The sections of a numpydoc text by their headings."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}$", ast.get_docstring(function) or "", flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def entries(section: str) -> list[tuple[str, str, str]]:
    """Names, kind and text of each entry."""
    found = re.findall(r"^(\S.*?)(?: : (.+))?\n((?: +.*\n|\n)*)", section + "\n", flags=re.MULTILINE)
    return [(names, kind, text.strip()) for names, kind, text in found]


FUNCTIONS = [pytest.param(node, id=name) for name, node in offered() if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_parameter_has_an_entry_with_its_kind_and_what_it_means(function: ast.FunctionDef) -> None:
    takes = function.args
    taken = [*takes.posonlyargs, *takes.args, *takes.kwonlyargs, *filter(None, (takes.vararg, takes.kwarg))]
    said = entries(sections(function).get("Parameters", ""))
    named = [name.lstrip("*") for names, _, _ in said for name in names.split(", ")]
    assert sorted(named) == sorted(argument.arg for argument in taken)
    assert [names for names, kind, text in said if not (kind and text)] == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_says_what_it_gives_and_shows_it(function: ast.FunctionDef) -> None:
    said = sections(function)
    given = [text for _, _, text in entries(said["Returns"])]
    assert given
    assert all(given)
    assert ">>>" in said["Examples"]


def refuses(function: ast.AST) -> bool:
    return any(isinstance(node, ast.Raise) for node in ast.walk(function))


@pytest.mark.parametrize("function", [case for case in FUNCTIONS if refuses(case.values[0])])
def test_a_function_that_refuses_says_what(function: ast.FunctionDef) -> None:
    said = entries(sections(function)["Raises"])
    assert said
    assert all(text for _, _, text in said)


def own_and_inherited(name: str, node: ast.ClassDef) -> list[ast.FunctionDef]:
    """The methods of an exported class as an object of it has them, each where it is written last."""
    found: dict[str, ast.FunctionDef] = {}
    package, _, exported = name.partition(".")
    place = import_module(f"models.{package}")
    if package == "statistics":
        module, _, exported = exported.partition(".")
        place = import_module(f"models.statistics.{module}")
    for base in reversed(getattr(place, exported).__mro__):
        if base.__module__.startswith("models."):
            written_here = definition(base.__module__, base.__name__)
            assert isinstance(written_here, ast.ClassDef)
            found |= {f.name: f for f in written_here.body if isinstance(f, ast.FunctionDef)}
    return list(found.values())


def methods() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Public methods and properties of the classes that packages export, inherited ones too."""
    for name, node in offered():
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            public = [f for f in own_and_inherited(name, node) if not f.name.startswith("_")]
            yield from ((f"{name}.{method.name}", method) for method in public)


def is_property(method: ast.FunctionDef) -> bool:
    return any("property" in ast.unparse(decorator) for decorator in method.decorator_list)


METHODS = [pytest.param(method, id=name) for name, method in methods()]


@pytest.mark.parametrize("method", METHODS)
def test_a_method_says_what_it_takes_gives_and_refuses(method: ast.FunctionDef) -> None:
    said, takes = sections(method), method.args
    named = [name.lstrip("*") for names, _, _ in entries(said.get("Parameters", "")) for name in names.split(", ")]
    taken = [*takes.posonlyargs, *takes.args, *takes.kwonlyargs, *filter(None, (takes.vararg, takes.kwarg))]
    assert sorted(named) == sorted(argument.arg for argument in taken[1:])
    assert is_property(method) or entries(said["Returns"])
    assert not refuses(method) or entries(said["Raises"])
    told = [entry for heading in ("Parameters", "Returns", "Raises") for entry in entries(said.get(heading, ""))]
    assert [names for names, _, text in told if not text] == []


@pytest.mark.parametrize("package", ["sem", "panel", "measurement", "synthesis", "statistics"])
def test_a_method_shows_an_example_unless_what_makes_the_result_shows_it(package: str) -> None:
    shown = ("tidy", "glance", "summary")
    own = [(name, one) for name, one in methods() if name.startswith(f"{package}.") and not is_property(one)]
    bare = [name for name, method in own if ">>>" not in sections(method).get("Examples", "")]
    assert [name for name in bare if name.rpartition(".")[2] not in shown] == []


@pytest.mark.parametrize("package", sorted(path.parent.name for path in MODELS.glob("*/__init__.py")))
def test_an_entry_has_its_kind_in_its_own_line_and_a_heading_a_line_of_its_own(package: str) -> None:
    wrong = []
    for path in (MODELS / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                continue
            said = sections(node)
            sentences = any(
                kind.endswith(".")
                for heading in ("Parameters", "Attributes", "Returns", "Raises")
                for _, kind, _ in entries(said.get(heading, ""))
            )
            if sentences or re.search(r"\S -{3,} ", ast.get_docstring(node) or ""):
                wrong.append(f"{path.name}:{node.lineno} {node.name}")
    assert wrong == []
