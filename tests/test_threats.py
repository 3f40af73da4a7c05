"""A verdict names the declared threats that the results speak for, counts those it survived and those nobody saw."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from models import evidence, theory
from models.choices import choices
from models.evidence.threats import Place, exposed

MODEL, TERM = "identification_next", "lag(value)"
PATH = "identification ~ value"
# Threat → what names it, and what it is survived at, in the column that its rule reads.
LIMITS = {
    "one_source": (1, 0),
    "reversed_order": (1, 0),
    "curved_cause": (0, 1),
    "unequal_loadings": (0, 1),
    "own_past": (0, 1),
    "same_period": (choices.alpha / 2, 0.3),
    "unmeasured": (0.8, 1.4),
    "proxy": (1, 0),
    "unreliable": (0.69, 0.7),
    "overlapping": (0.85, 0.84),
    "misfit": (1, 0),
    "marker": (0.3, 0.01),
    "doubted": (0.3, 0.01),
    "as_numbers": (0.3, 0.01),
    "few_people": (0.31, 0.29),
    "instruments_of_lags": (0.01, 0.3),
    "moved_cause": (0.01, 0.3),
    "negative_control": (0.01, 0.3),
    "weak_confounder": (1.19, 1.2),
    "few_users": (0.3, 0.01),
    "parting_trends": (0.99, 1.0),
    "one_group": (0.3, 0.01),
    "little_power": (1, 0.99),
    "few_cases": (1, 0.99),
    "one_item": (0.3, 0.01),
    "one_platform": (0.3, 0.01),
    "few_persons": (0.3, 0.01),
}


def here(kind: str) -> Place:
    return Place(kind, MODEL, PATH, "generation", frozenset({"value", "identification"}), 0.1, "H1a")


def row(threat: theory.Threat, value: float, **other: Any) -> pd.DataFrame:
    """The row of the results that speaks to a threat, with a value in the column that it reads, and the estimate."""
    kind = threat.kinds[0]
    place = {"sample": kind, "table": threat.table, "quantity": threat.quantity, "model": MODEL, "term": PATH}
    place["hypothesis"] = "H1a"
    place["group"] = threat.group or ""
    if threat.terms:
        place["term"] = threat.terms[0]
    if threat.of == "grouping":
        place |= {"model": "", "group": "generation"}
    if threat.of == "instrumented":
        place["model"] = f"{MODEL}_iv"
    if threat.of == "constructs":
        place["term"] = "value_social"
    if threat.of == "pair":
        place |= {"term": "value_social", "group": "identification"}
    column = "pvalue" if threat.named in ("rejects", "turned") else "estimate"
    table, quantity = ("paths", "estimate") if kind == "survey" else ("slopes", "raw")
    main = {"sample": kind, "table": table, "quantity": quantity, "model": MODEL, "term": PATH, "group": ""}
    size = main | {"quantity": "std_all" if kind == "survey" else "std", "estimate": 0.3}
    return pd.DataFrame(
        [place | {"estimate": 0.2, "pvalue": float("nan"), "ci_upper": float("nan")} | {column: value} | other]
        + [main | {"estimate": 0.2, "pvalue": 0.01}, size]
    )


@pytest.mark.parametrize("name", theory.threats())
def test_a_threat_is_named_on_its_side_of_its_limit_and_missing_where_no_row_speaks(name: str) -> None:
    threat = theory.threats()[name]
    named, survived = LIMITS[name]
    place = here(threat.kinds[0])
    assert exposed(threat, place, row(threat, named)) == 1
    assert exposed(threat, place, row(threat, survived)) == 0
    assert pd.isna(exposed(threat, place, row(threat, named, table="other")))
    if threat.of in ("model", "instrumented", "estimate", "grouping"):
        assert pd.isna(exposed(threat, place, row(threat, named, model="another")))
    if threat.of in ("constructs", "pair"):
        assert pd.isna(exposed(threat, place, row(threat, named, term="habit")))


def test_a_result_that_changes_sign_or_becomes_clear_without_the_doubted_is_named() -> None:
    threat, place = theory.threats()["doubted"], here("survey")
    assert exposed(threat, place, row(threat, 0.01, estimate=-0.2)) == 1
    unclear = row(threat, 0.01)
    unclear.loc[1, "pvalue"] = 0.4
    assert exposed(threat, place, unclear) == 1, "what was not clear is clear without them"
    unclear.loc[0, "pvalue"] = 0.3
    assert exposed(threat, place, unclear) == 0


def test_a_ratio_known_too_roughly_to_tell_two_constructs_apart_is_named() -> None:
    threat, place = theory.threats()["overlapping"], here("survey")
    assert exposed(threat, place, row(threat, 0.8, ci_upper=1.0)) == 1
    assert exposed(threat, place, row(threat, 0.8, ci_upper=0.99)) == 0


def test_a_slope_that_grows_beside_what_is_measured_is_no_sign_of_a_weak_unmeasured_cause() -> None:
    """Oster's δ is negative there: what removes the slope would have to act against all that is measured."""
    threat, place = theory.threats()["unmeasured"], here("panel")
    assert [exposed(threat, place, row(threat, delta)) for delta in (-0.2, 0.0, 0.99, 1.0)] == [0, 1, 1, 0]


