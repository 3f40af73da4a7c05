"""Data in which nothing is true keep everything else, and the rules find nothing in them but what chance gives."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.multiverse import panel_sample, survey_sample
from models import behaviour, evidence, results, sem, survey, theory
from models.analysis.setting import Estimation, Questionnaire
from models.results import whole
from models.results.vocabulary import UnknownName
from models.survey.null_answers import dealt, without_relations
from pipeline import graph
from pipeline.core import parallel, standing
from pipeline.core.errors import InputError
from pipeline.running import steps, unchanged
from tests.conftest import ROOT, Project

SCALES = {c: [f"{c[:2]}{i}" for i in range(1, 4)] for c in ("value", "identification", "stickiness")}
ASKED = Questionnaire(SCALES, {item: (-9.0, 9.0) for items in SCALES.values() for item in items})
OPTIONS = Estimation("fiml", "MLR", min_group=100, permutations=0, bootstrap=9)
OFFER = evidence.Offer(("survey",), {"survey": theory.offered(set(SCALES))}, {"survey": {}}, ())


def judged(data: pd.DataFrame) -> pd.Series:
    rows = whole(survey.deciding_rows(ASKED, data, OPTIONS, lambda *names: 1).assign(sample="survey"))
    for column in ("group", "note", "hypothesis", "definition"):
        rows[column] = rows[column].fillna("")
    found = evidence.verdicts(rows, OFFER)
    return found[found["kind"] == "survey"].set_index("hypothesis")["verdict"]


def test_what_a_survey_shows_is_gone_from_its_null_and_all_else_stays() -> None:
    data = survey_sample(0.5, 3).assign(generation=["gen_z", "older"] * 100)
    null = survey.unrelated(ASKED, data)
    drawn = null.draw(np.random.default_rng(1))
    items = list(ASKED.limits)
    assert drawn.isna().equals(data.isna())
    assert drawn["generation"].equals(data["generation"])
    pd.testing.assert_frame_equal(drawn[items].describe(), data[items].describe())
    # Loadings are .8: items of one construct correlate by .64, with a standard error of .04.
    within = drawn[SCALES["identification"]].corr().to_numpy()[np.tril_indices(3, -1)]
    assert within.mean() == pytest.approx(0.64, abs=0.12)
    assert judged(data)[["H1a", "H2"]].eq("supported").all(), "it is planted"
    assert not judged(drawn)[["H1a", "H2", "H3a"]].eq("supported").any()


def test_levels_of_a_mechanism_stay_one_thing_in_no_order() -> None:
    names = ["value_functional", "value_emotional", "value_social", "trust"]
    R = pd.DataFrame(np.full((4, 4), 0.3) + 0.7 * np.eye(4), index=names, columns=names)
    R.loc["value_functional", "value_emotional"] = R.loc["value_emotional", "value_functional"] = 0.9
    found = without_relations(R)
    assert found.loc[names[:3], "trust"].eq(0).all()
    assert np.unique(found.loc[names[:3], names[:3]].round(12)) == pytest.approx([0.5, 1.0])


def test_answers_are_dealt_out_in_the_order_that_was_drawn() -> None:
    given = pd.Series([3, np.nan, 1, 2])
    assert dealt(given, np.array([0.1, 9.0, 0.3, 0.2])).tolist()[2:] == [3, 2]
    assert dealt(given, np.array([0.1, 9.0, 0.3, 0.2])).isna().tolist() == [False, True, False, False]


def test_a_panel_keeps_each_past_and_loses_every_slope() -> None:
    """Turned deviations of a user correlate with their past as before; the planted slope is a draw around zero."""
    data = panel_sample(0.5, 1, users=120)
    drawn = behaviour.unrelated(data, ["value", "trust", "identification"], np.random.default_rng(1))
    keys = ["entity", "time"]
    assert drawn[keys].equals(data[keys])

    def slopes(frame: pd.DataFrame) -> pd.DataFrame:
        rows, _ = behaviour.slopes("identification_next", frame, {"value", "trust", "identification"}, lambda *names: 1)
        return rows[(rows["table"] == "slopes") & (rows["quantity"] == "raw")].set_index("term")

    assert slopes(data).loc["lag(value)", "pvalue"] < 0.001
    assert slopes(drawn).loc["lag(value)", "pvalue"] > 0.01
    same = drawn["value"] - data["value"]
    by_user = data.assign(moved=same.abs() > 1e-9).groupby("entity")["moved"].mean()
    assert set(by_user.round(6)) == {0.0, 1.0}, "whole users are turned, or not at all"


def test_shares_are_of_all_simulated_sets_with_exact_intervals_and_without_claims_of_equality() -> None:
    words = ["supported", "inconclusive", "inconclusive", "not_testable"]
    sets = [pd.DataFrame({"hypothesis": ["H1a", "H12"], "kind": "survey", "verdict": word}) for word in words]
    found = evidence.false_verdicts(sets, "survey")
    assert set(found["hypothesis"]) == {"H1a"}
    cells = found.set_index("quantity")
    assert cells["estimate"].to_dict() == {"supported": 0.25, "opposite": 0.0, "tested": 0.75}
    # Clopper & Pearson: 1 of 4 is [.0063, .8059], 0 of 4 is [0, .6024].
    ends = cells.loc[["supported", "opposite"], ["ci_lower", "ci_upper"]].to_numpy(float).ravel()
    assert ends == pytest.approx([0.0063, 0.8059, 0.0, 0.6024], abs=1e-4)


class Untold(Exception):
    """An error that cannot be made from its text alone."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")


