"""Run a notebook kept as text within this process, the same way every time."""

from __future__ import annotations

import ast
import platform
from pathlib import Path
from typing import Any

import jupytext
import nbformat


def notebook(path: Path, parameters: dict[str, Any]) -> nbformat.NotebookNode:
    """Read a notebook; a cell that sets `parameters` follows the one tagged `parameters`; ids are numbers."""
    found = jupytext.read(path)
    at = next(i for i, cell in enumerate(found.cells) if "parameters" in cell.metadata.get("tags", []))
    assigned = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    found.cells.insert(at + 1, nbformat.v4.new_code_cell(assigned, metadata={"tags": ["injected-parameters"]}))
    for number, cell in enumerate(found.cells):
        cell["id"] = f"cell-{number:02d}"
    found.metadata.pop("jupytext", None)
    found.metadata["language_info"] = {
        "name": "python",
        "version": platform.python_version(),
        "mimetype": "text/x-python",
        "codemirror_mode": {"name": "ipython", "version": 3},
        "pygments_lexer": "ipython3",
        "nbconvert_exporter": "python",
        "file_extension": ".py",
    }
    return found


def execute(found: nbformat.NotebookNode) -> dict[str, Any]:
    """Execute the cells in place, in a name space of their own; the value of a last expression is a cell's output.

    A kernel would do the same after seconds of start; an error leaves with the source of its cell as a note.

    Returns
    -------
    The name space in the end.
    """
    space: dict[str, Any] = {"__name__": "__main__"}
    code = [cell for cell in found.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code, start=1):
        try:
            shown = _last_value(cell.source, f"cell {count}", space)
        except Exception as error:
            error.add_note(f"cell {count}:\n{cell.source}")
            raise
        cell.execution_count = count
        if shown is not None:
            data = {"text/html": str(shown._repr_html_()), "text/plain": repr(shown)}
            cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=count)]
    return space


def _last_value(source: str, name: str, space: dict[str, Any]) -> Any:
    """Run a cell; the value of its last expression, None where it ends with a statement."""
    tree = ast.parse(source)
    last = tree.body[-1]
    shown = ast.Expression(last.value) if isinstance(last, ast.Expr) else None
    if shown is not None:
        tree.body.pop()
    exec(compile(tree, name, "exec"), space)
    return None if shown is None else eval(compile(shown, name, "eval"), space)
