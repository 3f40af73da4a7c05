"""A data set made of results alone, small and complete: the report reads nothing else."""

from __future__ import annotations

import json

import pandas as pd

from models import theory
from models.choices import named
from models.remarks import packed, remark
from pipeline.core import declared, results
from pipeline.core.ledger import Ledger
from pipeline.core.record import parameters, recorded
from reports.synthesis.found import Found
from tests.conftest import Project, base_card, text

# A synthesis of no data sets.
NOTHING = Found(results.table([]))


def verdict_rows(name: str, simulated: bool, tested: dict[str, str]) -> pd.DataFrame:
    rows = []
    for hypothesis in theory.hypotheses().values():
        for kind in ("survey", "panel", "cohort"):
            row: dict = {"hypothesis": hypothesis.id, "family": hypothesis.family, "kind": kind, "term": ""}
            row["rule"] = theory.decided_by(hypothesis.id, kind)
            if hypothesis.id in tested and kind != "cohort":
                row |= {
                    "verdict": tested[hypothesis.id],
                    "reason": "",
                    "detail": "",
                    "lacks": "",
                    "estimate": 0.4,
                    "standardised": 0.35,
                }
                row |= {"zero_lower": 0.21, "zero_upper": 0.49, "smallest": 0.1}
                row |= {"ci_lower": 0.2, "ci_upper": 0.6, "pvalue": 0.0001, "pvalue_holm": 0.0003, "n": 400}
                row |= {"counts": "users" if hypothesis.family == "H5" else "rows"}
            else:
                lacks = remark("not_measured", constructs=["participation", "habit"])
                row |= {"verdict": "not_testable", "reason": lacks.key, "detail": packed([lacks])}
                row["lacks"] = "participation, habit"
            rows.append(row)
    columns = ["estimate", "standardised", "ci_lower", "ci_upper", "pvalue", "pvalue_holm", "zero_lower", "zero_upper"]
    columns += ["smallest", "n"]
    frame = pd.DataFrame(rows).assign(data_set=name, simulated=simulated)
    return frame[
        [
            "data_set",
            "simulated",
            "hypothesis",
            "family",
            "kind",
            "rule",
            "verdict",
            "reason",
            "detail",
            "lacks",
            "term",
            *columns,
            "counts",
        ]
    ]


def ledger(kind: str) -> Ledger:
    """Some steps of cleaning."""
    found, delivered = Ledger(), remark("as_delivered")
    if kind == "survey":
        found.record(kind, "read", remark("every_row"), 410, 410, delivered, "people")
        rule = remark("longest_run_above", limit=0.5)
        found.record(kind, "straight_lining", rule, 410, 400, remark("careless"), "people")
    elif kind == "cohort":
        found.record(kind, "read", remark("every_row"), 500, 500, delivered, "subjects")
        rule = remark("longer_than", days=360)
        found.record(kind, "horizon", rule, 500, 400, remark("few_are_left"), "subjects", cells=12)
    else:
        found.record(kind, "read", remark("every_event"), 99999, 99999, delivered, "events")
        rule, why = remark("clock_moved", zone="Asia/Shanghai"), remark("days_on_that_clock", period="month")
        found.record(kind, "clock", rule, 99999, 99999, why, "events")
        rule, why = remark("entity_by_period", period="month", span="entry"), remark("empty_periods")
        found.record(kind, "periods", rule, 900, 950, why, "entity_periods", "periods_with_events")
    return found


