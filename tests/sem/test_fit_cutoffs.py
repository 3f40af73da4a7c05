"""Fit is judged for the model at hand: T-size is R's, dynamic cut-offs are those of lavaan's simulations."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from models import sem
from models.sem.cutoffs.omitted import omitted_relations
from tests.conftest import ROOT

FIXTURES = ROOT / "tests/fixtures/sem"
ITEMS = [f"x{i}" for i in range(1, 10)]
THREE = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
MODELS: dict[str, tuple[str, str, dict]] = {
    "three": (THREE, "holzinger.csv", {}),
    "one": ("ability =~ x1 + x2 + x3 + x4 + x5 + x6", "holzinger.csv", {}),
    "second": (f"{THREE}\nability =~ visual + textual + speed", "holzinger.csv", {}),
    "schools": (THREE, "holzinger.csv", {"group": "school"}),
    "holes": (THREE, "holzinger_holes.csv", {"missing": "fiml", "estimator": "MLR"}),
}


def reference(name: str) -> dict:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def fitted(name: str, **options: object) -> sem.Fit:
    text, answers, how = MODELS[name]
    return sem.fit(text, pd.read_csv(FIXTURES / answers), **{"std_lv": True, **how, **options})


@pytest.mark.parametrize(
    ("case", "model", "how"), [("ml", "three", {}), ("mlr", "three", {"estimator": "MLR"}), ("schools", "schools", {})]
)
def test_t_size_is_that_of_the_noncentral_chi_square_of_r(case: str, model: str, how: dict) -> None:
    found, expected = sem.t_size(fitted(model, **how)), reference("t_size")[case]
    # R solves for the noncentrality to 1e-10, lavaan stops within 1e-5 of a standard error of its minimum.
    assert (found.rmsea, found.cfi) == pytest.approx((expected["rmsea"], expected["cfi"]), abs=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_what_is_left_out_follows_the_rule_of_mcneish_and_wolf(name: str) -> None:
    found = omitted_relations(fitted(name), most=3, correlation=0.3)
    expected = reference("cutoffs")[name]["levels"]
    for level, other in zip(found, expected, strict=True):
        pairs = (
            [frozenset((o["lhs"], o["rhs"])) for o in other.values()]
            if isinstance(other, dict)
            else [frozenset((o["lhs"], o["rhs"])) for o in other]
        )
        sizes = [o["size"] for o in (other.values() if isinstance(other, dict) else other)]
        assert [frozenset((o.lhs, o.rhs)) for o in level] == pairs
        assert [o.size for o in level] == pytest.approx(sizes, abs=1e-4)
