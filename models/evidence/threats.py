"""How sure a verdict is: which declared threats speak against it, which it survived, which nobody looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from models import results, theory
from models.choices import choices
from models.theory import Threat


def exposure(rows: pd.DataFrame, verdicts: pd.DataFrame) -> pd.DataFrame:
    """Every threat to every hypothesis that was tested.

    Parameters
    ----------
    rows : the results table of one data set.
    verdicts : as `verdicts` gives them.

    Returns
    -------
    Rows `exposure` of the results table: sample = kind of test, term = threat, `estimate` 1 where it is named, 0 where
    the verdict survived it, missing where no row speaks to it. A threat to one of two links threatens their product,
    whether or not the other was looked at.
    """
    found = []
    for verdict in verdicts[verdicts["pvalue"].notna()].itertuples():
        for threat in theory.threats().values():
            if threat.kind == verdict.kind and verdict.family in threat.families:
                row = {"table": "exposure", "sample": verdict.kind, "hypothesis": verdict.hypothesis}
                row |= {"model": verdict.model, "term": threat.id, "quantity": "exposed", "decides": False}
                values = [exposed(threat, place, rows) for place in _places(verdict)]
                found.append(row | {"estimate": 1.0 if 1.0 in values else float(np.max(values))})
    return results.rows(found)


@dataclass(frozen=True)
class Place:
    """Where a claim is decided: model and term of an estimate, and the grouping whose groups are compared."""

    model: str
    term: str
    grouping: str = ""


def _places(verdict: Any) -> list[Place]:
    """The estimate that decides; both links where an effect goes along two, every member where a claim needs all."""
    rule = getattr(theory.hypotheses()[verdict.hypothesis], verdict.kind)
    if isinstance(rule, theory.Indirect):
        return [Place(link.spec, link.term) for link in rule.through]
    if isinstance(rule, theory.All):
        return [Place(verdict.model, member) for member in rule.members]
    grouping = rule.by if isinstance(rule, theory.Contrast | theory.Equivalence) else ""
    return [Place(verdict.model, verdict.term, grouping)]


def exposed(threat: Threat, place: Place, rows: pd.DataFrame) -> float:
    """Whether the row that speaks to a threat names it: 1 or 0; missing where there is none."""
    speaks = (rows["sample"] == threat.kind) & (rows["table"] == threat.table) & (rows["quantity"] == threat.quantity)
    if threat.term is not None:
        speaks &= rows["term"] == threat.term
    if threat.of in ("model", "estimate"):
        speaks &= rows["model"] == place.model
    if threat.of == "estimate":
        speaks &= rows["term"] == place.term
    if threat.of == "grouping":
        speaks &= (rows["group"] == place.grouping) & (rows["model"] == "")
    values = rows.loc[speaks, threat.column].dropna()
    if values.empty:
        return np.nan
    value = float(values.iloc[0])
    if threat.column == "pvalue":
        return float(value < choices.alpha)
    return float(value < threat.below if threat.below is not None else value >= (threat.from_ or 0.0))
