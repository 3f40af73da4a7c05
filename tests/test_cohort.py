"""Cohorts: from dates to spells by stated rules, from spells to hazards that are there, and no verdict by accident."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import behaviour, evidence, results, theory
from models.behaviour.cohorts import by_period
from models.evidence.judgement import Offer
from models.remarks import remark, unpacked
from pipeline.cards import card as cards
from pipeline.core.errors import InputError
from pipeline.stages import acquire, clean
from tests.conftest import Project, base_card, log_card, text, words

DATES = """id,ordered,arrived,again
1,2024-01-01,2024-01-05,2024-01-05
2,2024-01-01,2024-01-11,2024-03-01
3,2024-01-02,2024-02-01,
3,2024-01-02,2024-02-01,
4,2024-01-02,,
5,2024-01-02,2024-01-03,2024-12-24
6,2024-03-01,2024-04-30,
"""


def cohort_card(**changed: object) -> dict:
    cohort = {
        "event_is": text("next order"), "table": "table", "format": "%Y-%m-%d", "origin": "arrived", "event": "again",
        "end": "2024-04-30", "period": 10, "horizon": 100, "drop_duplicates": True,
        "groups": {"platform_type": {"constant": "comprehensive"}},
        "covariates": {"trust_fulfilment": {"label": text("speed"), "days": ["ordered", "arrived"], "reversed": True}},
    }  # fmt: skip
    return base_card("demo") | {"cohort": cohort | changed}


def cleaned(project: Project, table: str = DATES, **changed: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    project._with_file("demo", table, cohort_card(**changed))
    acquire.run("demo")
    clean.run("demo")
    return pd.read_parquet("results/demo/clean/cohort.parquet"), pd.read_csv("results/demo/clean/ledger.csv")


def refused(project: Project, table: str = DATES, **changed: object) -> str:
    with pytest.raises(InputError) as excinfo:
        cleaned(project, table, **changed)
    return str(excinfo.value)


def test_spells_end_with_the_event_the_end_of_observation_or_the_horizon(project: Project) -> None:
    spells, ledger = cleaned(project)
    assert spells["subject"].tolist() == [1, 2, 3, 6]
    assert spells["duration"].tolist() == [0.5, 50, 89, 100]
    assert spells["event"].tolist() == [1, 1, 0, 0]
    assert spells["watched"].tolist() == [100, 100, 89, 100]
    assert spells["trust_fulfilment"].tolist() == [-4, -10, -30, -1]
    lost = (ledger["rows_before"] - ledger["rows_after"]).groupby(ledger["step"]).sum()
    assert lost[["duplicates", "no_origin", "too_late"]].tolist() == [1, 1, 1]
    changed = ledger.set_index("step")["cells_changed"]
    assert changed[["same_day", "censoring", "horizon"]].tolist() == [1, 1, 1]


def test_the_log_of_a_panel_gives_first_and_next_day(project: Project) -> None:
    rows = ["1,2024-01-05,buy,10", "1,2024-01-05,buy,4", "1,2024-01-20,buy,99", "1,2024-02-01,buy,1",
            "2,2024-02-01,buy,7", "3,2024-03-01,buy,7"]  # fmt: skip
    card = log_card("demo")
    covariates = {"loyalty": {"label": text("money of the first day"), "agg": "sum", "column": "amount"}}
    card["cohort"] = {"event_is": text("next day"), "rows_are": "events", "period": 10, "horizon": 30}
    card["cohort"]["covariates"] = covariates
    project._with_file("demo", "user,when,kind,amount\n" + "\n".join(rows) + "\n", card)
    acquire.run("demo")
    clean.run("demo")
    spells = pd.read_parquet("results/demo/clean/cohort.parquet")
    assert spells["subject"].tolist() == [1, 2]  # the third begins on the last day of the log
    assert spells[["duration", "event", "loyalty"]].to_numpy().tolist() == [[15, 1, 14], [29, 0, 7]]
    covariates["loyalty"]["column"] = "amounts"
    project.card("demo", card)
    with pytest.raises(InputError, match=r"cohort\.covariates\.loyalty(?s:.*)did you mean 'amount'"):
        clean.run("demo")


def test_bad_dates_and_columns_name_row_column_and_remedy(project: Project) -> None:
    found = refused(project, DATES.replace("2024-03-01\n3", "01/03/2024\n3"))
    assert "row 3, column again" in found
    assert "'01/03/2024'" in found
    assert "a date in the form '%Y-%m-%d'" in found
    card = cohort_card()
    del card["cohort"]["format"]
    project._with_file("demo", DATES, card)
    acquire.run("demo")
    with pytest.raises(InputError, match=r"column arrived(?s:.*)give cohort.format on the card"):
        clean.run("demo")
    early = refused(project, DATES.replace("2024-03-01\n3", "2024-01-10\n3"))
    assert "row 3, column again" in early
    assert "again 2024-01-10 before arrived 2024-01-11" in early
    assert "swap cohort.origin and cohort.event" in early
    wrong = refused(project, origin="arived")
    assert "cohort.origin" in wrong
    assert "did you mean 'arrived'" in wrong


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"covariates": {"trust_fulfillment": {"label": text("x"), "column": "id"}}}, "did you mean 'trust_fulfilment'"),
     ({"covariates": {"trust": {"label": text("x")}}}, "either days (two columns of dates) or a column"),
     ({"rows_are": "events"}, "a cohort from events takes table, dates and groups from the panel"),
     ({"origins": "arrived"}, "did you mean 'origin'"),
     ({"table": "tabel"}, "did you mean 'table'"),
     ({"groups": {"platform_type": {"constant": "comprehensiv"}}}, "did you mean 'comprehensive'")],
)  # fmt: skip
def test_a_wrong_card_is_refused_before_anything_is_read(project: Project, changed: dict, said: str) -> None:
    card = cohort_card(**changed)
    with pytest.raises(InputError) as excinfo:
        cards.load(project.card("demo", card))
    assert said in str(excinfo.value)


def test_a_cohort_from_events_needs_a_panel(project: Project) -> None:
    card = base_card("demo") | {"cohort": {"event_is": text("x"), "rows_are": "events", "period": 1, "horizon": 9}}
    card["cohort"]["covariates"] = {"trust": {"label": text("x"), "agg": "count"}}
    with pytest.raises(InputError, match="a cohort from events without a panel of events"):
        cards.load(project.card("demo", card))


def test_a_period_that_observation_cuts_short_counts_for_nobody() -> None:
    spells = pd.DataFrame(
        {"duration": [25.0, 25.0, 12.0, 10.0], "event": [1, 0, 1, 1], "watched": [25.0, 25.0, 40.0, 40.0]}
    )
    rows = by_period(spells, 10)
    assert rows.groupby("subject").size().tolist() == [2, 2, 2, 1]
    assert rows.groupby("subject")["event"].max().tolist() == [0, 0, 1, 1]


@pytest.fixture(scope="module")
def made() -> pd.DataFrame:
    """Days until the event with a hazard ratio of e^0.5 a unit; observation ends at 60 to 120 days."""
    rng = np.random.default_rng(3)
    n = 3000
    trust = rng.normal(size=n)
    days = np.ceil(rng.exponential(100 * np.exp(-0.5 * trust)))
    watched = rng.integers(60, 121, n).astype(float)
    spells = {"subject": np.arange(n), "started": rng.integers(0, 3, n), "watched": watched, "trust_fulfilment": trust}
    return pd.DataFrame(spells).assign(duration=np.minimum(days, watched), event=(days <= watched).astype(int))


def test_both_hazard_models_find_the_ratio_that_is_there(made: pd.DataFrame) -> None:
    rows = behaviour.cohort(made, ["trust_fulfilment"], 10, 120)
    raw = rows[(rows["table"] == "hazards") & (rows["quantity"] == "raw")].set_index("model")
    assert set(raw.index) == {"cox", "discrete"}
    # 3.3 standard errors: one in a thousand by chance
    assert (abs(raw["estimate"] - 0.5) < 3.3 * raw["se"]).all()
    assert rows.loc[rows["table"] == "hazard_checks", "pvalue"].item() > 0.001
    curve = rows[(rows["table"] == "survival") & (rows["group"] == "all")]
    assert curve["estimate"].is_monotonic_increasing
    ends = rows[(rows["table"] == "survival") & (rows["term"] == "60")].set_index("group")["estimate"]
    assert ends["trust_fulfilment: low"] < ends["trust_fulfilment: middle"] < ends["trust_fulfilment: high"]
    assert "hypothesis" not in rows


def test_a_cohort_without_events_says_so(made: pd.DataFrame) -> None:
    rows = behaviour.cohort(made.assign(event=0), ["trust_fulfilment"], 10, 120)
    failed = rows[rows["quantity"] == "failed"].set_index("model")["note"]
    assert "a hazard needs events" in words(failed["cox"])
    assert set(rows["table"]) == {"survival", "remarks"}


def test_a_cohort_alone_is_told_what_each_hypothesis_lacks() -> None:
    offer = Offer(("cohort",), {"cohort": theory.offered({"trust_fulfilment"})}, {"cohort": {}})
    rows = results.whole(pd.DataFrame())
    out = evidence.verdicts(rows, offer)
    told = out[out["kind"] == "cohort"].set_index("hypothesis")
    assert set(told["verdict"]) == {"not_testable"}
    assert unpacked(told.loc["H1b", "detail"]) == [remark("not_measured", constructs=["identification"])]
    everything = Offer(("cohort",), {"cohort": set(theory.constructs())}, {"cohort": {}})
    assert (
        evidence.verdicts(rows, everything).set_index(["hypothesis", "kind"]).loc[("H2", "cohort"), "reason"]
        == "not_built"
    )
