"""How far this engine is from lavaan: model × quantity → largest deviation, from the committed reference fits.

``python -m tests.sem.parity`` writes the matrix to ``models/sem/PARITY.md``; a test holds the engine to it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models import sem

PUBLISHED = Path(__file__).parents[2] / "models" / "sem" / "PARITY.md"
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
    """Return the names of the reference fits."""
    return [path.stem for path in sorted(FOLDER.glob("*.json")) if "estimates" in reference(path.stem)]


@cache
def reference(name: str) -> dict[str, Any]:
    """Return lavaan's results."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@cache
def fitted(name: str) -> sem.Fit:
    """Return this engine's fit of the same model."""
    case = reference(name)
    return sem.fit(case["syntax"], pd.read_csv(FOLDER / case["data"]), **dict(case["args"] or {}))


@cache
def deviations(name: str) -> dict[str, float]:
    """Return the largest deviation of each quantity.

    Estimates relative to max(1, size), standard errors and log-likelihoods relative, χ² and indices absolute (χ²
    relative where it is above 1).
    """
    fit, case = fitted(name), reference(name)
    result = {"estimates": 0.0, "se": 0.0, "standardised": 0.0, "standardised se": 0.0, **dict.fromkeys(KINDS, np.nan)}
    rows, standardised = _rows(fit, fit.tidy()), _rows(fit, fit.standardised_solution())
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
        if expected["std_se"] is not None:
            error = _relative(standardised[_key(expected)].se, expected["std_se"], 1e-3)
            result["standardised se"] = max(result["standardised se"], error)
        for kind in ("std_lv", "std_all"):
            if expected[kind] is not None:
                result["standardised"] = max(
                    result["standardised"], _relative(getattr(found, kind), expected[kind], 1.0)
                )
    indices = fit.fit_indices()
    skipped = DIFFERENT[""] + DIFFERENT.get(name, ())
    for quantity, expected in case["fit_measures"].items():
        if quantity not in indices or expected is None or any(part in quantity for part in skipped):
            continue
        for kind, prefixes in KINDS.items():
            if quantity.startswith(prefixes):
                floor = 1e-6 if kind == "logl" else 1.0
                result[kind] = np.fmax(result[kind], _relative(indices[quantity], expected, floor))
                break
    return result


def matrix() -> pd.DataFrame:
    """Return the parity matrix."""
    return pd.DataFrame({name: deviations(name) for name in names()}).T.rename_axis("model")


def _relative(found: float, expected: float, floor: float) -> float:
    if np.isnan(found):
        return np.inf
    return abs(found - expected) / max(abs(expected), floor)


def published() -> pd.DataFrame:
    """Return the committed matrix: the power of ten that bounds each deviation, NaN where nothing is compared."""
    lines = [line for line in PUBLISHED.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    header, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    table = pd.DataFrame(rows, columns=header).set_index("model").replace("–", np.nan)
    return table.astype(float)


def page(table: pd.DataFrame) -> str:
    """Return the matrix as a Markdown page of bounds, not below the accuracy of the references."""
    bound = 10 ** np.ceil(np.log10(table.clip(lower=1e-8)) - 1e-9)
    lines = [
        f"| {name} | " + " | ".join("–" if np.isnan(x) else f"{x:.0e}" for x in row) + " |"
        for name, *row in bound.reset_index().itertuples(index=False)
    ]
    head = f"| model | {' | '.join(table.columns)} |\n|---|{'---|' * table.shape[1]}"
    return _TEXT + head + "\n" + "\n".join(lines) + "\n"


_TEXT = """# How far from lavaan

Largest deviation from lavaan 0.6-14 in each model, as the power of ten that bounds it (1e-08 where it is less).
Models, data and R scripts: `tests/fixtures/sem`; lavaan's optima were polished by Newton steps, its polychoric
correlations are accurate to about 1e-08. Estimates and standardised values relative to max(1, size), standard errors
and log-likelihoods relative, χ² and indices absolute, χ² relative where it is above 1.

Written by `python -m tests.sem.parity`, checked by `tests/sem/test_sem_parity.py`; where the two engines differ by
definition, the quantity is left out and the reason stands in `tests/sem/parity.py`.

"""


def _rows(fit: sem.Fit, table: pd.DataFrame) -> dict[tuple, Any]:
    groups = {str(label): k for k, label in enumerate(fit.table.options.groups, 1)}
    result = {}
    for row in table.itertuples():
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
    PUBLISHED.write_text(page(matrix()), encoding="utf-8")
