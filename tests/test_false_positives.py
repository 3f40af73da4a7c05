"""Where nothing is true, the pipeline finds something as rarely as it says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from models import evidence, sem, survey, theory
from models.benchmark import TRUTH, Design
from models.benchmark.population import population
from models.benchmark.survey import draw
from models.evidence.judgement import Offer
from models.sem.resampling import bootstrap
from pipeline.core import results

SCALES = {name: [i.lower() for i in entry["items"]] for name, entry in TRUTH["survey"]["measurement"].items()}
LEVEL = 0.05
DRAWS = 99  # an interval of 95 % and its p rest on more than the two outermost draws on each side


def null_answers(seed: int, respondents: int) -> pd.DataFrame:
    """Faultless answers of the benchmark's questionnaire with every hypothesised effect zero."""
    design = Design(
        respondents=respondents, missing=0.0, careless=0.0, duplicates=0, users=20, months=3, effect_scale=0
    )
    answers = draw(design, population(design.effect_scale), np.random.default_rng(seed))
    for item in TRUTH["survey"]["reversed"]:
        answers[item] = 8 - answers[item]
    young = answers["age_band"].isin(["18-24", "25-28"])
    return answers.rename(columns=str.lower).assign(generation=np.where(young, "gen_z", "older"))


def rows_of(data: pd.DataFrame, seed: int, everything: bool) -> pd.DataFrame:
    """What the structural stage makes of the answers."""
    parts = []
    for spec in ("mechanisms", "commercialisation"):
        model = survey.structural(spec, data, SCALES)
        assert model is not None
        parts.append(survey.structural_rows(model))
        if spec == survey.MAIN:
            how = survey.Resampling(DRAWS, seed)
            effects = survey.effect_rows(model.fit, how, survey.hypothesis_of(spec))
            parts.append(effects.assign(model=spec))
        if spec == survey.MAIN and everything:
            parts.append(survey.by_group(model, data, "generation", 50, "MLR", "listwise"))
    if everything:
        parts.append(survey.interactions(data, SCALES, "MLR", "listwise"))
    return results.table(parts, data_set="null", simulated=True, stage="structure", sample="survey")


def simulated(seeds: range, respondents: int, everything: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(data sets, tests) p-values of the main model, and (data sets, hypotheses) p-values after Holm."""
    measured = theory.offered(set(SCALES))
    offer = Offer(("survey",), {"survey": measured}, {"survey": {"generation": ["gen_z", "older"]}})
    single, adjusted = [], []
    for seed in seeds:
        try:
            rows = rows_of(null_answers(seed, respondents), seed, everything)
        except sem.SemError:
            continue
        tested = rows[rows["pvalue"].notna() & (rows["quantity"] == "estimate") & (rows["hypothesis"] != "")]
        direct = rows[rows["term"].isin([f"stickiness ~ {m}" for m in ("value", "trust", "participation")])]
        direct = direct[(direct["model"] == "mechanisms") & (direct["table"] == "paths") & direct["pvalue"].notna()]
        single.append(pd.concat([tested, direct]).drop_duplicates("term").set_index("term")["pvalue"])
        verdicts = evidence.verdicts(rows, offer)
        verdicts = verdicts[(verdicts["kind"] == "survey") & verdicts["pvalue_holm"].notna()]
        adjusted.append(verdicts.set_index(["family", "hypothesis"])["pvalue_holm"])
    return pd.DataFrame(single), pd.DataFrame(adjusted)


def family_errors(adjusted: pd.DataFrame) -> pd.Series:
    """Share of data sets in which a family has at least one finding."""
    return (adjusted < LEVEL).T.groupby(level="family").any().T.mean()


def most(tests: int, draws: int) -> float:
    """Share that a true rate of .05 exceeds in none of the tests with probability .99 (binomial, Bonferroni)."""
    return float(stats.binom.isf(0.01 / tests, draws, LEVEL) / draws)


@pytest.mark.slow
def test_a_dozen_null_studies_give_no_flood_of_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    """With accelerations from influences, which `tests/sem/test_bootstrap.py` holds to those of the jackknife."""
    monkeypatch.setattr(bootstrap, "MANY", 0)
    single, adjusted = simulated(range(1000, 1012), 200, everything=False)
    assert len(single) == 12, "every model is estimated"
    rates = (single < LEVEL).mean()
    assert {"identification ~ value", "stickiness ~ identification", "h3a", "value ~~ trust"} <= set(rates.index)
    assert rates.max() <= most(len(rates), len(single))
    independent = [term for term in rates.index if not term.startswith("h3")]
    assert rates[independent].mean() < 0.105, "over a dozen tests: three standard errors of 144 draws"
    families = family_errors(adjusted)
    assert families.max() <= most(len(families), len(adjusted))


@pytest.mark.slow
def test_single_tests_keep_their_level_and_families_keep_theirs_after_holm() -> None:
    single, adjusted = simulated(range(200), 400, everything=True)
    assert len(single) >= 198
    rates, draws = (single < LEVEL).mean(), len(single)
    assert rates.max() <= most(len(rates), draws)
    products = rates[[":" in term for term in rates.index]]
    paths = rates[[" ~" in term and ":" not in term for term in rates.index]]
    for group in (paths, products):
        assert 0.025 < group.mean() < 0.075, "a mean of .05 less correlated shares than a binomial one"
    assert rates[[term for term in rates.index if term.startswith("h3")]].max() < LEVEL, "a product of two zeros"
    families = family_errors(adjusted)
    assert families.max() <= most(len(families), draws)
    assert families.mean() <= LEVEL + 0.015
