"""A parameter whose values are a closed list is typed as that list, so that editors and type checkers know it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_documentation import entries, offered, own_and_inherited, sections

MODELS = Path(__file__).parents[1] / "models"
WORD = r"``[\"'][^` ]*[\"']``"
CHECKS = ("check_option", "choice")


def methods() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions that packages export, and the methods of the classes that they export, inherited ones too."""
    for name, node in offered():
        if isinstance(node, ast.ClassDef):
            yield from ((f"{name}.{method.name}", method) for method in own_and_inherited(name, node))
        elif isinstance(node, ast.FunctionDef):
            yield name, node


def texts(function: ast.FunctionDef) -> set[str]:
    """Parameters that are any text, or any texts, as far as a type checker knows."""
    taken = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    kinds = {a.arg: ast.unparse(a.annotation) for a in taken if a.annotation}
    return {name for name, kind in kinds.items() if re.search(r"\bstr\b", kind) and "Mapping" not in kind}


def listed(values: ast.expr) -> bool:
    if isinstance(values, ast.Tuple | ast.Set | ast.List):
        return all(isinstance(value, ast.Constant) for value in values.elts)
    return isinstance(values, ast.Name) and values.id.isupper()


def words(function: ast.FunctionDef) -> Iterator[str]:
    """Parameters whose entry lists words in quotes and nothing else that they could be."""
    for names, _, text in entries(sections(function).get("Parameters", "")):
        first = re.split(r"[;.:](?:\s|$)", " ".join(text.split()))[0]
        if len(re.findall(WORD, first)) > 1 and not re.search(r"…|\b(such as|for example)\b", first):
            yield from names.split(", ")


def closed(function: ast.FunctionDef) -> Iterator[str]:
    """Parameters that are refused unless they are one of a list."""
    for node in ast.walk(function):
        if isinstance(node, ast.If) and isinstance(node.body[0], ast.Raise):
            for test in ast.walk(node.test):
                if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.NotIn) and listed(test.comparators[0]):
                    yield ast.unparse(test.left)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in CHECKS:
            yield ast.unparse(node.args[1])
    yield from words(function)
    for names in re.findall(r"^([\w, ]+) : \{", ast.get_docstring(function) or "", flags=re.MULTILINE):
        yield from names.split(", ")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("if way not in WAYS:\n  raise E", {"way"}),
        ("if way not in ('a', 'b'):\n  raise E", {"way"}),
        ("check_option('way', way, WAYS)", {"way"}),
        ("'''Go.\n\nway : {'a', 'b'}\n'''", {"way"}),
        ("'''Go.\n\nParameters\n----------\nway : str\n    ``\"a\"`` or ``\"b\"``.\n'''", {"way"}),
        ("'''Go.\n\nParameters\n----------\nway : str\n    A text such as ``\"a\"`` or ``\"b\"``.\n'''", set()),
        ("if way not in data:\n  raise E", set()),
        ("if way in WAYS:\n  return 1", set()),
    ],
)
def test_what_counts_as_a_closed_list(text: str, found: set[str]) -> None:
    function = ast.parse("def f(way: str):\n" + re.sub("^", " ", text, flags=re.MULTILINE)).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert texts(function) & set(closed(function)) == found


def test_no_offered_parameter_with_a_closed_list_is_any_text() -> None:
    found = list(methods())
    assert len(found) > 100
    assert [f"{name}: {sorted(loose)}" for name, f in found if (loose := texts(f) & set(closed(f)))] == []


def test_the_words_reach_the_type_checker_of_who_installs_the_packages() -> None:
    assert all((MODELS.parent / package / "py.typed").exists() for package in ("models", "stickiness"))


def test_no_list_of_words_is_written_twice() -> None:
    """A tuple of the values of a declared Literal is taken from it."""
    lists: dict[frozenset[object], str] = {}
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODELS.rglob("*.py")}
    for package in ("sem", "panel", "measurement"):
        for node in trees[MODELS / package / "options.py"].body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript):
                assert isinstance(node.value.slice, ast.Tuple)
                lists[frozenset(ast.literal_eval(node.value.slice))] = f"{package}.{ast.unparse(node.targets[0])}"
    twice = []
    for path, tree in trees.items():
        room = path.relative_to(MODELS).parts[0]
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
                values = [value.value for value in node.value.elts if isinstance(value, ast.Constant)]
                declared = lists.get(frozenset(values), "")
                if len(values) == len(node.value.elts) and declared.startswith(f"{room}."):
                    twice.append(f"{path.name}:{node.lineno} {declared}")
    assert twice == []
