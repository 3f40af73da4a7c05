"""Accounts in which the theory's arrows are not there, or point the other way, are named where they are true."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import survey
from models.survey.rival_accounts import latent_correlations, rival_accounts

CONSTRUCTS = ("value", "trust", "participation", "identification", "stickiness")
SCALES = {name: [f"{name}{i}" for i in range(3)] for name in CONSTRUCTS}
LOADINGS = (0.69, 0.72, 0.75)


def theory(rho: float, path: float, last: float) -> np.ndarray:
    """Mechanisms correlated by rho, each with `path` to identification, which has `last` to stickiness."""
    R = np.eye(5)
    R[:3, :3] = rho + (1 - rho) * np.eye(3)
    R[:3, 3] = R[3, :3] = path * (1 + 2 * rho)
    R[3, 4] = R[4, 3] = last
    R[:3, 4] = R[4, :3] = last * R[:3, 3]
    return R


def one_source(loading: float) -> np.ndarray:
    return loading**2 + (1 - loading**2) * np.eye(5)


def reversed_order(path: float) -> np.ndarray:
    R = np.full((5, 5), path**2)
    R[3, :] = R[:, 3] = path
    np.fill_diagonal(R, 1.0)
    return R


def answers(R: np.ndarray, n: int, seed: int) -> pd.DataFrame:
    """Answers on seven points whose constructs correlate by R, and by nothing else."""
    rng = np.random.default_rng(seed)
    factors = rng.multivariate_normal(np.zeros(5), R, n)
    columns = {}
    for k, name in enumerate(CONSTRUCTS):
        for item, loading in zip(SCALES[name], LOADINGS, strict=True):
            response = loading * factors[:, k] + np.sqrt(1 - loading**2) * rng.standard_normal(n)
            columns[item] = np.clip(np.round(4 + 1.3 * response), 1, 7)
    return pd.DataFrame(columns)


def fitted(R: np.ndarray, n: int = 400, seed: int = 1) -> survey.Structural:
    model = survey.structural("mechanisms", answers(R, n, seed), SCALES)
    assert model is not None
    return model


def named(R: np.ndarray, n: int = 400, seed: int = 1) -> set[str]:
    rows = rival_accounts(fitted(R, n, seed))
    return set(rows[(rows["quantity"] == "named") & (rows["estimate"] == 1)]["term"])


TRUTHS = {
    "theory": (theory(0.4, 0.3, 0.3), set()),
    "one_source": (one_source(0.6), {"one_source"}),
    "reversed_order": (reversed_order(0.5), {"reversed_order"}),
}


@pytest.mark.parametrize("truth", TRUTHS)
def test_the_true_account_is_named_and_no_other(truth: str) -> None:
    R, expected = TRUTHS[truth]
    found = [named(R, seed=seed) == expected for seed in range(8)]
    # Bounds of the whole study: at least .90 of false claims, at most .25 of true ones; 8 draws.
    assert sum(found) >= 6


@pytest.mark.parametrize("truth", TRUTHS)
def test_the_true_account_fits_and_no_stricter_one_does(truth: str) -> None:
    rows = rival_accounts(fitted(TRUTHS[truth][0], n=4000)).set_index(["term", "quantity"])
    of = {"theory": "theory_equal", "one_source": "one_source_equal"}.get(truth, truth)
    assert rows.loc[(of, "chisq"), "pvalue"] > 0.01
    stricter = {"theory": "theory_uncorrelated", "one_source": "theory_equal", "reversed_order": "theory_uncorrelated"}[
        truth
    ]
    assert rows.loc[(stricter, "chisq"), "pvalue"] < 1e-6


def test_a_cause_of_two_constructs_is_not_one_source_behind_all() -> None:
    """One mechanism and stickiness share a cause: the theory with one direct path, which no single source gives."""
    R = theory(0.4, 0.3, 0.3)
    R[0, 4] = R[4, 0] = R[0, 4] + 0.3
    rows = rival_accounts(fitted(R, n=4000)).set_index(["term", "quantity"])
    assert rows.loc[("theory_direct", "chisq"), "pvalue"] > 0.01
    assert rows.loc[("theory_equal", "chisq"), "pvalue"] < 1e-6
    assert rows.loc[("one_source", "named"), "estimate"] == 0


def test_latent_correlations_and_their_errors_are_those_of_the_factor_model() -> None:
    """With every direct path the structural part is saturated: the correlations are those of a confirmatory model."""
    from models import sem

    data = answers(TRUTHS["theory"][0], 400, 1)
    cfa = "\n".join(f"{name} =~ {' + '.join(items)}" for name, items in SCALES.items())
    tidy = sem.fit(cfa, data, std_lv=True, estimator="MLR").tidy()
    expected = tidy[(tidy["op"] == "~~") & (tidy["lhs"] != tidy["rhs"])]
    found = latent_correlations(fitted(TRUTHS["theory"][0]), CONSTRUCTS)
    # Two searches for one minimum, each to 1e-6 or so of a standard error.
    assert found.r == pytest.approx(expected["est"].to_numpy(), abs=1e-5)
    assert np.sqrt(np.diag(found.V)) == pytest.approx(expected["se"].to_numpy(), rel=1e-3)


def test_what_has_one_mechanism_cannot_be_asked_for_its_order() -> None:
    scales = {name: items for name, items in SCALES.items() if name not in ("trust", "participation")}
    model = survey.structural("mechanisms", answers(TRUTHS["theory"][0], 400, 1), scales)
    assert model is not None
    rows = rival_accounts(model)
    assert set(rows[rows["quantity"] == "named"]["term"]) == {"one_source"}
