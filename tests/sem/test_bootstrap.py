"""Bootstrap refits are lavaan's, intervals are R's, seeds decide, failures are counted."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from models import sem
from models.remarks import packed
from models.sem.errors import ArgumentError, ConvergenceError
from models.sem.kernels import refits as kernels
from models.sem.model.standardise import standardised
from models.sem.resampling import bootstrap as bootstraps
from models.sem.resampling import interval as bootstrap_interval
from models.sem.resampling.refit import Replicates, own_values, replicate_values
from models.sem.resampling.resample import as_if_true, draws, moments, pools
from models.sem.solving.estimate import Task
from reports.texts import Texts

from .cases import FOLDER, content, data, fit

MODELS = (
    "hs_ml",
    "democracy_equal",
    "growth_covariates",
    "schools_scalar",
    "mimic_schools",
    "theory_five_scalar_second",
)


def _counts(rows: list[list[int]], n: int) -> list[np.ndarray]:
    return [np.array([np.bincount(chosen, minlength=n) for chosen in rows])]


@pytest.mark.parametrize(("kind", "model"), [("refits", "hs_ml"), ("covariates", "mediation")])
def test_refits_to_given_resamples_agree_with_lavaan(kind: str, model: str) -> None:
    """With fixed covariates, too, whose moments follow the resample."""
    cases = content("bootstrap")[kind]
    fitted = fit(
        {
            **content(model),
            **({"syntax": "m ~ a*x + female\ny ~ b*m + c*x + age\nindirect := a*b\n"} if kind == "covariates" else {}),
        }
    )
    sets = moments(fitted.task.sample, _counts([case["rows"] for case in cases], fitted.n))
    found = kernels.refit(fitted.task, fitted.theta, sets)
    assert found.converged.all()
    names = fitted.names()
    own = names[~((names["lhs"] == names["rhs"]) & names["lhs"].isin(fitted.table.variables.covariates))]
    for b, case in enumerate(cases):
        # Polished optima; 1e-7 leaves room for the differences by which lavaan's gradient is polished.
        assert 2 * fitted.n * found.value[b] == pytest.approx(case["chisq"], abs=1e-7)
        if kind == "refits":
            np.testing.assert_allclose(fitted.table.values(found.theta[b]), case["est"], atol=1e-7)
    assert len(own) > 0


@pytest.mark.parametrize("model", MODELS)
def test_compiled_and_numpy_refits_are_the_same(model: str) -> None:
    fitted = fit(content(model))
    sample, drawn = fitted.task.sample, pools(fitted.task.sample, "stratified")
    sets = moments(sample, next(draws(drawn, 3, seed=4)))
    compiled, plain = (kernels.refit(fitted.task, fitted.theta, sets, engine=e) for e in ("compiled", "numpy"))
    assert compiled.converged.all()
    assert plain.converged.all()
    for name in ("theta", "value", "variances"):
        # Both end with a full Newton step from within 1e-9 of the minimum: only rounding is left.
        np.testing.assert_allclose(getattr(compiled, name), getattr(plain, name), rtol=1e-10, atol=1e-10)
    np.testing.assert_array_equal(compiled.proper, plain.proper)


def test_seed_decides_and_threads_do_not() -> None:
    fitted = fit(content("hs_ml"))
    one, again, other = (sem.bootstrap(fitted, 40, seed, threads=t) for seed, t in ((1, 1), (1, 2), (2, 2)))
    np.testing.assert_array_equal(one.replicates.theta, again.replicates.theta)
    assert np.abs(one.replicates.theta - other.replicates.theta).min() > 0


def test_moments_of_resamples_are_those_of_their_rows() -> None:
    fitted = fit(content("schools_metric"))
    sample = fitted.task.sample
    for kind in ("stratified", "nonparametric"):
        counts = next(draws(pools(sample, kind), 5, seed=1))
        sets = moments(sample, counts, threads=2)
        for g, group in enumerate(sample.groups):
            rows = np.repeat(group.data, counts[g][3], axis=0)
            assert sets.sizes[3, g] == len(rows)
            np.testing.assert_allclose(sets.means[3, g], rows.mean(axis=0), rtol=1e-12)
            np.testing.assert_allclose(sets.covs[3, g], np.cov(rows.T, ddof=0), rtol=1e-10)
        assert (sets.sizes.std(axis=0) > 0).all() == (kind == "nonparametric")
        np.testing.assert_array_equal(sets.sizes.sum(axis=1), sample.n)


def test_whole_clusters_are_drawn() -> None:
    fitted = fit(content("clusters"))
    group = fitted.task.sample.groups[0]
    (counts,) = next(draws(pools(fitted.task.sample, "cluster"), 20, seed=1))
    for code in np.unique(group.clusters):
        assert (np.ptp(counts[:, group.clusters == code], axis=1) == 0).all()
    assert counts.sum(axis=1).std() > 0
    assert sem.bootstrap(fitted, 5, seed=1).kind == "cluster"


def test_standardised_and_defined_effects_are_those_of_each_refit() -> None:
    fitted = fit(content("democracy_indirect"))
    result = sem.bootstrap(fitted, 6, seed=1)
    for quantity in ("est", "std_lv", "std_all"):
        for theta, row in zip(result.replicates.theta, result.draws(quantity), strict=True):
            if quantity == "est":
                expected = np.append(fitted.table.values(theta), fitted.defined(theta))
            else:
                expected = np.append(
                    standardised(fitted.table, fitted.task.structure, theta, quantity),
                    fitted.defined_standardised(theta, quantity),
                )
            np.testing.assert_allclose(row, expected, rtol=1e-10, equal_nan=True)
    own = own_values(fitted, ("est", "std_all"))
    np.testing.assert_allclose(own["est"], fitted.tidy()["est"], rtol=1e-12)
    np.testing.assert_allclose(own["std_all"], fitted.tidy()["std_all"], rtol=1e-12)


def test_intervals_agree_with_the_boot_package() -> None:
    case = content("bootstrap")["intervals"]
    drawn, estimate = np.array(case["draws"])[:, None], np.array([case["estimate"]])
    lower, upper = bootstrap_interval.percentile(drawn, 0.9)
    # The same draws and the same interpolation: equal to rounding.
    np.testing.assert_allclose([lower[0], upper[0]], case["percentile"], rtol=1e-10)
    a = bootstrap_interval.acceleration([np.array(case["jackknife"])[:, None]])
    np.testing.assert_allclose(
        np.array(bootstrap_interval.bca(drawn, estimate, a, 0.9)).ravel(), case["bca"], rtol=1e-10
    )


def test_bca_agrees_with_refitting_without_each_respondent_by_hand() -> None:
    syntax, frame = "m ~ a*x\ny ~ b*m + x\nindirect := a*b", data("mediation.csv").head(60)
    fitted = sem.fit(syntax, frame)
    result = sem.bootstrap(fitted, 200, seed=1, interval="bca")
    left_out = np.array([sem.fit(syntax, frame.drop(i)).tidy()["est"].iloc[-1] for i in range(60)])
    deviation = left_out.mean() - left_out
    a = np.sum(deviation**3) / np.sum(deviation**2) ** 1.5 / 6
    own = result.draws()[:, -1]
    estimate = fitted.tidy()["est"].iloc[-1]
    lower, upper = bootstrap_interval.bca(own[:, None], np.array([estimate]), np.array([a]), 0.95)
    row = result.tidy().iloc[-1]
    # Refits agree to 1e-10, and the interval is smooth in them.
    np.testing.assert_allclose([row["ci_lower"], row["ci_upper"]], [lower[0], upper[0]], rtol=1e-8)
    assert row["ci_lower"] != pytest.approx(result.tidy("percentile").iloc[-1]["ci_lower"])


def test_acceleration_weighs_strata_by_their_own_size() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.exponential(size=(30, 1)), rng.exponential(size=(50, 1))
    influence = [(len(x) - 1) * (x.mean(axis=0) - x) / len(x) for x in (one, other)]
    third, second = (sum((x**k).sum() for x in influence) for k in (3, 2))
    assert bootstrap_interval.acceleration([one, other])[0] == pytest.approx(third / second**1.5 / 6, rel=1e-12)


@pytest.mark.parametrize("gaps", [False, True])
def test_influences_of_many_respondents_give_the_acceleration_of_the_jackknife(
    gaps: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In two groups, of raw and standardised values and of an indirect effect, whose skewness is that of χ²."""
    rng = np.random.default_rng(4)
    n = 1200
    x = rng.chisquare(3, n)
    m = 0.5 * x + rng.chisquare(3, n)
    frame = pd.DataFrame({"x": x, "m": m, "y": 0.4 * m + rng.normal(size=n), "g": np.repeat([1, 2], [500, 700])})
    if gaps:
        frame = frame.mask((rng.random(frame.shape) < 0.1) & (frame.columns != "g"))
    fitted = sem.fit(
        "m ~ c(a, d)*x\ny ~ c(b, e)*m\nx ~~ x\none := a*b\ntwo := d*e",
        frame,
        group="g",
        estimator="MLR",
        missing="fiml" if gaps else "listwise",
    )
    quick = sem.bootstrap(fitted, 20, seed=1)._acceleration
    monkeypatch.setattr(bootstraps, "MANY", 10**9)
    exact = sem.bootstrap(fitted, 20, seed=1)._acceleration
    for quantity, a in exact.items():
        assert np.abs(a).max() > 0.01
        np.testing.assert_allclose(quick[quantity], a, atol=2e-3)


