"""The main analysis of curve and multiverse is that of the run: its estimator, use of gaps, effects and errors."""

from __future__ import annotations

from dataclasses import replace
from typing import cast, get_args, get_type_hints

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from benchmarks.multiverse import SCALES, panel_sample, survey_sample
from models import behaviour, specs, survey
from models.analysis.setting import Doubtful, Estimation, Questionnaire
from models.behaviour import multiverse as panels
from models.messages.forms import DeclarationError
from models.sem.options import Estimator, Missing
from models.specs import PanelSpec
from models.specs.multiverse import Barred
from models.survey import multiverse
from models.survey.answer_quality import NO_FLAGS
from models.survey.specifications import estimated, universes
from models.survey.variants import Variant, Variants, main_variant
from pipeline import multiverse as verb
from pipeline.cleaning import survey_answers
from pipeline.core import handed
from pipeline.core.ledger import Ledger
from pipeline.core.record import Noted
from pipeline.core.seeds import Seeds
from reports.figures import robustness
from reports.reading import Report
from reports.texts import Texts
from tests.conftest import Project, zero
from tests.test_allowed_settings import allowed, keys
from tests.test_sensitivity import answers, project_card

NUMBERS = ["estimate", "se", "statistic", "pvalue", "ci_lower", "ci_upper", "n"]
ASKED = Questionnaire(SCALES, {item: (-9.0, 9.0) for items in SCALES.values() for item in items})
NAME, MEASURES = "identification_next", {"value", "trust", "identification"}


def categories() -> pd.DataFrame:
    """200 people, a twentieth of the answers missing, in three categories."""
    data = survey_sample(0.5, 3)
    items = list(ASKED.limits)
    return data.assign(**(data[items].round().clip(-1, 1)))


def types(kind: str, ways: dict[str, tuple[str, ...]], **main: str) -> dict[tuple[str, ...], str]:
    found = specs.universes(specs.choices_of(kind), ways, main)
    return {tuple(way for _, way in one.chosen): one.type for one in found}


def test_a_displaced_main_analysis_takes_the_type_of_what_displaces_it_and_the_others_keep_theirs() -> None:
    ways = {"estimator": specs.KNOWN["survey"]["estimator"], "answers": ("all", "complete")}
    usual = types("survey", ways)
    assert {estimator for estimator, _ in usual} == {"MLR", "ML", "WLSMV"}, "the others are taken where they are chosen"
    assert types("survey", ways, estimator="MLR", answers="all") == usual
    assert list(types("survey", ways, estimator="GLS", answers="complete").items()) == [
        (("GLS", "complete"), "equivalent"),
        (("MLR", "complete"), "uncertain"),
        (("ML", "complete"), "uncertain"),
        (("WLSMV", "complete"), "equivalent"),
        (("MLR", "all"), "not_equivalent"),
        (("ML", "all"), "not_equivalent"),
        (("WLSMV", "all"), "not_equivalent"),
    ]
    assert types("survey", ways, estimator="MLM", answers="complete")["MLR", "complete"] == "equivalent"


def test_a_bar_does_not_bear_on_a_choice_that_is_not_varied() -> None:
    found = types("survey", {"estimator": ("MLR", "MLM"), "answers": ("all",)}, estimator="MLM", answers="complete")
    assert list(found) == [("MLM", "all"), ("MLR", "all")]


@pytest.mark.parametrize(
    ("kind", "main", "gone", "bar"),
    [
        ("survey", {"estimator": "GLS", "answers": "complete"}, "GLS", ()),
        ("survey", {"answers": "complete"}, "complete", ()),
        ("panel", {"effects": "twoway", "clustering": "time"}, "time", ()),
        ("survey", {"estimator": "MLR"}, "", ("estimator: MLR", "people: all")),
        ("panel", {"effects": "entity"}, "", ("effects: entity", "lags: one")),
    ],
)
def test_no_other_combination_stands_for_a_main_analysis_that_is_not_there(
    kind: str, main: dict[str, str], gone: str, bar: tuple[str, ...]
) -> None:
    usual = specs.choices_of(kind)
    kept = [[part for part in one.alternatives if part.name != gone] for one in usual.choices]
    choices = tuple(replace(one, alternatives=tuple(left)) for one, left in zip(usual.choices, kept, strict=True))
    never = (Barred(together=bar, reason={"en": "", "zh": ""}),) if bar else ()
    changed = replace(usual, choices=choices, never=never)
    ways = {name: tuple(ways) for name, ways in specs.KNOWN[kind].items()}
    assert specs.universes(usual, ways, main)[0].type == "equivalent"
    with pytest.raises(DeclarationError):
        specs.universes(changed, ways, main)


