"""Every door of the pipeline reads the same text in the same way: a table of door × kind of text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from pipeline.core.errors import InputError
from pipeline.stages import acquire, clean
from tests.conftest import Project, base_card, log_card, survey_card, text

Door = Callable[..., list[float]]


def through(project: Project, rows: list[str], card: dict, **file: object) -> None:
    card["source"]["files"]["table"] |= file
    project._with_file("demo", "\n".join(rows) + "\n", card)
    acquire.run("demo")
    clean.run("demo")


def answer(project: Project, *cells: str, **file: object) -> list[float]:
    card = survey_card("demo")
    for item in card["survey"]["items"]:
        item["range"] = [-5, 99_999]
    rows = ["platform|A1|A2|B1|B2", *(f"tmall|{cell}|1|1|1" for cell in cells), "tmall|5|1|1|1"]
    through(project, rows, card, separator="|", **file)
    return pd.read_parquet("results/demo/clean/survey.parquet")["a1"].tolist()[:-1]


def control(project: Project, *cells: str, **file: object) -> list[float]:
    card = survey_card("demo")
    card["survey"]["controls"] = {"age": {"column": "age", "kind": "number", "label": text("age")}}
    rows = ["platform|A1|A2|B1|B2|age", *(f"tmall|1|1|1|1|{cell}" for cell in cells), "tmall|5|1|1|1|7"]
    through(project, rows, card, separator="|", **file)
    return pd.read_parquet("results/demo/clean/survey.parquet")["age"].tolist()[:-1]


def duration(project: Project, *cells: str, **file: object) -> list[float]:
    card = survey_card("demo")
    card["survey"]["duration"] = {"column": "took", "unit": "seconds"}
    rows = ["platform|A1|A2|B1|B2|took", *(f"tmall|1|1|1|1|{cell}" for cell in cells), "tmall|5|1|1|1|7"]
    through(project, rows, card, separator="|", **file)
    return pd.read_parquet("results/demo/clean/survey.parquet")["response_seconds"].tolist()[:-1]


def event(project: Project, *cells: str, **file: object) -> list[float]:
    card = log_card("demo")
    measure = {"label": text("spending"), "agg": "sum", "column": "amount"}
    card["panel"] |= {"measures": {"loyalty": measure}, "time": {"column": "when", "format": "%Y-%m-%d"}}
    rows = ["user|when|amount", *(f"{i}|2024-01-05|{cell}" for i, cell in enumerate(cells)), "9|2024-01-05|7"]
    through(project, rows, card, separator="|", **file)
    return pd.read_parquet("results/demo/clean/panel.parquet")["loyalty"].tolist()[:-1]


def period(project: Project, *cells: str, **file: object) -> list[float]:
    card = log_card("demo")
    measures = {"loyalty": {"label": text("spending"), "column": "amount"}}
    card["panel"] |= {"rows_are": "periods", "measures": measures, "time": {"column": "when"}}
    rows = ["user|when|amount", *(f"{i}|1|{cell}" for i, cell in enumerate(cells)), "9|1|7"]
    through(project, rows, card, separator="|", **file)
    return pd.read_parquet("results/demo/clean/panel.parquet")["loyalty"].tolist()[:-1]


def subject(project: Project, *cells: str, **file: object) -> list[float]:
    entry = {"label": text("c"), "column": "v"}
    cohort = {"event_is": text("e"), "table": "table", "origin": "o", "event": "e", "format": "%Y-%m-%d",
              "end": "2024-04-30", "period": 10, "horizon": 100, "covariates": {"trust_fulfilment": entry}}  # fmt: skip
    rows = ["o|e|v", *(f"2024-01-01|2024-02-01|{cell}" for cell in cells), "2024-01-05||7"]
    through(project, rows, base_card("demo") | {"cohort": cohort}, separator="|", **file)
    return pd.read_parquet("results/demo/clean/cohort.parquet")["trust_fulfilment"].tolist()[:-1]


DOORS = {each.__name__: each for each in (answer, control, duration, event, period, subject)}
doors = pytest.mark.parametrize("door", DOORS)


NUMBERS = {"3": 3, "2.5": 2.5, " 12 ": 12, "１２": 12, "+4": 4, "1e3": 1000, "007": 7}


@doors
def test_what_is_a_number_is_one_in_every_door(project: Project, door: str) -> None:
    assert DOORS[door](project, *NUMBERS) == list(NUMBERS.values())


@pytest.mark.parametrize("door", [door for door in DOORS if door != "duration"])
def test_a_minus_is_a_minus_however_it_is_written(project: Project, door: str) -> None:
    assert DOORS[door](project, "−3") == [-3]


@doors
@pytest.mark.parametrize("cell", ["1,234", "1.234,5", "2,5", "EUR 7", "12%", "inf", "-Infinity", "1e999",
                                  "0x10", "1_000", "(3)", "often", "3 000", "1.2.3"])  # fmt: skip
def test_what_is_none_is_an_error_with_its_line_in_every_door(project: Project, door: str, cell: str) -> None:
    with pytest.raises(InputError) as error:
        DOORS[door](project, cell)
    assert "table.csv, row 2, column " in str(error.value)


@doors
def test_two_readings_are_both_named(project: Project, door: str) -> None:
    with pytest.raises(InputError, match=r"31245 or 31\.245: say thousands: \",\" or decimal: \",\"") as error:
        DOORS[door](project, "31,245")
    assert "table.csv, row 2, column " in str(error.value)


@doors
@pytest.mark.parametrize(
    ("cell", "file", "value"),
    [("31,245", {"decimal": ","}, 31.245), ("31,245", {"thousands": ","}, 31_245), ("2,5", {"decimal": ","}, 2.5),
     ("1.234,5", {"decimal": ",", "thousands": "."}, 1234.5), ("1 234", {"thousands": " "}, 1234)],
)  # fmt: skip
def test_a_card_can_say_how_its_numbers_are_written(
    project: Project, door: str, cell: str, file: dict, value: float
) -> None:
    assert DOORS[door](project, cell, **file) == pytest.approx([value])


@doors
def test_a_number_in_another_notation_than_the_cards_is_an_error(project: Project, door: str) -> None:
    with pytest.raises(InputError, match='table.csv, row 2(?s:.*)a number with decimal: ","'):
        DOORS[door](project, "1.234", decimal=",")


def deliver(project: Project, frame: pd.DataFrame, card: dict) -> None:
    """A card's data as Parquet."""
    folder = project.folder / "data/demo"
    folder.mkdir(exist_ok=True)
    frame.to_parquet(folder / "table.parquet", index=False)
    digest = hashlib.sha256((folder / "table.parquet").read_bytes()).hexdigest()
    card["source"]["files"]["table"] = {"path": "table.parquet", "sha256": digest}
    project.card("demo", card)
    acquire.run("demo")
    clean.run("demo")


