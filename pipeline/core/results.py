"""The one long results table: its columns, its rounding, writing and reading."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.core import paths

KEYS = ["data_set", "simulated", "stage", "table", "model", "sample", "group", "term", "quantity", "hypothesis"]
NUMBERS = ["estimate", "se", "statistic", "df", "pvalue", "ci_lower", "ci_upper", "n"]
TEXTS = ["definition", "note"]
COLUMNS = KEYS + NUMBERS + TEXTS

# Six significant digits: beyond what any exhibit shows, within what differs between processors (1e-12 relative).
DIGITS = 6


def rounded(values: pd.Series) -> pd.Series:
    """Round to `DIGITS` significant digits; magnitudes below 1e-12 become zero."""
    numbers = pd.to_numeric(values, errors="coerce").astype(float).to_numpy()
    out = np.full(numbers.shape, np.nan)
    finite = np.isfinite(numbers)
    out[finite] = [float(f"{number:.{DIGITS - 1}e}") for number in numbers[finite]]
    out[np.abs(out) < 1e-12] = 0.0
    return pd.Series(out, index=values.index)


def table(rows: Iterable[pd.DataFrame], **common: object) -> pd.DataFrame:
    """Put parts together into the long table.

    Parameters
    ----------
    rows : frames with any of the columns of the long table; other columns are an error.
    common : values of columns that are the same in every row (data_set, simulated, stage, …).

    Raises
    ------
    ValueError
        For a column that the long table does not have.
    """
    parts = []
    for part in rows:
        unknown = sorted(set(part.columns) - set(COLUMNS))
        if unknown:
            raise ValueError(f"columns {unknown} are not columns of the results table; expected some of {COLUMNS}")
        parts.append(part.assign(**{k: v for k, v in common.items() if k not in part.columns}).reindex(columns=COLUMNS))
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    whole = pd.concat([part.astype(object) for part in parts], ignore_index=True)
    for column in NUMBERS:
        whole[column] = rounded(whole[column])
    texts = KEYS[2:] + TEXTS
    whole[texts] = whole[texts].astype(object).where(whole[texts].notna(), "").astype(str)
    return whole


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write a results table as CSV (UTF-8, LF), whole or not at all."""
    with paths.whole(path) as draft:
        frame.to_csv(draft, index=False, lineterminator="\n")


def read(path: Path) -> pd.DataFrame:
    """Read a results table written by `write`."""
    types = dict.fromkeys(KEYS[2:] + TEXTS + ["data_set"], str)
    return pd.read_csv(path, dtype=types, keep_default_na=False, na_values={c: [""] for c in NUMBERS})
