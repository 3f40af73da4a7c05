"""A cause of the stated strength behind both ends takes a path away, and one weaker than that does not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import survey
from models.survey.omitted_cause import omitted_cause, partial_correlation
from models.survey.rival_accounts import latent_correlations
from tests.test_rival_accounts import SCALES, fitted, theory


@pytest.fixture(scope="module")
def model() -> survey.Structural:
    return fitted(theory(0.4, 0.3, 0.3))


@pytest.fixture(scope="module")
def shares(model: survey.Structural) -> pd.DataFrame:
    return omitted_cause(model).set_index(["term", "quantity"])["estimate"].unstack()


def test_the_path_is_gone_beside_a_cause_of_that_share_and_no_weaker_one(
    model: survey.Structural, shares: pd.DataFrame
) -> None:
    """By brute force: u correlates √k with what the other causes leave of both ends."""
    names = ("value", "trust", "participation", "identification")
    R = np.eye(4)
    R[np.triu_indices(4, 1)] = latent_correlations(model, names).r
    R = R + R.T - np.eye(4)
    r = partial_correlation(R, 0, 3, [1, 2])
    for share, left in ((shares.loc["identification ~ value", "share_zero"], 0.0), (0.5 * r, 0.5 * r / (1 - 0.5 * r))):
        ends = np.array([[1, r, np.sqrt(share)], [r, 1, np.sqrt(share)], [np.sqrt(share), np.sqrt(share), 1]])
        slope = np.linalg.solve(ends[np.ix_([0, 2], [0, 2])], ends[[0, 2], 1])[0]
        assert slope == pytest.approx(left, abs=1e-6)


def test_to_cost_a_path_its_significance_takes_less_and_nothing_where_it_has_none(
    model: survey.Structural, shares: pd.DataFrame
) -> None:
    assert (shares["share_significance"] < shares["share_zero"]).all()
    tidy = model.fit.tidy()
    paths = tidy[tidy["op"] == "~"]
    clear = (paths["lhs"] + " ~ " + paths["rhs"])[paths["pvalue"] < 0.05]
    assert set(shares.index[shares["share_significance"] > 0]) == set(clear)
    assert set(SCALES) >= {term.split(" ~ ")[0] for term in shares.index}