def fails(kind: str) -> None:
    if kind == "untold":
        raise Untold("a draw", "no solution")
    if kind == "unknown":
        results.rows([{"table": "squares", "term": "a", "quantity": "stood"}])
    raise sem.SemError("no solution")


@pytest.mark.parametrize(
    ("kind", "error", "said"),
    [
        ("untold", RuntimeError, "a draw: no solution"),
        ("unknown", UnknownName, "stands"),
        ("stated", sem.SemError, "No solution|no solution"),
    ],
)
def test_an_error_of_one_draw_is_told_as_it_is_and_not_as_a_want_of_memory(
    kind: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said) as caught:
        parallel._called(fails, (kind,))
    with pytest.raises(error, match=said):
        raise pickle.loads(pickle.dumps(caught.value))


@pytest.mark.parametrize("changed", ["data", "card", "parameters", "program"])
def test_what_was_asked_for_is_shown_only_while_all_that_it_rests_on_is_the_same(
    project: Project, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    project.log("shop", "user,when,kind,amount\n1,2024-01-01,buy,3\n")
    card, asked = Path("data/shop/card.yaml"), Path("results/shop/null")
    clean = Path("results/shop/clean/panel.parquet")
    clean.parent.mkdir(parents=True)
    asked.mkdir()
    pd.DataFrame({"value": [1.0]}).to_parquet(clean)
    (asked / "results.csv").touch()
    before = standing.rests_on("shop")
    (asked / "facts.json").write_text(json.dumps({"of": standing.still(before, "shop")}), encoding="utf-8")
    assert standing.stands("shop", "null")
    for broken in ("", "{}", "null", "[1]"):
        whole_facts = (asked / "facts.json").read_text(encoding="utf-8")
        (asked / "facts.json").write_text(broken, encoding="utf-8")
        assert not standing.stands("shop", "null"), "what cannot be read stands for nothing"
        (asked / "facts.json").write_text(whole_facts, encoding="utf-8")
    page = standing.page("shop")
    page.mkdir(parents=True)
    assert standing.outdated("shop"), "a page that says nothing of it"
    standing.note_shown("shop", page)
    assert not standing.outdated("shop")
    if changed == "data":
        pd.DataFrame({"value": [2.0]}).to_parquet(clean)
    elif changed == "card":
        card.write_text(card.read_text(encoding="utf-8").replace("a title", "another"), encoding="utf-8")
    elif changed == "parameters":
        project.parameters(data_sets=["shop"], seed=5)
    else:
        monkeypatch.setattr(standing, "program", lambda: [card])
    assert not standing.stands("shop", "null")
    assert standing.outdated("shop"), "it shows what does not stand any more"
    standing.note_shown("shop", page)
    assert not standing.outdated("shop")
    with pytest.raises(InputError, match="changed while this ran"):
        standing.still(before, "shop")


@pytest.mark.parametrize("verb", standing.ON_DEMAND)
def test_what_was_asked_for_rests_on_every_file_that_computes_it(verb: str) -> None:
    """But the words, what the command line says, and names: those compute nothing."""
    computing = {path.resolve() for path in standing.program()}
    without = [ROOT / "pipeline" / room for room in ("wording", "verbs")]
    closure = {path.resolve() for path in graph.closure(f"pipeline.{verb}", ROOT) if path.suffix == ".py"}
    left = {p for p in closure - computing if p.name != "__init__.py" and not set(without) & set(p.parents)}
    assert not left


def test_a_page_is_looked_at_again_when_what_computed_for_it_was_edited(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by a run that finds every file of the steps as it left them."""
    every = steps.every(["shop"])
    seen = {"data_sets": ["shop"], "steps": every, "state": None}
    (project.folder / unchanged.FILE).parent.mkdir(parents=True)
    (project.folder / unchanged.FILE).write_text(json.dumps(seen), encoding="utf-8")
    monkeypatch.setattr(unchanged, "state", lambda names: None)
    assert unchanged.steps_of_last_run(["shop"]) == every
    asked = Path("results/shop/null/results.csv")
    asked.parent.mkdir(parents=True)
    asked.touch()
    assert unchanged.steps_of_last_run(["shop"]) == []
