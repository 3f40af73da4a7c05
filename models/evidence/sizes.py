"""How large the effect that decides is in standard deviations, and whether it is as good as zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.choices import choices
from models.remarks import Remark, remark
from models.statistics.distributions import normal_quantile
from models.theory import Contrast, Equivalence, Rule, Smallest


@dataclass(frozen=True)
class Size:
    """A standardised effect, the interval of 1 − 2 `choices.alpha` around it, and the smallest effect that matters."""

    estimate: float
    low: float
    high: float
    smallest: float

    @property
    def zero(self) -> bool:
        """Whether two one-sided tests show that it is smaller than the smallest effect that matters."""
        return -self.smallest < self.low and self.high < self.smallest

    def said(self) -> Remark:
        """The bounds between which an effect is as good as zero, in words."""
        return remark("as_good_as_zero", low=self.low, high=self.high, smallest=self.smallest)


def size(row: pd.Series, sample: pd.DataFrame, test: Rule, smallest: Smallest | None) -> Size:
    """The size of the deciding effect.

    Parameters
    ----------
    row
        The row that decides, in its own units; a comparison of groups is made in standard deviations.
    sample
        Rows of the same hypothesis and kind of data.

    Notes
    -----
    The interval is that of the standardised estimate, drawn in to 1 − 2α by the ratio of the normal quantiles;
    that of Student's t is smaller, so with few clusters the interval is rather too wide. Where a
    standardised estimate has no interval, that of the raw one is scaled. Two one-sided tests reject exactly where the
    interval lies inside the bounds (Lakens 2017, doi:10.1177/1948550617697177). That of an equivalence test is one of
    1 − 2α already.
    """
    found = row
    if not isinstance(test, Contrast | Equivalence):
        place = ["table", "model", "group", "term"]
        same = sample[(sample[place] == row[place]).all(axis=1) & sample["quantity"].isin(["std_all", "std"])]
        if same.empty:
            return Size(np.nan, np.nan, np.nan, np.nan)
        found = same.iloc[0]
    estimate = float(found["estimate"])
    ends = found[["ci_lower", "ci_upper"]].to_numpy(float)
    if not np.isfinite(ends).all():
        ends = row[["ci_lower", "ci_upper"]].to_numpy(float) * (
            estimate / row["estimate"] if row["estimate"] else np.nan
        )
    share = normal_quantile(1 - choices.alpha) / normal_quantile(0.5 + choices.confidence / 2)
    share = 1.0 if isinstance(test, Equivalence) else share
    low, high = estimate + share * (ends - estimate)
    bound = np.nan if smallest is None or isinstance(test, Equivalence) else smallest.value
    return Size(estimate, float(low), float(high), bound)
