"""Equality across groups by family of parameters (Jöreskog 1971, https://doi.org/10.1007/BF02291366)."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np

from models.sem.errors import ArgumentError, nearest
from models.sem.language.rows import Options, Row, Variables
from models.sem.options import Family

FAMILIES = get_args(Family)


def family(row: Row, variables: Variables) -> str:
    """Return the family that a parameter belongs to ("" for a covariate's moments)."""
    latent = row.lhs in variables.latent
    if row.exo:
        return ""
    if row.op == "~~":
        if latent and row.rhs in variables.latent:
            return "lv.variances" if row.lhs == row.rhs else "lv.covariances"
        return "residuals" if row.lhs == row.rhs else "residual.covariances"
    if row.op == "~1":
        return "means" if latent else "intercepts"
    return {"=~": "loadings", "~": "regressions", "|": "thresholds"}.get(row.op, "")


def _scale_of_item(row: Row, options: Options, equal: tuple[str, ...]) -> bool:
    """Return whether a row sets the scale of an ordered item under the parameterization in use."""
    if options.parameterization == "delta":
        return row.op == "~*~"
    ordered = row.lhs in dict(options.thresholds)
    return ordered and row.op == "~~" and row.lhs == row.rhs and "residuals" not in equal


def check_families(group_equal: tuple[str, ...], group_partial: tuple[str, ...], names: list[str]) -> None:
    """Raise if a family or a released parameter is unknown."""
    for name in group_equal:
        if name not in FAMILIES:
            raise ArgumentError(
                f"group_equal names the unknown family '{name}'; known are {', '.join(FAMILIES)}. "
                f"{nearest(name, FAMILIES)}"
            )
    for name in group_partial:
        if name not in names:
            raise ArgumentError(
                f"group_partial names '{name}', which is no parameter or label of the model. {nearest(name, names)}"
            )


def across_groups(rows: list[Row], variables: Variables, options: Options) -> list[Row]:
    """Give equal parameters one label, and free what equality identifies.

    Equal intercepts (or thresholds) identify the latent means of all groups but the first, equal loadings the
    latent variances where these set the scale, equal thresholds the scales (or residual variances) of ordered items:
    they are freed there, as in lavaan.
    """
    equal, partial = tuple(options.group_equal), tuple("".join(p.split()) for p in options.group_partial)
    names = [row.name for row in rows] + [row.label for row in rows if row.label]
    check_families(equal, partial, names)
    if len(options.groups) == 1:
        return rows
    shift = bool({"intercepts", "thresholds"} & set(equal)) and "means" not in equal
    cut = "thresholds" in equal
    stretch = options.std_lv and "loadings" in equal and "lv.variances" not in equal
    first: dict[tuple[str, str, str], Row] = {}
    labelled: dict[tuple[str, str, str], str] = {}
    result: list[Row] = []
    for row in rows:
        kind = family(row, variables)
        if row.group > 1 and not row.user and ((shift and kind == "means") or (stretch and kind == "lv.variances")):
            row = replace(row, free=True, fixed=np.nan)
        if row.group > 1 and not row.user and cut and _scale_of_item(row, options, equal):
            row = replace(row, free=True, fixed=np.nan)
        released = row.name in partial or (row.label and row.label in partial)
        if row.group == 1:
            first[row.key] = row
        if kind in equal and not released and row.free and row.key in first and first[row.key].free:
            labelled.setdefault(row.key, first[row.key].label or f".{row.name}.")
            if not row.label:
                row = replace(row, label=labelled[row.key])
        result.append(row)
    return result
