"""Dated roll-outs: who was reached when by stated rules, effects that are there, and no verdict on a drifting group."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest

from models import behaviour, evidence, results, theory
from models.evidence.judgement import Offer
from pipeline.core.errors import InputError
from pipeline.stages import acquire, clean
from tests.conftest import Project, log_card, text, words

EVENTS = "user,when,kind,amount\n" + "".join(
    f"{user},2024-{month:02d}-05,buy,1\n" for user in (1, 2, 3) for month in range(1, 7)
)
SENT = """user,wave
1,a
1,b
2,c
2,x
9,a
,a
"""
WAVES = "wave,begin,sort\na,2024-03-04,personal\nb,2024-05-02,personal\nc,2024-04-25,personal\nx,2024-02-01,mass\n"


def project_with(project: Project, sent: str = SENT, waves: str = WAVES, **changed: object) -> None:
    card = log_card("demo")
    treatment = {
        "label": text("personal offers"), "stands_for": "strategy_relation", "table": "sent", "entity": "user",
        "joins": [{"table": "waves", "by": "wave"}], "where": {"sort": "personal"},
        "start": {"column": "begin", "format": "%Y-%m-%d"},
    }  # fmt: skip
    card["panel"]["treatments"] = {"offers": treatment | changed}
    folder = project.folder / "data/demo"
    folder.mkdir(exist_ok=True)
    for name, table in (("table", EVENTS), ("sent", sent), ("waves", waves)):
        (folder / f"{name}.csv").write_text(table, encoding="utf-8")
        digest = hashlib.sha256(table.encode()).hexdigest()
        card["source"]["files"][name] = {"path": f"{name}.csv", "sha256": digest}
    project.card("demo", card)
    acquire.run("demo")
    clean.run("demo")


def refused(project: Project, **changed: object) -> str:
    with pytest.raises(InputError) as excinfo:
        project_with(project, **changed)  # type: ignore[arg-type]
    return str(excinfo.value)


def test_the_first_start_counts_in_the_period_that_begins_nearest(project: Project) -> None:
    project_with(project)
    panel = pd.read_parquet("results/demo/clean/panel.parquet")
    starts = panel.groupby("entity")["start_offers"].first()
    march = 2024 * 12 + 2
    assert starts[1] == march
    assert starts[2] == march + 2  # 25 April counts from May
    assert np.isnan(starts[3])
    ledger = pd.read_csv("results/demo/clean/ledger.csv")
    steps = ledger[ledger["table"] == "treatments"].set_index("step")
    assert (steps["rows_before"] - steps["rows_after"]).to_dict() == {
        "read": 0, "selection": 1, "no_entity_or_time": 1, "first_start": 1, "not_in_the_panel": 1,
    }  # fmt: skip


def test_bad_roll_outs_name_what_is_wrong(project: Project) -> None:
    assert "did you mean 'begin'" in refused(project, start={"column": "begins"})
    assert "panel.treatments.offers.joins" in refused(project, joins=[{"table": "waves", "by": "waves"}])
    found = refused(project, waves=WAVES + "a,2024-06-01,mass\n")
    assert "waves.csv, column wave\n    found:    2 rows with wave 'a'" in found
    found = refused(project, waves="wave,begin,sort\n1,2024-03-04,personal\n")
    assert "found:    wave as numbers\n    expected: text, as in sent" in found
    found = refused(project, waves=WAVES.replace("2024-04-25", "25/04/2024"))
    assert "'25/04/2024'" in found
    assert "panel.treatments.offers.start.format" in found
    found = refused(project, where={"sort": "personnal"})
    assert "no row with sort 'personnal'" in found
    assert "did you mean 'personal'" in found
    found = refused(project, sent="user,wave\n7,a\n8,a\n")
    assert "none of the 2 entities of 'offers' is in the panel" in found


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"stands_for": "strategy_relations"}, "did you mean 'strategy_relation'"),
     ({"table": "sents"}, "did you mean 'sent'"),
     ({"joins": [{"table": "wave", "by": "wave"}]}, "did you mean 'waves'"),
     ({"begins": "begin"}, "unknown entry 'begins'")],
)  # fmt: skip
def test_a_wrong_roll_out_on_the_card_is_refused_before_anything_is_read(
    project: Project, changed: dict, said: str
) -> None:
    assert said in refused(project, **changed)


def reached(effect: float, drift: float = 0.0, n: int = 600, seed: int = 1) -> pd.DataFrame:
    """Two outcomes over ten months; the roll-out moves stickiness, from month 6 or 8 on, of two users in three."""
    rng = np.random.default_rng(seed)
    user, month = np.repeat(np.arange(n), 10), np.tile(np.arange(1, 11), n)
    start = np.array([6.0, 8.0, np.nan])[user % 3]
    level = rng.normal(size=n)[user] + rng.normal(size=10)[month - 1] + drift * month * ~np.isnan(start)
    data = pd.DataFrame({"entity": user, "time": month, "start_offers": start})
    data["identification"] = level + rng.normal(size=len(user))
    return data.assign(stickiness=level + effect * (month >= start) + rng.normal(size=len(user)))


def rows_of(data: pd.DataFrame, construct: str = "strategy_relation", enters: bool = False) -> pd.DataFrame:
    rows = behaviour.roll_outs(data, {"offers": construct}, {"stickiness", "identification"}, enters)
    return rows.assign(sample="panel").reindex(columns=[*rows.columns, "sample"])


def verdict(rows: pd.DataFrame, construct: str = "strategy_relation") -> pd.Series:
    offer = Offer(("panel",), {"panel": theory.offered({"stickiness"})}, {"panel": {}}, (construct,))
    return evidence.verdicts(results.whole(rows), offer).set_index(["hypothesis", "kind"]).loc[("H8", "panel")]


def test_the_effect_is_found_on_the_outcome_that_has_it_and_not_on_the_other() -> None:
    rows = rows_of(reached(0.4))
    raw = rows[rows["quantity"] == "raw"].set_index("group")
    # 3.3 standard errors: one in a thousand by chance
    assert abs(raw.loc["stickiness", "estimate"] - 0.4) < 3.3 * raw.loc["stickiness", "se"]
    assert abs(raw.loc["identification", "estimate"]) < 3.3 * raw.loc["identification", "se"]
    second = rows[rows["quantity"] == "interaction_weighted"].set_index("group")
    assert abs(second.loc["stickiness", "estimate"] - 0.4) < 3.3 * second.loc["stickiness", "se"]
    assert raw.loc["stickiness", "hypothesis"] == "H8"
    assert raw.loc["identification", "hypothesis"] == ""
    holm = rows[rows["quantity"] == "holm"].set_index("group")["pvalue"]
    assert (holm >= raw["pvalue"]).all()
    assert verdict(rows)["verdict"] == "supported"


def test_no_effect_and_an_effect_of_the_other_sign_are_not_supported() -> None:
    assert verdict(rows_of(reached(0.0)))["verdict"] == "inconclusive"
    assert verdict(rows_of(reached(-0.4)))["verdict"] == "pattern_rejected"


def test_who_drifts_apart_before_the_start_decides_nothing() -> None:
    found = verdict(rows_of(reached(0.4, drift=0.25)))
    assert found[["verdict", "reason"]].tolist() == ["not_testable", "pretrend"]
    assert "offers: pretrend, p < .001" in words(found["detail"])
    assert pd.isna(found["pvalue"])


def test_a_promotion_is_estimated_but_is_no_strategy() -> None:
    rows = rows_of(reached(0.4), "transaction")
    assert len(rows[rows["quantity"] == "raw"]) == 2
    assert set(rows["hypothesis"].dropna()) == {""}
    found = verdict(rows, "transaction")
    assert found["reason"] == "not_recorded"


def test_a_first_period_that_is_active_by_construction_is_left_out() -> None:
    data = reached(0.0)
    jump = data.assign(stickiness=data["stickiness"] + 3.0 * ((data["time"] == 1) & data["start_offers"].isna()))
    assert verdict(rows_of(jump, enters=False))["reason"] == "pretrend"
    assert verdict(rows_of(jump, enters=True))["verdict"] == "inconclusive"


def test_a_roll_out_that_cannot_be_estimated_says_why() -> None:
    rows = rows_of(reached(0.4).assign(start_offers=np.nan))
    assert rows["quantity"].tolist() == ["failed", "failed"]
    assert rows["note"].map(words).str.contains("no row is treated").all()
