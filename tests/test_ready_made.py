"""A panel that is delivered as one follows its card, or the card is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipeline import card as cards
from pipeline.errors import InputError
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
    assert ledger.loc["too short"].tolist() == [3, 2]
    of(project, column=["web", "shop"], measure={"transform": "log1p"})
    assert "row 4, column web, shop\n    found:    -3 for stickiness" in stage_error("demo", acquire, clean)
    of(project, where={"kind": "vw"})
    assert "no row with kind 'vw'" in stage_error("demo", acquire, clean)
    of(project, where={"kind": {"above": 1}})
    assert "column kind\n    found:    limits on a column of type str" in stage_error("demo", acquire, clean)


@pytest.mark.parametrize(
    ("rows", "form"),
    [("a,2020-01,1\na,02/2020,2\n", ["%Y-%m", "%m/%Y"]), ("a,1577836800,1\na,1580515200,2\n", "unix"),
     ("a,1577836800000,1\na,1580515200000,2\n", "unix_ms")],
)  # fmt: skip
def test_times_in_several_forms_and_in_seconds(project: Project, rows: str, form: object) -> None:
    of(project, "user,month,shop\n" + rows, time={"column": "month", "format": form})
    assert cleaned()[0]["time"].tolist() == [2020 * 12, 2020 * 12 + 1]


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
