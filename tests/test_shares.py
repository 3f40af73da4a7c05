"""Shares, ratios and means of a log: nothing in the numerator is zero, a denominator of zero is undefined."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml

from models.remarks import unpacked
from pipeline.stages import acquire, clean
from tests.conftest import Project, text
from tests.test_engines import ENGINES, cleaned

BUY, LIKE = {"kind": "buy"}, {"kind": ["like"]}
SHARES = {
    "trust": {"ratio": [{"agg": "count", "where": BUY}, {"agg": "count"}]},
    "trust_competence": {
        "ratio": [{"agg": "sum", "column": "amount", "where": BUY}, {"agg": "sum", "column": "amount"}]
    },
    "identification": {"ratio": [{"agg": "sum", "column": "amount", "where": LIKE}, {"agg": "count", "where": BUY}]},
    "participation": {
        "ratio": [{"agg": "nunique", "column": "item", "where": BUY}, {"agg": "nunique", "column": "item"}]
    },
    "value": {"agg": "mean", "column": "flag"},
    "value_social": {"agg": "mean", "column": "flag", "where": LIKE},
    "habit": {"agg": "max", "column": "amount", "where": LIKE},
    "loyalty": {"agg": "sum", "column": "amount", "where": LIKE},
    "stickiness": {"agg": "any", "where": LIKE},
    "transaction": {
        "ratio": [{"agg": "sum", "column": "amount", "where": LIKE}, {"agg": "sum", "column": "amount", "where": BUY}],
        "empty": "zero",
    },
}
SHARES = {name: {"label": text(name)} | measure for name, measure in SHARES.items()}


def random_log(seed: int) -> pd.DataFrame:
    """Few events a month, so that every part is empty now and then; amounts blank, zero and below zero."""
    rng = np.random.default_rng(seed)
    n = 400
    frame = pd.DataFrame({"user": rng.integers(30, size=n), "month": rng.integers(1, 7, size=n)})
    frame["kind"] = rng.choice(["view", "buy", "like"], size=n)
    frame["amount"] = rng.choice([np.nan, 0, -2, 2, 3, 5], size=n)
    frame["item"] = rng.integers(5, size=n)
    frame["flag"] = rng.choice([np.nan, 0, 1], size=n)
    return frame


def total(amounts: pd.Series) -> float:
    """A sum of no events is zero, of events without any amount unknown."""
    return amounts.sum(min_count=1) if len(amounts) else 0.0


def by_hand(month: pd.DataFrame) -> dict[str, float]:
    buy, like = month[month["kind"] == "buy"], month[month["kind"] == "like"]

    def over(numerator: float, denominator: float) -> float:
        return numerator / denominator if denominator else np.nan

    return {
        "trust": len(buy) / len(month),
        "trust_competence": over(total(buy["amount"]), total(month["amount"])),
        "identification": over(total(like["amount"]), len(buy)),
        "participation": buy["item"].nunique() / month["item"].nunique(),
        "value": month["flag"].mean(),
        "value_social": like["flag"].mean(),
        "habit": like["amount"].max(),
        "loyalty": like["amount"].sum(),
        "stickiness": float(len(like) > 0),
        "transaction": over(total(like["amount"]), total(buy["amount"])) if len(buy) else 0.0,
    }


@pytest.mark.parametrize(("engine", "bucket"), [pytest.param("duckdb", 10**9, id="duckdb"), *ENGINES])
@pytest.mark.parametrize("seed", [1, 2])
def test_shares_are_those_of_an_independent_count(project: Project, engine: str, bucket: int, seed: int) -> None:
    log = random_log(seed)
    when = [f"2024-{month:02d}-05" for month in log["month"]]
    project.log("demo", log.assign(when=when).to_csv(index=False), measures=SHARES)
    acquire.run("demo")
    panel, ledger = cleaned(project, engine=engine, bucket=min(bucket, 90_000))
    panel["month"] = panel["time"] - 2024 * 12 + 1
    found = panel.set_index(["entity", "month"])[list(SHARES)]
    expected = pd.DataFrame({key: by_hand(part) for key, part in log.groupby(["user", "month"])}).T
    there = found.loc[expected.index.tolist()]
    np.testing.assert_allclose(there.to_numpy(float), expected[list(SHARES)].to_numpy(float), rtol=1e-12)
    assert expected.isna().any().sum() >= 5
    assert (expected == 0).any().all()

    without = found.drop(expected.index.tolist())
    zero = ["loyalty", "stickiness", "transaction"]
    assert (without[zero] == 0).all(axis=None)
    assert without.drop(columns=zero).isna().all(axis=None)

    measured = [unpacked(rule)[0].values.get("measure", "") for rule in ledger["rule"]]
    cells = ledger.assign(measure=measured).set_index(["step", "measure"])["cells_changed"]
    for name, measure in SHARES.items():
        if "ratio" in measure:
            assert cells["zero", name] == (expected[name] == 0).sum()
        if "ratio" in measure or measure["agg"] in ("mean", "max"):
            assert cells["undefined", name] == expected[name].isna().sum()


def test_a_covariate_of_the_first_day_is_zero_where_nothing_of_it_happened(project: Project) -> None:
    log = "user,when,kind,amount\n1,2024-01-05,view,\n1,2024-01-09,buy,3\n2,2024-01-05,buy,4\n3,2024-01-06,buy,\n"
    path = project.log("demo", log)
    card = yaml.safe_load(path.read_text(encoding="utf-8"))
    covariates = {"loyalty": {"label": text("spent"), "agg": "sum", "column": "amount", "where": BUY}}
    card["cohort"] = {
        "rows_are": "events",
        "period": 7,
        "horizon": 60,
        "event_is": text("back"),
        "covariates": covariates,
    }
    project.card("demo", card)
    acquire.run("demo")
    clean.run("demo")
    cohort = pd.read_parquet("results/demo/clean/cohort.parquet").set_index("subject")["loyalty"]
    assert cohort.loc[[1, 2]].tolist() == [0, 4]
    assert np.isnan(cohort.loc[3])