@pytest.mark.parametrize("estimator", sorted({estimator for estimator, _ in allowed()}))
def test_every_estimator_that_may_be_set_is_an_alternative(estimator: str) -> None:
    (choice,) = [one for one in specs.choices_of("survey").choices if one.name == "estimator"]
    assert estimator in [one.name for one in choice.alternatives]


def test_every_kind_of_effects_that_may_be_declared_is_an_alternative() -> None:
    (choice,) = [one for one in specs.choices_of("panel").choices if one.name == "effects"]
    assert {one.name for one in choice.alternatives} == set(get_args(get_type_hints(PanelSpec)["effects"]))


@pytest.mark.parametrize(
    ("estimator", "missing", "gaps"),
    [
        ("ML", "fiml", True),
        ("MLR", "listwise", True),
        ("ML", "listwise", True),
        ("MLMV", "listwise", True),
        ("GLS", "listwise", True),
        ("GLS", "listwise", False),
    ],
)
def test_the_main_row_of_a_survey_is_that_of_the_run_to_the_last_digit(
    estimator: Estimator, missing: Missing, gaps: bool
) -> None:
    data = categories()
    data = data if gaps else data.dropna().reset_index(drop=True)
    options = Estimation(missing, estimator, 30, 20, 20)
    model = survey.structural(survey.MAIN, data, SCALES, estimator, missing)
    assert model is not None
    main = survey.effects(model).set_index("term")[NUMBERS]
    rows = pd.concat(
        survey.other_choices(zero, ASKED, data, data.iloc[:0], model, options, NO_FLAGS, Doubtful()), ignore_index=True
    )
    curve = rows[rows["table"] == "specifications"]
    assert not (curve["quantity"] == "failed").any()
    first = curve["group"].iloc[0]
    complete = gaps and missing == "listwise"
    assert first.startswith(f"estimator: {estimator}; answers: {'complete' if complete else 'all'}; people: all")
    found = curve[curve["group"] == first].set_index("term")[NUMBERS].astype(float)
    pd.testing.assert_frame_equal(found, main.loc[found.index].astype(float), check_exact=True)

    handled = rows[(rows["table"] == "sensitivity") & (rows["quantity"] == "effect")].groupby("group")["n"].first()
    assert ("listwise" in handled) == (missing == "fiml"), "once is enough"
    assert ("full_information" in handled) == (complete and estimator in ("ML", "MLR"))
    assert handled.get("full_information", len(data)) == len(data)

    prepared = multiverse.variants_of(ASKED, data, data.iloc[:0], NO_FLAGS, Doubtful(), options)
    assert prepared is not None
    shared = multiverse.sharing(universes(prepared[0], [], asked=True))[0]
    counts = multiverse.resamples(len(data), 60, seed=1)
    drawn = multiverse.drawn(prepared[0], shared, [], counts)
    again = drawn[0].rows.set_index("term")[NUMBERS].astype(float)
    pd.testing.assert_frame_equal(again, found, check_exact=True)
    for z in (z for one in drawn for z in one.null_z.values()):
        assert abs(np.nanmean(z)) < 0.5
        assert 0.7 < np.nanstd(z) < 1.4


def test_gaps_of_the_left_out_alone_are_treated_as_in_the_main_analysis() -> None:
    data = categories()
    complete = data[list(ASKED.limits)].notna().all(axis=1)
    kept, left_out = data[complete], pd.concat([data[~complete], data[complete].iloc[:5]])
    variants = Variants(kept, SCALES, left_out=left_out, main=Variant("GLS", "complete"))
    (one,) = [
        one
        for one in universes(variants, [], asked=True)
        if (one["estimator"], one["people"]) == ("GLS", "with_left_out")
    ]
    assert set(estimated(variants, one, [])["n"]) == {len(kept) + 5}


