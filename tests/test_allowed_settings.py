"""Every estimator, treatment of gaps and kind of effects that may be set gives its numbers, its remarks in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Set
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from models import behaviour, measurement, sem, specs
from models.analysis import fit_cutoffs
from models.analysis.group_differences import MEAN
from models.analysis.observed import Observed
from models.analysis.pieces import Piece
from models.analysis.setting import Doubtful, Estimation, Questionnaire
from models.behaviour import within_person
from models.behaviour.streamed import streams
from models.benchmark import Design
from models.benchmark.behaviour import draw
from models.choices import choices, declared
from models.measurement.options import Gaps, Likelihood
from models.measurement.scales.confirm import factor_syntax
from models.remarks import Remark, remark, unpacked
from models.sem.options import Estimator, Missing
from models.survey import ladder_rows
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


def words_of(*names: str) -> list[tuple[Any, ...]]:
    """What the declared words can stand together as."""
    return list(product(*(declared()[name].range for name in names)))


@pytest.fixture(scope="module")
def holed() -> pd.DataFrame:
    data = sheet(400)
    return data.mask(data.columns.isin(ITEMS) & (np.random.default_rng(3).random(data.shape) < 0.03))


def index(fit: sem.Fit, name: str) -> float:
    """The robust version of an index, the plain one where there is no robust one."""
    found = fit.fit_indices()
    return found.get(f"{name}_robust", found[name])


@pytest.mark.parametrize(("estimator", "missing"), words_of("measurement_estimator", "measurement_missing"))
def test_ladders_and_method_factors_are_estimated_as_chosen(
    estimator: Likelihood, missing: Gaps, holed: pd.DataFrame
) -> None:
    how: dict[str, Any] = {"estimator": estimator, "missing": missing}
    found = measurement.invariance(holed, CODEBOOK, "sex", **how)
    alone = sem.fit(factor_syntax(CODEBOOK), holed[[*ITEMS, "sex"]], group="sex", std_lv=True, **how)
    configural = found.ladder.iloc[0]
    assert configural["chisq"] == pytest.approx(alone.fit_indices().get("chisq_scaled", alone.fit_indices()["chisq"]))
    assert configural["cfi"] == pytest.approx(index(alone, "cfi"))
    assert found.ladder.loc[:3, "delta_chisq"].notna().sum() == 3

    paths = "stickiness ~ identification"
    scales = {construct: CODEBOOK[construct] for construct in ("identification", "stickiness")}
    trait = measurement.method_variance(holed, scales, paths, **how).paths.iloc[0]
    direct = sem.fit(f"{factor_syntax(scales)}\n{paths}", holed[[i for s in scales.values() for i in s]], **how).tidy()
    row = direct[direct["op"] == "~"].iloc[0]
    assert trait["std"] == pytest.approx(row["std_all"], rel=1e-4)
    assert norm.isf(trait["pvalue"] / 2) == pytest.approx(abs(row["z"]), rel=1e-4)


def test_the_ladder_of_numbers_takes_the_chosen_estimator(holed: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder_rows, "choices", replace(choices, measurement_estimator="ML"))
    rows = pd.concat(ladder_rows.invariance_rows(zero, holed, CODEBOOK, "sex", ""))
    printed = rows[(rows["table"] == "invariance") & (rows["quantity"] == "chisq")]
    ladder = measurement.invariance(holed, CODEBOOK, "sex", estimator="ML").ladder
    assert printed["estimate"].tolist() == ladder["chisq"].tolist()


@pytest.mark.parametrize(("estimator", "missing"), words_of("confirmatory_estimator", "measurement_missing"))
def test_the_factor_model_is_estimated_as_chosen(estimator: Likelihood, missing: Gaps, holed: pd.DataFrame) -> None:
    how: dict[str, Any] = {"estimator": estimator, "missing": missing}
    model = measurement.confirmed(holed, CODEBOOK, **how)
    assert not isinstance(model, Exception)
    alone = sem.fit(factor_syntax(CODEBOOK), holed[ITEMS], std_lv=True, **how)
    np.testing.assert_allclose(model.fit.tidy()["se"], alone.tidy()["se"])
    assert model.fit.n == (len(holed) if missing == "fiml" else len(holed[ITEMS].dropna()))


def test_what_becomes_of_small_groups_is_chosen(holed: pd.DataFrame) -> None:
    data = holed.assign(place=np.repeat(["app", "web", "shop", "fair"], [150, 150, 50, 50]))
    used = {}
    for (small,) in words_of("small_groups"):
        found = measurement.invariance(data, CODEBOOK, "place", small=small, min_size=60)
        used[small] = set(found.groups["used_as"])
    assert used == {"merge": {"app", "web", "other"}, "drop": {"app", "web", ""}}


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


@pytest.mark.parametrize(("estimator", "missing"), words_of("loop_estimator", "loop_missing"))
def test_the_closed_loop_is_estimated_as_chosen(
    estimator: Likelihood, missing: Gaps, users: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = replace(choices, loop_estimator=estimator, loop_missing=missing, loop_users_a_moment=1, fit_draws=50)
    for module in (within_person, fit_cutoffs):
        monkeypatch.setattr(module, "choices", chosen)
    names = ["value", "trust"]
    gaps = users.assign(value=users["value"].mask(np.random.default_rng(4).random(len(users)) < 0.02))
    loop = behaviour.closed_loop(gaps, {*names}, zero)
    found = loop[loop["table"] == "closed_loop"].set_index(["term", "quantity"])

    own = (gaps[names] - gaps[names].mean()) / gaps[names].std()
    own = own.assign(entity=gaps["entity"], k=gaps["time"] - gaps["time"].min())
    wide = own.pivot(index="entity", columns="k", values=names)
    wide.columns = pd.Index([f"{name}_{k}" for name, k in wide.columns])
    text = sem.random_intercept_cross_lagged({name: [f"{name}_{k}" for k in range(6)] for name in names})
    direct = sem.fit(text, wide, estimator=estimator, missing=missing, auto=False, meanstructure=True)
    slope = direct.tidy().drop_duplicates("label").set_index("label").loc["trust_value"]
    row = found.loc[("value ~ lag(trust)", "std")]
    assert (row["estimate"], row["se"], row["n"]) == pytest.approx((slope["est"], slope["se"], direct.n), rel=1e-5)
    assert found.loc[("", "cfi"), "estimate"] == pytest.approx(index(direct, "cfi"))
    assert found.loc[("", "periods"), "estimate"] == 6


Panelled = Callable[..., pd.DataFrame]


@pytest.fixture
def panelled(users: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> Panelled:
    """Rows of specifications with other entries than they declare; where none are named, of all."""

    def run(*names: str, observed: Observed = OBSERVED, only: str = "", **entries: str) -> pd.DataFrame:
        declared = specs.panel_specs()
        changed = {n: replace(spec, **entries) if n.startswith(only) else spec for n, spec in declared.items()}
        with monkeypatch.context() as patched:
            patched.setattr(specs, "panel_specs", lambda: changed)
            pieces = behaviour.analyses(observed, users, {}, checks=observed is OBSERVED)
            return rows_of([piece for piece in pieces if piece.name in (names or changed)])

    return run


@pytest.mark.parametrize("effects", ["time", "pooled"])
def test_without_effects_of_users_slopes_are_compared_and_the_intercept_is_no_cause(
    effects: str, panelled: Panelled
) -> None:
    rows = panelled("identification_next", effects=effects)
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
def test_every_specification_gives_rows_with_every_kind_of_effects(effects: str, panelled: Panelled) -> None:
    assert {"slopes", "estimators", "confounding", "own_past"} <= set(panelled(effects=effects)["table"])


def test_what_clusters_and_instruments_cannot_give_is_a_remark(panelled: Panelled) -> None:
    unchecked = replace(OBSERVED, groups=(), negative_controls=())
    rows = panelled("trust_next", cluster="wave", observed=unchecked)
    assert keys(rows.loc[rows["quantity"] == "failed", "note"]) == {"no_group_for_clusters"}
    rows = panelled("lagged_mediation", cluster="platform_type", only="stickiness_next", observed=unchecked)
    assert keys(rows.loc[rows["quantity"] == "failed", "note"]) == {"paths_of_other_errors"}
    shared = {"trust": ["service_wait"], "value": ["service_wait"]}
    rows = panelled("identification_next", observed=replace(unchecked, instruments=shared))
    assert {"not_applicable", "few_instruments"} == keys(rows.loc[rows["quantity"] == "iv", "note"])
    assert streams(replace(specs.panel_specs()["trust_next"], cluster="time"), "trust ~ lag(value)") == remark(
        "clusters_are_users", by="time"
    )
