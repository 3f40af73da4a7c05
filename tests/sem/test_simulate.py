"""What is simulated from a model is what the model says, and fitting finds it again."""

from __future__ import annotations

import numpy as np
import pytest

from models import sem
from models.sem.errors import ArgumentError, ModelError

from .cases import content, data, fit

TRUTH = """
f =~ 1*a + 0.8*b + 0.7*c
g =~ 1*d + 0.9*e + 0.8*h
g ~ 0.5*f
a ~~ 0.5*a; b ~~ 0.6*b; c ~~ 0.6*c; d ~~ 0.5*d; e ~~ 0.5*e; h ~~ 0.6*h
f ~~ 1*f; g ~~ 0.75*g
"""
MODEL = "f =~ a + b + c\ng =~ d + e + h\ng ~ f"


def test_fitting_recovers_the_population() -> None:
    frame = sem.fit(MODEL, sem.simulate(TRUTH, 20000, seed=1)).tidy()
    truth = sem.fit(TRUTH, sem.simulate(TRUTH, 100, seed=1)).tidy()["est"]
    free = frame["se"] > 0
    # Estimates are about normal around the truth: the largest of 13 stays within 3.5 standard errors.
    assert np.abs((frame["est"] - truth)[free] / frame["se"][free]).max() < 3.5


def test_intervals_cover_the_truth() -> None:
    """The share of 13 intervals that cover has a standard deviation of 0.08 over samples, so 3·0.08/√150."""
    truth = sem.fit(TRUTH, sem.simulate(TRUTH, 100, seed=1)).tidy()["est"].to_numpy()
    hits = []
    for seed in range(1000, 1150):
        frame = sem.fit(MODEL, sem.simulate(TRUTH, 400, seed)).tidy()
        inside = (frame["ci_lower"] <= truth) & (truth <= frame["ci_upper"])
        hits.append(inside[frame["se"] > 0].mean())
    assert np.mean(hits) == pytest.approx(0.95, abs=0.02)


def test_a_fit_is_its_own_population() -> None:
    fitted = fit(content("schools_scalar"))
    frame = sem.simulate(fitted, [40000, 30000], seed=1, group="school")
    assert frame["school"].value_counts(sort=False).to_dict() == {"Pasteur": 40000, "Grant-White": 30000}
    for label, (mean, cov) in fitted.implied().items():
        own = frame[frame["school"] == label].drop(columns="school")
        scale = np.sqrt(np.diag(cov))
        # Sampling error of a mean is σ/√n, of a covariance at most √2 σσ/√n: 4 of them with n = 30,000.
        assert (np.abs(own.mean() - mean) / scale).max() < 4 / np.sqrt(30000)
        assert np.abs((own.cov() - cov) / np.outer(scale, scale)).to_numpy().max() < 4 * np.sqrt(2 / 30000)


def test_ordinal_items_are_cut_at_their_thresholds() -> None:
    frame = sem.simulate("f =~ 0.6*a + 0.6*b\nf ~~ 1*f\na ~~ 0.64*a\na | -1*t1 + 0.5*t2", 50000, seed=1)
    shares = frame["a"].value_counts(normalize=True).sort_index()
    # Φ(−1), Φ(0.5) − Φ(−1), 1 − Φ(0.5); 4 standard errors of a share with n = 50,000 are 0.009.
    np.testing.assert_allclose(shares, [0.1587, 0.5328, 0.3085], atol=0.009)
    items = ["x1", "x2", "x3"]
    ordinal = sem.fit("f =~ x1 + x2 + x3", data("holzinger_ordinal.csv"), ordered=items)
    again = sem.fit("f =~ x1 + x2 + x3", sem.simulate(ordinal, 20000, seed=2), ordered=items)
    np.testing.assert_allclose(again.theta, ordinal.theta, atol=0.08)


def test_defaults_groups_and_seeds() -> None:
    plain = sem.simulate("f =~ a + b", 100000, seed=1)
    # Loadings and variances of one: variances of two, covariance of one; 4 standard errors are 0.04.
    np.testing.assert_allclose(plain.cov(), [[2, 1], [1, 2]], atol=0.04)
    groups = sem.simulate("f =~ 1*a + 1*b\nf ~ c(0, 3)*1", 2000, seed=1, labels=["old", "new"])
    assert groups.groupby("group", sort=False)["a"].mean().round().to_dict() == {"old": 0.0, "new": 3.0}
    assert sem.simulate(TRUTH, 5, seed=7).equals(sem.simulate(TRUTH, 5, seed=7))
    assert not sem.simulate(TRUTH, 5, seed=7).equals(sem.simulate(TRUTH, 5, seed=8))


def test_impossible_populations_are_refused() -> None:
    with pytest.raises(ModelError, match="not positive definite .* involved are a, b"):
        sem.simulate("a ~~ 1*a + 2*b\nb ~~ 1*b", 10, seed=1)
    with pytest.raises(ModelError, match="thresholds of 'a' must increase"):
        sem.simulate("f =~ a + b\na | 1*t1 + 0*t2", 10, seed=1)
    with pytest.raises(ModelError, match="has no value"):
        sem.simulate("f =~ a + b\na | t1", 10, seed=1)
    with pytest.raises(ArgumentError, match="one a group"):
        sem.simulate(fit(content("hs_ml")), [10, 20], seed=1)
