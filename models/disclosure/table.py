"""The long table without counts of people below a limit, and without those from which one could be reckoned."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.disclosure import beside
from models.disclosure.told import told
from models.remarks import packed, remark, unpacked
from models.results import NUMBERS, tables

# What n may count (models/results/words.yaml) where a small one tells who somebody is.
PEOPLE = ("people", "users", "subjects", "sample")
# Quantities that count people, and shares of the n of their row.
COUNTS = {
    ("profile", "n"), ("quality", "n"), ("quality_rule", "complete"), ("quality_rule", "different"),
    ("closed_loop", "n"), ("panel_fit", "n_entity"), ("hazard_fit", "n_subject"), ("hazard_fit", "n_event"),
}  # fmt: skip
SHARES = {("profile", "share"), ("quality", "share"), ("items", "missing"), ("items", "floor"), ("items", "ceiling")}


def hidden(frame: pd.DataFrame, least: int) -> pd.DataFrame:
    """Hide the counts of fewer than `least` people in rows of the long table.

    A row about fewer people loses all its numbers, for an estimate of three people tells what they said. A count that
    differs from that of everybody by fewer loses this count, and of a grouping with one small member the next smallest
    loses it too. The rows stay, with the reason as a remark.

    Parameters
    ----------
    frame : DataFrame
        Rows with every column of the long table.
    least : int
        Smallest count that may be shown; 0 shows all.

    Returns
    -------
    DataFrame
        The same rows; of a profile a row `few` beside each small part.

    References
    ----------
    Hundepool, A., Domingo-Ferrer, J., Franconi, L., Giessing, S., Schulte Nordholt, E., Spicer, K., & de Wolf, P.-P.
    (2012). Statistical disclosure control. Wiley. https://doi.org/10.1002/9781118348239
    """
    if not least or frame.empty:
        return frame
    out = frame.copy()
    out["note"] = [told(cell, least) for cell in out["note"]]
    counted = tables()
    about = out["table"].map(lambda name: counted[name].counts in PEOPLE)
    n = pd.to_numeric(out["n"]).where(about)
    few = n.between(1, least - 1)
    near = beside.of_everybody(out, n, least)
    counts = _counts(out, n)
    parts = counts.where([pair in COUNTS | SHARES for pair in _pairs(out)])
    few_parts = parts.between(1, least - 1)
    rest = beside.of_profile(out, parts, n, least)
    for rows, columns, key in (
        (near & ~few, ["n", "df2"], "small_cell_beside"),
        (rest & ~few_parts & ~few, ["estimate"], "small_cell_beside"),
        (few_parts & ~few, ["estimate"], "small_cell"),
        (few, [*NUMBERS], "small_cell"),
    ):
        out.loc[rows, columns] = np.nan
        said = remark(key, least=least)
        out.loc[rows, "note"] = [packed([*unpacked(cell), said]) for cell in out.loc[rows, "note"]]
    told_few = (few_parts | few) & (out["table"] == "profile") & (out["quantity"] == "n")
    return pd.concat([out, _few(out[told_few])], ignore_index=True) if told_few.any() else out


def _few(rows: pd.DataFrame) -> pd.DataFrame:
    """A row beside each hidden one, by which a reader of numbers knows it from one that is hidden for its sake."""
    empty = dict.fromkeys(NUMBERS, np.nan)
    return rows.assign(**empty | {"quantity": "few", "estimate": 1.0, "note": "", "definition": ""})


def _pairs(frame: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(frame["table"], frame["quantity"], strict=True))


def _counts(frame: pd.DataFrame, n: pd.Series) -> pd.Series:
    """How many people an estimate stands for: itself, or of a share its part of n."""
    estimate = pd.to_numeric(frame["estimate"])
    return estimate.where([pair in COUNTS for pair in _pairs(frame)], (estimate * n).round())
