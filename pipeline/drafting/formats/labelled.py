"""Files of SPSS, Stata and SAS: labels of values, codes declared to mean no answer, levels of measurement."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.core.errors import InputError, Problem
from pipeline.drafting.formats import library
from pipeline.drafting.sheet import Sheet, texts
from pipeline.wording.texts import Worded, as_is, worded

PROGRAMS = {
    ".sav": "SPSS", ".zsav": "SPSS", ".por": "SPSS", ".dta": "Stata", ".sas7bdat": "SAS", ".xpt": "SAS",
}  # fmt: skip


def read(path: Path) -> Sheet:
    """Cells as they are stored, user-missing ones included, with all that the file says of its variables.

    Raises
    ------
    InputError
        For a damaged file.
    """
    frame, meta, said = _frame(path)
    for name in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[name].dtype) and not pd.api.types.is_datetime64_any_dtype(
            frame[name]
        ):
            frame[name] = texts(frame[name].astype(object).where(frame[name].notna()))
    ranges = meta.missing_ranges or {}
    values = {name: {_key(v): str(t) for v, t in labels.items()} for name, labels in meta.variable_value_labels.items()}
    missing = {name: codes for name in frame if (codes := _codes(frame[name], ranges.get(name, ())))}
    for name, codes in (meta.missing_user_values or {}).items():
        missing[name] = [*missing.get(name, []), *(str(code) for code in codes)]
    wording = {name: str(text) for name, text in meta.column_names_to_labels.items() if text}
    kinds = {n: "category" for n, level in (meta.variable_measure or {}).items() if level == "nominal" and n in values}
    origin = PROGRAMS[path.suffix.lower()]
    return Sheet(frame, origin, wording, values=values, missing=missing, kinds=kinds, said=tuple(said))


def _frame(path: Path) -> tuple[pd.DataFrame, Any, list[Worded]]:
    pyreadstat = library.imported("pyreadstat", path)

    ending = path.suffix.lower()
    reader: Any = {
        ".sav": pyreadstat.read_sav, ".zsav": pyreadstat.read_sav, ".por": pyreadstat.read_por,
        ".dta": pyreadstat.read_dta, ".sas7bdat": pyreadstat.read_sas7bdat, ".xpt": pyreadstat.read_xport,
    }[ending]  # fmt: skip
    options: dict[str, Any] = {"user_missing": True} if ending in (".sav", ".zsav") else {}
    error: Exception | None = None
    for encoding in (None, "GB18030", "BIG5", "CP1252"):
        given = {"encoding": encoding} if encoding else {}
        try:
            frame, meta = reader(str(path), **options, **given)
        except (pyreadstat.ReadstatError, UnicodeError, ValueError) as failed:
            error = error or failed
            continue
        said = [worded("encoding_not_said", encoding=encoding)] if encoding else []
        return pd.DataFrame(frame), meta, said
    fix = worded("save_anew_in_program")
    raise InputError(Problem(str(path), as_is(str(error)), worded("file_of_program", program=PROGRAMS[ending]), fix))


def _codes(column: pd.Series, ranges: Any) -> list[str]:
    """Values that occur in the declared ranges."""
    found: list[str] = []
    for each in ranges:
        low, high = each["lo"], each["hi"]
        if isinstance(low, str):
            found.append(low)
        elif pd.api.types.is_numeric_dtype(column.dtype):
            found += [_key(v) for v in sorted(column[(column >= low) & (column <= high)].unique())]
    return found


def _key(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
