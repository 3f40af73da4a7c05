"""Data that cannot carry a scale or a model: a remark says why, the rest goes on; nobody left names the rule."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from pipeline.stages import acquire, clean, judge, measure, panel, structure
from reports.texts import Texts
from tests.conftest import Project, log_card, stage_error, survey_card, text, unworded, words

SCALES = {"V": "value_functional", "I": "identification", "S": "stickiness"}
ITEMS = [f"{letter}{k}" for letter in SCALES for k in (1, 2, 3)]


def sheet(n: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    f = rng.normal(size=(n, 3)) @ np.array([[1, 0.6, 0.4], [0, 0.8, 0.5], [0, 0, 0.7]])
    noise = 0.6 * rng.normal(size=(n, 9))
    table = pd.DataFrame(np.clip(np.round(3 + np.repeat(f, 3, axis=1) + noise), 1, 5), columns=ITEMS)
    return table.assign(sex=np.where(np.arange(n) % 2, "f", "m"))


def survey(project: Project, table: pd.DataFrame, **changed: object) -> None:
    card = survey_card("demo")
    items = [{"column": c, "construct": SCALES[c[0]], "range": [1, 5], "label": text(c)} for c in ITEMS]
    groups = {"generation": {"column": "sex", "levels": {"f": "gen_z", "m": "older"}}}
    card["survey"] = {"table": "table", "items": items, "groups": groups} | changed
    project.quick()
    project._with_file("demo", table.to_csv(index=False), card)


def judged() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows and verdicts of a data set that goes through every stage."""
    for stage in (acquire, clean):
        stage.run("demo")
    with unworded():
        for stage in (measure, structure, panel, judge):
            stage.run("demo")
    tables = [pd.read_csv(f"results/demo/judge/{name}.csv", keep_default_na=False) for name in ("results", "verdicts")]
    return tables[0], tables[1]


def reason(verdicts: pd.DataFrame, hypothesis: str, kind: str = "survey") -> str:
    row = verdicts[(verdicts["hypothesis"] == hypothesis) & (verdicts["kind"] == kind)].iloc[0]
    assert row["verdict"] == "not_testable"
    return words(row["detail"]).removeprefix("no estimate: ")


@pytest.mark.parametrize(
    ("answer", "why"), [(3, "everybody gave the same answer to v2"), (np.nan, "nobody answered v2")]
)
def test_a_useless_item_makes_its_scale_untestable_and_the_rest_goes_on(
    project: Project, answer: float, why: str
) -> None:
    survey(project, sheet().assign(V2=answer))
    rows, verdicts = judged()
    assert reason(verdicts, "H1a") == f"value_functional is left out: {why}"
    found = rows[(rows["table"] == "paths") & (rows["term"] == "stickiness ~ identification")]
    assert (found["estimate"].astype(float) > 0).all()
    assert len(found) > 0
    reliability = rows[(rows["table"] == "reliability") & (rows["quantity"] == "alpha")].set_index("term")["estimate"]
    assert float(reliability["identification"]) > 0.5


@pytest.mark.parametrize("n", [1, 2, 5])
def test_few_people_are_remarks_and_no_traceback(project: Project, n: int) -> None:
    survey(project, sheet(n))
    rows, verdicts = judged()
    assert set(verdicts["verdict"]) == {"not_testable"}
    assert (rows[rows["quantity"] == "failed"]["note"] != "").all()
    notes = rows[(rows["stage"] == "measure") & (rows["note"] != "")]["note"]
    assert len(notes)
    told = {Texts("zh").remarks(note) for note in notes}
    assert not [words for words in told if re.search("[A-Za-z]{3,} [a-z]{2,}", words)]


def test_what_is_estimated_from_a_log_is_said_in_keys(project: Project) -> None:
    months = pd.DataFrame([(u, t) for u in range(9) for t in range(4)], columns=["user", "month"])
    months[["trust", "identification"]] = np.random.default_rng(0).normal(size=(len(months), 2))
    months.loc[5, "trust"] = np.nan
    declared = {name: {"label": text(name), "column": name} for name in ("trust", "identification")}
    table = months.to_csv(index=False)
    project.log("log", table, rows_are="periods", time={"column": "month"}, measures=declared)
    for stage in (acquire, clean):
        stage.run("log")
    with unworded():
        panel.run("log")
    rows = pd.read_csv("results/log/panel.csv").query("table == 'dropped' and model == 'identification_next'")
    assert dict(zip(rows["term"], rows["estimate"], strict=True)) == {"missing_value: lag(trust)": 10}
    assert [words(note) for note in rows["note"]] == ["missing: lag(trust)"]


def test_answers_that_are_all_alike_leave_no_model(project: Project) -> None:
    survey(project, sheet().assign(**dict.fromkeys(ITEMS, 4)))
    _, verdicts = judged()
    assert "everybody gave the same answer to v1" in reason(verdicts, "H2")


@pytest.mark.parametrize(
    ("table", "changed", "said"),
    [
        (sheet(), {"exclude": {"max_longest_string_share": 0}}, "straight lining (longest run of one answer > 0"),
        (sheet().assign(**dict.fromkeys(ITEMS, np.nan)), {}, "none of the 120 people who stay answered an item"),
    ],
)
def test_a_survey_without_anybody_names_what_emptied_it(
    project: Project, table: pd.DataFrame, changed: dict, said: str
) -> None:
    survey(project, table, **changed)
    assert said in stage_error("demo", acquire, clean)


MONTHS = [f"2024-{month:02d}-05" for month in range(1, 9)]


def log(project: Project, rows: list[tuple], **panel_entries: object) -> None:
    card = log_card("demo")
    count = {"label": text("x"), "agg": "count"}
    mean = {"label": text("x"), "agg": "mean", "column": "amount"}
    card["panel"] |= {
        "measures": {"stickiness": count, "identification": mean, "value_functional": mean}
    } | panel_entries
    project.quick()
    written = "".join(f"{user},{when},{kind},{amount}\n" for user, when, kind, amount in rows)
    project._with_file("demo", "user,when,kind,amount\n" + written, card)


@pytest.mark.parametrize(
    "rows",
    [
        [(1, when, "buy", k) for k, when in enumerate(MONTHS)],
        [(user, MONTHS[0], "buy", user) for user in range(30)],
        [(user, when, "buy", 3) for user in range(30) for when in MONTHS],
        [(1, MONTHS[0], "buy", 3)],
    ],
    ids=["one user", "one period", "constant measures", "one event"],
)
def test_a_panel_that_carries_nothing_is_not_testable(project: Project, rows: list[tuple]) -> None:
    log(project, rows)
    _, verdicts = judged()
    assert set(verdicts["verdict"]) == {"not_testable"}
    assert "np." not in " ".join(verdicts["detail"])
    assert reason(verdicts, "H2", "panel")


def test_a_panel_without_rows_names_the_rule_that_emptied_it(project: Project) -> None:
    log(project, [(user, when, "buy", 3) for user in range(5) for when in MONTHS], rules={"min_periods": 100})
    assert "too short (fewer than 100 periods): 40 entity periods before, none after" in stage_error(
        "demo", acquire, clean
    )