def test_errors_of_a_shared_fit_are_those_of_the_estimator_itself() -> None:
    data = survey_sample(0.5, 3)
    for missing in ("fiml", "listwise"):
        for given, other in (("ML", "MLR"), ("MLR", "ML")):
            variants = Variants(data, SCALES, main=main_variant(Estimation(missing, given, 30, 20, 20)))  # type: ignore[arg-type]
            variants.fit(variants.main)
            shared = variants.fit(replace(variants.main, estimator=other))  # type: ignore[arg-type]
            alone = survey.structural(survey.MAIN, data, SCALES, other, missing)  # type: ignore[arg-type]
            assert shared is not None
            assert alone is not None
            assert shared.fit.settings == alone.fit.settings
            pd.testing.assert_frame_equal(survey.effects(shared), survey.effects(alone))
            assert shared.fit.fit_indices() == pytest.approx(alone.fit.fit_indices(), nan_ok=True)


def test_the_weakest_item_is_that_of_the_main_analysis() -> None:
    """One item is worthless to those with a gap elsewhere, another a little weaker to everybody else."""
    rng = np.random.default_rng(5)
    data = answers(600, seed=4).drop(columns="age").assign(respondent=range(600))
    scales = SCALES | {"stickiness": [*SCALES["stickiness"], "st4"]}
    factor = data[SCALES["stickiness"]].mean(axis=1)
    data["st4"], data["st1"] = factor + 0.6 * rng.standard_normal(600), factor + 0.9 * rng.standard_normal(600)
    holed = data.index < 300
    data.loc[holed, "st4"] = rng.standard_normal(300)
    data.loc[holed, "va1"] = np.nan
    for how, weakest in ((Variant(), "st4"), (Variant(answers="complete"), "st1")):
        assert weakest not in Variants(data, scales, main=how).shorter["stickiness"]


