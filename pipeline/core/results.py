"""The one long results table: put together, rounded, written, read and published with its codebook."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from models.disclosure import hidden
from models.remarks import unpacked
from models.results import COLUMNS, KEYS, NUMBERS, TEXTS, codebook, rows, whole
from pipeline.core import paths

__all__ = [
    "COLUMNS", "KEYS", "NUMBERS", "TEXTS", "by_table", "printed", "publish", "read", "rounded", "rows", "table",
    "verdict_table", "verdicts", "write",
]  # fmt: skip

# Significant digits: processors differ from the twelfth on (1e-12 relative); six are beyond what any exhibit shows, and
# two numbers that agree in them are printed alike.
KEPT, PRINTED = 12, 6


def rounded(values: pd.Series, digits: int = KEPT) -> pd.Series:
    """Round to so many significant digits; magnitudes below 1e-12 become zero."""
    numbers = pd.to_numeric(values, errors="coerce").astype(float).to_numpy()
    out = np.full(numbers.shape, np.nan)
    finite = np.isfinite(numbers)
    out[finite] = [float(f"{number:.{digits - 1}e}") for number in numbers[finite]]
    out[np.abs(out) < 1e-12] = 0.0
    return pd.Series(out, index=values.index)


def printed(frame: pd.DataFrame) -> pd.DataFrame:
    """A long table with the digits that are printed."""
    return frame.assign(**{column: rounded(frame[column], PRINTED) for column in NUMBERS})


def by_table(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows of every table of a long table, so that no question looks through all rows."""
    return {str(name): found for name, found in frame.groupby("table", sort=False)}


def table(parts: Iterable[pd.DataFrame], least: int = 0, **common: object) -> pd.DataFrame:
    """Put parts together into the long table.

    Parameters
    ----------
    parts
        Frames with any of the columns of the long table, under names that `models.results` knows.
    least
        Smallest count of people that the card lets out; 0 where it sets none.
    common
        Values of columns that are the same in every row (data_set, simulated, stage, …).

    Raises
    ------
    models.results.UnknownName
        For a column, table, quantity or definition that the vocabulary does not have.
    ValueError
        For a note in words instead of packed remarks.
    """
    known = [rows(part) for part in parts]
    filled = [part.assign(**{k: v for k, v in common.items() if k not in part.columns}) for part in known]
    parts = [part.reindex(columns=COLUMNS).astype(object) for part in filled]
    out = whole(pd.concat(parts, ignore_index=True) if parts else pd.DataFrame())
    for column in NUMBERS:
        out[column] = rounded(out[column])
    texts = KEYS[2:] + TEXTS
    out[texts] = out[texts].astype(object).where(out[texts].notna(), "").astype(str)
    for note in out["note"].unique():
        unpacked(note)
    return hidden(out, least)


def verdict_table(verdicts: pd.DataFrame, **common: object) -> pd.DataFrame:
    """Verdicts as they are written: rounded, with the columns that are the same in every row in front."""
    numbers = {column: rounded(verdicts[column]) for column in verdicts.select_dtypes("number")}
    out = verdicts.assign(**numbers)
    for place, (column, value) in enumerate(common.items()):
        out.insert(place, column, value)
    return out


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write a results table as CSV (UTF-8, LF), whole or not at all."""
    with paths.whole(path) as draft:
        frame.to_csv(draft, index=False, lineterminator="\n")


def read(path: Path) -> pd.DataFrame:
    """Read a results table written by `write`."""
    types = dict.fromkeys(KEYS[2:] + TEXTS + ["data_set"], str)
    return pd.read_csv(path, dtype=types, keep_default_na=False, na_values={c: [""] for c in NUMBERS})


def verdicts(path: Path) -> pd.DataFrame:
    """Read verdicts; those written before they had the column `lacks` have it from what they say."""
    found = read(path)
    if "lacks" in found:
        return found
    said = found["detail"].where(found["reason"] == "not_measured", "").map(unpacked)
    return found.assign(lacks=[", ".join(name for one in cell for name in one.values["constructs"]) for cell in said])


def publish(frame: pd.DataFrame, folder: Path) -> None:
    """Write the long table and the codebook of what is in it."""
    write(frame, folder / "results.csv")
    shown = frame[["table", "quantity"]].drop_duplicates().itertuples(index=False, name=None)
    said = frame[frame["definition"].fillna("") != ""]
    named = said.groupby(["table", "quantity"], sort=False)["definition"].unique().to_dict()
    with paths.whole(folder / "codebook.csv") as draft:
        codebook(shown, named).to_csv(draft, index=False, lineterminator="\n")
