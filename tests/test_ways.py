"""A number says in which way it was estimated: the row by its definition, the page in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args, get_type_hints

import numpy as np
import pandas as pd
import pytest

from models import behaviour, results, sem, specs, theory
from models import panel as panel_engine
from models.analysis.observed import Observed
from models.behaviour import few_clusters
from models.behaviour.panel_models import stated
from models.behaviour.streamed import Stream, with_streamed
from models.benchmark import Design
from models.benchmark.behaviour import draw
from models.panel.language.editing import lagged
from models.remarks import remark
from models.results import UnknownName
from models.specs import estimator_check, panel_check
from models.survey.equations import Structural, structural_rows
from models.theory import hypotheses
from pipeline.core import results as long_table
from pipeline.verifying import tolerances
from reports import chosen, definitions, reading
from reports.exhibits import Page
from reports.figures import theme
from reports.narrative import Narrative
from reports.tables import panel, panel_robustness, regressions, structure
from reports.texts import LANGUAGES, Texts, catalogue
from tests.conftest import Project, zero
from tests.report_results import data_set
from tests.result_rows import survey_rows
from tests.test_degenerate import ITEMS, SCALES, sheet

NAME = "identification_next"
EFFECTS = ("twoway", "entity", "time", "pooled")
CLUSTERS = ("entity", "time", "platform_type", "generation", "country")
MEASURES = ("identification", "value", "trust", "participation", "price_comparison")
# What the definition of a slope says of effects and of clusters, language → way → words that no other way has.
SAID: dict[str, dict[str, Any]] = {
    "en": {
        "twoway": "least squares with user and period effects", "entity": "least squares with user effects",
        "time": "least squares with period effects", "pooled": "least squares without user or period effects",
        "by": {"entity": "by user", "time": "by period", "platform_type": "by platform type",
               "generation": "by generation", "country": "by country"},
    },
    "zh": {
        "twoway": "含用户与时期固定效应的最小二乘", "entity": "含用户固定效应的最小二乘",
        "time": "含时期固定效应的最小二乘", "pooled": "不含用户与时期固定效应的最小二乘",
        "by": {"entity": "按用户聚类", "time": "按时期聚类", "platform_type": "按平台类型聚类",
               "generation": "按世代聚类", "country": "按国家聚类"},
    },
}  # fmt: skip
HELD = {"twoway": (True, True), "entity": (True, False), "time": (False, True), "pooled": (False, False)}


@pytest.fixture(scope="module")
def users() -> pd.DataFrame:
    found = draw(Design.of({"users": 120, "months": 6}), np.random.default_rng(5)).panel
    place = pd.factorize(found["entity"])[0]
    return found.assign(
        generation=np.where(place % 2, "older", "gen_z"), country=np.where(place % 3, "china", "germany")
    )


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked of figures here stands beside them."""
    monkeypatch.setattr(theme, "svg", lambda *_: "<svg></svg>")


def declare(monkeypatch: pytest.MonkeyPatch, **entries: str) -> None:
    """Give every specification other effects and clusters, and nothing that these rule out."""
    lost = [entry for entry, held in estimator_check.RESTS_ON.items() if entries.get("effects", "twoway") not in held]
    without = {entry: "" if entry == "moderator" else () for entry in lost}
    known = {name: replace(one, **entries, **without) for name, one in specs.panel_specs().items()}
    monkeypatch.setattr(specs, "panel_specs", lambda: known)


def ways(keys: pd.Series, definition: str) -> list[dict[str, str]]:
    """What keys say that are all of one definition."""
    read = [results.way(key) for key in keys.unique()]
    assert {one.definition for one in read} == {definition}
    return [dict(one.values) for one in read]