@pytest.mark.parametrize(
    ("effects", "cluster"),
    [("entity", "time"), ("time", "entity"), ("pooled", "platform_type"), ("twoway", "platform_type")],
)
def test_the_main_universe_of_a_panel_is_what_its_specification_declares(
    effects: str, cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = panel_sample(0.5, 2, users=40)
    data["platform_type"] = np.array(["social", "content", "comprehensive", "search"])[data["entity"] % 4]
    declared = {NAME: replace(specs.panel_specs()[NAME], effects=effects, cluster=cluster)}  # type: ignore[arg-type]
    monkeypatch.setattr(specs, "panel_specs", lambda: declared)
    rows, _ = behaviour.slopes(NAME, data, MEASURES, zero)
    rows = rows[(rows["table"] == "slopes") & (rows["quantity"] == "std") & (rows["group"] == "all")].set_index("term")
    found = panels.universes(NAME, data, MEASURES)
    clustering = cluster if cluster in ("entity", "time") else "group"
    assert found[0].name.startswith(f"effects: {effects}; clustering: {clustering}; lags: one")
    turned = panels.signs(data, 19, seed=1)
    main = panels.drawn(NAME, data, MEASURES, found[0], turned, zero)
    slopes = main.rows.set_index("term")[NUMBERS].astype(float)
    pd.testing.assert_frame_equal(slopes, rows.loc[slopes.index, NUMBERS].astype(float), check_exact=True)

    usual = {"lags": "one", "outcome": "measured", "controls": "with", "people": "all"}
    rest = [one for one in found if usual.items() <= dict(one.chosen).items()]
    type_of = {(one["effects"], one["clustering"], one["platforms"]): one.type for one in rest}
    assert type_of["twoway", clustering, "pooled"] == ("equivalent" if effects == "twoway" else "not_equivalent")
    if effects == "twoway":
        assert type_of[effects, "entity", "pooled"] == "uncertain"
    assert {way for way, _, platforms in type_of if platforms == "apart"} == {"twoway", effects} & {"twoway", "time"}
    for one in rest:
        drawn = panels.drawn(NAME, data, MEASURES, one, turned, zero)
        assert set(drawn.rows["quantity"]) == {"std_all"}
        assert all(np.isfinite(z).all() for z in drawn.null_z.values())


def test_a_main_universe_without_its_group_says_so_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    data = panel_sample(0.5, 2, users=20)
    declared = {NAME: replace(specs.panel_specs()[NAME], cluster="generation")}
    monkeypatch.setattr(specs, "panel_specs", lambda: declared)
    turned = panels.signs(data, 9, seed=1)
    main, other = (
        next(one for one in panels.universes(NAME, data, MEASURES) if one["clustering"] == way)
        for way in ("group", "entity")
    )
    assert keys(panels.drawn(NAME, data, MEASURES, main, turned, zero).rows["note"]) == {"no_group_for_clusters"}
    assert set(panels.drawn(NAME, data, MEASURES, other, turned, zero).rows["quantity"]) == {"std_all"}


def test_lags_are_not_varied_where_a_specification_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    declared = {NAME: replace(specs.panel_specs()[NAME], formula="identification ~ value + trust")}
    monkeypatch.setattr(specs, "panel_specs", lambda: declared)
    found = panels.universes(NAME, panel_sample(0.5, 2, users=20), MEASURES)
    assert {one["lags"] for one in found} == {"one"}


def test_the_verb_computes_the_main_analysis_of_the_run(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    structure = dict(handed.to("structure")["structure"].__dict__) | {"estimator": "GLS", "missing": "listwise"}
    card = project_card(project)
    raw = answers(200, seed=1).drop(columns="age").rename(columns=str.upper)
    cleaned = survey_answers.clean(card, raw, "table.csv", Ledger())
    folder = project.folder / "results/demo/clean"
    folder.mkdir(parents=True)
    for name, frame in {"survey": cleaned.kept, "left_out": cleaned.kept.iloc[:0], "flags": NO_FLAGS}.items():
        frame.to_parquet(folder / f"{name}.parquet")
    project.parameters(structure=structure)
    monkeypatch.setattr(verb.kept, "computed", first_of)
    (rows,) = verb._survey(card, 19, Seeds(1, "demo", "multiverse"), Noted())
    found = rows[rows["quantity"] == "std_all"].set_index("term")["se"]
    assert rows["group"].iloc[0].startswith("estimator: GLS; ")
    main = survey.structural(survey.MAIN, cleaned.kept, card.codebook, "GLS", "listwise")
    assert main is not None
    assert found.to_dict() == survey.effects(main).set_index("term")["se"][found.index].to_dict()


def first_of(name: str, folder: object, key: str, tasks: dict, elsewhere: set) -> list:
    """What the first piece gives, which is the main analysis."""
    function, arguments = next(iter(tasks.values()))
    return [function(*arguments)]


class Rows:
    """A report of these rows alone."""

    simulated = False

    def __init__(self, rows: pd.DataFrame) -> None:
        self.rows = rows.assign(table=rows["table"].astype(str))

    def table(self, name: str, **values: str) -> pd.DataFrame:
        found = self.rows[self.rows["table"] == name]
        for column, value in values.items():
            found = found[found[column] == value]
        return found.reset_index(drop=True)


def test_the_figure_rings_the_main_analysis_whatever_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    variants = Variants(categories(), SCALES, main=Variant("GLS", "complete"))
    ringed: list[list[str]] = []
    drawn = robustness.estimates

    def estimates(axes: Axes, part: pd.DataFrame, main: pd.Series) -> None:
        ringed.append(part["group"][main].tolist())
        drawn(axes, part, main)

    monkeypatch.setattr(robustness, "estimates", estimates)
    rows = survey.specification_curve(variants)
    assert robustness.curve(cast(Report, Rows(rows)), Texts("en"))
    main = "estimator: GLS; answers: complete; people: all; controls: without; levels: second_order"
    assert len(ringed) == 2
    assert all(groups == [main] for groups in ringed)
