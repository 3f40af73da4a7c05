"""A log that tells only the gap since the entity's occasion before: days are sums of gaps, from the entity's first."""

from __future__ import annotations

import pytest

from pipeline.cards import card as cards
from pipeline.core.errors import InputError
from pipeline.stages import acquire, clean
from tests.conftest import Project, stage_error, text, words
from tests.test_engines import ENGINES, cleaned

HEADER = "user,visit,gap,amount\n"
# a comes on days 0, 7, 10 and 41, with several lines a visit and visits in no order; b on days 0 and 6 from its own
# start, though it was there before the log; a line of nobody.
ROWS = "a,10,31,1\na,2,7,1\na,2,7,1\nb,5,4,1\na,1,,1\na,1,,1\nb,6,6,1\na,9,3,1\na,9,3,1\n,1,,1\n"
PANEL = {
    "time": {"gap": "gap", "order": "visit"},
    "period": "week",
    "measures": {
        "stickiness": {"label": text("days"), "agg": "days"},
        "loyalty": {"label": text("sum"), "agg": "sum", "column": "amount"},
    },
}


@pytest.mark.parametrize(("engine", "bucket"), [("duckdb", 10_000), ("duckdb", 3), *ENGINES[1:]])
def test_a_gap_counts_once_an_occasion_and_weeks_from_the_own_start(project: Project, engine: str, bucket: int) -> None:
    project.log("demo", HEADER + ROWS, **PANEL)
    acquire.run("demo")
    panel, ledger = cleaned(project, engine=engine, bucket=bucket)
    panel["time"] -= panel["time"].min()
    a, b = (panel[panel["entity"] == entity] for entity in "ab")
    assert a[["time", "stickiness", "loyalty"]].to_numpy().tolist() == [
        [0, 1, 2], [1, 2, 4], [2, 0, 0], [3, 0, 0], [4, 0, 0], [5, 1, 1]
    ]  # fmt: skip
    assert b[["time", "stickiness", "loyalty"]].to_numpy().tolist() == [[0, 2, 2]]
    line = ledger.set_index("step")
    assert words(line.loc["clock", "rule"]) == "days since each user's first event: the sum of gap, once for each visit"
    assert line.loc["no_entity_or_time", ["rows_before", "rows_after"]].tolist() == [10, 9]
    assert not {"left_censored", "right_censored"} & set(line.index), "on clocks of their own all begin at once"


@pytest.mark.parametrize(
    ("later", "column", "said"),
    [("a,2,,1\na,3,2,1\n", "gap", ["occasion 2 of 'a' without a gap", "every occasion but the entity's first",
                                   "fill in the days since the occasion before"]),
     ("a,2,-3,1\n", "gap", ["occasion 2 of 'a' with a gap of -3", "from 0 to a century", "write gaps in days"]),
     ("a,2,86400,1\n", "gap", ["a gap of 86400"]),
     ("a,2,3,1\na,2,4,1\n", "gap", ["occasion 2 of 'a' with the gaps 3 and 4", "different numbers of visit"]),
     ("a,2,3,1\na,2,,1\n", "gap", ["occasion 2 of 'a' with the gaps 3 and a blank"]),
     ("a,,3,1\n", "visit", ["an event of 'a' without the number", "fill in visit"]),
     ("a,2,soon,1\n", "gap", ["'soon'", "numbers, for panel.time.gap"]),
     ("a,second,2,1\n", "visit", ["'second'", "numbers, for panel.time.order"])],
)  # fmt: skip
def test_a_day_that_gaps_do_not_tell_is_named(project: Project, later: str, column: str, said: list[str]) -> None:
    project.log("demo", HEADER + "b,1,,1\na,1,,1\n" + later, **PANEL)
    found = stage_error("demo", acquire, clean)
    assert all(part in found for part in (f"row 4, column {column}", *said)), found


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"period": "month"}, "period: month with panel.time.gap"),
     ({"span": "entry"}, "span: entry with panel.time.gap"),
     ({"rules": {"drop_left_censored": True}}, "drop_left_censored with panel.time.gap"),
     ({"measures": {"stickiness": {"label": text("x"), "agg": "sessions"}}}, "agg: sessions with panel.time.gap"),
     ({"time": {"gap": "gap"}}, "no entry 'order'"),
     ({"time": {"gap": "gap", "order": "visit", "timezone": "UTC"}}, "column panel.time\n"),
     ({"rows_are": "periods", "measures": {"stickiness": {"label": text("x"), "column": "amount"}}},
      "gap with rows_are: periods")],
)  # fmt: skip
def test_what_gaps_cannot_tell_is_found_on_the_card(project: Project, changed: dict, said: str) -> None:
    with pytest.raises(InputError) as excinfo:
        cards.load(project.log("demo", HEADER + ROWS, **PANEL | changed))
    assert said in str(excinfo.value)