def test_the_model_is_true_in_bollen_stine_samples() -> None:
    fitted = fit(content("hs_ml"))
    true = as_if_true(fitted.task, fitted.theta).groups[0]
    np.testing.assert_allclose(np.cov(true.data.T, ddof=0), fitted.implied()[1][1], rtol=1e-9, atol=1e-10)
    result = sem.bootstrap(fitted, 200, seed=1, kind="bollen_stine")
    # χ² of a true model has expectation 24, its mean over 200 draws an error of 0.5; small samples inflate it.
    assert result.statistics.mean() == pytest.approx(24, abs=4)
    assert result.pvalue == 0.0
    with pytest.raises(ArgumentError, match="needs kind='bollen_stine'"):
        _ = sem.bootstrap(fitted, 3, seed=1).pvalue


def test_fit_with_bootstrap_reports_its_errors_and_intervals() -> None:
    case = content("democracy_indirect")
    fitted, plain = fit(case, bootstrap=60, seed=3), fit(case)
    result = sem.bootstrap(plain, 60, seed=3)
    frame, expected = fitted.tidy(), result.tidy()
    assert fitted.bootstrap_result is not None
    np.testing.assert_array_equal(fitted.bootstrap_result.draws(), result.draws())
    np.testing.assert_allclose(frame["se"], expected["se"], rtol=1e-12)
    np.testing.assert_array_equal(frame["ci_lower"], expected["ci_lower"])
    np.testing.assert_allclose(fitted.vcov(), result.covariance())
    np.testing.assert_allclose(frame["est"], plain.tidy()["est"])
    assert set(result.table.columns) == {"kind", "requested", "failed", "inadmissible", "dropped", "used"}


