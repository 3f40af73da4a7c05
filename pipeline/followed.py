"""What a module runs, as its syntax tree has it, where that tells what it imports and which choices it reads.

`pipeline.graph` follows imports of whole names and reads of `choices.<name>`. A module that says it in another way is
refused, since a stage would not run again when what it reads in that way has changed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pipeline.core.errors import InputError, Problem
from pipeline.wording.texts import as_is, worded

ROOMS = ("models", "pipeline", "reports")
CHOSEN = "models.choices"
_CONDITIONS = ("TYPE_CHECKING", "typing.TYPE_CHECKING")


@cache
def nodes_of(path: Path) -> list[ast.AST]:
    """All that a module runs.

    Raises
    ------
    InputError
        At the first import, or use of the choices, that cannot be followed.
    """
    nodes = list(_running(ast.parse(path.read_text(encoding="utf-8"))))
    unclear = [
        *_imports(nodes),
        *_through_a_room(nodes),
        *_by_name(nodes),
        *_passed_on(nodes),
        *_of_others(nodes, path),
    ]
    for node in unclear:
        refuse(path, node)
    return nodes


def mentions(nodes: list[ast.AST]) -> dict[str, list[ast.AST]]:
    """Where a module mentions a name, and, by the name and a point, where it asks for an attribute of it."""
    found: dict[str, list[ast.AST]] = {}
    for node in nodes:
        if name := dotted(node):
            found.setdefault(name, []).append(node)
            if isinstance(node, ast.Attribute):
                found.setdefault(f"{dotted(node.value)}.", []).append(node)
    return found


def refuse(path: Path, node: ast.AST) -> None:
    """Say which line of a module cannot be followed, and how it can be said instead.

    Raises
    ------
    InputError
        Always.
    """
    found, row = as_is(ast.unparse(node)), getattr(node, "lineno", None)
    raise InputError(Problem(path.as_posix(), found, worded("import_to_follow"), worded("write_so_as_to_follow"), row))


def dotted(node: ast.AST) -> str:
    """A name, or names with points between them; nothing for other expressions."""
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return node.id if isinstance(node, ast.Name) else ""


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those that only a type checker reads."""
    if isinstance(node, ast.If) and ast.unparse(node.test) in _CONDITIONS:
        for other in node.orelse:
            yield from _running(other)
        return
    yield node
    for inner in ast.iter_child_nodes(node):
        yield from _running(inner)


def _imports(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    """Relative imports, all that a module has, the module of the choices as a whole, the choices by another name."""
    for node in nodes:
        if isinstance(node, ast.Import) and CHOSEN in {alias.name for alias in node.names}:
            yield node
        elif isinstance(node, ast.ImportFrom):
            names = {alias.name: alias.asname or alias.name for alias in node.names}
            whole = node.module == "models" and "choices" in names
            renamed = node.module == CHOSEN and names.get("choices", "choices") != "choices"
            if node.level or (_is_room(node.module) and "*" in names) or whole or renamed:
                yield node


def _through_a_room(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    """Modules that are reached through `models` and the like, without being imported by their name."""
    names = {a.name for n in nodes if isinstance(n, ast.Import) for a in n.names if _is_room(a.name) and not a.asname}
    within = {id(n.value) for n in nodes if isinstance(n, ast.Attribute)}
    for node in nodes:
        said = "" if id(node) in within else dotted(node)
        if said.split(".")[0] in {name.split(".")[0] for name in names}:
            known = any(f"{said}.".startswith(f"{name}.") for name in names if "." in name)
            if not known and ".__" not in said:  # where it lies is no module
                yield node


def _by_name(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    """Modules imported by a name that is made when the program runs, or by one of this program."""
    froms = (n for n in nodes if isinstance(n, ast.ImportFrom) and n.module == "importlib")
    functions = {a.asname or a.name for n in froms for a in n.names if a.name == "import_module"} | {"__import__"}
    said = [n for n in nodes if isinstance(n, ast.Name | ast.Attribute)]
    said = [n for n in said if dotted(n) in functions or getattr(n, "attr", "") == "import_module"]
    calls = {id(n.func): n for n in nodes if isinstance(n, ast.Call)}
    for node in said:
        call = calls.get(id(node))
        first = call.args[0] if call and call.args else None
        name = first.value if isinstance(first, ast.Constant) else None
        if not isinstance(name, str) or name.startswith(".") or _is_room(name):
            yield call or node


def _passed_on(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    """The choices where they are not read as `choices.<name>`, in a module that takes them."""
    if not takes_choices(nodes):
        return
    read = [n for n in nodes if isinstance(n, ast.Attribute) and dotted(n.value) == "choices"]
    yield from (n for n in read if n.attr.startswith("_"))
    values = {id(n.value) for n in read}
    yield from (n for n in nodes if isinstance(n, ast.Name) and n.id == "choices" and id(n) not in values)


def _of_others(nodes: list[ast.AST], path: Path) -> Iterator[ast.AST]:
    """Files of packages that the module does not lie in: imports follow the files of a package with its modules."""
    for node in nodes:
        if isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] == "files" and node.args:
            name = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
            if _is_room(str(name)) and not path.parent.as_posix().endswith(str(name).replace(".", "/")):
                yield node


def takes_choices(nodes: list[ast.AST]) -> bool:
    """Whether a module imports the choices."""
    froms = (n for n in nodes if isinstance(n, ast.ImportFrom) and n.module == CHOSEN)
    return any(alias.name == "choices" for n in froms for alias in n.names)


def _is_room(name: str | None) -> bool:
    return (name or "").split(".")[0] in ROOMS