def data_set(project: Project, name: str, kinds: tuple[str, ...], rows: list[dict], simulated: bool = False) -> None:
    """Write a card and the results that the report reads."""
    card = base_card(name) | {"simulated": simulated, "title": {"en": f"The set {name}", "zh": f"数据集 {name}"}}
    card["caution"] = [{"en": "Read <with> care.", "zh": "谨慎阅读。"}]
    if "survey" in kinds:
        items = [
            {
                "column": f"{c[:2]}{i}".upper(),
                "construct": c,
                "range": [1, 7],
                "label": {"en": f"question {i}", "zh": f"问题{i}"},
            }
            for c in ("value_functional", "identification", "stickiness")
            for i in (1, 2)
        ]
        generation = {"generation": {"column": "g", "levels": {"1": "gen_z", "2": "older"}}}
        card["survey"] = {"table": "table", "items": items, "groups": generation}
        card["survey"]["controls"] = {"age": {"column": "a", "kind": "number", "label": text("age")}}
    if "panel" in kinds:
        measures = {"identification": {"label": text("visits"), "agg": "count", "unit": text("share")}}
        card["panel"] = {
            "table": "table",
            "rows_are": "events",
            "entity": "u",
            "time": {"column": "t"},
            "period": "month",
        }
        offers = {"label": {"en": "offers", "zh": "优惠"}, "stands_for": "strategy_relation", "table": "table"}
        card["panel"]["treatments"] = {"offers": offers | {"start": {"column": "t"}}}
        delay, battery = ({"label": text(name), "agg": "mean", "column": "c"} for name in ("delay", "charge"))
        card["panel"]["auxiliary"] = {"shipping_delay": delay | {"unit": text("days")}, "phone_battery": battery}
        card["panel"] |= {"instruments": {"identification": ["shipping_delay"]}, "negative_controls": ["phone_battery"]}
        card["panel"] |= {"measures": measures, "groups": {"platform_type": {"constant": "social"}}}
    if "cohort" in kinds:
        covariates = {"trust_fulfilment": {"label": text("speed"), "column": "d", "unit": text("share")}}
        card["cohort"] = {"event_is": text("next order"), "table": "table", "origin": "o", "event": "e"}
        card["cohort"] |= {"end": "2024-01-01", "period": 30, "horizon": 360, "covariates": covariates}
    project.card(name, card)
    folder = project.folder / "results" / name
    for part in ("raw", "clean", "judge"):
        (folder / part).mkdir(parents=True)
    files = {"table": {"file": "table.csv", "rows": 410, "sha256": "0" * 64}}
    (folder / "raw/provenance.json").write_text(json.dumps({"files": files}), encoding="utf-8")
    for stage in recorded():
        drawn = [{"of": [stage, "few_clusters", "all"], "seed": 4711}] if stage == "panel" else []
        record = {"stage": stage, "seed": 20260101, "seeds": drawn, "versions": {"Python": "3.0.1", "numpy": "0.9"}}
        record |= {"used": {}, "parameters": parameters(stage), "choices": _chosen(stage)}
        (folder / f"{stage}.json").write_text(json.dumps(record), encoding="utf-8")
    pd.concat([ledger(kind).frame() for kind in kinds]).to_csv(folder / "clean/ledger.csv", index=False)
    results.write(results.table([pd.DataFrame(rows)], data_set=name, simulated=simulated), folder / "judge/results.csv")
    tested = {"H1a": "supported", "H2": "opposite", "H3b": "inconclusive"}
    results.write(verdict_rows(name, simulated, tested), folder / "judge/verdicts.csv")


def _chosen(stage: str) -> dict[str, float | str]:
    """Words as they are declared, and a number that no choice has."""
    values = named(declared.choices(stage)).items()
    return {name: value if isinstance(value, str) else 0.5 for name, value in values}


SLOPE = {"model": "stickiness_next", "term": "lag(identification)", "estimate": 0.21, "ci_lower": 0.1, "ci_upper": 0.3,
         "pvalue": 0.001, "n": 500}  # fmt: skip


def summary(name: str, simulated: bool) -> dict:
    verdicts = verdict_rows(name, simulated, {"H1a": "supported"})
    verdicts = verdicts.astype(object).where(verdicts.notna(), None)
    verdicts["holds"] = None
    if simulated:
        verdicts = verdicts.assign(
            holds=[0 if h == "H1b" else 1 if h == "H1a" else None for h in verdicts["hypothesis"]]
        )
        verdicts.loc[verdicts["hypothesis"] == "H1b", "verdict"] = "supported"
        verdicts["holds"] = verdicts["holds"].astype(object).where(verdicts["holds"].notna(), None)
    return {
        "data_set": name, "title": text(f"The set {name}"), "row": text("one row"), "simulated": simulated,
        "kinds": ["survey"], "n": {"survey": 400}, "verdicts": verdicts.to_dict("records"),
        "slopes": [SLOPE | {"platform": platform} for platform in ("social", "content")],
        "recovery": {"parameters": 40 * simulated, "covered": 38 * simulated}, "licence": "MIT", "doi": "",
        "citation": "Nobody (2020).",
    }  # fmt: skip
