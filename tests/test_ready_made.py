"""A panel that is delivered as one follows its card, or the card is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipeline.cards import card as cards
from pipeline.core.errors import InputError
from pipeline.stages import acquire, clean
from tests.conftest import Project, stage_error, text

ROWS = "user,month,web,shop,kind\na,1,3,1,v\na,2,,4,v\nb,1,-5,2,w\nb,2,,,w\nc,1,7,0,v\n"


def of(project: Project, rows: str = ROWS, column: object = "shop", **panel: object) -> None:
    measure = {"label": text("x"), "column": column} | panel.pop("measure", {})  # type: ignore[call-overload]
    entries = {"time": {"column": "month"}, "rows_are": "periods", "measures": {"stickiness": measure}} | panel
    project.log("demo", rows, **entries)


def cleaned() -> tuple[pd.DataFrame, pd.DataFrame]:
    acquire.run("demo")
    clean.run("demo")
    ledger = pd.read_csv("results/demo/clean/ledger.csv").set_index("step")
    return pd.read_parquet("results/demo/clean/panel.parquet"), ledger[["rows_before", "rows_after"]]


def test_selection_short_entities_sums_and_logarithms(project: Project) -> None:
    of(project, column=["web", "shop"], measure={"transform": "log1p"}, where={"kind": "v"}, rules={"min_periods": 2})
    panel, ledger = cleaned()
    assert panel["entity"].tolist() == ["a", "a"]
    assert panel["stickiness"].tolist() == [np.log1p(4), np.log1p(4)]
    assert ledger.loc["selection"].tolist() == [5, 3]
    assert ledger.loc["too_short"].tolist() == [3, 2]
    of(project, column=["web", "shop"], measure={"transform": "log1p"})
    assert "row 4, column web, shop\n    found:    -3 for stickiness" in stage_error("demo", acquire, clean)
    of(project, where={"kind": "vw"})
    assert "no row with kind 'vw'" in stage_error("demo", acquire, clean)
    of(project, where={"kind": {"above": 1}})
    assert "row 2, column kind\n    found:    'v'\n    expected: numbers, for panel.where" in stage_error(
        "demo", acquire, clean
    )


@pytest.mark.parametrize(
    ("rows", "form"),
    [("a,2020-01,1\na,02/2020,2\n", ["%Y-%m", "%m/%Y"]), ("a,1577836800,1\na,1580515200,2\n", "unix"),
     ("a,1577836800000,1\na,1580515200000,2\n", "unix_ms")],
)  # fmt: skip
def test_times_in_several_forms_and_in_seconds(project: Project, rows: str, form: object) -> None:
    of(project, "user,month,shop\n" + rows, time={"column": "month", "format": form})
    assert cleaned()[0]["time"].tolist() == [2020 * 12, 2020 * 12 + 1]


@pytest.mark.parametrize(
    ("period", "written", "numbers"),
    [("month", (202012, 202101), [2020 * 12 + 11, 2021 * 12]), ("month", (20201231, 20210102), [24251, 24252]),
     ("quarter", (20204, 20211), [2020 * 4 + 3, 2021 * 4]), ("week", (202053, 202101), [2660, 2661]),
     ("year", (2019, 2020), [2019, 2020]), ("month", (11, 12), [11, 12])],
)  # fmt: skip
def test_whole_numbers_that_write_dates_are_the_periods_that_the_card_names(
    project: Project, period: str, written: tuple[int, int], numbers: list[int]
) -> None:
    of(project, "user,month,shop\n" + "".join(f"a,{time},1\n" for time in written), period=period)
    assert cleaned()[0]["time"].tolist() == numbers


def test_whole_numbers_of_another_period_are_refused(project: Project) -> None:
    of(project, "user,month,shop\na,202011,1\na,202012,2\na,202101,2\n", period="quarter")
    assert "numbers that write dates: 'month' has numbers such as 202011" in stage_error("demo", acquire, clean)


def test_counted_periods_do_not_meet_dated_roll_outs(project: Project) -> None:
    treatments = {
        "push": {
            "label": text("push"),
            "stands_for": "strategy_content",
            "table": "log",
            "start": {"column": "on", "format": "%Y-%m-%d"},
        }
    }
    panel = {"time": {"column": "month"}, "rows_are": "periods", "treatments": treatments}
    panel |= {"measures": {"stickiness": {"label": text("x"), "column": "shop"}}}
    for first, refused in ((1, True), (202001, False)):
        rows = f"user,month,shop\na,{first},1\na,{first + 1},2\nb,{first},2\nb,{first + 1},1\n"
        project.logs("demo", {"log": "user,on\na,2020-02-01\n"}, rows, **panel)
        if refused:
            assert "times that count from 1 to 2" in stage_error("demo", acquire, clean)
        else:
            assert cleaned()[0]["start_push"].dropna().tolist() == [24241, 24241]


@pytest.mark.parametrize(
    ("changed", "at"),
    [({"span": "entry"}, "panel.span"), ({"joins": [{"table": "table", "by": "user"}]}, "panel.joins"),
     ({"columns": {"both": {"product": ["web", "shop"]}}}, "panel.columns"),
     ({"time": {"column": "month", "timezone": "Asia/Shanghai"}}, "panel.time.timezone"),
     ({"rules": {"drop_duplicates": True}}, "panel.rules.drop_duplicates"),
     ({"measure": {"agg": "sum"}}, "panel.measures.stickiness.agg"),
     ({"measure": {"where": {"kind": "v"}}}, "panel.measures.stickiness.where"),
     ({"measure": {"empty": "zero"}}, "panel.measures.stickiness.empty")],
)  # fmt: skip
def test_what_only_events_can_have_is_refused(project: Project, changed: dict, at: str) -> None:
    of(project, **changed)
    with pytest.raises(InputError) as excinfo:
        cards.load(project.folder / "data/demo/card.yaml")
    assert f"column {at}\n    found:    {at.split('.')[-1]} with rows_are: periods" in str(excinfo.value)
