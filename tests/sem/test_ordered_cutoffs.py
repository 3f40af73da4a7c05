"""Cut-offs of ordered answers: every draw is an ordered fit, right models pass and wrong ones do not, lavaan agrees."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import sem
from models.sem.cutoffs.ordered import refitted, version_of
from models.sem.cutoffs.population import population
from models.sem.errors import CategoryError
from tests.sem.test_fit_cutoffs import CLOSE, FIXTURES, ITEMS, THREE, reference

TWO = "a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3"
NAMES = ["a1", "a2", "a3", "b1", "b2", "b3"]


def three_categories(loadings: str, n: int, seed: int) -> pd.DataFrame:
    """Answers with two cuts; loadings in standard deviations of the latent responses."""
    cuts = "\n".join(f"{item} | -0.6*t1 + 0.7*t2" for item in NAMES)
    parts = [f"{loadings}\na ~~ 0.4*b", cuts, *(f"{item} ~~ 0.5*{item}" for item in NAMES)]
    return sem.simulate("\n".join(parts), n, seed=seed)


RIGHT = "a =~ 0.7*a1 + 0.7*a2 + 0.6*a3\nb =~ 0.7*b1 + 0.7*b2 + 0.7*b3"
WRONG = RIGHT.replace("0.7*b3", "0.7*b3 + 0.6*a3")


def ordered(data: pd.DataFrame, text: str = TWO, **how: object) -> sem.Fit:
    items = [name for name in (*NAMES, *ITEMS) if name in text]
    return sem.fit(text, data, ordered=items, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(("file", "how"), [("ordinal", {}), ("ordinal_holes", {"missing": "pairwise", "group": "sex"})])
def test_a_draw_has_the_indices_of_a_fit_to_its_answers(file: str, how: dict) -> None:
    """Robust ones of one group, scaled ones of several; who left an item unanswered leaves it in the draw."""
    data = pd.read_csv(FIXTURES / f"holzinger_{file}.csv")
    fit = ordered(data, THREE, **how)
    means, covs = population(fit)
    stream = np.random.SeedSequence(1)
    version = version_of(fit)
    assert version == ("_scaled" if how else "_robust")
    found = refitted(fit, means, covs, [stream], version)
    rng, parts = np.random.default_rng(stream), []
    tidy = fit.tidy()
    for g, group in enumerate(fit.task.sample.groups):
        x = pd.DataFrame(means[g] + rng.standard_normal((group.n, 9)) @ np.linalg.cholesky(covs[g]).T, columns=ITEMS)
        for item in ITEMS:
            own = tidy[(tidy["lhs"] == item) & (tidy["op"] == "|")]
            cuts = own[own["group"] == g + 1]["est"] if how else own["est"]
            x[item] = 1 + np.searchsorted(cuts, x[item])
        assert group.data is not None
        parts.append(x.mask(np.isnan(group.data)).assign(sex=group.label))
    again = ordered(pd.concat(parts), THREE, **how).fit_indices()
    # Two paths of one optimiser to one minimum.
    assert found.cfi[0] == pytest.approx(again[f"cfi{version}"], abs=1e-5)
    assert found.rmsea[0] == pytest.approx(again[f"rmsea{version}"], abs=1e-5)
    assert found.srmr[0] == pytest.approx(again["srmr"], abs=1e-5)


def test_right_models_pass_and_wrong_ones_do_not() -> None:
    found = sem.dynamic_cutoffs(ordered(three_categories(RIGHT, 1000, 1)), 40, 1)
    assert len(found.levels) == 1
    assert (found.table["error"] == 0.05).all()

    def passed(loadings: str) -> list[bool]:
        fits = [ordered(three_categories(loadings, 1000, seed)).fit_indices() for seed in range(100, 120)]
        return [found.misfit(indices) == 0 for indices in fits]

    assert np.mean(passed(RIGHT)) >= 0.85, "one in twenty of right models fails by each index"
    assert np.mean(passed(WRONG)) <= 0.1


def test_categories_that_hardly_anybody_chose_leave_no_cut_offs() -> None:
    data = three_categories(RIGHT, 80, 2)
    for k, item in enumerate(NAMES[:4]):
        data.loc[k, item] = 4
    with pytest.raises(CategoryError, match="Merge categories that few chose"):
        sem.dynamic_cutoffs(ordered(data), 20, 1)


@pytest.mark.slow
def test_cut_offs_are_those_of_simulated_answers_fitted_by_lavaan() -> None:
    fit, lavaan = ordered(pd.read_csv(FIXTURES / "holzinger_ordinal.csv"), THREE, std_lv=True), reference("cutoffs")
    found = sem.dynamic_cutoffs(fit, 300, seed=1)
    sizes = [one.size for one in found.levels[-1]]
    assert sizes == pytest.approx([one["size"] for one in lavaan["ordered"]["levels"][-1]], abs=1e-4)
    for row in found.table.itertuples():
        index = str(found.table.loc[row.Index, "index"])
        low, _, _, high = lavaan["ordered"]["quantiles"][row.level][index]
        # Polychoric correlations vary about 1.5 times as much as those of continuous answers.
        assert row.worst == pytest.approx(low if index == "cfi" else high, abs=2 * CLOSE[index]), (row.level, index)
        if row.error == 0.05:
            assert row.cutoff == pytest.approx(high if index == "cfi" else low, abs=2 * CLOSE[index])