def test_the_ways_are_those_that_specifications_may_declare() -> None:
    assert get_args(get_type_hints(specs.PanelSpec)["effects"]) == EFFECTS
    groups = {group for one in hypotheses().values() for group in one.panel.needs.groups}
    assert {"entity", "time", "platform_type", *groups} == set(CLUSTERS)
    for cluster in CLUSTERS:
        assert not list(panel_check.groups(NAME, replace(specs.panel_specs()[NAME], cluster=cluster), hypotheses()))


@pytest.mark.parametrize(
    ("effects", "cluster"),
    [*((one, "entity") for one in EFFECTS), *(("twoway", one) for one in CLUSTERS[1:]), ("entity", "time")],
)
def test_a_slope_and_the_page_say_its_effects_and_clusters(
    effects: str, cluster: str, users: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, project: Project
) -> None:
    declare(monkeypatch, effects=effects, cluster=cluster)
    monkeypatch.setattr(few_clusters, "few", lambda _: False)
    rows, _ = behaviour.slopes(NAME, users, set(MEASURES), zero)
    estimated = rows[(rows["table"] == "slopes") & rows["estimate"].notna()]
    assert set(estimated["quantity"]) == {"raw", "std"}
    assert ways(estimated["definition"], "two_way_clustered") == [{"effects": effects, "cluster": cluster}]
    data_set(project, "demo", ("panel",), rows.to_dict("records"))
    report = reading.read("demo")
    for language in LANGUAGES:
        texts, said = Texts(language), SAID[language]
        page = Page(report, texts)
        notes = str(page.exhibits([*regressions.regressions(report, texts), *panel.slopes(report, texts)]))
        for told in (notes, str(definitions.glossary(page.defined, texts))):
            assert said[effects] in told
            assert said["by"][cluster] in told
        held = [row for row in regressions.regressions(report, texts)[0].rows if isinstance(row, list)]
        shown = {row[0]: row[1] for row in held}
        yes_no = tuple(shown[texts(f"regression.{name}")] == texts("word.yes") for name in ("users", "periods"))
        assert yes_no == HELD[effects]
        assert shown[texts("regression.cluster")] == texts.clusters(cluster)
        removed = str(Narrative(page).chapter("panel"))
        assert (texts("chapter.panel.lead") in removed) == (effects == "twoway")


