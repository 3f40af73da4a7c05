"""One set of expressions: every engine, and every cut of the log into buckets, gives the same panel and ledger."""

from __future__ import annotations

import importlib.util

import numpy as np
import pandas as pd
import pytest

from pipeline.core.errors import InputError
from pipeline.stages import acquire, clean
from tests import spark
from tests.conftest import Project, text, words


def installed(*modules: str) -> bool:
    return all(importlib.util.find_spec(module) for module in modules)


ENGINES = [
    pytest.param("duckdb", 900, id="duckdb in buckets"),
    pytest.param("polars", 10_000, id="polars", marks=pytest.mark.skipif(
        not installed("polars"), reason="polars is not installed: uv sync --group bench")),
    pytest.param("spark", 2_500, id="spark", marks=spark.NEEDED),
]  # fmt: skip
# A minute of Spark shows that its expressions agree; the rest of it is among the long tests.
BY_PERIOD = [
    pytest.param(*engine.values, period, id=f"{period}-{engine.id}",
                 marks=[*engine.marks, *([pytest.mark.slow] if (engine.id, period) == ("spark", "month") else [])])
    for period in ("month", "week") for engine in ENGINES
]  # fmt: skip


def log(users: int = 60, events: int = 4000) -> str:
    """Events of a year in the order of time, with duplicates, blanks, robots and users on two platforms."""
    rng = np.random.default_rng(3)
    user = rng.integers(users, size=events)
    when = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(rng.integers(365 * 1440, size=events)), "min")
    frame = pd.DataFrame({"user": [f"u{i:03d}" for i in user], "when": when.strftime("%Y-%m-%d %H:%M")})
    frame["shop"] = np.where(user % 3 == 0, "notes", "mall")
    frame.loc[user == 7, "shop"] = np.where(rng.random((user == 7).sum()) < 0.5, "notes", "mall")
    frame["kind"] = rng.choice(["view", "buy", "like"], size=events)
    frame["amount"] = np.round(rng.lognormal(size=events), 2)
    frame["item"] = rng.integers(40, size=events)
    frame["session"], frame["coupon"] = [f"s{i}" for i in range(events)], ""
    robot = pd.DataFrame({"user": "u999", "when": "2024-05-05 10:00", "shop": "mall", "kind": "view", "amount": 0.0,
                          "item": range(30), "session": "s", "coupon": ""})  # fmt: skip
    frame.loc[rng.random(events) < 0.01, "user"] = ""
    frame = pd.concat([frame, frame.sample(50, random_state=1), robot])
    return frame.to_csv(index=False)


PANEL = {
    "time": {"column": "when", "format": ["%Y-%m-%d %H:%M", "%d/%m/%Y"], "timezone": "Asia/Shanghai"},
    "span": "entry",
    "rules": {"drop_duplicates": True, "max_events_per_entity_day": 20, "min_periods": 3},
    "groups": {"platform_type": {"column": "shop", "levels": {"mall": "comprehensive", "notes": "content"}}},
    "columns": {"worth": {"product": ["amount", "item"]}, "code": {"from": "user", "pattern": "^u([0-9])"}},
    "measures": {
        "stickiness": {"label": text("days"), "agg": "days"},
        "participation": {"label": text("items"), "agg": "nunique", "column": "item", "where": {"kind": "like"}},
        "loyalty": {"label": text("spent"), "agg": "sum", "column": "worth", "where": {"kind": "buy"}},
        "value": {"label": text("mean"), "agg": "mean", "column": "amount", "transform": "log1p"},
        "trust": {"label": text("share"), "ratio": [{"agg": "count", "where": {"kind": ["buy"]}}, {"agg": "count"}]},
        "transaction": {"label": text("max"), "agg": "max", "column": "amount", "where": {"amount": {"above": 0.5}}},
    },
}  # fmt: skip


