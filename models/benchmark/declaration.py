"""The declared truth: `truth.yaml` read, checked, and spread over the cells platform type × generation × country."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from models import theory
from models.benchmark.errors import DeclarationError
from models.messages import near_or_all, yaml_text

TRUTH: dict[str, Any] = yaml_text.parsed((files(__package__) / "truth.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True, eq=False)
class Slope:
    """A path of the survey or a slope of the panel.

    Attributes
    ----------
    cause, effect, hypothesis, label
        What it says, and the label of the parameter in the specification.
    by_cell
        (cells,) its size in each cell.
    enters
        First-order measure through which the effect takes it up (panel).
    """

    cause: str
    effect: str
    hypothesis: str
    label: str
    by_cell: np.ndarray
    enters: str

    def mean(self, share: np.ndarray, members: np.ndarray) -> float:
        """Share-weighted mean over the cells of a mask, free of rounding noise so that a declared zero is zero."""
        return round(float(np.average(self.by_cell[members], weights=share[members])), 12)


@dataclass(frozen=True)
class Product:
    """The effect of the product of two causes; `enters` as of a slope."""

    causes: tuple[str, str]
    effect: str
    hypothesis: str
    size: float
    enters: str


def cells(groups: dict[str, dict[str, float]] = TRUTH["groups"]) -> pd.DataFrame:
    """The cells: a column a grouping, and the `share` of the population in each (groupings are independent)."""
    combinations = list(product(*groups.values()))
    shares = [np.prod([groups[name][level] for name, level in zip(groups, c, strict=True)]) for c in combinations]
    return pd.DataFrame(combinations, columns=list(groups)).assign(share=shares)


def spread(by_group: dict[str, dict[str, float]], start: float = 0.0) -> np.ndarray:
    """(cells,) `start` plus, for each grouping, the number of the cell's group (paths by platform type, shifts …)."""
    levels = _levels()
    total = np.full(len(next(iter(levels.values()))), float(start))
    for grouping, values in by_group.items():
        total += np.array([values.get(level, np.nan) for level in levels[grouping]], dtype=float)
    return total


@cache
def _levels() -> dict[str, list[str]]:
    """The group of every cell, by grouping."""
    return {name: list(column) for name, column in cells().drop(columns="share").items()}


def slopes(entries: list[dict[str, Any]], scale: float = 1.0) -> list[Slope]:
    """The declared slopes; those that belong to a hypothesis are multiplied by `scale`."""
    found = []
    for entry in entries:
        by_group = {grouping: entry[grouping] for grouping in TRUTH["groups"] if grouping in entry}
        hypothesis = entry.get("hypothesis", "")
        found.append(
            Slope(
                cause=entry["from"],
                effect=entry["to"],
                hypothesis=hypothesis,
                label=entry.get("label", hypothesis.lower()),
                by_cell=spread(by_group, entry.get("value", 0.0)) * (scale if hypothesis else 1.0),
                enters=entry.get("enters", entry["to"]),
            )
        )
    return found


def products(entries: list[dict[str, Any]], scale: float = 1.0) -> list[Product]:
    """The declared interactions, multiplied by `scale`."""
    return [
        Product((e["from"][0], e["from"][1]), e["to"], e["hypothesis"], e["value"] * scale, e.get("enters", e["to"]))
        for e in entries
    ]


def latents(truth: dict[str, Any] = TRUTH) -> list[str]:
    """Latent variables of the survey, causes above effects, the levels of the mechanisms last."""
    survey = truth["survey"]
    return [*survey["variances"], *(level for levels in survey["levels"].values() for level in levels)]


def check(truth: dict[str, Any]) -> None:
    """Check that a declaration defines one well-posed truth.

    Raises
    ------
    DeclarationError
        For an unknown construct, shares that do not add up, shifts that do not average to zero, an effect that stands
        above its cause, or differences between groups after which the path of a model for everybody would not be the
        mean path.
    """
    groups, survey, behaviour = truth["groups"], truth["survey"], truth["behaviour"]
    for name, shares in groups.items():
        if abs(sum(shares.values()) - 1) > 1e-9:
            raise DeclarationError(f"groups.{name}: shares add up to {sum(shares.values()):g}; expected 1")
    known = theory.constructs()
    entries = survey["paths"] + survey["interactions"]
    entries += behaviour["slopes"] + behaviour["interactions"] + behaviour["moderation"]
    named = [*survey["measurement"], *latents(truth), *survey["means"], *behaviour["others"], *behaviour["events"]]
    named += behaviour["traits"]
    named += [name for e in entries for name in (*_causes(e), e["to"])]
    for name in named:
        if name not in known:
            raise DeclarationError(f"{name!r} is no construct of the theory: {near_or_all(name, known)}")
    order = latents(truth)
    for entry in survey["paths"] + survey["interactions"]:
        for cause in _causes(entry):
            if order.index(cause) >= order.index(entry["to"]):
                raise DeclarationError(
                    f"{cause} → {entry['to']}: the effect stands above its cause in survey.variances; move it down"
                )
    for where, by_group in _shifts(survey, behaviour):
        for grouping, values in by_group.items():
            if set(values) != set(groups[grouping]):
                raise DeclarationError(f"{where}: groups {sorted(values)}; expected {sorted(groups[grouping])}")
            mean = sum(groups[grouping][level] * value for level, value in values.items())
            if abs(mean) > 1e-9:
                raise DeclarationError(
                    f"{where}: shifts by {grouping} average to {mean:g}, weighted by shares; expected 0"
                )
    _check_pooling(survey, list(groups))


def _check_pooling(survey: dict[str, Any], groupings: list[str]) -> None:
    """The mean path is what one model for everybody estimates only if its causes are alike in all groups."""
    differing = [e for e in survey["paths"] if any(grouping in e for grouping in groupings)]
    shifted: dict[str, str] = {}
    for name, by_group in (survey["means"] | survey["intercept_shifts"]).items():
        for grouping in by_group:
            if grouping in shifted:
                raise DeclarationError(
                    f"{shifted[grouping]} and {name} both shift by {grouping}, which would correlate them beyond the "
                    "declared paths: give each grouping one shift"
                )
            shifted[grouping] = name
    unlike = set(survey["means"])
    for entry in sorted(survey["paths"], key=lambda e: list(survey["variances"]).index(e["to"])):
        siblings = [e["from"] for e in survey["paths"] if e["to"] == entry["to"]]
        for cause in siblings if entry in differing else ():
            if cause in unlike:
                raise DeclarationError(
                    f"{entry['from']} → {entry['to']} differs between groups and so does {cause}, another or the same "
                    "cause; the path for everybody is then no mean of paths: let only one of them differ"
                )
        if entry in differing or entry["from"] in unlike:
            unlike.add(entry["to"])


def _causes(entry: dict[str, Any]) -> list[str]:
    return entry["from"] if isinstance(entry["from"], list) else [entry["from"]]


def _shifts(survey: dict[str, Any], behaviour: dict[str, Any]) -> list[tuple[str, dict[str, dict[str, float]]]]:
    found = [(f"survey.means.{name}", by_group) for name, by_group in survey["means"].items()]
    found += [(f"survey.intercept_shifts.{item}", by_group) for item, by_group in survey["intercept_shifts"].items()]
    for part, entries in (("survey.paths", survey["paths"]), ("behaviour.slopes", behaviour["slopes"])):
        found += [
            (f"{part}: {e['from']} → {e['to']}", {"generation": e["generation"]}) for e in entries if "generation" in e
        ]
    return found


check(TRUTH)
