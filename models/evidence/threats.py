"""How sure a verdict is: which declared threats speak against it, which it survived, which nobody looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from models import results, theory
from models.choices import choices
from models.results.clear_signs import clear_sign
from models.theory import Threat


def exposure(rows: pd.DataFrame, verdicts: pd.DataFrame) -> pd.DataFrame:
    """Every threat to every hypothesis that was tested.

    Parameters
    ----------
    rows
        The results table of one data set.
    verdicts
        As `verdicts` gives them.

    Returns
    -------
    Rows `exposure` of the results table: sample = kind of test, term = threat, `estimate` 1 where it is named, 0 where
    the verdict survived it, missing where no row speaks to it. A threat to one of two links threatens their product,
    whether or not the other was looked at.
    """
    found = []
    for verdict in verdicts[verdicts["pvalue"].notna()].itertuples():
        for threat in theory.threats().values():
            if verdict.kind in threat.kinds and verdict.family in threat.families:
                row = {"table": "exposure", "sample": verdict.kind, "hypothesis": verdict.hypothesis}
                row |= {"model": verdict.model, "term": threat.id, "quantity": "exposed", "decides": False}
                found.append(row | {"estimate": together([exposed(threat, at, rows) for at in _places(verdict)])})
    return results.rows(found)


def declared() -> pd.DataFrame:
    """The declared threats: columns `threat kinds families rule text unseen source doi`, lists parted by spaces.

    `rule` says when a threat is named, so that a program can read it.
    """
    return pd.DataFrame(
        {"threat": threat.id, "kinds": " ".join(threat.kinds), "families": " ".join(threat.families)}
        | {"rule": threat.rule, "text": threat.text["en"], "unseen": (threat.unseen or {}).get("en", "")}
        | {"source": threat.source, "doi": threat.doi or ""}
        for threat in theory.threats().values()
    )


def together(values: list[float]) -> float:
    """1 where any of several is named; missing where one was not looked at and no other is named; else 0."""
    return 1.0 if 1.0 in values else float(np.max(values)) if values else np.nan


@dataclass(frozen=True)
class Place:
    """Where a claim is decided: what a threat may ask of.

    Attributes
    ----------
    kind
        Survey or panel.
    model, term
        Of the estimate that decides.
    grouping
        Whose groups are compared.
    constructs
        That the claim is about.
    smallest
        Effect that matters.
    hypothesis
        That it decides.
    """

    kind: str
    model: str
    term: str
    grouping: str = ""
    constructs: frozenset[str] = frozenset()
    smallest: float = np.nan
    hypothesis: str = ""


def _places(verdict: Any) -> list[Place]:
    """The estimate that decides; both links where an effect goes along two, every member where a claim needs all.

    A link of an effect along two is held to the root of the smallest product that matters.
    """
    hypothesis = theory.hypotheses()[verdict.hypothesis]
    rule = getattr(hypothesis, verdict.kind)
    words = {word for member in rule.members for word in re.findall(r"\w+", member)} & set(theory.constructs())
    smallest = hypothesis.smallest.value if hypothesis.smallest else np.nan

    def place(model: str, term: str, grouping: str = "", least: float = smallest) -> Place:
        constructs = frozenset(words | {*rule.needs.constructs})
        return Place(verdict.kind, model, term, grouping, constructs, least, verdict.hypothesis)

    if isinstance(rule, theory.Indirect):
        return [place(link.spec, link.term, least=float(np.sqrt(smallest))) for link in rule.through]
    if isinstance(rule, theory.All):
        return [place(verdict.model, member) for member in rule.members]
    grouping = rule.by if isinstance(rule, theory.Contrast | theory.Equivalence) else ""
    return [place(verdict.model, verdict.term, grouping)]


def exposed(threat: Threat, place: Place, rows: pd.DataFrame) -> float:
    """Whether the rows that speak to a threat name it: 1 or 0; missing where there is none."""
    found = rows[_speaking(threat, place, rows)]
    found = found[found["pvalue" if threat.named in ("rejects", "turned") else "estimate"].notna()]
    if found.empty:
        return np.nan
    if threat.named == "turned":
        main = rows[_main(place, rows)]
        return float((clear_sign(found) != clear_sign(main).iloc[0]).any()) if len(main) else np.nan
    return float(_named(threat, found, _limit(threat, place, rows)).any())


def _main(place: Place, rows: pd.DataFrame, standardised: bool = False) -> pd.Series:
    """Which row holds the estimate itself."""
    table, names = ("paths", ("estimate", "std_all")) if place.kind == "survey" else ("slopes", ("raw", "std"))
    quantity = names[standardised]
    same = (rows["sample"] == place.kind) & (rows["table"] == table) & (rows["quantity"] == quantity)
    return same & rows["group"].isin(["", "all"]) & (rows["model"] == place.model) & (rows["term"] == place.term)


def _speaking(threat: Threat, place: Place, rows: pd.DataFrame) -> pd.Series:
    """Which rows speak to a threat."""
    speaks = (rows["sample"] == place.kind) & (rows["table"] == threat.table) & (rows["quantity"] == threat.quantity)
    if threat.terms:
        speaks &= rows["term"].isin(threat.terms)
    if threat.group is not None:
        speaks &= rows["group"].isin(["", "all"] if threat.group == "all" else [threat.group])
    if threat.of in ("model", "estimate"):
        speaks &= rows["model"] == place.model
    if threat.of == "instrumented":
        speaks &= rows["model"] == f"{place.model}_iv"
    if threat.of == "estimate":
        speaks &= rows["term"] == place.term
    if threat.of == "hypothesis":
        speaks &= rows["hypothesis"] == place.hypothesis
    if threat.of == "grouping":
        speaks &= (rows["group"] == place.grouping) & (rows["model"] == "")
    if threat.of == "constructs":
        speaks &= rows["term"].isin([*_measured(place.constructs)])
    if threat.of == "pair":
        speaks &= _joins(place, rows["term"], rows["group"])
    return speaks


def _joins(place: Place, a: pd.Series, b: pd.Series) -> pd.Series:
    """Whether pairs of constructs are the two ends of the relation that decides, or levels of these."""
    ends = [{*_measured({end})} for end in re.split(r" ~~? ", place.term)]
    if len(ends) != 2:
        return pd.Series(False, a.index)
    one, other = ends
    return (a.isin(one) & b.isin(other)) | (a.isin(other) & b.isin(one))


def _measured(constructs: set[str] | frozenset[str]) -> Iterator[str]:
    """Constructs and, of mechanisms, their levels: a mechanism is measured by these."""
    for name in constructs:
        yield name
        yield from theory.levels(name)


def _limit(threat: Threat, place: Place, rows: pd.DataFrame) -> float:
    """What estimates are held to: a number, a choice, or the effect found where it is larger than the smallest."""
    if threat.choice == "htmt":
        return choices.htmt
    if threat.choice == "effect":
        found = rows.loc[_main(place, rows, standardised=True), "estimate"].astype(float).abs()
        return float(np.nanmax([place.smallest, *found]))
    return np.nan if threat.limit is None else threat.limit


def _named(threat: Threat, found: pd.DataFrame, limit: float) -> pd.Series:
    """Which of the rows name the threat."""
    if threat.named == "rejects":
        return found["pvalue"].astype(float) < choices.alpha
    estimate = found["estimate"].astype(float)
    if threat.named in ("below", "within"):
        return (estimate < limit) & ((estimate >= 0) | (threat.named == "below"))
    high = estimate >= limit
    return high | (found["ci_upper"].astype(float) >= 1) if threat.named == "reaches" else high
