"""Is leaving the panel related to the outcome?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.panel.checks import Check, chi2_check, not_applicable
from models.panel.design import Design
from models.panel.errors import NotEstimableError
from models.panel.keys import lag_positions
from models.panel.reference import estimate

NULL = "being observed next period is unrelated to the errors"
REFERENCE = "Wooldridge (2010, §19.9.2); Nijman & Verbeek (1992), doi:10.1002/jae.3950070304"


def selection_lead(design: Design, effects: str) -> Check:
    """Add "observed next period" to the regressors and test its slope, errors clustered as in the fit."""
    name = "Attrition (lead of selection)"
    stays = (lag_positions(design.entity, design.period, -1) >= 0).astype(float)
    rows = design.period < design.period.max()
    lost = int((1 - stays[rows]).sum())
    if lost == 0:
        return not_applicable(name, "every entity is observed in each next period", NULL, REFERENCE)
    sample = design.take(np.flatnonzero(rows))
    names = (*design.names, "observed next period")
    sample = replace(sample, x=np.column_stack([sample.x, stays[rows]]), names=names)
    try:
        result = estimate(sample, effects, "hc0")
    except NotEstimableError as error:
        return not_applicable(name, str(error), NULL, REFERENCE)
    place = result.names.index("observed next period")
    slope, variance = result.params[place], result.cov[place, place]
    note = f"slope {slope:.3g}; {lost} rows without a next period"
    return chi2_check(name, float(slope**2 / variance), 1, NULL, REFERENCE, note)
