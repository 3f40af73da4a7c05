"""How far this engine is from lavaan: model × quantity → largest deviation, from the committed reference fits.

``python -m tests.sem.parity`` prints the matrix.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models import sem

FOLDER = Path(__file__).parents[1] / "fixtures" / "sem"

INDICES = ("cfi", "tli", "nnfi", "rni", "ifi", "nfi", "rfi", "srmr", "rmsea")
KINDS = {
    "chisq": ("chisq", "df", "baseline_chisq", "baseline_df", "pvalue", "scaling"),
    "indices": INDICES,
    "logl": ("logl", "unrestricted_logl", "aic", "bic", "bic2"),
}

DIFFERENT: dict[str, tuple[str, ...]] = {
    # lavaan divides the trace by the parameters before equality constraints, Mplus and this engine by those after.
    "": ("scaling_factor_h0",),
    # lavaan mixes expected information into the complete-data correction, which is defined with the observed one.
    "hs_fiml_expected": ("_robust",),
    # lavaan refits the model on complete moments with covariates fixed although fixed.x is off.
    "mediation_fiml_random_x": ("_robust",),
}


def names() -> list[str]:
    """Return the reference fits with continuous items."""
    found = []
    for path in sorted(FOLDER.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        if "estimates" in content and not dict(content["args"] or {}).get("ordered"):
            found.append(path.stem)
    return found


@cache
def reference(name: str) -> dict[str, Any]:
    """Return lavaan's results."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@cache
def fitted(name: str) -> sem.Fit:
    """Return this engine's fit of the same model."""
    case = reference(name)
    return sem.fit(case["syntax"], pd.read_csv(FOLDER / case["data"]), **dict(case["args"] or {}))


def deviations(name: str) -> dict[str, float]:
    """Return the largest deviation of each quantity.

    Estimates relative to max(1, size), standard errors and log-likelihoods relative, χ² and indices absolute (χ²
    relative where it is above 1).
    """
    fit, case = fitted(name), reference(name)
    result = {"estimates": 0.0, "se": 0.0, "standardised": 0.0, **dict.fromkeys(KINDS, 0.0)}
    rows = _rows(fit)
    for expected in case["estimates"]:
        if expected["op"] in ("==", "<", ">"):
            continue
        found = rows.get(_key(expected))
        if found is None:
            assert expected["est"] == 0, f"{name}: no row for {expected}"
            continue
        result["estimates"] = max(result["estimates"], _relative(found.est, expected["est"], 1.0))
        if expected["se"] is not None:
            result["se"] = max(result["se"], _relative(found.se, expected["se"], 1e-6))
        for kind in ("std_lv", "std_all"):
            if expected[kind] is not None:
                result["standardised"] = max(
                    result["standardised"], _relative(getattr(found, kind), expected[kind], 1.0)
                )
    measures = fit.fit_measures()
    skipped = DIFFERENT[""] + DIFFERENT.get(name, ())
    for quantity, expected in case["fit_measures"].items():
        if quantity not in measures or expected is None or any(part in quantity for part in skipped):
            continue
        for kind, prefixes in KINDS.items():
            if quantity.startswith(prefixes):
                floor = 1e-6 if kind == "logl" else 1.0
                result[kind] = max(result[kind], _relative(measures[quantity], expected, floor))
                break
    return result


def matrix() -> pd.DataFrame:
    """Return the parity matrix."""
    return pd.DataFrame({name: deviations(name) for name in names()}).T.rename_axis("model")


def _relative(found: float, expected: float, floor: float) -> float:
    if np.isnan(found):
        return np.inf
    return abs(found - expected) / max(abs(expected), floor)


def _rows(fit: sem.Fit) -> dict[tuple, Any]:
    groups = {str(label): k for k, label in enumerate(fit.table.options.groups, 1)}
    result = {}
    for row in fit.tidy().itertuples():
        group = 0 if row.op == ":=" else groups[str(row.group)]
        rhs = "" if row.op == ":=" else row.rhs
        result[row.lhs, row.op, rhs, group] = row
        if row.op == "~~":
            result[row.rhs, row.op, row.lhs, group] = row
    return result


def _key(expected: dict[str, Any]) -> tuple:
    defined = expected["op"] == ":="
    return expected["lhs"], expected["op"], "" if defined else expected["rhs"], 0 if defined else expected["group"]


if __name__ == "__main__":
    print(matrix().to_string(float_format=lambda x: f"{x:.0e}"))