def test_a_bootstrap_of_few_clusters_says_of_which_and_under_which_effects(
    users: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(monkeypatch, effects="entity", cluster="time")
    rows, _ = behaviour.slopes(NAME, users, set(MEASURES), zero)
    keys = rows.loc[(rows["table"] == "slopes") & rows["estimate"].notna(), "definition"]
    assert ways(keys, "wild_bootstrap") == [{"effects": "entity", "cluster": "time"}]
    told = definitions.definition(keys.iloc[0]).text
    assert "least squares with user effects" in told["en"]
    assert "whole clusters (one a period)" in told["en"]
    assert "整个聚类（每时期一个）" in told["zh"]


@pytest.mark.parametrize("effects", ["entity", "pooled"])
def test_what_a_specification_rests_on_says_the_same_effects(
    effects: str, users: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, project: Project
) -> None:
    declare(monkeypatch, effects=effects)
    monkeypatch.setattr(few_clusters, "few", lambda _: False)
    observed = Observed(MEASURES, (), {"trust": ["shipping_delay"]}, ["phone_battery"], {}, False)
    piece = next(one for one in behaviour.analyses(observed, users, {}) if one.name == NAME)
    rows = pd.concat([part for part in piece(zero) if len(part)], ignore_index=True)
    said = {
        "placebo": {"placebo_lead"}, "own_past": {"own_past", "same_period"}, "confounding": {"oster", "e_value"},
        "influence": {"influence"}, "negative_control": {"negative_control"},
        "instruments": {"two_way_clustered", "iv_2sls", "first_stage", "exogeneity"},
    }  # fmt: skip
    for table, kinds in said.items():
        keys = rows.loc[rows["table"] == table, "definition"].unique()
        found = [results.way(key) for key in keys if key]
        assert {one.definition for one in found} == kinds, table
        assert {one.values["effects"] for one in found if "effects" in one.values} == {effects}, table
    data_set(project, "demo", ("panel",), rows.to_dict("records"))
    report, texts = reading.read("demo"), Texts("en")
    told = definitions.glossary(panel_robustness.placebo(report, texts)[0].defines, texts)
    assert "y<sub>it</sub> = α" in told
    assert ("α<sub>i</sub>" in told, "τ<sub>t</sub>" in told) == HELD[effects]


def test_what_a_specification_rests_on_has_its_clusters(users: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch, cluster="time")
    monkeypatch.setattr(few_clusters, "few", lambda _: False)
    observed = Observed(MEASURES, (), {"trust": ["shipping_delay"]}, ["phone_battery"], {}, False)
    piece = next(one for one in behaviour.analyses(observed, users, {}) if one.name == NAME)
    rows = pd.concat([part for part in piece(zero) if len(part)], ignore_index=True)
    keys: dict[str, Any] = {"entity": "entity", "time": "time", "effects": "twoway", "cluster": "time"}
    formula, kind = stated(specs.panel_specs()[NAME], set(MEASURES)), str(users["platform_type"].min())
    leads = " + ".join(f"lead({name})" for name in lagged(formula))
    of_others = panel_engine.fit(formula, users[users["platform_type"] != kind], **keys)
    ahead = panel_engine.fit(f"{formula} + {leads}", users, **keys)
    moved = panel_engine.iv(formula, users, endogenous=["lag(trust)"], instruments=["lag(shipping_delay)"], **keys)
    for table, quantity, fit in (
        ("slopes_without", "raw", of_others), ("placebo", "raw", ahead), ("instruments", "iv", moved),
    ):  # fmt: skip
        part = rows[(rows["table"] == table) & (rows["quantity"] == quantity)]
        part = part[part["group"].isin(["all", f"platform_type: {kind}"])].set_index("term")
        errors = fit.tidy().set_index("term").loc[part.index, "se"]
        assert part["se"].to_numpy() == pytest.approx(errors.to_numpy(), rel=1e-12), table
    for quantity, key in (("raw", "slopes_without"), ("iv", "iv_2sls"), ("first_stage", "first_stage")):
        table = "slopes_without" if quantity == "raw" else "instruments"
        found = rows.loc[(rows["table"] == table) & (rows["quantity"] == quantity), "definition"]
        assert [way["cluster"] for way in ways(found, key)] == ["time"]


def test_products_and_traits_say_their_clusters(users: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch, cluster="country")
    monkeypatch.setattr(few_clusters, "few", lambda _: False)
    observed = Observed((*MEASURES, "stickiness", "transaction", "rival_price"), (), {}, (), {}, False)
    pieces = [one for one in behaviour.analyses(observed, users, {}) if one.name in (NAME, "price_shock")]
    rows = pd.concat([part for piece in pieces for part in piece(zero) if len(part)], ignore_index=True)
    products, changes = (
        rows[rows["table"] == table].set_index("quantity") for table in ("panel_products", "moderation")
    )
    by_country = {"effects": "twoway", "cluster": "country"}
    assert ways(products.loc[["std"], "definition"], "two_way_clustered") == [by_country]
    assert ways(products.loc[["difference"], "definition"], "product_difference") == [{"cluster": "country"}]
    assert ways(changes.loc[["raw"], "definition"], "moderation") == [by_country]


def test_streamed_slopes_say_their_effects(users: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch, effects="entity")
    monkeypatch.setattr(few_clusters, "few", lambda _: False)
    stream = Stream(lambda columns: [users[columns]], MEASURES, ("platform_type",))
    rows = with_streamed(pd.DataFrame(columns=results.COLUMNS), stream, remark("users_sampled", n=7, all=9), zero)
    keys = rows.loc[(rows["table"] == "slopes") & (rows["group"] == "all") & (rows["model"] == NAME), "definition"]
    assert ways(keys, "two_way_clustered") == [{"effects": "entity", "cluster": "entity"}]


@pytest.mark.parametrize(("estimator", "errors"), [("MLR", "robust"), ("ML", "normal"), ("GLS", "normal")])
def test_a_path_says_whether_its_errors_are_robust(estimator: str, errors: str, project: Project) -> None:
    scales = {construct: [item for item in ITEMS if item[0] == letter] for letter, construct in SCALES.items()}
    built = specs.structural(specs.structural_specs()[specs.MAIN], scales)
    fit = sem.fit(built.syntax, sheet(), estimator=estimator)
    rows = structural_rows(Structural(specs.MAIN, built, fit))
    keys = rows.loc[rows["table"].isin(["paths", "loadings"]) & (rows["quantity"] == "estimate"), "definition"]
    assert ways(keys, "wald") == [{"errors": errors}]
    made = [row for row in survey_rows() if row["table"] not in ("paths", "covariances", "loadings", "fit", "r2")]
    data_set(project, "demo", ("survey",), [*made, *rows.to_dict("records")])
    report = reading.read("demo")
    report.records["structure"]["parameters"]["structure"] |= {"estimator": estimator, "missing": "listwise"}
    for language, robust, listwise in (("en", "robust", "only people who"), ("zh", "稳健", "仅用完整作答者")):
        texts = Texts(language)
        page = Page(report, texts)
        (table,) = structure.paths(report, texts)
        told = str(definitions.glossary(table.defines[:1], texts)), str(Narrative(page).chapter("structure"))
        assert [robust in one for one in told] == [errors == "robust"] * 2
        assert listwise in told[1]


def _with_bound(one: theory.Hypothesis, bound: float) -> theory.Hypothesis:
    kinds = ("survey", "panel")
    ruled = {kind: rule for kind in kinds if isinstance(rule := getattr(one, kind), theory.Equivalence)}
    return replace(one, **{kind: replace(rule, bound=bound) for kind, rule in ruled.items()})


def test_definitions_state_what_is_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    study = specs.roll_outs()["event_study"]
    monkeypatch.setattr(definitions, "choices", replace(definitions.choices, gmm_first_lag=3, gmm_last_lag=5))
    monkeypatch.setattr(specs, "roll_outs", lambda: {"event_study": replace(study, leads=2)})
    ruled = {name: _with_bound(one, 0.1) for name, one in hypotheses().items()}
    monkeypatch.setattr(theory, "hypotheses", lambda: ruled)
    definitions.definitions.cache_clear()
    try:
        known = definitions.definitions()
        assert "(third to fifth lag, collapsed to one a lag)" in known["difference_gmm"].text["en"]
        assert "滞后三至五期" in known["difference_gmm"].text["zh"]
        assert known["difference_gmm"].formula.endswith("s = 3, 4, 5")
        assert "in the two periods before" in known["pretrend"].text["en"]
        assert known["equivalence"].formula.startswith("p = max(P(Z ≥ (Δ + 0.10) / SE)")
        assert known["pretrend"].formula == "H₀: γ₋₂ = γ₋₁ = 0"
    finally:
        definitions.definitions.cache_clear()


def test_no_definition_states_a_choice_as_a_number_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(
        chosen.choices, random_slope_users=77, weak_instruments=23.0, fit_error=0.11, alpha=0.02, sparse_answers=8
    )
    other = replace(other, invariance_cfi=0.037, few_invariance_cfi=0.019, few_people=417, oster_r2_ratio=1.7)
    monkeypatch.setattr(chosen, "choices", other)
    monkeypatch.setattr("models.choices._values", lambda: other)
    for cached in (definitions._entries, definitions.definitions, catalogue):
        cached.cache_clear()
    try:
        known = definitions.definitions()
        assert all("77" in text for text in known["random_slopes"].text.values())
        assert all("23" in text for text in known["first_stage"].text.values())
        assert known["oster"].formula == "R²max = 1.7 R̃²"
        assert known["dynamic_cutoff"].formula.startswith("Q.11 (RMSEA, SRMR), Q.89 (CFI)")
        for text in known["invariance"].text.values():
            assert re.findall(r"[.\d]*\d", text) in ([".037", ".019", "417"], [".037", "417", ".019"])
        for texts in map(Texts, LANGUAGES):
            assert "8" in texts("note.merged", by="", items="")
            assert "1%" in texts("note.multiverse_if_zero", share="")
    finally:
        for cached in (definitions._entries, definitions.definitions, catalogue):
            cached.cache_clear()


def test_definitions_keep_to_what_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one word of a choice means is said of that word alone; what no choice settles is said of none."""
    said = {
        "difference_gmm": ("gmm_estimator", "Windmeijer", {"two-step": True, "one-step": False}),
        "random_effects_mean": ("synthesis_errors", r"q at least 1|q 至少为 1", {"conservative": True, "plain": False}),
    }
    for key, (name, words, values) in said.items():
        for value, holds in values.items():
            other = replace(chosen.choices, **{name: value})
            monkeypatch.setattr("models.choices._values", lambda other=other: other)
            for cached in (definitions.definitions, catalogue):
                cached.cache_clear()
            try:
                found = definitions.definitions()[key]
                assert all(bool(re.search(words, text)) == holds for text in found.text.values()), value
                assert "max(" not in found.formula
            finally:
                for cached in (definitions.definitions, catalogue):
                    cached.cache_clear()
    known = definitions.definitions()
    assert "from all answers (full information) or from complete answers only" in known["sensitivity"].text["en"]
    assert "全部回答（完全信息）或仅用完整问卷" in known["sensitivity"].text["zh"]
    for texts, within in ((Texts("en"), "within"), (Texts("zh"), "用户内")):
        (shown,) = panel_robustness.confounding(_with_confounding(), texts)
        assert not [head for head in shown.head if within in head]


def _with_confounding() -> Any:
    place = {"model": NAME, "group": "all", "term": "lag(value)", "definition": "oster"}
    rows = [
        place | {"quantity": quantity, "estimate": value}
        for quantity, value in (("uncontrolled", 0.4), ("controlled", 0.3))
    ]
    return SimpleNamespace(table=lambda *_: pd.DataFrame(rows), models=lambda *_: [NAME])


def test_a_key_of_another_way_is_published_explained_and_compared_as_its_definition(tmp_path: Path) -> None:
    keys = ["two_way_clustered", "slope_pooled_by_time", "wild_bootstrap_pooled_by_time"]
    place = {"table": "slopes", "quantity": "raw", "estimate": 0.2}
    rows = results.rows([place | {"term": key, "definition": key} for key in keys])
    long_table.publish(results.whole(rows), tmp_path)
    book = pd.read_csv(tmp_path / "codebook.csv").set_index(["table", "value"]).loc[("slopes", "raw")]
    assert set(keys) < set(book["definitions"].split())
    rules = tolerances.declared()["rules"]
    kinds = [
        next(rule["kind"] for rule in rules if tolerances._fits(rule, "pvalue", row)) for _, row in rows.iterrows()
    ]
    assert kinds == ["closed_form", "closed_form", "resampled"]
    with pytest.raises(UnknownName, match="definition of slopes raw, 'slope_pooled_by'"):
        results.rows([place | {"definition": "slope_pooled_by"}])
    with pytest.raises(UnknownName, match="effects, 'users' is not in models/results/ways.yaml"):
        results.defined("placebo_lead", effects="users")


@pytest.mark.parametrize(("language", "mediator"), [("en", "identification"), ("zh", "情感认同")])
def test_the_definition_of_an_indirect_effect_names_no_mediator(language: str, mediator: str) -> None:
    """Which one it is, a specification declares."""
    assert mediator not in Texts(language).pick(definitions.definition("lagged_mediation").text)
