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

from models.choices import choices
from models.messages.summary import Summarised
from models.remarks import remark
from models.sem.arguments import share
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
    r"""Return the measurement of a product factor from matched pairs of indicators.

    Parameters
    ----------
    data : DataFrame
        Answers, one row a respondent; not changed.
    first, second : sequence of str
        Indicators of the two factors, of equal number; the i-th of one is multiplied with the i-th of the other, best
        first.
    name : str
        Name of the product factor. Its columns are named ``<first>.<second>``.

    Returns
    -------
    Interaction
        Model text of the product factor, and the data with the double-centred products.

    Raises
    ------
    ArgumentError
        If the indicators do not match, measure both factors, or a product has the name of a column.

    Notes
    -----
    Add the main effects and the product to the model: ``Y ~ X + Z + XZ``. The fit should be robust (MLR): products of
    normal variables are not normal. Products are double-mean-centred (Lin, Wen, Marsh & Lin 2010,
    https://doi.org/10.1080/10705511.2010.488999).

    Examples
    --------
    >>> import pandas as pd
    >>> from models import sem
    >>> answers = pd.DataFrame({"x1": [1, 2, 3], "x2": [2, 2, 5], "z1": [3, 1, 2], "z2": [4, 1, 1]})
    >>> product = sem.interaction(answers, ["x1", "x2"], ["z1", "z2"], "XZ")
    >>> product.syntax
    'XZ =~ x1.z1 + x2.z2\n'
    >>> product.data["x1.z1"].round(3).tolist()
    [-0.667, 0.333, 0.333]
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
    level: float = choices.confidence,
) -> pd.DataFrame:
    r"""Return the slope of the predictor at values of the moderator, with delta-method errors.

    Parameters
    ----------
    fit : Fit
        A model of the outcome on predictor, moderator and their product.
    outcome, predictor, moderator, product : str
        Their names in the model.
    values : sequence of float, optional
        Values of the moderator; by default its mean, and one (implied) standard deviation below and above.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        One row a group and value: ``group value slope se z pvalue ci_lower ci_upper``.

    Raises
    ------
    ArgumentError
        If the model has no such path or moderator, or the level is no share.

    Notes
    -----
    The slope at z is :math:`b_1 + b_3 z` with variance :math:`v_{11} + 2 z v_{13} + z^2 v_{33}` (Aiken & West 1991).

    Examples
    --------
    >>> from models import sem
    >>> cov = [[1, 0.4, 0.1, 0.3], [0.4, 1, 0, 0], [0.1, 0, 1, 0], [0.3, 0, 0, 1]]
    >>> found = sem.fit("y ~ x + z + xz", sem.Moments(cov, 200, names=["y", "x", "z", "xz"]))
    >>> slopes = sem.simple_slopes(found, "y", "x", "z", "xz", values=[-1, 1])
    >>> slopes[["value", "slope", "se"]].round(3)
       value  slope     se
    0     -1    0.1  0.086
    1      1    0.7  0.086
    """
    share("level", level)
    known = fit.task.structure.names
    if moderator not in known:
        raise ArgumentError(f"The model has no variable '{moderator}'. {nearest(moderator, known)}".strip())
    rows = []
    vcov = fit.vcov()
    place = {i: k for k, i in enumerate(fit.table.free)}
    estimates = fit.table.values(fit.theta)
    names = fit.task.structure.names
    for g, (cells, group) in enumerate(zip(fit.task.structure.groups, fit.task.sample.groups, strict=True), 1):
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
