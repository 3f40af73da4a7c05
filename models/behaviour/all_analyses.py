"""All analyses of one panel, in their order: each specification and what it rests on, and its roll-outs."""

from __future__ import annotations

import pandas as pd

from models import results, specs
from models.analysis.observed import Observed
from models.analysis.pieces import Piece, Rows, given
from models.analysis.rows import tried
from models.behaviour.checks import panel_checks
from models.behaviour.descriptives import described
from models.behaviour.instruments import endogeneity
from models.behaviour.panel_models import composites, slopes, slopes_by, with_mechanisms
from models.behaviour.treatments import roll_outs, with_strategies
from models.behaviour.within_person import closed_loop
from models.remarks import Remark, packed
from models.statistics.seeding import SeedOf


def with_made(data: pd.DataFrame, asked: Observed) -> tuple[pd.DataFrame, dict[str, Remark]]:
    """Add the mechanisms and the strategies that are not measured but follow from what is.

    Returns
    -------
    The panel with the added columns, and column → how it was made up.
    """
    data, mechanisms = with_mechanisms(data, asked.measures)
    data, strategies = with_strategies(data, asked.treatments, asked.measures)
    return data, mechanisms | strategies


def analyses(
    asked: Observed, data: pd.DataFrame, made: dict[str, Remark], checks: bool = True, by_others: bool = True
) -> list[Piece]:
    """List what is estimated on a panel.

    Parameters
    ----------
    data, made
        What `with_made` gives.
    checks
        Whether slopes are also checked for what they rest on.
    by_others
        Whether they are also compared over every grouping.

    Returns
    -------
    Independent pieces in the order of their rows. A specification is one piece with all that rests on it, so that no
    fit outlives it.
    """
    measures = {*asked.measures, *made}
    strategies = [name for name in made if name not in composites(asked.measures)]
    groups = list(compared_by(data, asked)) if by_others else []
    how = [
        {"table": "remarks", "term": key, "quantity": "measured", "note": packed([one])} for key, one in made.items()
    ]
    pieces = [
        Piece("measured", given, ([results.rows(how)],)),
        Piece("descriptives", _descriptives, (data, [*asked.measures, *strategies])),
        Piece("closed_loop", _closed_loop, (data, measures), weight=1),
    ]
    for spec in specs.panel_specs():
        pieces.append(Piece(spec, _specification, (spec, data, measures, asked, groups, checks), weight=2, model=spec))
    if asked.treatments:
        pieces.append(Piece("roll_outs", _roll_outs, (data, asked), weight=1))
    return pieces


def compared_by(data: pd.DataFrame, asked: Observed) -> tuple[str, ...]:
    """The groupings that anybody of a panel belongs to."""
    return tuple(name for name in asked.groups if data[name].nunique() > 0)


def _specification(
    seeds: SeedOf, spec: str, data: pd.DataFrame, measures: set[str], asked: Observed, groups: list[str], checks: bool
) -> Rows:
    """Slopes of one specification, and what they rest on."""
    rows, fit = slopes(spec, data, measures, seeds)
    parts = [rows]
    if checks:
        parts += tried(spec, panel_checks, spec, fit, data, measures, seeds, model=spec)
    named = (asked.instruments, asked.negative_controls)
    parts += tried(spec, endogeneity, spec, fit, data, *named, seeds, model=spec)
    if fit is not None:
        for group in groups:
            parts += tried(group, slopes_by, spec, data, measures, group, model=spec)
    return parts


def _descriptives(seeds: SeedOf, data: pd.DataFrame, measures: list[str]) -> Rows:
    return [described(data, measures)]


def _closed_loop(seeds: SeedOf, data: pd.DataFrame, measures: set[str]) -> Rows:
    return [closed_loop(data, measures, seeds)]


def _roll_outs(seeds: SeedOf, data: pd.DataFrame, asked: Observed) -> Rows:
    return [roll_outs(data, asked.treatments, set(asked.measures), asked.enters)]
