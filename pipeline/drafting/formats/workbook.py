"""Cells of a workbook: .xlsx, .xls, .xlsb and .ods."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.core.errors import InputError, Problem, near, worded
from pipeline.drafting.formats import library

ENDINGS = (".xlsx", ".xls", ".xlsb", ".xlsm", ".ods")


def read(path: Path, wanted: str = "") -> tuple[pd.DataFrame, list[str]]:
    """Cells of a sheet as text, and which sheet that was: the one that is wanted, else the one with most cells.

    Raises
    ------
    InputError
        For a file that is no workbook, or an empty one.
    """
    python_calamine = library.imported("python_calamine", path)

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    except (python_calamine.CalamineError, OSError) as error:
        fix = "open it and save it anew, without a password"
        raise InputError(Problem(str(path), str(error), "a workbook", fix)) from None
    size = {name: sum(cell != "" for row in rows for cell in row) for name, rows in sheets.items()}
    if wanted and wanted not in sheets:
        raise InputError(
            Problem(
                str(path), worded("no sheet {wanted!r}", wanted=wanted), "a sheet of the workbook", near(wanted, sheets)
            )
        )
    chosen = wanted or max(size, key=lambda name: size[name], default="")
    if not size.get(chosen):
        raise InputError(Problem(str(path), "no filled cell", "a sheet with a table", "save the sheet that holds it"))
    rows = sheets[chosen]
    width = max(map(len, rows))
    cells = pd.DataFrame([[_text(cell) for cell in row] + [""] * (width - len(row)) for row in rows], dtype="str")
    cells = cells[(cells != "").any(axis=1)].reset_index(drop=True)
    others = [name for name in sheets if name != chosen and size[name]]
    why = "as named" if wanted else "the fullest (--sheet names another)"
    said = (
        [worded("sheet {chosen!r}, {why}; not read: {others}", chosen=chosen, why=why, others=", ".join(others))]
        if others
        else []
    )
    return cells, said


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, dt.timedelta):
        whole = int(cell.total_seconds())
        return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    if isinstance(cell, dt.datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    return str(cell)
