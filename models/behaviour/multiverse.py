"""The slopes that decide a hypothesis, in every combination of choices, and in draws in which each is zero."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from models import panel, specs, theory
from models.analysis.joint_curve import SIGNS, Drawn
from models.behaviour.dynamics import measured
from models.behaviour.few_clusters import decisive
from models.behaviour.panel_models import hypothesis_of, standardised, stated
from models.behaviour.robustness import attempt
from models.panel.language.editing import further, longer, write
from models.panel.language.formula import name_of, read
from models.remarks import Remark, packed, remark
from models.specs import PanelSpec, Universe
from models.statistics.seeding import SeedOf

TYPE = "platform_type"


def tested() -> list[str]:
    """The specifications that have a multiverse: those by the within estimator, whose terms stand alone."""
    return [
        name
        for name, spec in specs.panel_specs().items()
        if spec.estimator == "within" and not spec.deviations and not spec.absorbed and hypothesis_of(name)
    ]


def predicted(name: str) -> dict[str, int]:
    """Term → predicted direction of the slopes that decide a hypothesis, 1 or -1."""
    return {term: SIGNS[theory.hypotheses()[key].panel.sign] for term, key in hypothesis_of(name).items()}


def universes(name: str, data: pd.DataFrame, measures: set[str]) -> list[Universe]:
    """The combinations of choices that make a difference to a panel; the main one is as the specification declares."""
    spec = specs.panel_specs()[name]
    terms = read(stated(spec, measures)).terms
    lagged = any(factor.head == "lag" for term in terms for factor in term)
    periods = data.groupby("entity").size()
    longer = bool((periods > periods.median()).any())
    several = TYPE in data and data[TYPE].nunique() > 1
    able: dict[str, Collection[str]] = {
        "effects": specs.KNOWN["panel"]["effects"],
        "clustering": specs.KNOWN["panel"]["clustering"],
        "lags": ("one", "two") if lagged else ("one",),
        "outcome": ("measured", "ranks"),
        "controls": ("with", "without") if len(terms) > 1 else ("with",),
        "people": ("all", "long") if longer else ("all",),
        "platforms": ("pooled", "apart") if several else ("pooled",),
    }
    return specs.universes(specs.choices_of("panel"), able, spec.main)


def signs(data: pd.DataFrame, draws: int, seed: int) -> pd.DataFrame:
    """One sign a draw and user (draws, users); the same for every combination."""
    users = pd.unique(data["entity"])
    return pd.DataFrame(np.random.default_rng(seed).choice([-1.0, 1.0], (draws, len(users))), columns=users)


def drawn(
    name: str, data: pd.DataFrame, measures: set[str], one: Universe, turned: pd.DataFrame, seed_of: SeedOf
) -> Drawn:
    """Estimate a specification in a combination of choices, and draw what its slopes would be if they were zero.

    Parameters
    ----------
    name
        Entry of `models/specs/panel.yaml`.
    data
        Panel with `entity`, `time` and measures.
    measures
        The measures that the data set offers.
    turned
        As `signs` gives it.
    seed_of
        Names of a draw → its seed, as the run has them: with few clusters the main combination has its p and interval.

    Returns
    -------
    Drawn
        Slopes in standard deviations, those of the hypotheses.
    """
    spec = specs.panel_specs()[name]
    formula = stated(spec, measures)
    terms = [term for term in hypothesis_of(name) if term in {name_of(term) for term in read(formula).terms}]
    frame = prepared(standardised(data, sorted(measures)), spec.outcome, one)
    rows: list[dict[str, Any]] = []
    null: dict[str, np.ndarray] = {}
    null_z: dict[str, np.ndarray] = {}
    fits: dict[str, Any] = {}
    for term in terms:
        asked = _formula(formula, term, one)
        if asked not in fits:
            fits[asked] = _fitted(spec, asked, frame, one)
        found = fits[asked]
        if isinstance(found, Remark):
            rows.append({"group": one.name, "term": term, "quantity": "failed", "note": packed([found])})
            continue
        here = further(term) if one["lags"] == "two" else term
        slope = found.tidy().set_index("term").loc[here]
        tested = decisive(found, here, seed_of, name) | {"definition": "multiverse"}
        rows.append({"group": one.name, "term": term, "quantity": "std_all"} | measured(slope) | tested)
        draws = panel.sign_flips(found, here, turned)
        null[term], null_z[term] = draws.slope, draws.statistic
    return Drawn(one, pd.DataFrame(rows), null, null_z)


def prepared(data: pd.DataFrame, outcome: str, one: Universe) -> pd.DataFrame:
    """The panel as a combination has it: users, outcome, and periods of each platform type's own if apart."""
    frame = data
    if one["people"] == "long":
        periods = frame.groupby("entity")["time"].transform("size")
        frame = frame[periods > data.groupby("entity").size().median()]
    if one["outcome"] == "ranks":
        ranks = frame[outcome].rank()
        frame = frame.assign(**{outcome: ndtri((ranks - 0.5) / ranks.max())})
    if one["platforms"] == "apart":
        span = int(frame["time"].max() - frame["time"].min()) + 3
        frame = frame.assign(time=frame["time"] + span * pd.factorize(frame[TYPE])[0])
    return frame


def _fitted(spec: PanelSpec, formula: str, data: pd.DataFrame, one: Universe) -> panel.PanelFit | Remark:
    """The fit with the effects and clusters of a combination, or why the sample does not allow it."""
    if one["clustering"] == "group" and spec.cluster not in data:
        return remark("no_group_for_clusters", by=spec.cluster)
    clusters = {"entity_time": ("entity", "time"), "group": spec.cluster}
    options = {"effects": one["effects"], "cluster": clusters.get(one["clustering"], one["clustering"])}
    return attempt(panel.fit, formula, data, entity="entity", time="time", se_type="stata", **options)


def _formula(formula: str, term: str, one: Universe) -> str:
    """The formula of a combination: with the term alone, or with second lags, where so chosen."""
    parsed = read(formula)
    kept = tuple(t for t in parsed.terms if one["controls"] == "with" or name_of(t) == term)
    if one["lags"] == "two":
        kept = tuple(tuple(map(longer, t)) for t in kept)
    return write(replace(parsed, terms=kept))
