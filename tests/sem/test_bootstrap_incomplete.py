"""Bootstrap of incomplete answers: the compiled refits are plain refits, whatever is missing and however many cores."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import sem
from models.sem.errors import ArgumentError
from models.sem.resampling.interval import bca, bca_pvalue
from models.sem.resampling.refit import refit_all
from models.sem.resampling.resample import draws, pools

POPULATION = """
f =~ 1*a1 + 0.8*a2 + 0.9*a3
g =~ 1*b1 + 0.8*b2 + 0.9*b3
h =~ 1*c1 + 0.8*c2 + 0.9*c3
g ~ 0.5*f
h ~ 0.4*g + 0.2*f
"""
MODEL = """
f =~ a1 + a2 + a3
g =~ b1 + b2 + b3
h =~ c1 + c2 + c3
g ~ a*f
h ~ b*g + c*f
indirect := a*b
total := indirect + c
"""


def answers(n: int, missing: float, seed: int = 1) -> pd.DataFrame:
    frame = sem.simulate(POPULATION, n, seed)
    return frame.mask(np.random.default_rng(seed).random(frame.shape) < missing)


def two_groups() -> tuple[pd.DataFrame, str]:
    """The second group answers completely; labels would make its paths equal, so there are none."""
    one, other = answers(220, 0.1, 2).assign(where="one"), answers(180, 0.0, 3).assign(where="other")
    unlabelled = MODEL.split("indirect")[0].replace("a*", "").replace("b*", "").replace("c*", "")
    return pd.concat([one, other], ignore_index=True), unlabelled


def refits(fitted: sem.Fit, n: int, engine: str = "compiled", threads: int = 1):
    counts = next(draws(pools(fitted.task.sample, "stratified"), n, seed=5))
    return counts, refit_all(fitted.task, fitted.theta, [counts], threads, engine)


@pytest.mark.parametrize("missing", [0.08, 0.4])
def test_a_refit_is_the_fit_to_the_resampled_rows(missing: float) -> None:
    frame = answers(300, missing)
    fitted = sem.fit(MODEL, frame, missing="fiml")
    (counts,), found = refits(fitted, 4)
    assert found.converged.all()
    for times, theta in zip(counts, found.theta, strict=True):
        rows = frame.loc[np.repeat(frame.index, times)].reset_index(drop=True)
        # Both stop within 1e-6 standard errors (0.1) of the minimum.
        np.testing.assert_allclose(theta, sem.fit(MODEL, rows, missing="fiml").theta, atol=1e-6)


def test_a_refit_of_two_groups_with_equal_loadings_is_the_fit_to_the_resampled_rows() -> None:
    frame, model = two_groups()
    how = {"group": "where", "group_equal": "loadings", "missing": "fiml"}
    fitted = sem.fit(model, frame, **how)
    counts, found = refits(fitted, 3)
    assert found.converged.all()
    for b, theta in enumerate(found.theta):
        rows = np.concatenate(
            [np.repeat(group.rows, times[b]) for group, times in zip(fitted.task.sample.groups, counts, strict=True)]
        )
        expected = sem.fit(model, frame.loc[rows].reset_index(drop=True), **how)
        # As above.
        np.testing.assert_allclose(theta, expected.theta, atol=1e-6)


def test_compiled_and_numpy_refits_are_the_same_with_covariates_and_equal_labels() -> None:
    frame = answers(200, 0.15, 4).assign(age=np.random.default_rng(1).normal(40, 12, 200))
    model = MODEL.split("indirect")[0].replace("b*g + c*f", "b*g + b*f + age")
    fitted = sem.fit(model, frame, missing="fiml")
    compiled, plain = (refits(fitted, 3, engine)[1] for engine in ("compiled", "numpy"))
    assert compiled.converged.all()
    for name in ("theta", "variances", "residuals"):
        # Relative to units of age (variance 144); otherwise as above.
        np.testing.assert_allclose(getattr(compiled, name), getattr(plain, name), rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(compiled.admissible, plain.admissible)


def test_neither_cores_nor_blocks_change_the_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted = sem.fit(MODEL, answers(150, 0.1), missing="fiml")
    told: list[tuple[str, int, int]] = []
    one = sem.bootstrap(fitted, 60, seed=3, threads=1)
    monkeypatch.setattr("models.sem.resampling.resample._SAMPLES", 25)
    two = sem.bootstrap(fitted, 60, seed=3, threads=2, progress=lambda *x: told.append(x))
    np.testing.assert_array_equal(one.draws(), two.draws())
    np.testing.assert_array_equal(one.limits(interval="bca"), two.limits(interval="bca"))
    assert told[:3] == [("bootstrap", 25, 60), ("bootstrap", 50, 60), ("bootstrap", 60, 60)]
    assert told[-1] == ("jackknife", 150, 150)
    with pytest.raises(ArgumentError, match="needs complete answers"):
        _ = one.statistics


def test_the_jackknife_leaves_out_one_respondent_after_another() -> None:
    frame, model = two_groups()
    frame = frame.groupby("where").head(60).reset_index(drop=True)
    fitted = sem.fit(model, frame, group="where", group_equal="loadings", missing="fiml")
    parts = sem.bootstrap(fitted, 2, seed=1).jackknife
    assert [len(part.theta) for part in parts] == [60, 60]
    for part, group in zip(parts, fitted.task.sample.groups, strict=True):
        without = sem.fit(model, frame.drop(group.rows[7]), group="where", group_equal="loadings", missing="fiml")
        np.testing.assert_allclose(part.theta[7], without.theta, atol=1e-6)


def test_resamples_without_a_minimum_are_counted() -> None:
    fitted = sem.fit("f =~ a1 + a2 + a3", answers(30, 0.2, 2), missing="fiml")
    found = sem.bootstrap(fitted, 80, seed=1)
    assert found.failed > 0
    assert found.inadmissible > 0
    assert len(found.draws()) == 80 - found.failed
    assert np.isfinite(found.draws()).all()


def test_p_is_the_smallest_level_whose_bca_interval_leaves_zero_out() -> None:
    rng = np.random.default_rng(2)
    values = rng.gamma(4.0, 1.0, size=(999, 3)) - [0.8, 2.0, 9.0]
    estimate, a = np.array([3.1, 2.0, -5.0]), np.array([0.04, 0.0, -0.02])
    p = bca_pvalue(values, estimate, a)
    for shift, outside in ((1.02, True), (0.98, False)):
        for k in range(3):
            lower, upper = bca(values, estimate, a, 1 - p[k] * shift)
            assert (lower[k] > 0 or upper[k] < 0) == outside
    never = bca_pvalue(values + 50, estimate + 50, a)
    np.testing.assert_allclose(never, 2 / 1000)


def test_a_skewed_effect_far_from_zero_has_a_small_p() -> None:
    """With an acceleration of −.2 the extreme of 5,000 draws alone has p ≈ .04, however far from zero it lies."""
    rng, a = np.random.default_rng(3), np.array([-0.2])
    near, far = (bca_pvalue(rng.normal(z, 1, size=(5000, 1)), np.array([z]), a)[0] for z in (3.6, 11.0))
    assert 0.01 < near < 0.06
    assert far < 0.001


@pytest.mark.slow
def test_intervals_of_an_indirect_effect_cover_with_missing_answers() -> None:
    """Of 200 samples, 95 % intervals cover the truth in 0.95 ± 3·√(.95·.05/200)."""
    hits = {"percentile": [], "bca": []}
    for seed in range(200):
        fitted = sem.fit(MODEL, answers(250, 0.1, seed), missing="fiml")
        found = sem.bootstrap(fitted, 500, seed)
        at = list(fitted.names()["lhs"]).index("indirect")
        for interval, covered in hits.items():
            lower, upper = found.limits(interval=interval)
            covered.append(lower[at] <= 0.2 <= upper[at])
    for covered in hits.values():
        assert np.mean(covered) == pytest.approx(0.95, abs=0.047)
