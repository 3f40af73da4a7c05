"""What a log cannot carry is said before anything is counted: keys, types, values that never occur, odd times."""

from __future__ import annotations

import pandas as pd
import pytest

from pipeline.cards import card as cards
from pipeline.core.errors import InputError
from pipeline.stages import acquire, clean
from tests.conftest import Project, stage_error, text

EVENTS = "user,when,kind,amount\na,2024-01-05,buy,10\na,2024-01-06,view,1\nb,2024-01-07,view,2\n"


def panel_of(project: Project, others: dict[str, str], table: str = EVENTS, **panel: object) -> pd.DataFrame:
    project.logs("demo", others, table, **panel)
    acquire.run("demo")
    clean.run("demo")
    return pd.read_parquet("results/demo/clean/panel.parquet")


def refused(project: Project, table: str = EVENTS, others: dict[str, str] | None = None, **panel: object) -> str:
    project.logs("demo", others or {}, table, **panel)
    return stage_error("demo", acquire, clean)


def measured(**measure: object) -> dict[str, dict]:
    return {"stickiness": {"label": text("x"), **measure}}


JOINED = {"joins": [{"table": "users", "by": "user"}]}


def test_a_key_with_several_rows_does_not_multiply_events(project: Project) -> None:
    found = refused(project, others={"users": "user,age\na,20\nb,30\na,21\na,22\n,5\n,6\n"}, **JOINED)
    assert "users.csv, column user" in found
    assert "3 rows with user 'a'" in found
    assert "leave one row for every user in users" in found
    panel = panel_of(project, {"users": "user,age\na,20\nb,30\n,5\n,6\n"}, **JOINED)
    assert panel["stickiness"].tolist() == [2, 1]


def test_numbers_and_texts_are_not_joined_or_stacked(project: Project) -> None:
    found = refused(project, others={"users": "user,age\n1,20\n2,30\n"}, **JOINED)
    assert "found:    user as numbers\n    expected: text, as in table" in found
    found = refused(project, others={"more": "user,when\n1,2024-01-05\n"}, stack=["more"])
    assert "more.csv, column user\n    found:    a column of type int64" in found
    assert "string" in found


def test_stacked_numbers_take_the_wider_type_and_an_empty_column_any(project: Project) -> None:
    more = "user,when,kind,amount\nb,2024-01-08,,0.5\n"
    loyalty = {"loyalty": {"label": text("x"), "agg": "sum", "column": "amount"}}
    assert panel_of(project, {"more": more}, stack=["more"], measures=loyalty)["loyalty"].tolist() == [11, 2.5]


@pytest.mark.parametrize("agg", ["sum", "mean", "max"])
def test_an_amount_that_is_no_number_names_its_row(project: Project, agg: str) -> None:
    found = refused(project, EVENTS.replace(",2\n", ',"1,000"\n'), measures=measured(agg=agg, column="amount"))
    assert "row 4, column amount\n    found:    '1,000'" in found
    assert f"numbers, for {agg} in panel.measures.stickiness" in found
    assert "it may mean 1000 or 1.000" in found


def test_large_products_do_not_overflow(project: Project, tmp_path) -> None:
    rows = pd.DataFrame({"user": ["a"], "when": ["2024-01-05"], "n": [100_000], "price": [100_000]})
    project.log("demo", "x\n1\n", columns={"worth": {"product": ["n", "price"]}},
                measures=measured(agg="sum", column="worth"))  # fmt: skip
    acquire.run("demo")
    rows.astype({"n": "int32", "price": "int32"}).to_parquet("results/demo/raw/table.parquet")
    clean.run("demo")
    assert pd.read_parquet("results/demo/clean/panel.parquet")["stickiness"].tolist() == [1e10]


def test_milliseconds_are_not_taken_for_the_year_51969(project: Project) -> None:
    rows = "user,when\na,1704445200000\na,\n"
    one = measured(agg="count")
    found = refused(project, rows, time={"column": "when", "format": "unix"}, measures=one)
    assert "1704445200000\n    expected: seconds since 1970, in the years 1990 to 2100" in found
    assert "say format: unix_ms" in found
    panel = panel_of(project, {}, rows, time={"column": "when", "format": "unix_ms"}, measures=one)
    assert panel["time"].tolist() == [2024 * 12]
    found = refused(project, "user,when\na,soon\n", time={"column": "when", "format": "unix"}, measures=one)
    assert "row 2, column when\n    found:    'soon'" in found


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"measures": measured(agg="sum")}, "agg: sum without a column"),
     ({"measures": measured(agg="days", column="when")}, "agg: days with a column"),
     ({"measures": measured(column="amount")}, "a measure without agg"),
     ({"measures": measured(agg="count", where={"kind": []})}, "panel.measures.stickiness.where.kind"),
     ({"where": {}}, "panel.where"),
     ({"time": {"column": "when", "timezone": "Asia/Shangai"}}, "did you mean 'Asia/Shanghai'"),
     ({"time": {"column": "when", "format": "%Q-%m"}}, "%Q is unknown"),
     ({"columns": {"made": {"from": "kind", "pattern": "("}}}, "unterminated subpattern"),
     ({"columns": {"made": {"from": "kind", "pattern": "v"}}}, "'v': no group"),
     ({"columns": {"made": {"from": "kind", "pattern": "(?<=v)(i)"}}}, "which the engines cannot")],
)  # fmt: skip
def test_what_a_panel_cannot_mean_is_found_on_the_card(project: Project, changed: dict, said: str) -> None:
    with pytest.raises(InputError) as excinfo:
        cards.load(project.log("demo", EVENTS, **changed))
    assert said in str(excinfo.value)
