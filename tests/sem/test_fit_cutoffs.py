"""Fit is judged for the model at hand: T-size is R's, dynamic cut-offs are those of lavaan's simulations."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from models import sem
from models.sem.cutoffs.draws import moment_draws
from models.sem.cutoffs.indices import expected_scaling
from models.sem.cutoffs.omitted import omitted_relations
from models.sem.cutoffs.population import population
from models.sem.errors import ArgumentError
from tests.conftest import ROOT

FIXTURES = ROOT / "tests/fixtures/sem"
ITEMS = [f"x{i}" for i in range(1, 10)]
THREE = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
MODELS: dict[str, tuple[str, str, dict]] = {
    "three": (THREE, "holzinger.csv", {}),
    "one": ("ability =~ x1 + x2 + x3 + x4 + x5 + x6", "holzinger.csv", {}),
    "second": (f"{THREE}\nability =~ visual + textual + speed", "holzinger.csv", {}),
    "schools": (THREE, "holzinger.csv", {"group": "school"}),
    "holes": (THREE, "holzinger_holes.csv", {"missing": "fiml", "estimator": "MLR"}),
}


def reference(name: str) -> dict:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def fitted(name: str, **options: object) -> sem.Fit:
    text, answers, how = MODELS[name]
    return sem.fit(text, pd.read_csv(FIXTURES / answers), **{"std_lv": True, **how, **options})


@pytest.mark.parametrize(
    ("case", "model", "how"), [("ml", "three", {}), ("mlr", "three", {"estimator": "MLR"}), ("schools", "schools", {})]
)
def test_t_size_is_that_of_the_noncentral_chi_square_of_r(case: str, model: str, how: dict) -> None:
    found, expected = sem.t_size(fitted(model, **how)), reference("t_size")[case]
    # R solves for the noncentrality to 1e-10, lavaan stops within 1e-5 of a standard error of its minimum.
    assert (found.rmsea, found.cfi) == pytest.approx((expected["rmsea"], expected["cfi"]), abs=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_what_is_left_out_follows_the_rule_of_mcneish_and_wolf(name: str) -> None:
    found = omitted_relations(fitted(name), most=3, correlation=0.3)
    expected = reference("cutoffs")[name]["levels"]
    relations = [[({o.lhs, o.rhs}, o.op) for o in level] for level in found]
    assert relations == [[({o["lhs"], o["rhs"]}, o["op"]) for o in level] for level in expected]
    sizes = [o.size for o in found[-1]]
    assert sizes == pytest.approx([o["size"] for o in expected[-1]], abs=1e-4)  # five digits are printed


# A quantile at one in twenty of 300 draws has a standard error of 2.1 / √300 standard deviations of the index, which
# are at most .015, .015 and .008 here: four of them, and half of that for the draws of this program.
CLOSE = {"cfi": 0.010, "rmsea": 0.010, "srmr": 0.006}


def test_cut_offs_are_those_of_simulated_answers_fitted_by_lavaan() -> None:
    fit, lavaan = fitted("three"), reference("cutoffs")["three"]["quantiles"][1:]
    simulated, large = sem.dynamic_cutoffs(fit, 500, seed=1).table, sem.large_sample_cutoffs(fit).table
    found = pd.concat([simulated, large], ignore_index=True)
    for row in found.itertuples():
        index = str(found.loc[row.Index, "index"])
        low, lower, upper, high = lavaan[row.level - 1][index]
        worst, best = (low, high) if index == "cfi" else (high, low)
        assert row.worst == pytest.approx(worst, abs=CLOSE[index]), (row.level, index)
        if row.error == 0.05:
            assert row.cutoff == pytest.approx(best, abs=CLOSE[index])
        if row.error == 0.10:
            assert row.cutoff == pytest.approx(upper if index == "cfi" else lower, abs=CLOSE[index])


def test_the_published_example_of_the_authors_is_reproduced() -> None:
    """The vignettes of the R package `dynamic`: .984, .044 and .040, one cross-loading of .424, then one of .570."""
    found = sem.dynamic_cutoffs(fitted("three"), 1000, seed=1)
    first = found.table[found.table["level"] == 1].set_index("index")["cutoff"]
    # Their 500 draws leave a standard error of about .0015.
    assert first.to_dict() == pytest.approx({"cfi": 0.984, "rmsea": 0.044, "srmr": 0.040}, abs=0.004)
    assert [round(one.size, 3) for one in found.levels[1]] == [0.424, 0.570]
    # Their verdict: worse than both levels.
    assert found.misfit(fitted("three").fit_indices()) == 2


def test_draws_have_the_covariance_of_the_moments_that_gaps_and_other_distributions_leave() -> None:
    """Satorra & Bentler's tr(UΓ) from formulas, and from the draws."""
    fit = fitted("three", estimator="MLM")
    right = population(fit)
    sets = moment_draws(fit.task.sample, 1500, 1, normal=False).around(*right)
    assert fit.scaled_test is not None
    # 1500 draws of a χ² with 24 degrees of freedom: three standard errors of its mean are 2.2%.
    assert expected_scaling(fit, *right, sets) == pytest.approx(fit.scaled_test.scaling, rel=0.025)
    gaps = fitted("holes").task.sample.groups[0]
    drawn = moment_draws(fitted("holes").task.sample, 500, 1, normal=False)
    complete = moment_draws(fit.task.sample, 500, 1, normal=True)
    assert np.isnan(gaps.data).mean() > 0.05
    assert drawn.spread[:, 0].std(axis=0).mean() > 1.02 * complete.spread[:, 0].std(axis=0).mean()


def test_seeds_decide_and_levels_may_be_given() -> None:
    fit = fitted("three")
    level = ((sem.Omitted("speed", "=~", "x2", 0.6),),)
    one, same, other = (sem.dynamic_cutoffs(fit, 100, seed, level).table["cutoff"] for seed in (1, 1, 2))
    assert one.equals(same)
    assert not one.equals(other)
    impossible = ((sem.Omitted("speed", "=~", "x1", 0.9),),)
    assert sem.dynamic_cutoffs(fit, 100, 1, impossible).levels == ()
    assert np.isnan(sem.dynamic_cutoffs(fit, 100, 1, impossible).misfit(fit.fit_indices()))


def test_what_has_no_cut_off_says_so() -> None:
    ordered = sem.fit(THREE, pd.read_csv(FIXTURES / "holzinger_ordinal.csv"), ordered=ITEMS)
    with pytest.raises(ArgumentError, match=r"sem\.dynamic_cutoffs simulates"):
        sem.large_sample_cutoffs(ordered)
    for cutoffs in (sem.dynamic_cutoffs, sem.large_sample_cutoffs):
        with pytest.raises(ArgumentError, match="Fit the model with 'ML' or 'MLR'"):
            cutoffs(fitted("three", estimator="ULS"))
    saturated = sem.fit("f =~ x1 + x2 + x3", pd.read_csv(FIXTURES / "holzinger.csv"))
    assert sem.dynamic_cutoffs(saturated).levels == ()
    assert np.isnan(sem.t_size(saturated).rmsea)
