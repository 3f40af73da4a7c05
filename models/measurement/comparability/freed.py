"""Are loadings equal in groups that are compared: which the ladder of invariance releases, and what the test says."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from models.choices import choices
from models.measurement.comparability.models import Ladder
from models.measurement.comparability.steps import Climb, Cutoffs
from models.measurement.scales.scales import Scales, check_scales


@dataclass(frozen=True)
class EqualLoadings:
    """How far loadings are equal.

    Attributes
    ----------
    freed : loadings, ``factor=~item``, that are released so that the others may be equal.
    doubted : whether the (scaled) test of equal loadings rejects at `choices.alpha`, or some were released.
    """

    freed: tuple[str, ...]
    doubted: bool


def equal_loadings(data: pd.DataFrame, scales: Scales, group: str) -> EqualLoadings:
    """Take the step of equal loadings of the ladder of invariance (`invariance`), in part where it fails as a whole.

    Parameters
    ----------
    data : DataFrame
        One row a respondent of the groups that are compared; items numeric, missing as NaN.
    scales : mapping of str to list of str
        Construct → its items.
    group : str
        Column with the groups.

    Returns
    -------
    EqualLoadings
        Doubted, and nothing released, where the step cannot be fitted or does not hold even in part.

    Raises
    ------
    MeasurementError
        Columns that the data do not have.
    """
    answers = check_scales(data, scales)
    sample = answers[answers.notna().any(axis=1)].assign(group_=data[group].astype(str))
    usual = Cutoffs() if len(sample) > choices.few_people else Cutoffs.small_sample()
    climb = Climb(Ladder(sample, "MLR"), scales, usual)
    if climb.start(None) or not climb.step("metric"):
        return EqualLoadings((), doubted=True)
    freed = tuple(row["parameter"] for row in climb.freed)
    return EqualLoadings(freed, doubted=bool(freed) or not climb.rows[1].get("chisq_ok", False))
