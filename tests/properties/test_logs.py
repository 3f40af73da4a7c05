"""Any log that is nearly right becomes a panel or an error of ours."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import InputError
from pipeline.stages import acquire, clean
from tests.conftest import Project, log_card, text
from tests.properties.limits import only, runs, tried

CELLS = ["", "a", "NA", "7", "1,5", "−2", "inf", "1e400", "x\"y", "2024-01-05", "2024-02-30", "05.01.2024",
         "0001-01-01", "1704445200", "45658.3", "true", "é", " ", "9999-12-31"]  # fmt: skip
USERS, DAYS, AMOUNTS = ["a", "b", "01", "NA"], ["2024-01-05", "2024-02-05", "2023-12-31"], ["1", "2.5", "-3", ""]


def cell(usual: list[str]) -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(usual), st.sampled_from(usual), st.sampled_from(usual), st.sampled_from(CELLS))


@runs
def test_any_log_is_a_panel_or_an_error_of_ours(examples: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    project = Project(tmp_path)
    folder = tmp_path / "data/demo"
    folder.mkdir()
    rows = st.lists(st.tuples(cell(USERS), cell(DAYS), cell(AMOUNTS)), min_size=1, max_size=6)
    time = st.sampled_from([{"format": "%Y-%m-%d"}, {"format": "unix"}, {"format": ["%Y-%m-%d", "%d.%m.%Y"]}, {}])
    measures = st.sampled_from(
        [{"agg": "sum"}, {"agg": "mean"}, {"agg": "sum", "transform": "log1p"}, {"agg": "nunique"}]
    )

    @tried(examples // 2)
    @given(rows, time, measures, st.sampled_from(["month", "week"]))
    def holds(rows: list[tuple[str, str, str]], time: dict[str, Any], measure: dict[str, Any], period: str) -> None:
        card = log_card("demo")
        card["panel"] |= {"time": {"column": "when"} | time, "period": period}
        card["panel"]["measures"] = {"loyalty": {"label": text("x"), "column": "amount"} | measure}
        pd.DataFrame(rows, columns=["user", "when", "amount"]).to_csv(folder / "table.csv", index=False)
        card["source"]["files"]["table"]["sha256"] = hashlib.sha256((folder / "table.csv").read_bytes()).hexdigest()
        project.card("demo", card)
        with only(InputError):
            acquire.run("demo")
            clean.run("demo")
            panel = pd.read_parquet("results/demo/clean/panel.parquet")
            assert len(panel)
            if all(amount in AMOUNTS[:3] for *_, amount in rows) and measure["agg"] == "sum" and len(measure) == 1:
                placed = [float(amount) for user, day, amount in rows if user and day.strip()]
                assert panel["loyalty"].sum() == pytest.approx(sum(placed))

    holds()
