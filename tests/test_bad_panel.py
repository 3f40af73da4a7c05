"""Bad events and panels: what was found, what was expected, how to fix it; the ledger and the remarks have the rest."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import behaviour
from pipeline.core import paths, results
from pipeline.stages import acquire, clean
from pipeline.stages import panel as panel_stage
from tests.conftest import Project, stage_error, text, words, zero

EVENTS = "user,when,kind,amount\n1,2024-01-05,buy,10\n1,2024-03-02,view,0\n2,2024-01-09,buy,4\n2,2024-02-11,buy,6\n"


def test_a_second_row_of_a_user_and_period_names_both_rows(project: Project) -> None:
    measures = {"stickiness": {"label": text("visits"), "column": "visits"}}
    project.log(
        "demo",
        "user,month,visits\na,1,3\na,2,4\nb,1,1\na,2,9\n",
        rows_are="periods",
        time={"column": "month"},
        measures=measures,
    )
    found = stage_error("demo", acquire, clean)
    assert "row 5, column user" in found
    assert "'a' × month" in found
    assert "row 3, column user" in found


def ready_made(project: Project, rows: str, **panel: object) -> None:
    measures = {"stickiness": {"label": text("visits"), "column": "visits"}}
    entries = {"time": {"column": "month"}, "measures": measures, "rows_are": "periods"} | panel
    project.log("demo", "user,month,visits,shop\n" + rows, **entries)


@pytest.mark.parametrize("value", ["often", "inf"])
def test_a_measure_of_a_ready_made_panel_is_a_finite_number(project: Project, value: str) -> None:
    ready_made(project, f"a,1,3,x\na,2,{value},x\nb,1,,x\n")
    found = stage_error("demo", acquire, clean)
    assert "row 3, column visits" in found
    assert repr(value) in found or value in found
    assert "a finite number, or nothing where stickiness is missing" in found


def test_text_times_of_a_ready_made_panel_are_not_guessed(project: Project) -> None:
    ready_made(project, "a,01/02/2024,3,x\na,2024-03-01,4,x\n")
    assert "guessing would mix up day and month" in stage_error("demo", acquire, clean)
    ready_made(project, "a,01/02/2024,3,x\na,2024-03-01,4,x\n", time={"column": "month", "format": "%d/%m/%Y"})
    found = stage_error("demo", acquire, clean)
    assert "row 3, column month" in found
    assert "'2024-03-01'" in found


def test_two_dates_of_a_user_in_one_period_name_both_rows(project: Project) -> None:
    ready_made(
        project,
        "b,2024-01-05,3,x\na,2024-01-05,3,x\na,2024-01-25,4,x\n",
        time={"column": "month", "format": "%Y-%m-%d"},
    )
    found = stage_error("demo", acquire, clean)
    assert "row 4, column user" in found
    assert "row 3, column user" in found
    assert "one row an entity and month" in found


def test_blank_keys_and_users_on_two_platforms_are_left_out_of_a_ready_made_panel(project: Project) -> None:
    groups = {"platform_type": {"column": "shop", "levels": {"mall": "comprehensive", "notes": "content"}}}
    ready_made(project, "a,1,3,mall\na,2,4,notes\nb,1,1,mall\n,2,1,mall\nb,,2,mall\nb,2,,mall\n", groups=groups)
    acquire.run("demo")
    clean.run("demo")
    panel = pd.read_parquet("results/demo/clean/panel.parquet")
    assert panel["entity"].tolist() == ["b", "b"]
    assert panel["stickiness"].isna().tolist() == [False, True]
    ledger = pd.read_csv("results/demo/clean/ledger.csv").set_index("step")
    lost = ledger["rows_before"] - ledger["rows_after"]
    assert lost[["no_entity_or_time", "one_group_an_entity", "periods"]].tolist() == [2, 1, 2]


def test_infinite_values_of_events_name_the_measure(project: Project) -> None:
    project.log("demo", EVENTS.replace("buy,6", "buy,inf"))
    found = stage_error("demo", acquire, clean)
    assert "panel.measures.loyalty" in found
    assert "row 5, column amount\n    found:    inf" in found


def degenerate(kind: str) -> pd.DataFrame:
    """A panel of trust and identification on which the user and period effects leave nothing to estimate."""
    rng = np.random.default_rng(0)
    data = pd.DataFrame([(u, t) for u in range(40) for t in range(6)], columns=["entity", "time"])
    data["identification"], data["trust"] = rng.normal(size=(2, len(data)))
    if kind == "constant within":
        data["trust"] = data["entity"].astype(float)
    if kind == "the same for all":
        data["trust"] = data["time"].astype(float)
    if kind == "collinear":
        data["value"] = 2 * data["trust"]
    return {"one period": data[data["time"] == 0], "single rows": data[data["time"] == data["entity"] % 6]}.get(
        kind, data
    )


@pytest.mark.parametrize(
    ("kind", "said"),
    [("one period", "no row"), ("single rows", "no row"), ("constant within", "no variation left"),
     ("the same for all", "no variation left"), ("collinear", "a linear combination of")],
)  # fmt: skip
def test_a_panel_with_nothing_to_estimate_is_a_remark_with_its_reason(kind: str, said: str) -> None:
    data = degenerate(kind)
    rows, fit = behaviour.slopes("identification_next", data, set(data) - {"entity", "time"}, zero)
    assert fit is None
    notes = rows[rows["quantity"] == "failed"]["note"].map(words).tolist()
    assert len(notes) == 1
    assert said in notes[0]


@pytest.mark.parametrize(
    ("kind", "said"),
    [("one period", "no row of all is complete: lag(trust) is missing in 40 rows"),
     ("single rows", "no row of all is complete: lag(trust) is missing in 40 rows"),
     ("constant within", "lag(trust) has no variation left once the twoway effects are taken out"),
     ("collinear", "a linear combination of")],
)  # fmt: skip
def test_the_panel_stage_goes_on_and_says_what_it_could_not_estimate(project: Project, kind: str, said: str) -> None:
    data = degenerate(kind)
    measures = [name for name in data if name not in ("entity", "time")]
    declared = {name: {"label": text(name), "column": name} for name in measures}
    rows = data.rename(columns={"entity": "user", "time": "month"}).to_csv(index=False)
    project.log("demo", rows, rows_are="periods", time={"column": "month"}, measures=declared)
    for stage in (acquire, clean, panel_stage):
        stage.run("demo")
    found = results.read(paths.of("demo", "panel.csv"))
    assert not found["table"].isin(["slopes", "dynamic"]).any()
    failed = (
        found[(found["quantity"] == "failed") & (found["model"] == "identification_next")]["note"].map(words).tolist()
    )
    assert len(failed) == 1
    assert said in failed[0]


def test_a_time_that_cannot_be_read_names_row_and_form(project: Project) -> None:
    project.log("demo", EVENTS.replace("2024-02-11", "11/02/2024"))
    found = stage_error("demo", acquire, clean)
    assert "row 5, column when" in found
    assert "'11/02/2024'" in found
    assert "%Y-%m-%d" in found


def test_text_times_without_a_form_are_refused(project: Project) -> None:
    project.log("demo", EVENTS, time={"column": "when"})
    assert "give panel.time.format" in stage_error("demo", acquire, clean)


def test_an_unknown_measure_column_names_the_measure(project: Project) -> None:
    measures = {"loyalty": {"label": text("spending"), "agg": "sum", "column": "amounts"}}
    project.log("demo", EVENTS, measures=measures)
    found = stage_error("demo", acquire, clean)
    assert "panel.measures.loyalty" in found
    assert "did you mean 'amount'" in found
