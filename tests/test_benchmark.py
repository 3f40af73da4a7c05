"""The benchmark keeps its promises: what `truth.yaml` declares is what a correct analysis of its data finds."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models import evidence, panel, sem, specs, survey, theory
from models.analysis.setting import Doubtful
from models.benchmark import TRUTH, BenchmarkError, DeclarationError, Design, DesignError, simulate, truth_table
from models.benchmark.behaviour import draw, draw_within, level_names, mechanisms, transition
from models.benchmark.declaration import cells, check
from models.benchmark.design import quotas
from models.benchmark.population import population
from models.benchmark.survey import draw_latents, items
from pipeline.cards import card as cards
from pipeline.cleaning import events, survey_answers
from pipeline.core import results
from pipeline.core.ledger import Ledger

CARD = Path(__file__).parent.parent / "data" / "benchmark" / "card.yaml"
SCALES = {name: [i.lower() for i in entry["items"]] for name, entry in TRUTH["survey"]["measurement"].items()}
FLAWLESS = {"missing": 0.0, "careless": 0.0, "duplicates": 0}
NO_PANEL = {"users": 20, "months": 3}

whole_truth = cache(truth_table)


@pytest.fixture(scope="module")
def default():
    return simulate(Design(), seed=7)


@pytest.fixture(scope="module")
def card():
    return cards.load(CARD)


@pytest.fixture(scope="module")
def crowd():
    """20,000 faultless respondents, items coded so that high means more."""
    answers = simulate(Design(respondents=20_000, **FLAWLESS, **NO_PANEL), seed=11).survey
    for item in TRUTH["survey"]["reversed"]:
        answers[item] = 8 - answers[item]
    return answers.rename(columns=str.lower)


def truths(**where: str) -> pd.Series:
    """Truth by term."""
    table = whole_truth()
    for column, value in where.items():
        table = table[table[column] == value]
    assert len(table)
    return table.set_index("term")["truth"]


def estimates(model: str, answers: pd.DataFrame) -> pd.DataFrame:
    built = specs.structural(specs.structural_specs()[model], SCALES)
    tidy = sem.fit(built.syntax, answers).tidy()
    term = tidy["lhs"].where(tidy["op"] == ":=", tidy["lhs"] + " " + tidy["op"] + " " + tidy["rhs"])
    return tidy.assign(term=term).set_index("term")[["est", "se"]]


# The survey


def test_the_main_model_recovers_every_path_covariance_and_loading_from_rounded_answers(crowd):
    truth = truths(sample="survey", model="mechanisms", group="", quantity="estimate")
    found = estimates("mechanisms", crowd).loc[truth.index]
    z = (found["est"] - truth) / found["se"]
    assert np.abs(z).max() < 4  # 61 parameters: one beyond 4 has p < 0.005
    assert np.abs(found["est"] - truth).max() < 0.05  # 4 × the largest standard error at n = 20,000
    assert abs(z.mean()) < 0.5  # rounding to seven answers leaves no bias that a study could see


def test_over_commercialisation_lowers_trust_as_declared(crowd):
    truth = truths(model="commercialisation", group="", quantity="estimate")["trust ~ risk_commercialisation"]
    found = estimates("commercialisation", crowd).loc["trust ~ risk_commercialisation"]
    assert abs(found["est"] - truth) < 4 * found["se"]


@pytest.mark.parametrize("platform", ["comprehensive", "content"])
def test_paths_differ_between_platform_types_as_declared(crowd, platform):
    truth = truths(table="group_paths", model="mechanisms", group=f"platform_type: {platform}")
    found = estimates("mechanisms", crowd[crowd["platform"] == platform]).loc[truth.index]
    assert (np.abs(found["est"] - truth) < 4 * found["se"]).all()
    if platform == "comprehensive":
        assert truth["identification ~ value"] == 0  # a planted null
    else:
        assert found["est"]["identification ~ value"] > 10 * found["se"]["identification ~ value"]


def test_latent_variables_obey_every_declared_equation_products_included():
    people, rng = population(), np.random.default_rng(3)
    cell = quotas(150_000, rng)
    eta = pd.DataFrame(draw_latents(people, cell, rng), columns=people.names)
    centred = eta - eta.groupby(cell).transform("mean")
    for effect in {p.effect for p in people.products}:
        products = [p for p in people.products if p.effect == effect]
        causes = [n for n, b in zip(people.names, people.paths[0, people.at(effect)], strict=True) if b]
        columns = [centred[c] for c in causes] + [centred[a] * centred[b] for a, b in (p.causes for p in products)]
        design = np.column_stack([np.ones(len(eta)), *columns])
        found = np.linalg.lstsq(design, centred[effect], rcond=None)[0][1:]
        declared = [*people.paths[0, people.at(effect), [people.at(c) for c in causes]], *(p.size for p in products)]
        np.testing.assert_allclose(found, declared, atol=0.01)  # 5 standard errors at n = 150,000
    covariance = people.mixture(np.ones(len(cells()), dtype=bool))
    np.testing.assert_allclose(eta.cov(), covariance, atol=0.025)  # 5 standard errors of a variance near 1


@pytest.mark.parametrize("mechanism", ["value", "trust", "participation"])
def test_levels_reflect_a_common_factor_so_that_level_1_acts_on_level_3_beside_level_2(crowd, mechanism):
    truth = truths(model=f"levels_{mechanism}")
    found = estimates(f"levels_{mechanism}", crowd).loc[truth.index]
    assert (np.abs(found["est"] - truth) < 4 * found["se"]).all()
    first, _, third = mechanisms()[mechanism]
    assert truth[f"{third} ~ {first}"] > 0.1


def test_one_item_and_only_that_one_means_something_else_in_one_country(crowd):
    centred = crowd[[i.lower() for i in items()]] - crowd[[i.lower() for i in items()]].mean()
    gap = centred[crowd["country"] == "china"].mean() - centred[crowd["country"] == "germany"].mean()
    assert gap["pp2"] == pytest.approx(0.5, abs=0.08)  # 5 standard errors
    assert np.abs(gap.drop("pp2")).max() < 0.08


def test_the_export_has_the_flaws_of_an_export(default, card):
    answers = default.survey[items()]
    gaps = answers.isna() | (answers == -99)
    assert gaps.to_numpy().mean() == pytest.approx(0.04, abs=0.005)
    assert answers.isna().to_numpy().any()
    assert (answers == -99).to_numpy().any()
    skipped = gaps[
        [i for c in ("identification", "stickiness", "loyalty") for i in TRUTH["survey"]["measurement"][c]["items"]]
    ]
    first = answers["VF1"]
    assert first[skipped.all(axis=1)].mean() < first.mean() - 0.25  # not completely at random; 4 standard errors
    ledger = Ledger()
    clean = survey_answers.clean(card, default.survey, "survey", ledger).kept
    assert len(default.survey) == 3006
    assert abs(len(clean) - 2910) <= 2  # 6 duplicates and 90 careless; the slowest of these may pass
    removed = ledger.frame().set_index("step").eval("rows_before - rows_after")
    assert removed[["duplicates", "straight_lining"]].to_list() == [6, pytest.approx(43, abs=3)]


# The behaviour

MODELS = {
    "identification_next": "identification ~ lag(value) + lag(trust) + lag(participation)",
    "stickiness_next": "stickiness ~ lag(identification) + lag(value) + lag(trust) + lag(participation)",
    "trust_next": "trust ~ lag(risk_commercialisation)",
}


def slopes(model: str, data: pd.DataFrame, by: str | None = None, effects: str = "twoway") -> pd.DataFrame:
    """Estimated slopes beside their truth."""
    tidy = panel.fit(MODELS[model], data, entity="entity", time="time", effects=effects, by=by).tidy()
    tidy["group"] = "all" if by is None else by + ": " + tidy["group"]
    table = whole_truth()
    table = table[(table["sample"] == "panel") & (table["model"] == model)]
    both = table.merge(tidy, on=["group", "term"], suffixes=("_declared", ""))
    return both.assign(z=(both["est"] - both["truth"]) / both["se"])


def all_slopes(data: pd.DataFrame) -> pd.DataFrame:
    groupings = (None, "platform_type", "generation", "country")
    return pd.concat([slopes(model, data, by) for model in MODELS for by in groupings], ignore_index=True)


def test_two_way_effects_recover_the_slopes_of_everybody_and_of_every_group(default):
    found = all_slopes(default.panel)
    assert len(found) == 8 * (1 + 5 + 2 + 2)
    assert np.abs(found["z"]).max() < 4
    assert (np.abs(found["z"]) < 1.96).mean() >= 0.9
    zero = found[(found["truth"] == 0) & (found["group"] == "platform_type: comprehensive")]
    assert "lag(value)" in set(zero["term"])


def test_leaving_out_user_effects_gives_wrong_slopes(default):
    assert np.abs(slopes("identification_next", default.panel, effects="pooled")["z"]).max() > 5


def test_totals_of_the_mechanisms_have_dynamics_of_their_own():
    matrix = transition()
    total = np.array([[level in levels for level in level_names()] for levels in mechanisms().values()], dtype=float)
    own = total @ matrix @ total.T / 3
    np.testing.assert_allclose(total @ matrix, own @ total, atol=1e-15)  # exact up to rounding
    assert np.abs(np.linalg.eigvals(own)).max() < 1


def test_within_users_every_declared_chain_loop_and_product_holds():
    names, rng = level_names(), np.random.default_rng(5)
    within = draw_within(quotas(200, rng), 500, 1.0, rng)
    now, before = ({n: w[:, s].ravel() for n, w in within.items()} for s in (slice(1, None), slice(None, -1)))
    trust = sum(before[level] for level in mechanisms()["trust"])
    load, strategy = before["risk_commercialisation"], before["strategy_relation"]
    columns = [*(before[n] for n in names), load, trust * before["value_social"], strategy, load * strategy]
    design = np.column_stack([np.ones(len(trust)), *columns])
    found = np.column_stack([np.linalg.lstsq(design, now[n], rcond=None)[0][1:] for n in names]).T
    declared = np.zeros((9, 13))
    declared[:, :9] = transition()
    declared[names.index("trust_affective"), [9, 11, 12]] = [-0.15, 0.10, -0.10]
    declared[names.index("participation_cocreation"), 10] = 0.10
    np.testing.assert_allclose(found, declared, atol=0.016)  # 5 standard errors at 99,800 user-months


def test_cleaning_the_log_by_the_card_gives_back_the_panel(default, card, tmp_path):
    tables = {}
    for name in ("events", "users"):
        tables[name] = tmp_path / f"{name}.parquet"
        getattr(default, name).to_parquet(tables[name], index=False)
    ledger = Ledger()
    events.write_panel(card, tables, ledger, tmp_path / "panel.parquet")
    made = pd.read_parquet(tmp_path / "panel.parquet")
    keys = ["entity", "time", "platform_type", "generation", "country"]
    pd.testing.assert_frame_equal(made[keys], default.panel[keys], check_dtype=False)
    measures = list(card.panel.every_measure)
    assert set(measures) == set(default.panel) - set(keys)
    np.testing.assert_allclose(made[measures], default.panel[measures], rtol=0, atol=1e-10)  # sums of 4-decimal scores
    steps = ledger.frame().set_index("step").eval("rows_before - rows_after")
    assert steps["robots_and_wholesalers"] == pytest.approx(3 * 12 * 90 + 2 * 8 * 45, abs=20)  # less their orphans
    assert steps["duplicates"] > 0
    assert steps["no_entity_or_time"] > 0
    assert len(default.events) <= 250_000


# The null, the seed, the declarations


def test_the_null_has_no_hypothesised_effect_left():
    table = truth_table(effect_scale=0)
    null = table[table["hypothesis"].ne("") & ~table["hypothesis"].str.startswith("H4")]
    null = null[~((null["table"] == "known_truth") & (null["hypothesis"] == "H12"))]
    assert (null["truth"] == 0).all()
    assert (table[table["term"] == "loyalty ~ stickiness"]["truth"] == 0.6).all()


def behaviour(seed: int, **design: float) -> pd.DataFrame:
    """The panel of 300 users, without the log and the survey around it."""
    return draw(Design(users=300, **design), np.random.default_rng([seed, 1])).panel


def test_under_the_null_slopes_are_significant_as_often_as_they_should_be():
    null = [behaviour(seed, effect_scale=0) for seed in range(4)]
    found = pd.concat(slopes(model, data, "platform_type") for data in null for model in MODELS)
    assert 0.01 < (found["pvalue"] < 0.05).mean() < 0.09  # 160 slopes: 0.05 ± 2.3 standard errors


def coverage(seeds: range) -> pd.DataFrame:
    """By platform type: share of 95 % intervals of slopes that cover the truth, and of those whose truth is zero."""
    draws = [behaviour(seed) for seed in seeds]
    found = pd.concat(slopes(model, data, "platform_type") for data in draws for model in MODELS)
    found["every"] = found["truth"].between(found["ci_lower"], found["ci_upper"])
    found["zero"] = found["every"].where(found["truth"] == 0)
    return found.groupby("group")[["every", "zero"]].agg("mean").astype(float)


def test_intervals_of_slopes_cover_the_truth_on_each_platform_type():
    found = coverage(range(100, 104))
    assert len(found) == 5
    assert found["every"].mean() > 0.90  # 160 intervals: 0.95 less 3 standard errors
    assert found["every"].min() > 0.80  # 32 each: fewer than 26 has p < 1e-3
    assert found["zero"].notna().all()


@pytest.mark.slow
def test_intervals_of_slopes_cover_at_their_level_on_each_platform_type():
    found = coverage(range(60))
    assert found["every"].between(0.92, 0.98).all()  # 480 intervals each: 0.95 ± 3 standard errors
    assert found["zero"].between(0.89, 1).all()  # at least 120 each


def test_the_seed_decides_everything_and_streams_do_not_mix():
    small = Design(respondents=200, users=40, months=4)
    first, again, other = simulate(small, 1), simulate(small, 1), simulate(small, 2)
    for name in ("survey", "events", "users", "panel", "truth"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(again, name))
    assert not first.survey.equals(other.survey)
    more_users = simulate(Design(respondents=200, users=60, months=4), 1)
    pd.testing.assert_frame_equal(first.survey, more_users.survey)


def test_the_card_describes_what_is_simulated(card):
    declared = {
        item.lower(): (construct, item in TRUTH["survey"]["reversed"])
        for construct, entry in TRUTH["survey"]["measurement"].items()
        for item in entry["items"]
    }
    assert {item.name: (item.construct, item.reversed) for item in card.items} == declared
    assert card.codebook == SCALES  # the first item of a construct sets its unit
    assert card.simulated
    Design.of(card.source.simulator.design)
    for part in (card.survey, card.panel):
        assert {name: set(group.values) for name, group in part.groups.items()} == {
            name: set(shares) for name, shares in TRUTH["groups"].items()
        }


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"respondent": 3000}, "unknown setting 'respondent' of the benchmark's design: did you mean 'respondents'?"),
        ({"users": 5}, "users=5: expected a number of at least 20"),
        ({"months": 12.5}, "months=12.5: expected a whole number"),
        ({"missing": 0.9}, "missing=0.9: a share of at most 0.2"),
        ({"effect_scale": float("nan")}, "effect_scale=nan: expected a number of at least 0"),
    ],
)
def test_an_impossible_design_is_refused(settings, message):
    with pytest.raises(DesignError) as error:
        Design.of(settings)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: t["groups"]["generation"].update(gen_z=0.5), "groups.generation: shares add up to 1.1; expected 1"),
        (lambda t: t["survey"]["paths"][1].update({"from": "trsut"}), "'trsut' is no construct of the theory: did you"),
        (lambda t: t["survey"]["paths"][0]["generation"].update(gen_z=0.2), "average to 0.032, weighted by"),
        (lambda t: t["survey"]["paths"].append({"from": "loyalty", "to": "value"}), "the effect stands above"),
        (
            lambda t: t["survey"].update(means={"value": t["survey"]["means"]["transaction"]}),
            "value → identification differs between groups and so does value",
        ),
        (
            lambda t: t["survey"]["paths"][3].update(platform_type=t["survey"]["paths"][1]["platform_type"]),
            "identification → stickiness differs between groups and so does identification",
        ),
        (
            lambda t: t["survey"]["means"]["transaction"].update(t["survey"]["means"]["identification"]),
            "identification and transaction both shift by platform_type",
        ),
    ],
)  # fmt: skip
def test_a_declaration_without_one_truth_is_refused(spoil, message):
    truth = copy.deepcopy(TRUTH)
    spoil(truth)
    with pytest.raises(DeclarationError) as error:
        check(truth)
    assert message in str(error.value)
    assert isinstance(error.value, BenchmarkError)


def test_a_contrast_with_a_group_that_nobody_simulated_belongs_to_has_no_truth(monkeypatch):
    known = theory.hypotheses()
    wider = replace(known["H11"], survey=replace(known["H11"].survey, plus=("gen_z", "gen_alpha")))
    before = truth_table()
    monkeypatch.setattr(theory, "hypotheses", lambda: known | {"H11": wider})
    after = truth_table()
    contrast = (before["table"] == "contrast") & (before["group"] == "gen_z − older")
    assert contrast.any()
    pd.testing.assert_frame_equal(after, before[~contrast].reset_index(drop=True))


# Coverage at the default size


@pytest.mark.slow
def test_intervals_cover_the_truth_at_the_default_size(card):
    covered = []
    for seed in range(20):
        result = simulate(Design(**NO_PANEL), seed)
        answers = survey_answers.clean(card, result.survey, "survey", Ledger()).kept
        model = survey.structural("mechanisms", answers, card.codebook)
        effects = survey.effect_rows(model.fit, survey.Resampling(500, seed), {}).assign(model="mechanisms")
        rows = results.table([survey.structural_rows(model), effects], sample="survey")
        covered.append(evidence.recovery(rows, result.truth).assign(seed=seed))
    found = pd.concat(covered)
    assert len(found) == 20 * len(truths(sample="survey", model="mechanisms", group="", quantity="estimate"))
    share = (found["quantity"] == "covered").groupby(found["term"]).mean()
    assert 0.92 < share.mean() < 0.98
    assert share[share.index.str.contains(" ~ ")].mean() >= 0.9
    assert share.min() >= 0.7  # 61 terms, 20 draws each: fewer than 14 of 20 has p < 1e-4


def test_hasty_respondents_are_those_whom_the_simulator_made_careless(card):
    """Attentive people take ten minutes, careless ones about one: time alone finds all of them and nobody else."""
    answers = simulate(Design(respondents=400, missing=0.0, careless=0.1, duplicates=0, **NO_PANEL), seed=5).survey
    rules = {"duration": {"column": "seconds", "unit": "seconds"}, "exclude": {}, "doubtful": {"any_of": ["fast"]}}
    own = cards.Card(card.path, card.raw | {"survey": card.raw["survey"] | rules})
    clean = survey_answers.clean(own, answers, "survey", Ledger()).kept
    found = survey.doubted_people(survey.flagged(own.questionnaire, clean, 1).flags, own.doubts(Doubtful())[0])
    assert len(found) == 40
    assert clean.set_index("respondent").loc[list(found), "response_seconds"].max() < 150