def test_inadmissible_and_failed_refits_are_counted() -> None:
    fitted = fit(content("heywood"))
    kept, dropped = (sem.bootstrap(fitted, 100, seed=1, drop_inadmissible=drop) for drop in (False, True))
    assert kept.inadmissible == dropped.inadmissible == dropped.dropped > 10
    assert len(dropped.draws()) == 100 - dropped.failed - dropped.inadmissible
    variances = fitted.names().query("op == '~~' and lhs == rhs").index
    assert (dropped.draws()[:, variances] >= 0).all()
    tiny = sem.fit("f =~ a + b + c", data("heywood.csv").head(8))
    result = sem.bootstrap(tiny, 60, seed=2)
    assert result.failed > 0
    assert len(result.draws()) == 60 - result.failed
    assert np.isfinite(result.draws()).all()


def test_when_nothing_converges_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted = fit(content("hs_ml"))

    def nothing(task: Task, *_: object) -> Replicates:
        q, shape = len(fitted.theta), (10, 1, 12)
        no = np.zeros(10, dtype=bool)
        return Replicates(np.zeros((10, q)), np.zeros(10), no, np.zeros(shape), np.zeros(shape), no)

    monkeypatch.setattr(import_module("models.sem.resampling.bootstrap"), "refit_all", nothing)
    with pytest.raises(ConvergenceError, match="of 10 bootstrap refits 10 failed"):
        sem.bootstrap(fitted, 10, seed=1)


def test_missing_ordinal_and_constrained_models_are_bootstrapped_too() -> None:
    for case, more in (("mediation_fiml", {}), ("constraint_nonlinear", {}), ("hs_gls", {})):
        result = sem.bootstrap(fit(content(case), **more), 6, seed=1)
        assert result.failed == 0
        assert (result.se()[result.se() > 0] > 0.01).any()
    syntax = "f =~ x1 + x2 + x3"
    ordinal = sem.fit(syntax, data("holzinger_ordinal.csv"), ordered=["x1", "x2", "x3"])
    result = sem.bootstrap(ordinal, 4, seed=1)
    assert result.failed + len(result.draws()) == 4
    assert result.draws("std_all").shape == result.draws().shape


def test_a_resample_without_a_category_counts_as_failed() -> None:
    """Two respondents chose the highest category: a resample misses both with probability 0.13, and its threshold."""
    answers = sem.simulate("f =~ 0.8*a + 0.7*b + 0.6*c", 150, seed=1)
    ordered = answers.apply(lambda item: np.digitize(item, [-0.5, 0.5, item.nlargest(2).min()]))
    drawn = sem.bootstrap(sem.fit("f =~ a + b + c", ordered, ordered=list("abc")), 12, seed=1)
    counts = [times for block in draws(pools(drawn.fit.task.sample, "stratified"), 12, 1) for times in block[0]]
    lost = [any((times[(ordered[item] == 3).to_numpy()] == 0).all() for item in "abc") for times in counts]
    assert (drawn.failed, len(drawn.draws())) == (sum(lost), 12 - sum(lost))
    assert 0 < sum(lost) < 12


