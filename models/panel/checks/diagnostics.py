"""All diagnostics of a fit in one table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from models.panel.checks.attrition import leavers, selection_lead
from models.panel.checks.check import Check, not_applicable
from models.panel.checks.dependence import pesaran_cd
from models.panel.checks.influence import most_influential, variance_inflation
from models.panel.checks.serial import breusch_godfrey, wooldridge_difference, wooldridge_within
from models.panel.checks.specification import hausman, mundlak
from models.panel.checks.unit_root import im_pesaran_shin, maddala_wu
from models.panel.engine.design import Design
from models.panel.engine.results import GroupFit, PanelFit
from models.panel.engine.transform import period_effects
from models.remarks import remark


def diagnostics(fit: PanelFit, seed: int = 0) -> pd.DataFrame:
    """Test what a model assumes, group by group.

    No verdicts: a diagnostic says what the data show against a stated null, or why it does not apply.

    Parameters
    ----------
    fit : PanelFit
        The model.
    seed : int
        Seed of what is drawn.

    Returns
    -------
    DataFrame
        A row a test and group: ``group test statistic df pvalue null reference note df2``.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> log = pd.DataFrame({"user": np.repeat(range(30), 4), "week": np.tile(range(4), 30), "x": rng.normal(size=120)})
    >>> log["y"] = 0.5 * log["x"] + rng.normal(size=120)
    >>> fitted = panel.fit("y ~ x", log, entity="user", time="week")
    >>> found = panel.diagnostics(fitted)
    >>> found["test"].head(3).tolist()
    ['Hausman', 'Mundlak (robust Hausman)', 'Wooldridge, within residuals']
    """
    rows = [{"group": g.group} | c.row() for g in fit.groups for c in group_diagnostics(g, fit.spec.effects, seed)]
    return pd.DataFrame(rows)


def without_periods(design: Design) -> Design:
    """Return the design with the period effects of the two-way projection taken out of every variable."""
    values = np.column_stack([design.y, design.x])
    values = values - period_effects(values, design.entity, design.time)[design.time]
    return replace(design, y=values[:, 0], x=values[:, 1:])


def group_diagnostics(fitted: GroupFit, effects: str, seed: int = 0) -> list[Check]:
    """Compute the diagnostics of one group."""
    design, e = fitted.design, fitted.estimate
    if design is None or e.transformed is None or e.u is None:
        return [not_applicable("all diagnostics", remark("rows_streamed"), "", "")]
    of_periods = effects in ("time", "twoway")
    free = without_periods(design) if of_periods else design
    checks = [hausman(free), mundlak(free), wooldridge_within(free), wooldridge_difference(free), breusch_godfrey(free)]
    if len(e.u) == design.nobs:
        checks.append(pesaran_cd(design, e.u, seed, period_effects=of_periods))
    checks += [test(design, design.y, design.dependent, seed=seed) for test in (maddala_wu, im_pesaran_shin)]
    if effects in ("entity", "twoway"):
        checks += [selection_lead(design, effects), leavers(design)]
    return [*checks, most_influential(fitted), *variance_inflation(fitted)]
