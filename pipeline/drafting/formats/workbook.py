"""Cells of a workbook: .xlsx, .xls, .xlsb and .ods."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.core.errors import InputError, Problem, near
from pipeline.drafting.formats import library
from pipeline.wording.texts import Worded, as_is, worded

ENDINGS = (".xlsx", ".xls", ".xlsb", ".xlsm", ".ods")


def read(path: Path, wanted: str = "") -> tuple[pd.DataFrame, list[Worded]]:
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
        fix = worded("save_without_password")
        raise InputError(Problem(str(path), as_is(str(error)), worded("workbook"), fix)) from None
    size = {name: sum(cell != "" for row in rows for cell in row) for name, rows in sheets.items()}
    if wanted and wanted not in sheets:
        raise InputError(
            Problem(str(path), worded("no_sheet", wanted=wanted), worded("sheet_of_workbook"), near(wanted, sheets))
        )
    chosen = wanted or max(size, key=lambda name: size[name], default="")
    if not size.get(chosen):
        raise InputError(
            Problem(str(path), worded("no_filled_cell"), worded("sheet_with_table"), worded("save_sheet_that_holds_it"))
        )
    rows = sheets[chosen]
    width = max(map(len, rows))
    cells = pd.DataFrame([[_text(cell) for cell in row] + [""] * (width - len(row)) for row in rows], dtype="str")
    cells = cells[(cells != "").any(axis=1)].reset_index(drop=True)
    others = [name for name in sheets if name != chosen and size[name]]
    why = worded("as_named") if wanted else worded("fullest_sheet")
    said = [worded("chosen_sheet", chosen=chosen, why=why, others=", ".join(others))] if others else []
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
