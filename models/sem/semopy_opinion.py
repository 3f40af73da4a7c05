"""semopy as an independent second opinion on single-group maximum likelihood estimates and standard errors.

Only these two are taken from it, with its tolerance tightened; its fit indices, missing-data and ordinal
estimates are not used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from models.choices import choices
from models.messages.summary import Summarised
from models.sem.language.editing import change, formulas, read, write

FTOL = 1e-12


@dataclass(frozen=True, eq=False, repr=False)
class SecondOpinion(Summarised):
    """Largest deviation between two programs on the same model and rows.

    Attributes
    ----------
    compared : DataFrame
        ``lhs op rhs est se est_semopy se_semopy``, one row a free parameter.
    est, se : float
        Largest absolute deviation of estimates; largest relative deviation of standard errors.
    worst : str
        Parameter with the largest deviation of estimates.
    """

    compared: pd.DataFrame
    est: float
    se: float
    worst: str

    @property
    def agrees(self) -> bool:
        """Whether both deviations stay within the tolerances of `models/choices.yaml`."""
        return self.est <= choices.second_opinion_estimate and self.se <= choices.second_opinion_se


def second_opinion(syntax: str, data: pd.DataFrame, tidy: pd.DataFrame) -> SecondOpinion:
    """Fit the model with semopy and compare.

    Parameters
    ----------
    syntax : str
        Model in lavaan syntax; labels and defined parameters are removed, since semopy has none.
    data : DataFrame
        Complete answers (rows without missing values).
    tidy : DataFrame
        `Fit.tidy()` of the same model on the same rows by maximum likelihood without means.

    Returns
    -------
    SecondOpinion
        Both programs' numbers side by side, and how far apart they are.

    Raises
    ------
    ValueError
        When `data` has missing values (semopy would use pairwise covariances with n = all rows).
    """
    import semopy

    if data.isna().to_numpy().any():
        raise ValueError("the second opinion needs complete rows; pass data without missing values")
    unlabelled = change(formulas(read(syntax)), lambda term: replace(term, label=None))
    model = semopy.Model(write(unlabelled))
    model.fit(data, obj="MLW", solver="SLSQP", options={"ftol": FTOL, "maxiter": 5000})
    theirs = model.inspect()
    ours = tidy[tidy["op"] != ":="]
    key = {}
    for row in theirs.itertuples():
        lhs, op, rhs = row.lval, row.op, row.rval
        value, error = float(row.Estimate), pd.to_numeric(row[theirs.columns.get_loc("Std. Err") + 1], errors="coerce")
        key[(lhs, op, rhs)] = (value, error)
        if op == "~~":
            key[(rhs, op, lhs)] = (value, error)
        if op == "~":
            key[(rhs, "=~", lhs)] = (value, error)
    rows = []
    for row in ours.itertuples():
        if row.se > 0 and (row.lhs, row.op, row.rhs) in key:
            value, error = key[(row.lhs, row.op, row.rhs)]
            rows.append((row.lhs, row.op, row.rhs, row.est, row.se, value, error))
    compared = pd.DataFrame(rows, columns=["lhs", "op", "rhs", "est", "se", "est_semopy", "se_semopy"])
    gap = (compared["est"] - compared["est_semopy"]).abs()
    at = compared.loc[gap.idxmax()]
    ratio = (compared["se_semopy"] / compared["se"] - 1).abs()
    return SecondOpinion(compared, float(gap.max()), float(np.nanmax(ratio)), f"{at.lhs} {at.op} {at.rhs}")
