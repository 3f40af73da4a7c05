"""A verdict names the declared threats that the results speak for, counts those it survived and those nobody saw."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from models import evidence, theory
from models.choices import choices
from models.evidence.threats import Place, exposed

MODEL, TERM = "identification_next", "lag(value)"
HERE = Place(MODEL, TERM, "generation")


def row(threat: theory.Threat, value: float, **other: Any) -> pd.DataFrame:
    """The row of the results that speaks to a threat, with a value in the column that it reads."""
    place = {"sample": threat.kind, "table": threat.table, "quantity": threat.quantity, "model": MODEL, "term": TERM}
    place["group"] = ""
    if threat.term:
        place["term"] = threat.term
    if threat.of == "grouping":
        place |= {"model": "", "group": "generation"}
    return pd.DataFrame([place | {"estimate": float("nan"), "pvalue": float("nan")} | {threat.column: value} | other])


LIMITS = {
    "one_source": (1, 0),
    "reversed_order": (1, 0),
    "curved_cause": (0, 1),
    "unequal_loadings": (0, 1),
    "own_past": (0, 1),
    "same_period": (choices.alpha / 2, 0.3),
    "unmeasured": (0.8, 1.4),
}


@pytest.mark.parametrize("name", theory.threats())
def test_a_threat_is_named_on_its_side_of_its_limit_and_missing_where_no_row_speaks(name: str) -> None:
    threat = theory.threats()[name]
    named, survived = LIMITS[name]
    assert exposed(threat, HERE, row(threat, named)) == 1
    assert exposed(threat, HERE, row(threat, survived)) == 0
    assert pd.isna(exposed(threat, HERE, row(threat, named, table="other")))
    if threat.of:
        assert pd.isna(exposed(threat, HERE, row(threat, named, model="another")))


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
    rows = pd.concat([row(threat, 0.6), row(threat, 0.001, model="stickiness_next")])
    found = evidence.exposure(rows, verdicts).set_index(["hypothesis", "term"])["estimate"]
    assert set(found.index) == {
        *(("H2", name) for name in ("one_source", "reversed_order")),
        ("H10", "unequal_loadings"),
        *((key, name) for key in ("H1a", "H3a") for name in ("own_past", "same_period", "unmeasured")),
    }
    assert found[("H1a", "same_period")] == 0
    assert found[("H3a", "same_period")] == 1, "one of its two links is threatened"
    assert found.drop([("H1a", "same_period"), ("H3a", "same_period")]).isna().all()
    alone = evidence.exposure(rows[rows["model"] != MODEL], verdicts).set_index(["hypothesis", "term"])["estimate"]
    assert alone[("H3a", "same_period")] == 1, "the other link was not looked at"
    assert pd.isna(alone[("H1a", "same_period")])