# The last hour of January in UTC is February in Shanghai.
ZONED = pd.to_datetime(["2024-01-31 17:30", "2024-03-05 01:00"], utc=True).tz_convert("Asia/Shanghai")


@pytest.mark.parametrize(("zone", "months"), [(None, [24288, 24290]), ("Asia/Shanghai", [24289, 24290])])
def test_times_with_a_zone_in_a_log_are_counted_on_the_cards_clock(
    project: Project, zone: str | None, months: list[int]
) -> None:
    card = log_card("demo")
    card["panel"]["measures"] = {"stickiness": {"label": text("visits"), "agg": "count"}}
    card["panel"]["time"] = {"column": "when"} | ({"timezone": zone} if zone else {})
    deliver(project, pd.DataFrame({"user": ["a", "b"], "when": ZONED}), card)
    assert pd.read_parquet("results/demo/clean/panel.parquet")["time"].tolist() == months


def test_times_with_a_zone_are_counted_in_utc_by_the_other_doors(project: Project) -> None:
    card = log_card("demo")
    measures = {"stickiness": {"label": text("visits"), "column": "n"}}
    card["panel"] |= {"rows_are": "periods", "measures": measures, "time": {"column": "when"}}
    deliver(project, pd.DataFrame({"user": ["a", "b"], "when": ZONED, "n": [1, 2]}), card)
    assert pd.read_parquet("results/demo/clean/panel.parquet")["time"].tolist() == [24288, 24290]
    entry = {"label": text("c"), "column": "n"}
    cohort = {"event_is": text("e"), "table": "table", "origin": "o", "event": "e", "end": "2024-04-30", "period": 10,
              "horizon": 100, "covariates": {"trust_fulfilment": entry}}  # fmt: skip
    frame = pd.DataFrame({"o": ZONED, "e": ZONED + pd.Timedelta(days=3), "n": [1, 2]})
    deliver(project, frame, base_card("demo") | {"cohort": cohort})
    assert pd.read_parquet("results/demo/clean/cohort.parquet")["duration"].tolist() == [3, 3]


