"""All diagnostics of a fit in one table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.panel.checks import Check, not_applicable
from models.panel.dependence import pesaran_cd
from models.panel.results import GroupFit, PanelFit
from models.panel.serial import breusch_godfrey, wooldridge_difference, wooldridge_within
from models.panel.specification import hausman, mundlak
from models.panel.transform import demean


def diagnostics(fit: PanelFit, seed: int = 0) -> pd.DataFrame:
    """A row a test and group: group test statistic df pvalue null reference note.

    No verdicts: a diagnostic says what the data show against a stated null, or why it does not apply.
    """
    rows = [vars(check) | {"group": g.group} for g in fit.groups for check in group_diagnostics(g, seed)]
    order = ["group", "test", "statistic", "df", "pvalue", "null", "reference", "note"]
    return pd.DataFrame(rows)[order]


def group_diagnostics(fitted: GroupFit, seed: int = 0) -> list[Check]:
    """The diagnostics of one group."""
    design, e = fitted.design, fitted.estimate
    if design is None:
        reason = "the rows were streamed, not kept; fit a sample of entities to see the diagnostics"
        return [not_applicable("all diagnostics", reason, "", "")]
    checks = [
        hausman(design),
        mundlak(design),
        wooldridge_within(design),
        wooldridge_difference(design),
        breusch_godfrey(design),
    ]
    if e.u is not None and len(e.u) == design.nobs:
        checks.append(pesaran_cd(design, e.u, seed))
    return checks + variance_inflation(fitted)


def variance_inflation(fitted: GroupFit) -> list[Check]:
    """Variance inflation 1/(1−R²_j) of each regressor given the others, after the effects are taken out."""
    transformed = fitted.estimate.transformed
    assert transformed is not None
    slopes = [j for j, n in enumerate(transformed.names) if n != "Intercept"]
    x = demean(transformed.x[:, slopes], np.zeros(len(transformed.x), dtype=np.int64))
    inflation = np.diag(np.linalg.inv(np.corrcoef(x, rowvar=False).reshape(len(slopes), len(slopes))))
    null, reference = "1: unrelated to the other regressors", "Belsley, Kuh & Welsch (1980)"
    return [
        Check(f"VIF: {transformed.names[j]}", float(v), "", np.nan, null, reference, "descriptive")
        for j, v in zip(slopes, inflation, strict=True)
    ]