def cleaned(project: Project, **events: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    if events.get("engine") == "spark" and spark.HERE:
        spark.session()
    project.parameters(data_sets=["demo"], events={"engine": "duckdb", "bucket": 10**9, "memory": 1} | events)
    clean.run("demo")
    return pd.read_parquet("results/demo/clean/panel.parquet"), pd.read_csv("results/demo/clean/ledger.csv")


@pytest.mark.parametrize(("engine", "bucket", "period"), BY_PERIOD)
def test_the_engine_changes_no_number(project: Project, engine: str, bucket: int, period: str) -> None:
    project.log("demo", log(), **PANEL | {"period": period})
    acquire.run("demo")
    panel, ledger = cleaned(project)
    other, other_ledger = cleaned(project, engine=engine, bucket=bucket)
    # other engines add a few hundred amounts in another order; DuckDB in the same, however the log is cut
    tolerance = 0 if engine == "duckdb" else 1e-12
    pd.testing.assert_frame_equal(other, panel, rtol=tolerance, atol=0, check_dtype=False)
    pd.testing.assert_frame_equal(other_ledger, ledger)
    assert panel["entity"].is_monotonic_increasing
    lost = (ledger["rows_before"] - ledger["rows_after"]).set_axis(ledger["step"])
    assert (lost[["duplicates", "no_entity_or_time", "robots_and_wholesalers", "one_group_an_entity"]] > 0).all()


@pytest.mark.parametrize(("engine", "bucket"), [ENGINES[0], ENGINES[2]])
def test_sessions_open_after_a_gap(project: Project, engine: str, bucket: int) -> None:
    rows = "1,2024-01-05 10:00,view,0\n1,2024-01-05 10:25,buy,1\n1,2024-01-05 11:00,view,0\n1,2024-02-01 09:00,buy,2\n"
    project.log("demo", "user,when,kind,amount\n2,2024-01-05 10:50,view,0\n" + rows,
                time={"column": "when", "format": "%Y-%m-%d %H:%M"},
                measures={"stickiness": {"label": text("sessions"), "agg": "sessions"},
                          "loyalty": {"label": text("n"), "agg": "sessions", "where": {"kind": "buy"}}})  # fmt: skip
    acquire.run("demo")
    panel, ledger = cleaned(project, engine=engine, bucket=bucket)
    assert panel["stickiness"].tolist() == [2, 1, 1]
    assert panel["loyalty"].tolist() == [0, 1, 0]
    line = ledger.set_index("step").loc["sessions"]
    assert (line["rows_before"], line["rows_after"]) == (5, 4)
    assert (line["unit_before"], line["unit_after"]) == ("events", "sessions")
    assert "30 minutes" in words(line["rule"])


@pytest.mark.parametrize(
    ("events", "message"),
    [({"bucket": "1e6"}, r"(?s)column events.bucket.*'1e6'.*a number above zero"),
     ({"memory": "2GB"}, r"(?s)column events.memory.*'2GB'"),
     ({"memory": float("nan")}, r"(?s)row \d+.*nan for a number"),
     ({"memroy": 2}, r"(?s)events.memroy.*one of engine, bucket, memory.*'memory'")],
)  # fmt: skip
def test_what_params_say_of_events_is_checked(project: Project, events: dict, message: str) -> None:
    project.log("demo", "user,when,kind,amount\n1,2024-01-05,view,0\n")
    acquire.run("demo")
    with pytest.raises(InputError, match=message):
        cleaned(project, **events)


@pytest.mark.skipif(not installed("polars"), reason="polars is not installed: uv sync --group bench")
def test_what_an_engine_cannot_do_is_said(project: Project) -> None:
    project.log("demo", "user,when,kind,amount\n1,2024-01-05,view,0\n",
                measures={"stickiness": {"label": text("sessions"), "agg": "sessions"}})  # fmt: skip
    acquire.run("demo")
    with pytest.raises(InputError, match=r"(?s)agg: sessions, which polars cannot do.*duckdb or spark"):
        cleaned(project, engine="polars")


def test_an_engine_that_is_not_there_names_its_command(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.log("demo", "user,when,kind,amount\n1,2024-01-05,view,0\n")
    acquire.run("demo")
    with pytest.raises(
        InputError, match=r"(?s)params.yaml, row \d+, column events.engine.*unknown engine 'duckbd'.*'duckdb'"
    ):
        cleaned(project, engine="duckbd")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"(?s)pyspark is not installed.*uv sync --group spark"):
        cleaned(project, engine="spark")


def test_duplicates_that_two_users_share_are_found_across_buckets(project: Project) -> None:
    rows = "".join(f"{user},2024-01-0{day},buy,{day}\n" for user in (1, 2, 3) for day in (4, 5, 6))
    project.log("demo", "user,when,kind,amount\n" + rows, rules={"drop_duplicates": ["amount"]})
    acquire.run("demo")
    panel, _ = cleaned(project, bucket=3)
    assert len(panel) == 1


def test_seconds_since_1970_may_be_cut_into_buckets(project: Project) -> None:
    rows = "".join(f"{user},{1704445200 + 86400 * day},buy,1\n" for user in (1, 2, 3) for day in range(3))
    project.log("demo", "user,when,kind,amount\n" + rows, time={"column": "when", "format": "unix"})
    acquire.run("demo")
    panel, _ = cleaned(project, bucket=3)
    assert panel["stickiness"].tolist() == [3, 3, 3]
