"""Every estimator, treatment of gaps and kind of effects that may be set gives rows and remarks in both languages."""

from __future__ import annotations

import json
from collections.abc import Callable, Set
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models import behaviour, specs
from models.analysis.group_differences import MEAN
from models.analysis.observed import Observed
from models.analysis.pieces import Piece
from models.analysis.setting import Doubtful, Estimation, Questionnaire
from models.benchmark import Design
from models.benchmark.behaviour import draw
from models.remarks import Remark, unpacked
from models.sem.options import Estimator, Missing
from models.survey.all_analyses import analyses
from models.survey.answer_quality import NO_FLAGS
from tests.conftest import ROOT, zero
from tests.test_degenerate import ITEMS, SCALES, sheet

CODEBOOK = {construct: [item for item in ITEMS if item[0] == letter] for letter, construct in SCALES.items()}
ASKED = Questionnaire(CODEBOOK, dict.fromkeys(ITEMS, (1.0, 5.0)), groups=("sex",))
# Pieces that take long, and ask nothing of an estimator that the others do not.
LONG = {"sensitivity", "leave_one_out", "second_opinion"}


def surveyed(
    estimator: Estimator, missing: Missing, gaps: float = 0.0, left_out: Set[str] = frozenset()
) -> pd.DataFrame:
    """Rows of all analyses; a text instead of a remark fails in every test (`conftest`)."""
    data = sheet()
    data[ITEMS] = data[ITEMS].mask(np.random.default_rng(3).random((len(data), len(ITEMS))) < gaps)
    how = Estimation(missing, estimator, 30, 20, 20)
    pieces = analyses(ASKED, data, data.iloc[:0], how, NO_FLAGS, Doubtful(), lambda _: lambda *_: None)
    return rows_of([piece for piece in pieces if piece.name not in left_out])


def rows_of(pieces: list[Piece]) -> pd.DataFrame:
    return pd.concat([rows for piece in pieces for rows in piece(zero) if len(rows)], ignore_index=True)


def keys(notes: pd.Series) -> set[str]:
    """Keys of all remarks, those within others too."""
    found = [one for note in notes.dropna() for one in unpacked(note)]
    inner = [one for outer in found for one in outer.values.values() if isinstance(one, Remark)]
    return {one.key for one in found + inner}


def allowed() -> list[tuple[Estimator, Missing]]:
    """Pairs that the schema of params.yaml allows."""
    schema = json.loads((ROOT / "pipeline/core/params.schema.json").read_text(encoding="utf-8"))
    structure = schema["properties"]["structure"]
    estimators = structure["properties"]["estimator"]["enum"]
    with_gaps = structure["then"]["properties"]["estimator"]["enum"]
    return [(one, "listwise") for one in estimators] + [(one, "fiml") for one in with_gaps]


@pytest.mark.parametrize("estimator", ["GLS", pytest.param("ULS", marks=pytest.mark.slow)])
def test_what_an_estimator_without_likelihood_lacks_is_a_remark_and_the_rest_goes_on(estimator: Estimator) -> None:
    rows = surveyed(estimator, "listwise", left_out=LONG)
    failed = rows[(rows["table"] == "remarks") & (rows["quantity"] == "failed")]
    assert keys(failed["note"]) == {"cutoffs_of_likelihood", "influences_of_likelihood"}
    rivals = rows[rows["table"] == "rivals"].set_index("quantity")
    assert rivals.loc["chisq", "estimate"].notna().all()
    assert rivals.loc[["bic", "delta_bic"], "estimate"].isna().all()
    assert keys(rivals.loc["delta_bic", "note"]) == {"criteria_of_likelihood"}
    assert {"paths", "effects", "equality", "rival_accounts"} <= set(rows["table"])


@pytest.mark.slow
@pytest.mark.parametrize("gaps", [0.0, 0.03])
@pytest.mark.parametrize(("estimator", "missing"), allowed())
def test_every_estimator_and_treatment_of_gaps_gives_rows(estimator: Estimator, missing: Missing, gaps: float) -> None:
    rows = surveyed(estimator, missing, gaps)
    assert {"paths", "effects", "rivals", "sensitivity"} <= set(rows["table"])


@pytest.fixture(scope="module")
def users() -> pd.DataFrame:
    return draw(Design.of({"users": 240, "months": 6}), np.random.default_rng(5)).panel


MEASURES = (
    "value",
    "trust",
    "participation",
    "identification",
    "stickiness",
    "price_comparison",
    "risk_commercialisation",
)
OBSERVED = Observed(MEASURES, ("platform_type",), {"trust": ["shipping_delay"]}, ["phone_battery"], {}, False)


@pytest.fixture
def panelled(users: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, set[str]], pd.DataFrame]:
    """Rows of some specifications with other effects than they declare."""

    def run(effects: str, names: set[str]) -> pd.DataFrame:
        changed = {name: replace(spec, effects=effects) for name, spec in specs.panel_specs().items()}
        with monkeypatch.context() as patched:
            patched.setattr(specs, "panel_specs", lambda: changed)
            pieces = behaviour.analyses(OBSERVED, users, {})
            return rows_of([piece for piece in pieces if piece.name in (names or changed)])

    return run


@pytest.mark.parametrize("effects", ["time", "pooled"])
def test_without_effects_of_users_slopes_are_compared_and_the_intercept_is_no_cause(
    effects: str, panelled: Callable[[str, set[str]], pd.DataFrame]
) -> None:
    rows = panelled(effects, {"identification_next"})
    assert set(rows.loc[rows["term"].str.contains("Intercept", na=False), "table"]) <= {"slopes"}
    assert "jackknife_of_users" in keys(rows.loc[rows["table"] == "own_past", "note"])
    found = rows[rows["table"] == "contrast"].set_index(["group", "term"])["estimate"]
    mean = found.xs(MEAN, level="term")
    slopes = found.drop(MEAN, level="term").groupby(level="group")
    assert slopes.size().eq(3).all()
    np.testing.assert_allclose(slopes.mean()[mean.index], mean, rtol=1e-9)
    assert rows.loc[(rows["table"] == "instruments") & (rows["quantity"] == "iv"), "estimate"].notna().all()
    joint = rows[(rows["quantity"] == "joint") & rows["table"].isin(["negative_control", "moderation"])]
    assert joint.set_index("table")["df"].to_dict() == {"negative_control": 3, "moderation": 3}
    assert rows.loc[(rows["table"] == "random_slopes") & (rows["quantity"] == "mean"), "estimate"].notna().all()


@pytest.mark.slow
@pytest.mark.parametrize("effects", ["twoway", "entity", "time", "pooled"])
def test_every_specification_gives_rows_with_every_kind_of_effects(
    effects: str, panelled: Callable[[str, set[str]], pd.DataFrame]
) -> None:
    assert {"slopes", "estimators", "confounding", "closed_loop"} <= set(panelled(effects, set())["table"])