@pytest.mark.parametrize("day", ["2024-02-30", "0000-01-01", "99999-01-01", "0024-01-05", "24-01-05", "05/01/2024"])
def test_a_day_that_cannot_be_is_an_error_in_logs_and_panels(project: Project, day: str) -> None:
    for rows_are, measure in (("events", {"agg": "count"}), ("periods", {"column": "n"})):
        card = log_card("demo")
        card["panel"] |= {"rows_are": rows_are, "measures": {"stickiness": {"label": text("v")} | measure}}
        with pytest.raises(InputError, match=r"table\.csv, row 3, column when"):
            through(project, ["user,when,n", "a,2024-01-05,1", f"b,{day},1"], card)


@pytest.mark.parametrize("rows_are", ["events", "periods"])
def test_excels_day_numbers_are_no_seconds(project: Project, rows_are: str) -> None:
    card = log_card("demo")
    measure = {"agg": "count"} if rows_are == "events" else {"column": "n"}
    card["panel"] |= {"rows_are": rows_are, "measures": {"stickiness": {"label": text("v")} | measure}}
    card["panel"]["time"] = {"column": "when", "format": "unix"}
    with pytest.raises(InputError, match=r"45658\.3(?s:.*)Excel's day numbers"):
        through(project, ["user,when,n", "a,45658.3,1", "b,45659.5,1"], card)


def test_a_logarithm_that_is_none_is_an_error_in_every_door(project: Project) -> None:
    doors = {
        "events": {"agg": "sum", "column": "n", "transform": "log1p"},
        "periods": {"column": "n", "transform": "log1p"},
    }
    for rows_are, measure in doors.items():
        card = log_card("demo")
        card["panel"] |= {"rows_are": rows_are, "measures": {"stickiness": {"label": text("v")} | measure}}
        with pytest.raises(InputError, match="values above -1, which log1p needs"):
            through(project, ["user,when,n", "a,2024-01-05,-1", "b,2024-01-05,3"], card)


@pytest.mark.parametrize("transform", [{}, {"transform": "log1p"}])
@pytest.mark.parametrize("source", [{"column": "v"}, {"days": ["o", "d"]}])
def test_a_cohorts_covariate_is_its_logarithm_or_an_error(project: Project, transform: dict, source: dict) -> None:
    entry = {"label": text("c")} | source | transform
    cohort = {"event_is": text("e"), "table": "table", "origin": "o", "event": "e", "format": "%Y-%m-%d",
              "end": "2024-04-30", "period": 10, "horizon": 100, "covariates": {"trust_fulfilment": entry}}  # fmt: skip
    card = base_card("demo") | {"cohort": cohort}
    rows = ["o,e,d,v", "2024-01-01,2024-02-01,2024-01-04,3", "2024-01-05,,2024-01-12,7"]
    through(project, rows, card)
    found = pd.read_parquet("results/demo/clean/cohort.parquet")["trust_fulfilment"]
    assert found.tolist() == (np.log1p([3, 7]).tolist() if transform else [3, 7])
    if transform:
        with pytest.raises(InputError, match=r"row 3(?s:.*)-1 for trust_fulfilment"):
            through(project, [*rows[:2], "2024-01-05,,2024-01-04,-1"], card)


def test_long_ids_with_gaps_stay_apart_in_parquet(project: Project) -> None:
    card = log_card("demo")
    card["panel"] |= {"measures": {"stickiness": {"label": text("v"), "column": "n"}}, "rows_are": "periods"}
    card["panel"]["time"] = {"column": "when"}
    ids = pd.array([6_000_000_000_000_000_001, 6_000_000_000_000_000_002, None], dtype="Int64")
    deliver(project, pd.DataFrame({"user": ids, "when": [1, 1, 1], "n": [1, 2, 3]}), card)
    found = pd.read_parquet("results/demo/clean/panel.parquet")
    assert found["entity"].tolist() == [6_000_000_000_000_000_001, 6_000_000_000_000_000_002]


def test_a_duration_in_parquet_is_its_seconds_and_never_a_bare_number(project: Project) -> None:
    card = survey_card("demo")
    card["survey"]["duration"] = {"column": "took", "unit": "minutes"}
    frame = pd.DataFrame({name: [1, 2] for name in ("A1", "A2", "B1", "B2")}).assign(platform="tmall")
    deliver(project, frame.assign(took=pd.to_timedelta([185, np.nan], unit="s")), card)
    assert pd.read_parquet("results/demo/clean/survey.parquet")["response_seconds"][0] == 185
    log = log_card("demo")
    log["panel"]["measures"] = {"stickiness": {"label": text("v"), "agg": "sum", "column": "took"}}
    frame = pd.DataFrame({"user": ["a"], "when": ["2024-01-05"], "took": pd.to_timedelta([185], unit="s")})
    with pytest.raises(InputError, match=r"'185\.0* s'"):
        deliver(project, frame, log)
