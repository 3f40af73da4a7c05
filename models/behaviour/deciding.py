"""What the verdicts on one panel rest on, and nothing else."""

from __future__ import annotations

import pandas as pd

from models import specs, theory
from models.analysis.observed import Observed
from models.analysis.rows import tried
from models.behaviour.all_analyses import compared_by, with_made
from models.behaviour.moderation import products_apart
from models.behaviour.panel_models import fit_spec, slopes, slopes_by, stated
from models.behaviour.treatments import roll_outs
from models.behaviour.units import standardised
from models.behaviour.within_person import closed_loop
from models.statistics.seeding import SeedOf
from models.theory import Contrast, Equivalence


def deciding_rows(data: pd.DataFrame, asked: Observed, seeds: SeedOf) -> pd.DataFrame:
    """Rows that decide the hypotheses in a panel.

    Parameters
    ----------
    data
        One row an entity and period.
    asked
        What the panel tells of; only groups that a hypothesis compares are looked at.
    seeds
        Names of a draw → its seed.

    Returns
    -------
    Rows of the results table.
    """
    compared = {h.panel.by for h in theory.hypotheses().values() if isinstance(h.panel, Contrast | Equivalence)}
    data, made = with_made(data, asked)
    measures = {*asked.measures, *made}
    parts = tried("closed_loop", closed_loop, data, measures, seeds)
    for name in specs.panel_specs():
        parts += tried(name, _specification, name, data, measures, seeds, model=name)
        for group in (one for one in compared_by(data, asked) if one in compared):
            parts += tried(group, slopes_by, name, data, measures, group, model=name)
    if asked.treatments:
        parts += tried("roll_outs", roll_outs, data, asked.treatments, set(asked.measures), asked.enters)
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _specification(name: str, data: pd.DataFrame, measures: set[str], seeds: SeedOf) -> list[pd.DataFrame]:
    """Slopes, and where two products are set against each other their difference."""
    rows, fit = slopes(name, data, measures, seeds)
    spec = specs.panel_specs()[name]
    if fit is None or not spec.against:
        return [rows]
    standard = fit_spec(spec, stated(spec, measures), standardised(data, sorted(measures)), None)
    return [rows, products_apart(name, spec, fit, standard, seeds)]