def test_when_a_threat_is_named_is_exported_as_a_program_can_read_it() -> None:
    rules = evidence.declared().set_index("threat")["rule"]
    assert rules["unmeasured"] == "0 <= confounding.delta[of=estimate] < 1"
    assert rules["unreliable"] == "reliability.cr[of=constructs] < 0.7"
    assert rules["overlapping"] == "validity.htmt[of=pair] >= htmt or its ci_upper >= 1"
    assert rules["doubted"] == "turned(sensitivity.effect[of=estimate, group=without_doubtful], alpha)"
    assert rules["instruments_of_lags"] == "rejects(panel_diagnostics.test[of=model, term=Hansen, term=AR(2)], alpha)"


def test_every_tested_hypothesis_has_a_row_for_each_of_its_threats_and_no_other() -> None:
    verdicts = pd.DataFrame(
        [
            {"hypothesis": "H2", "family": "H2", "kind": "survey", "pvalue": 0.01, "model": "mechanisms", "term": "h2"},
            {
                "hypothesis": "H10",
                "family": "H10",
                "kind": "survey",
                "pvalue": 0.01,
                "model": "mechanisms",
                "term": "x",
            },
            {"hypothesis": "H1a", "family": "H1", "kind": "panel", "pvalue": 0.2, "model": MODEL, "term": TERM},
            {
                "hypothesis": "H3a",
                "family": "H3",
                "kind": "panel",
                "pvalue": 0.2,
                "model": "lagged_mediation",
                "term": "x",
            },
            {"hypothesis": "H1b", "family": "H1", "kind": "panel", "pvalue": float("nan"), "model": "", "term": ""},
        ]
    )
    threat = theory.threats()["same_period"]
    rows = pd.concat([row(threat, 0.6), row(threat, 0.001, model="stickiness_next")], ignore_index=True)
    found = evidence.exposure(rows, verdicts).set_index(["hypothesis", "term"])["estimate"]
    declared = theory.threats().values()
    assert set(found.index) == {
        (key, threat.id)
        for key, family, kind in (
            ("H2", "H2", "survey"),
            ("H10", "H10", "survey"),
            ("H1a", "H1", "panel"),
            ("H3a", "H3", "panel"),
        )
        for threat in declared
        if kind in threat.kinds and family in threat.families
    }
    assert found[("H1a", "same_period")] == 0
    assert found[("H3a", "same_period")] == 1, "one of its two links is threatened"
    assert found.drop([("H1a", "same_period"), ("H3a", "same_period")]).isna().all()
    alone = evidence.exposure(rows[rows["model"] != MODEL], verdicts).set_index(["hypothesis", "term"])["estimate"]
    assert alone[("H3a", "same_period")] == 1, "the other link was not looked at"
    assert pd.isna(alone[("H1a", "same_period")])
