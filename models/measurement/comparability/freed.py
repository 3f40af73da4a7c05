"""Are the loadings of each construct equal in groups that are compared, and which must be released if not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd

from models import sem
from models.choices import choices
from models.measurement.comparability.models import Ladder
from models.measurement.comparability.steps import Climb, Cutoffs
from models.measurement.errors import check_choice
from models.measurement.options import Gaps, Likelihood
from models.measurement.scales.scales import Scales, check_columns, check_scales
from models.statistics.multiple_testing import holm


@dataclass(frozen=True)
class EqualLoadings:
    """How far loadings are equal.

    Attributes
    ----------
    freed : tuple of str
        Loadings, ``factor=~item``, that are released so that the others may be equal.
    doubted : bool
        Whether the equality of the loadings of any construct is rejected.
    """

    freed: tuple[str, ...]
    doubted: bool


def equal_loadings(
    data: pd.DataFrame,
    scales: Scales,
    group: str,
    estimator: Likelihood = choices.measurement_estimator,
    missing: Gaps = choices.measurement_missing,
) -> EqualLoadings:
    """Test the loadings of each construct of three items or more, Holm over constructs; release what resists.

    Each construct is a model of its own, which takes a fraction of the time of the ladder of all (`invariance`) and
    whose fit falls more where its loadings differ. Of a construct whose (scaled) test rejects at `choices.alpha`, those
    loadings are released that the ladder would release.

    Parameters
    ----------
    data : DataFrame
        One row a respondent of the groups that are compared; items numeric, missing as NaN.
    scales : mapping of str to list of str
        Construct → its items.
    group : str
        Column with the groups; respondents without one are left out.
    estimator : {"MLR", "ML"}
        MLR tests the scaled difference of chi-squares.
    missing : {"fiml", "listwise"}
        Full information, or only people who answered every item of the construct.

    Returns
    -------
    EqualLoadings
        Doubted also where the loadings of a construct cannot be tested.

    Raises
    ------
    MeasurementError
        Columns that the data do not have, or an unknown estimator or handling of gaps.

    Examples
    --------
    >>> from models import measurement, sem
    >>> answers = sem.simulate("trust =~ t1 + t2 + t3; use =~ u1 + u2 + u3; trust ~~ 0.5*use", 200, seed=2)
    >>> answers["place"] = ["app", "web"] * 100
    >>> measurement.equal_loadings(answers, {"trust": ["t1", "t2", "t3"], "use": ["u1", "u2", "u3"]}, "place")
    EqualLoadings(freed=(), doubted=False)
    """
    check_choice("estimator", estimator, get_args(Likelihood))
    check_choice("missing", missing, get_args(Gaps))
    answers = check_scales(data, scales)
    check_columns(data, [group], role="grouping")
    usual = Cutoffs() if len(answers) > choices.few_people else Cutoffs.small_sample()
    climbs = []
    for construct, items in scales.items():
        if len(items) > 2:
            given = answers[list(items)].notna()
            known = (given.all(axis=1) if missing == "listwise" else given.any(axis=1)) & data[group].notna()
            sample = answers.loc[known, list(items)]
            own = sample.assign(group_=data[group].astype(str))
            climbs.append(Climb(Ladder(own, estimator), {construct: list(items)}, usual))
    pvalues = np.array([_tested(climb) for climb in climbs])
    known = np.isfinite(pvalues)
    rejected = np.zeros(len(climbs), dtype=bool)
    rejected[known] = holm(pvalues[known]) < choices.alpha
    for climb in (climb for climb, rejects in zip(climbs, rejected, strict=True) if rejects):
        climb.step("metric")
    freed = tuple(row["parameter"] for climb in climbs for row in climb.freed)
    return EqualLoadings(freed, doubted=bool(rejected.any() or not known.all()))


def _tested(climb: Climb) -> float:
    """Test that the loadings of one construct are equal: p, or NaN where it cannot be had."""
    if climb.start(None):
        return np.nan
    try:
        return float(climb.compare("metric", climb.ladder.fit(climb.scales, "metric")).get("delta_pvalue", np.nan))
    except sem.SemError:
        return np.nan