def test_bad_arguments_are_refused() -> None:
    fitted = fit(content("hs_ml"))
    for more, message in (
        ({"kind": "parametric"}, "possible are stratified, nonparametric, cluster, bollen_stine"),
        ({"interval": "bc"}, "possible are percentile, bca"),
        ({"engine": "fast"}, "possible are auto, compiled, numpy"),
        ({"n": 1}, "too few"),
        ({"kind": "cluster"}, "needs a model fitted with cluster="),
    ):
        with pytest.raises(ArgumentError, match=message):
            sem.bootstrap(fitted, **{"n": 10, "seed": 1, **more})
    group = fitted.task.sample.groups[0]
    given = sem.Moments(pd.DataFrame(group.cov, fitted.task.sample.names, fitted.task.sample.names), group.n)
    with pytest.raises(ArgumentError, match="needs answers, but the model was fitted to moments"):
        sem.bootstrap(sem.fit(content("hs_ml")["syntax"], given), 10)
    with pytest.raises(ArgumentError, match="bootstrap=-5"):
        fit(content("hs_ml"), bootstrap=-5)


def test_replicates_keep_their_order() -> None:
    fitted = fit(content("hs_ml"))
    result = sem.bootstrap(fitted, 30, seed=1)
    keep = np.arange(30) % 2 == 0
    half = replicate_values(fitted, result.replicates.only(keep), ("est",))["est"]
    np.testing.assert_array_equal(half, result.draws()[keep])


def test_importing_and_fitting_do_not_load_the_compiler() -> None:
    code = "import sys; from models import sem; print('numba' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=FOLDER.parents[2]
    )
    assert done.stdout.strip() == "False"


@pytest.mark.slow
def test_percentile_intervals_of_an_indirect_effect_cover() -> None:
    """Of 300 samples, 95 % intervals cover the truth in 0.95 ± 3·√(.95·.05/300)."""
    truth = "m ~ 0.4*x\ny ~ 0.5*m + 0.1*x"
    hits = []
    for seed in range(300):
        fitted = sem.fit("m ~ a*x\ny ~ b*m + x\nindirect := a*b", sem.simulate(truth, 150, seed))
        row = sem.bootstrap(fitted, 500, seed).tidy().iloc[-1]
        hits.append(row["ci_lower"] <= 0.2 <= row["ci_upper"])
    assert np.mean(hits) == pytest.approx(0.95, abs=0.038)


def test_a_hopeless_bootstrap_is_given_up_after_its_first_refits_and_says_so_in_both_languages() -> None:
    tiny = sem.fit("f =~ a + b + c", data("heywood.csv").head(8))
    told: list[int] = []
    with pytest.raises(ConvergenceError, match="given up after 200 of 100,000 bootstrap refits") as given_up:
        sem.bootstrap(tiny, 100_000, seed=2, progress=lambda *far: told.append(far[1]), give_up=True)
    assert not told, "none but the first were refitted"
    text = str(given_up.value)
    failed, inadmissible = map(int, re.findall(r"(\d+) (?:found|were)", text))
    assert failed + inadmissible > 100
    for language, word in (("en", "no intervals: given up"), ("zh", "未给出区间")):
        phrase = Texts(language).remarks(packed([given_up.value.remark]))
        assert word in phrase
        assert str(failed) in phrase
    # A sample that carries its model is refitted as if nothing had been asked, number by number.
    sound = fit(content("hs_ml"))
    one, other = (sem.bootstrap(sound, 250, seed=1, give_up=asked).draws() for asked in (True, False))
    np.testing.assert_array_equal(one, other)


def test_kernels_are_compiled_for_one_order_of_arrays_in_memory() -> None:
    """Each further one would cost seconds; complete and incomplete answers, of one person a pattern and of several."""
    from models.sem.kernels.compiled import refit
    from models.sem.objective.pattern_curvature import _add

    rng = np.random.default_rng(4)
    whole = pd.DataFrame(rng.normal(size=(60, 1)) + rng.normal(size=(60, 4)), columns=list("abcd"))
    gaps = whole.mask(rng.random(whole.shape) < 0.2)
    for answers in (whole, gaps, gaps.assign(d=whole["d"])):
        for groups in ({}, {"group": "half"}):
            fitted = sem.fit("f =~ a + b + c + d", answers.assign(half=np.arange(60) % 2), missing="fiml", **groups)
            sem.bootstrap(fitted, 4, seed=1)
    assert len(refit.signatures) == len(_add.signatures) == 1
