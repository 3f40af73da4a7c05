"""Event logs become panels by stated rules: periods, zones, zeros, duplicates, robots, groups."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest
import yaml

from pipeline.core.errors import InputError
from pipeline.core.ledger import left
from pipeline.stages import acquire, clean
from tests.conftest import Project, text, words

HEADER = "user,when,kind,amount\n"


def panel_of(project: Project, rows: str, **panel: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    project.log("demo", HEADER + rows, **panel)
    acquire.run("demo")
    clean.run("demo")
    return pd.read_parquet("results/demo/clean/panel.parquet"), pd.read_csv("results/demo/clean/ledger.csv")


def test_periods_without_events_count_as_zero_inside_the_span(project: Project) -> None:
    rows = "1,2023-11-05,buy,10\n1,2024-02-02,view,0\n2,2023-12-09,buy,4\n"
    panel, _ = panel_of(project, rows)
    one = panel[panel["entity"] == 1]
    assert one["time"].diff().dropna().eq(1).all()
    assert one["stickiness"].tolist() == [1, 0, 0, 1]
    assert one["loyalty"].tolist() == [10, 0, 0, 0]
    assert len(panel[panel["entity"] == 2]) == 1


@pytest.mark.parametrize(("span", "lengths"), [("observed", [4, 1]), ("entry", [4, 3]), ("calendar", [4, 4])])
def test_spans(project: Project, span: str, lengths: list[int]) -> None:
    rows = "1,2023-11-05,buy,10\n1,2024-02-02,view,0\n2,2023-12-09,buy,4\n"
    panel, _ = panel_of(project, rows, span=span)
    assert panel.groupby("entity").size().tolist() == lengths


@pytest.mark.parametrize(
    ("period", "days", "apart"),
    [("week", ("2024-01-07", "2024-01-08"), 1), ("week", ("2024-01-08", "2024-01-14"), 0),
     ("quarter", ("2023-12-31", "2024-01-01"), 1), ("year", ("2023-01-01", "2023-12-31"), 0)],
)  # fmt: skip
def test_periods_begin_where_they_should(project: Project, period: str, days: tuple[str, str], apart: int) -> None:
    panel, _ = panel_of(project, "".join(f"1,{day},buy,1\n" for day in days), period=period)
    assert panel["time"].max() - panel["time"].min() == apart


@pytest.mark.parametrize("period", ["week", "month", "quarter", "year"])
def test_days_are_counted_once_however_long_the_period(project: Project, period: str) -> None:
    days = pd.date_range("2023-01-01", "2024-12-31").repeat(2)
    rows = "".join(f"1,{day:%Y-%m-%d},{'buy' if day.day % 3 else 'view'},1\n" for day in days)
    measures = {
        "stickiness": {"label": text("days"), "agg": "days"},
        "loyalty": {"label": text("days with a purchase"), "agg": "days", "where": {"kind": "buy"}},
        "trust": {"label": text("never"), "agg": "days", "where": {"amount": {"above": 9}}},
    }
    panel, _ = panel_of(project, rows, period=period, measures=measures)
    once = days.unique().to_series()
    code = {"week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}[period]
    assert panel["stickiness"].tolist() == once.groupby(once.dt.to_period(code)).size().tolist()
    bought = (once.dt.day % 3 > 0).groupby(once.dt.to_period(code)).sum()
    assert panel["loyalty"].tolist() == bought.tolist()
    assert panel["trust"].eq(0).all()


def test_a_time_zone_moves_late_events_to_the_next_local_day(project: Project) -> None:
    rows = "1,2024-01-31 20:00,buy,1\n1,2024-01-31 10:00,buy,1\n"
    time = {"column": "when", "format": "%Y-%m-%d %H:%M", "timezone": "Asia/Shanghai"}
    panel, ledger = panel_of(project, rows, time=time)
    assert panel["stickiness"].tolist() == [1, 1]
    line = ledger.set_index("step").loc["clock"]
    assert words(line["rule"]) == "UTC moved to Asia/Shanghai"
    assert words(line["why"]) == "days and months begin on that clock"


def test_means_and_ratios_without_events_are_missing_not_zero(project: Project) -> None:
    measures = {
        "trust": {"label": text("share"), "ratio": [
            {"agg": "sum", "column": "amount", "where": {"kind": ["buy"]}}, {"agg": "sum", "column": "amount"}]},
        "value": {"label": text("mean"), "agg": "mean", "column": "amount"},
        "stickiness": {"label": text("n"), "agg": "count", "where": {"amount": {"above": 5}}, "transform": "log1p"},
    }  # fmt: skip
    panel, _ = panel_of(project, "1,2024-01-05,buy,10\n1,2024-01-06,gift,30\n1,2024-03-02,view,2\n", measures=measures)
    assert panel["trust"].iloc[0] == 0.25
    assert np.isnan(panel["trust"].iloc[1])
    assert np.isnan(panel["value"].iloc[1])
    assert panel["stickiness"].tolist() == [np.log1p(2), 0, 0]


def test_duplicates_robots_and_split_users_are_left_out_with_a_line_in_the_ledger(project: Project) -> None:
    rows = "1,2024-01-05,buy,10\n1,2024-01-05,buy,10\n" + "".join(f"9,2024-01-05,view,{i}\n" for i in range(6))
    rows += "2,2024-01-05,view,1\n2,2024-02-05,buy,1\n3,2024-02-05,view,1\n"
    groups = {"device": {"column": "kind", "levels": {"buy": "buyer", "view": "viewer"}}}
    rules = {"drop_duplicates": True, "max_events_per_entity_day": 5}
    panel, ledger = panel_of(project, rows, rules=rules, groups=groups)
    lost = (ledger["rows_before"] - ledger["rows_after"]).set_axis(ledger["step"])
    assert lost["duplicates"] == 1
    assert lost["robots_and_wholesalers"] == 6
    assert lost["one_group_an_entity"] == 1
    assert sorted(panel["entity"].unique()) == [1, 3]
    for unit, steps in ledger[ledger["unit_before"] == ledger["unit_after"]].groupby("unit_after"):
        assert steps["rows_before"].tolist()[1:] == steps["rows_after"].tolist()[:-1], f"{unit}: a step begins anew"
    assert left(ledger, "panel") == len(panel)


def test_stacked_tables_made_columns_and_two_forms_of_a_date(project: Project) -> None:
    rows = "a_1,1/31/2024 9:00,2,3\na_1,2/1/24 9:00,2,3\nb_2,2/13/2024 9:00,1,5\n"
    made = {"page": {"from": "post", "pattern": "^([a-z])_"}, "worth": {"product": ["n", "price"]}}
    project.log(
        "demo",
        "post,when,n,price\n" + rows,
        entity="page",
        time={"column": "when", "format": ["%m/%d/%y %H:%M", "%m/%d/%Y %H:%M"]},
        stack=["more"],
        columns=made,
        rules={"drop_duplicates": ["post"]},
        measures={
            "loyalty": {"label": text("worth"), "agg": "sum", "column": "worth"},
            "participation": {"label": text("notes"), "agg": "count", "where": {"note": "yes"}},
            "stickiness": {"label": text("days"), "agg": "days"},
        },
    )
    more = "post,when,note\nb_3,2/13/2024 20:00,yes\nb_4,2/14/24 8:00,yes\n"
    (project.folder / "data/demo/more.csv").write_text(more, encoding="utf-8")
    path = project.folder / "data/demo/card.yaml"
    card = yaml.safe_load(path.read_text(encoding="utf-8"))
    card["source"]["files"]["more"] = {"path": "more.csv", "sha256": hashlib.sha256(more.encode()).hexdigest()}
    project.card("demo", card)
    acquire.run("demo")
    clean.run("demo")
    panel = pd.read_parquet("results/demo/clean/panel.parquet").set_index("entity")
    assert panel.loc["a"].to_dict() == {"time": 2024 * 12, "loyalty": 6, "participation": 0, "stickiness": 1}
    assert panel.loc["b"].to_dict() == {"time": 2024 * 12 + 1, "loyalty": 5, "participation": 2, "stickiness": 2}


def test_a_wholesaler_is_known_by_what_is_taken_on_a_day(project: Project) -> None:
    rows = "1,2024-01-05,buy,60\n1,2024-01-05,buy,50\n2,2024-01-05,buy,60\n2,2024-01-06,buy,50\n"
    panel, ledger = panel_of(project, rows, rules={"max_sum_per_entity_day": {"amount": 100}})
    assert panel["entity"].tolist() == [2]
    assert "more than 100 amount on a day" in ledger["rule"].map(words).tolist()


def test_a_column_made_from_an_absent_one_is_named(project: Project) -> None:
    with pytest.raises(InputError, match=r"(?s)no column 'amout'.*panel\.columns\.worth"):
        panel_of(project, "1,2024-01-05,buy,1\n", columns={"worth": {"product": ["amout", "amount"]}})


def test_whose_beginning_or_end_is_not_seen_is_counted_and_left_out_on_request(project: Project) -> None:
    rows = "1,2024-01-05,buy,1\n1,2024-02-05,buy,1\n2,2024-02-05,buy,1\n2,2024-03-05,buy,1\n3,2024-02-09,buy,1\n"
    panel, ledger = panel_of(project, rows)
    line = ledger.set_index("step").loc[["left_censored", "right_censored"]]
    assert line[["rows_before", "rows_after", "cells_changed"]].to_numpy().tolist() == [[3, 3, 1]] * 2
    assert set(line["unit_after"]) == {"entities"}
    assert panel["entity"].unique().tolist() == [1, 2, 3]
    panel, ledger = panel_of(project, rows, rules={"drop_left_censored": True})
    assert panel["entity"].unique().tolist() == [2, 3]
    line = ledger.set_index("step").loc["left_censored"]
    assert line[["rows_before", "rows_after", "cells_changed"]].tolist() == [3, 2, 0]


def test_an_entity_with_too_large_a_share_of_all_events_is_left_out(project: Project) -> None:
    rows = "".join(f"1,2024-01-{day:02d},buy,1\n" for day in range(1, 9)) + "2,2024-01-05,buy,1\n3,2024-02-05,buy,1\n"
    panel, ledger = panel_of(project, rows, rules={"max_share_of_events": 0.5})
    assert panel["entity"].tolist() == [2, 3]
    assert "more than 0.5 of all events" in ledger["rule"].map(words).tolist()


def test_a_column_of_the_source_may_be_named_like_a_step_of_the_work(project: Project) -> None:
    project.parameters(data_sets=["demo"], events={"engine": "duckdb", "bucket": 2, "memory": 1})
    rows = "1,2024-01-05,a,9,7,5\n1,2024-01-05,a,8,7,5\n" + "2,2024-01-06,b,9,7,6\n" * 2 + "3,2024-01-07,b,1,1,1\n"
    project.log("demo", "user,when,kind,place,opens,nth\n" + rows, rules={"drop_duplicates": True},
                measures={"loyalty": {"label": text("sum"), "agg": "sum", "column": "place"},
                          "value": {"label": text("sum"), "agg": "sum", "column": "opens"},
                          "stickiness": {"label": text("sessions"), "agg": "sessions"}})  # fmt: skip
    acquire.run("demo")
    clean.run("demo")
    panel = pd.read_parquet("results/demo/clean/panel.parquet").set_index("entity")
    assert panel["loyalty"].tolist() == [17, 9, 1]
    assert panel["value"].tolist() == [14, 7, 1]
    assert panel["stickiness"].tolist() == [1, 1, 1]


def test_an_event_without_its_key_is_like_no_other(project: Project) -> None:
    rows = "1,2024-01-05,buy,\n1,2024-01-06,b,\n1,2024-01-07,b,3\n1,2024-01-08,b,3\n"
    panel, _ = panel_of(project, rows, rules={"drop_duplicates": ["amount"]})
    assert panel["stickiness"].tolist() == [3]


def test_what_was_given_back_does_not_hide_a_wholesaler(project: Project) -> None:
    rows = "1,2024-01-05,buy,900\n1,2024-01-05,return,-900\n2,2024-01-05,buy,9\n"
    panel, _ = panel_of(project, rows, rules={"max_sum_per_entity_day": {"amount": 100}})
    assert panel["entity"].tolist() == [2]


def test_a_blank_adds_nothing_to_a_sum_of_columns(project: Project) -> None:
    project.log("demo", "user,when,kind,web,shop\n1,2024-01-05,a,120,120\n1,2024-01-06,a,120,\n2,2024-01-06,a,,\n",
                measures={"loyalty": {"label": text("sum"), "agg": "sum", "column": ["web", "shop"]},
                          "value": {"label": text("mean"), "agg": "mean", "column": ["web", "shop"]}})  # fmt: skip
    acquire.run("demo")
    clean.run("demo")
    panel = pd.read_parquet("results/demo/clean/panel.parquet")
    assert panel["loyalty"].tolist() == [360, 0]
    assert panel["value"].tolist()[0] == 180
    assert np.isnan(panel["value"].tolist()[1])


def test_a_sum_that_log1p_does_not_know_is_an_error(project: Project) -> None:
    measures = {"loyalty": {"label": text("sum"), "agg": "sum", "column": "amount", "transform": "log1p"}}
    with pytest.raises(InputError, match=r"(?s)1 values of loyalty that are -1 or less, the smallest -5.*refunds"):
        panel_of(project, "1,2024-01-05,buy,-5\n2,2024-01-05,buy,2\n", measures=measures)


def test_a_group_that_is_blank_in_some_events_is_the_one_of_the_others(project: Project) -> None:
    rows = "1,2024-01-05,v,1\n1,2024-01-06,,1\n2,2024-01-05,v,1\n2,2024-01-06,w,1\n3,2024-01-05,,1\n"
    levels = {"v": "vertical", "w": "social"}
    panel, ledger = panel_of(project, rows, groups={"platform_type": {"column": "kind", "levels": levels}},
                             measures={"stickiness": {"label": text("n"), "agg": "count"}})  # fmt: skip
    assert panel["entity"].tolist() == [1, 3]
    assert panel["platform_type"].tolist()[0] == "vertical"
    assert panel["platform_type"].isna().tolist() == [False, True]
    line = ledger.set_index("step").loc["one_group_an_entity"]
    assert (line["rows_before"], line["rows_after"]) == (3, 2)


def test_names_of_the_panel_are_not_given_twice(project: Project) -> None:
    with pytest.raises(InputError, match="a group or measure named 'time'"):
        panel_of(project, "1,2024-01-05,v,1\n", groups={"time": {"column": "kind", "levels": {"v": "x"}}})


def test_buying_at_all_and_tenure(project: Project) -> None:
    rows = "1,2023-11-05,view,1\n1,2023-12-05,buy,1\n1,2023-12-06,buy,1\n1,2024-02-02,view,0\n2,2024-01-09,buy,4\n"
    measures = {
        "stickiness": {"label": text("bought"), "agg": "any", "where": {"kind": "buy"}},
        "loyalty": {"label": text("months since the first"), "agg": "tenure"},
    }
    panel, _ = panel_of(project, rows, span="calendar", measures=measures)
    assert panel["stickiness"].tolist() == [0, 1, 0, 0, 0, 0, 1, 0]
    assert panel["loyalty"].tolist() == [0, 1, 2, 3, 0, 0, 0, 1]


def test_a_log_may_call_its_columns_entity_and_moment_but_only_these(project: Project) -> None:
    measures = {"loyalty": {"label": text("sum"), "agg": "sum", "column": "amount"}}
    rows = "Entity,Moment,amount\n1,2024-01-05,2\n1,2024-01-06,3\n"
    time = {"column": "Moment", "format": "%Y-%m-%d"}
    project.log("demo", rows, entity="Entity", time=time, measures=measures)
    acquire.run("demo")
    clean.run("demo")
    assert pd.read_parquet("results/demo/clean/panel.parquet")["loyalty"].tolist() == [5]
    measures["loyalty"]["column"] = "entity"
    project.log("demo", "user,when,entity\n1,2024-01-05,7\n", measures=measures)
    acquire.run("demo")
    with pytest.raises(InputError, match=r"(?s)a column 'entity' that is neither panel.entity.*rename"):
        clean.run("demo")
