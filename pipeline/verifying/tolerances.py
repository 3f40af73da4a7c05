"""How far a number may lie from the published one, as `tolerances.yaml` declares by kind of quantity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from models.results import way
from models.statistics import monte_carlo
from pipeline.core import results
from pipeline.verifying.cells import Cell
from pipeline.verifying.published import Results

FILE = Path(__file__).with_name("tolerances.yaml")
_ERRORS = {"pvalue": "share", "pvalue_holm": "share", "se": "deviation", "statistic": "deviation"}


@dataclass(frozen=True)
class Allowed:
    """What a cell may differ by.

    Attributes
    ----------
    kind
        Of the quantity; a key of `declared()["kinds"]`.
    most
        The largest difference that is within tolerance.
    elsewhere
        Whether it was widened because the machine is another.
    """

    kind: str
    most: float
    elsewhere: bool = False


@cache
def declared() -> dict[str, Any]:
    """The kinds with their tolerances and reasons, and the rules that say which cell is of which kind."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def allowed(cell: Cell, published: Results, same_machine: bool) -> Allowed:
    """What a number may differ by from the published one; nothing for words and rows.

    Parameters
    ----------
    cell
        With the published value on its left.
    same_machine
        Whether it was computed again on the same system and processor, with the same versions.
    """
    if not isinstance(cell.left, float) or not isinstance(cell.right, float) or math.isnan(cell.difference):
        return Allowed("exact", 0.0)
    line = _line(cell, published.rows)
    rule: dict[str, Any] = next(
        (rule for rule in declared()["rules"] if _fits(rule, cell.column, line)), {"kind": "optimiser"}
    )
    kind = declared()["kinds"][rule["kind"]]
    if "errors" in kind:
        draws = _draws(rule["draws"], line, published)
        most = kind["errors"] * _error(rule.get("as", cell.column), line, cell, draws) if draws else 0.0
    else:
        most = kind["relative"] * abs(cell.left)
    last = 0.0 if same_machine or rule["kind"] == "exact" else declared()["elsewhere"]["units"] * unit(cell.left)
    return Allowed(rule["kind"], max(most, 1.01 * last), last > most)


def unit(number: float) -> float:
    """One unit of the last printed digit."""
    return 0.0 if number == 0 else 10.0 ** (math.floor(math.log10(abs(number))) - results.PRINTED + 1)


def _line(cell: Cell, rows: pd.DataFrame) -> pd.Series:
    """The row of the long table that a cell is of; of a verdict, the row that decides it."""
    if cell.table != "verdicts":
        return cell.line
    match = rows["decides"].astype(str).eq("True") & rows["hypothesis"].eq(cell.key["hypothesis"])
    for name in ("model", "group", "term"):
        match &= rows[name].eq(str(cell.line[name]) if pd.notna(cell.line[name]) else "")
    return rows[match].iloc[0] if match.any() else cell.line


def _fits(rule: dict[str, Any], column: str, line: pd.Series) -> bool:
    told = {"tables": line.get("table"), "terms": line.get("term")}
    told["definitions"] = way(str(line.get("definition", ""))).definition
    return column.removesuffix("_holm") in rule.get("columns", [column]) and all(
        value in rule[names] for names, value in told.items() if names in rule
    )


def _draws(where: dict[str, str], line: pd.Series, published: Results) -> int:
    """The number of draws that a number rests on; 0 where it is not told."""
    if "table" in where:
        told = published.rows[published.rows["table"] == where["table"]]
        told = told[told["term"].isin(["draws", ""])]
        for name in ("model", "group"):
            near = told[told[name] == line[name]]
            told = near if len(near) else told
        return int(told["estimate"].max()) if len(told) else 0
    kind, name = next(iter(where.items()))
    block = "choices" if kind == "choice" else "parameters"
    for entry in published.facts["records"].values():
        if name in entry.get("used", {}):
            return int(entry["used"][name])
        found: Any = entry.get(block, {})
        for part in name.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        if found is not None:
            return int(found)
    return 0


def _error(column: str, line: pd.Series, cell: Cell, draws: int) -> float:
    """The Monte-Carlo error of a number."""
    assert isinstance(cell.left, float)
    if column == "count":
        return monte_carlo.of_share(min(cell.left / draws, 1.0), draws) * draws
    how = _ERRORS.get(column)
    if how == "share":  # two-sided: twice a share of draws
        return 2.0 * monte_carlo.of_share(cell.left / 2.0, draws)
    if how == "deviation":
        return monte_carlo.of_deviation(abs(cell.left), draws)
    width = float(line["ci_upper"]) - float(line["ci_lower"])
    return monte_carlo.of_interval_end(width, draws) if math.isfinite(width) else 0.0
