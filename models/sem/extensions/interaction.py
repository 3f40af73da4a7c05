r"""Latent interactions by product indicators, and the slopes that follow from them.

Indicators are centred, multiplied in matched pairs (Marsh, Wen & Hau 2004,
https://doi.org/10.1037/1082-989X.9.3.275), and the products centred again, so that no mean structure is needed
(double mean centring: Lin, Wen, Marsh & Lin 2010, https://doi.org/10.1080/10705511.2010.488999).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.messages.summary import Summarised
from models.remarks import remark
from models.sem.errors import ArgumentError, nearest
from models.sem.model.matrices import implied
from models.sem.result import Fit
from models.sem.samples.answers import numbers
from models.sem.samples.sample import require_columns
from models.statistics.distributions import normal_quantile, two_sided


@dataclass(frozen=True, eq=False, repr=False)
class Interaction(Summarised):
    """Model text of the product factor, and the data with the product columns."""

    syntax: str
    data: pd.DataFrame


def interaction(data: pd.DataFrame, first: Sequence[str], second: Sequence[str], name: str) -> Interaction:
    """Return the measurement of a product factor from matched pairs of indicators.

    Parameters
    ----------
    first, second
        Indicators of the two factors, of equal number; the i-th of one is multiplied with the i-th of the other, best
        first.
    name
        Name of the product factor. Its columns are named ``<first>.<second>``.

    Notes
    -----
    Add the main effects and the product to the model: ``Y ~ X + Z + XZ``. The fit should be robust (MLR): products of
    normal variables are not normal.
    """
    require_columns(data, [*first, *second], "an indicator of the interaction")
    if len(first) != len(second) or len(first) < 2:
        raise ArgumentError(
            remark("unmatched_indicators", first=len(first), second=len(second)),
            "Leave out the weakest, or average some (parcels).",
        )
    both = [column for column in first if column in second]
    if both:
        raise ArgumentError(f"{', '.join(both)} measure both factors; an indicator cannot be multiplied with itself.")
    result = data.copy()
    products = []
    answers = {name: pd.Series(numbers(data[name], name), data.index) for name in (*first, *second)}
    for a, b in zip(first, second, strict=True):
        product = (answers[a] - answers[a].mean()) * (answers[b] - answers[b].mean())
        if f"{a}.{b}" in data.columns:
            raise ArgumentError(f"The data already have a column '{a}.{b}'; rename it.")
        result[f"{a}.{b}"] = product - product.mean()
        products.append(f"{a}.{b}")
    return Interaction(f"{name} =~ {' + '.join(products)}\n", result)


def simple_slopes(
    fit: Fit,
    outcome: str,
    predictor: str,
    moderator: str,
    product: str,
    values: Sequence[float] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Return the slope of the predictor at values of the moderator, with delta-method errors.

    Parameters
    ----------
    values
        Values of the moderator; by default its mean, and one (implied) standard deviation below and above.

    Returns
    -------
    DataFrame
        One row a group and value: ``group value slope se z pvalue ci_lower ci_upper``.

    Notes
    -----
    The slope at z is :math:`b_1 + b_3 z` with variance :math:`v_{11} + 2 z v_{13} + z^2 v_{33}` (Aiken & West 1991).
    """
    rows = []
    vcov = fit.vcov()
    place = {i: k for k, i in enumerate(fit.table.free)}
    estimates = fit.table.values(fit.theta)
    names = fit.problem.structure.names
    for g, (cells, group) in enumerate(zip(fit.problem.structure.groups, fit.problem.sample.groups, strict=True), 1):
        main, cross = (_path(fit, outcome, cause, g) for cause in (predictor, product))
        spread = float(np.sqrt(implied(cells, fit.theta).C[names.index(moderator), names.index(moderator)]))
        for value in (-spread, 0.0, spread) if values is None else values:
            weight = np.zeros(len(fit.theta))
            for row, w in ((main, 1.0), (cross, value)):
                if row in place:
                    weight[place[row]] += w
            slope, se = estimates[main] + value * estimates[cross], float(np.sqrt(weight @ vcov @ weight))
            z, width = slope / se, normal_quantile((1 + level) / 2) * se
            rows.append((group.label, value, slope, se, z, float(two_sided(z)), slope - width, slope + width))
    return pd.DataFrame(rows, columns=["group", "value", "slope", "se", "z", "pvalue", "ci_lower", "ci_upper"])


def _path(fit: Fit, outcome: str, cause: str, group: int) -> int:
    for i, row in enumerate(fit.table.rows):
        if row.group == group and row.op == "~" and (row.lhs, row.rhs) == (outcome, cause):
            return i
    known = [row.name for row in fit.table.rows if row.op == "~"]
    raise ArgumentError(f"The model has no path '{outcome}~{cause}'. {nearest(f'{outcome}~{cause}', known)}".strip())
