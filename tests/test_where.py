"""What a `where` of a card means: the same in a survey, a log, a ready-made panel, a roll-out and a cohort."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from models.messages.forms import made
from pipeline.cards.parts import Where
from pipeline.cleaning import event_conditions, row_conditions
from pipeline.cleaning.engines import Options, connect
from pipeline.core.errors import InputError
from pipeline.stages import acquire, clean
from tests import spark
from tests.conftest import Project, log_card, stage_error, survey_card, text

EVENTS = "user,when,kind,amount\na,2024-01-05,buy,10\na,2024-01-06,view,1\nb,2024-02-07,view,2\n"
ANSWERS = "A1,A2,B1,B2,platform,done\n1,2,3,4,tmall,1\n2,3,4,5,tmall,1\n5,4,3,2,notes,0\n"
LOGGED = {"stickiness": {"label": text("x"), "agg": "count"}}
DELIVERED = {"stickiness": {"label": text("x"), "column": "amount"}}


def written(project: Project, part: str, where: dict) -> None:
    """A card that selects rows in one of its parts; columns `platform` of the survey, else `kind` and `amount`."""
    if part == "survey":
        project.survey("demo", ANSWERS, survey=survey_card("demo")["survey"] | {"where": where})
        return
    card = log_card("demo")
    card["panel"] |= {"measures": LOGGED}
    if part == "panel.measures.stickiness":
        card["panel"]["measures"] = {"stickiness": LOGGED["stickiness"] | {"where": where}}
    elif part == "panel.treatments.offers":
        start = {"column": "when", "format": "%Y-%m-%d"}
        offers = {"label": text("x"), "stands_for": "strategy_relation", "table": "table", "start": start}
        card["panel"]["treatments"] = {"offers": offers | {"where": where}}
    elif part == "cohort.covariates.loyalty":
        covariates = {"loyalty": {"label": text("x"), "agg": "count", "where": where}}
        card["cohort"] = {"event_is": text("x"), "rows_are": "events", "period": 10, "horizon": 30}
        card["cohort"]["covariates"] = covariates
    elif part == "panel":
        card["panel"] |= {"where": where, "rows_are": "periods", "measures": DELIVERED}
    project._with_file("demo", EVENTS, card)


@pytest.mark.parametrize(
    "part",
    ["survey", "panel", "panel.measures.stickiness", "panel.treatments.offers", "cohort.covariates.loyalty"],
)
def test_every_value_that_is_named_has_to_occur(project: Project, part: str) -> None:
    column, value, slip = ("platform", "tmall", "tmal") if part == "survey" else ("kind", "view", "vew")
    written(project, part, {column: [value, slip, 7]})
    found = stage_error("demo", acquire, clean)
    assert f"table.csv, column {column}\n    found:    no row with {column} '{slip}'" in found
    assert f"expected: a value that occurs, for {part}.where\n    fix:      did you mean '{value}'?" in found
    assert f"no row with {column} 7\n" in found
    number = "done" if part == "survey" else "amount"
    written(project, part, {number: "1"})
    acquire.run("demo")
    clean.run("demo")
    written(project, part, {column: {"above": 1}})
    found = stage_error("demo", acquire, clean)
    assert f"row 2, column {column}" in found
    assert f"numbers, for {part}.where\n    fix:      correct it, or list the values of {column}" in found


CELLS = {
    "text": ["1", " 1", "1.0", "a", None], "whole": [1, 2, 3, 9_007_199_254_740_993, 4],
    "broken": [1.0, 0.1, 2.5, None, 3], "said": [True, False, True, None, False],
    "day": pd.to_datetime(["2024-01-05"] * 3 + ["2024-02-01"] * 2).date,
}  # fmt: skip
EQUAL = [("text", 1, [0, 1]), ("text", ["1.0", "a"], [2, 3]), ("text", {"above": 0}, None), ("whole", "2", [1]),
         ("whole", [1, 2.0], [0, 1]), ("whole", "9007199254740993", [3]), ("whole", {"above": 2, "below": 4}, [2]),
         ("broken", ["1", 0.1], [0, 1]), ("broken", {"above": 0.1, "below": 3}, [0, 2]), ("said", True, [0, 2]),
         ("said", "False", [1, 4]), ("day", "2024-01-05", [0, 1, 2]), ("whole", 2.5, None), ("text", "b", None),
         ("text", "nan", None), ("said", 1, None), ("broken", "nan", None), ("day", "2024-01", None)]  # fmt: skip


@pytest.mark.parametrize("engine", ["duckdb", "polars", pytest.param("spark", marks=[spark.NEEDED, pytest.mark.slow])])
def test_rows_of_tables_and_events_of_engines_are_meant_alike(engine: str, tmp_path: Path) -> None:
    if engine == "polars":
        pytest.importorskip("polars")
    frame, path = pd.DataFrame(CELLS).astype({"said": "boolean"}), tmp_path / "table.parquet"
    frame.assign(row=range(len(frame))).to_parquet(path)
    connected = connect(Options(engine=engine))
    table = connected.read(path)
    for column, entry, rows in EQUAL:
        where: Any = made(Where, {column: entry})
        if rows is None:
            with pytest.raises(InputError):
                row_conditions.meant(where, frame, "table", "where")
            with pytest.raises(InputError):
                event_conditions.check([("where", where)], table, "table", connected)
            continue
        event_conditions.check([("where", where)], table, "table", connected)
        met = table.filter(event_conditions.condition(table, where)).order_by("row").execute()
        assert met["row"].tolist() == rows, (column, entry)
        kept = row_conditions.meant(where, frame, "table", "where")
        assert kept[kept].index.tolist() == rows, (column, entry)


def test_what_left_nobody_is_named(project: Project) -> None:
    for part, where in (
        ("survey", {"done": 0, "platform": "tmall"}),
        ("panel", {"kind": "buy", "amount": {"below": 9}}),
    ):
        written(project, part, where)
        assert f"fix:      check {part}.where of data/demo/card.yaml" in stage_error("demo", acquire, clean)
