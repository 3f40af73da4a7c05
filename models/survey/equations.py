"""One structural specification on one sample: estimates, fit, explained variance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from models import results, sem, specs, theory
from models.choices import choices
from models.remarks import Remark, packed, remark
from models.sem.options import Estimator, Missing
from models.specs import Built

# Residuals of means are left out, which only some samples have.
SRMR = "srmr_bentler_nomean"
FIT = ("chisq", "cfi", "tli", "rmsea", "srmr", "aic", "bic", "npar")
MAIN = specs.MAIN


@dataclass(frozen=True, eq=False)
class Structural:
    """A fitted specification: its name, the model as built from the card, the fit."""

    spec: str
    built: Built
    fit: sem.Fit


def structural(
    spec: str, data: pd.DataFrame, scales: dict[str, list[str]], estimator: Estimator = "MLR", missing: Missing = "fiml"
) -> Structural | None:
    """Build a specification for the measured constructs and fit it; None when it cannot be built.

    The main model is cut to what is measured; every other specification is a claim about all of its constructs and is
    fitted whole or not at all.

    Parameters
    ----------
    spec
        Name of a file in `models/specs/structural` without `.lav`.
    data
        (respondents, items) answers, missing as NaN.
    scales
        Construct → items.
    estimator, missing
        As in `models.sem.result`; complete data are fitted without the missing-data likelihood.

    Raises
    ------
    models.sem.SemError
        When the model cannot be fitted; the message says why.
    """
    if not states(spec, scales):
        return None
    built = specs.structural(specs.structural_specs()[spec], scales)
    used = [item for items in scales.values() for item in items]
    if not data[used].isna().to_numpy().any():
        missing = "listwise"
    return Structural(spec, built, sem.fit(built.syntax, data, estimator=estimator, missing=missing))


def states(spec: str, scales: dict[str, list[str]]) -> bool:
    """Whether the scales carry the claim of a specification: a part of the main model, all of any other."""
    built = specs.structural(specs.structural_specs()[spec], scales)
    return bool(built.syntax) and (spec == MAIN or not built.left_out)


def hypothesis_of(spec: str) -> dict[str, str]:
    """Label in a specification → hypothesis that it decides."""
    found = {}
    for hypothesis in theory.hypotheses().values():
        if hypothesis.survey.spec == spec and hypothesis.survey.label:
            found[hypothesis.survey.label] = hypothesis.id
    return found


def structural_rows(model: Structural) -> pd.DataFrame:
    """Rows of the results table: loadings, paths, covariances with Wald intervals, fit, R², improper solutions.

    Of a solution that is inadmissible no R² is given: with a variance below zero it is a share of nothing.
    """
    tidy, fit = model.fit.tidy(), model.fit
    standardised = fit.standardised_solution().set_index(["lhs", "op", "rhs"])[["se", "ci_lower", "ci_upper"]]
    latents = set(model.built.latents)
    labels = hypothesis_of(model.spec)
    rows = []
    for row in tidy.itertuples():
        if row.op == "~~" and (row.lhs == row.rhs or row.lhs not in latents):
            continue
        if row.op not in ("=~", "~", "~~"):
            continue
        table = {"=~": "loadings", "~": "paths", "~~": "covariances"}[row.op]
        term = row.term
        hypothesis = next(
            (h for label, h in labels.items() if row.label in (label, f"{label}_first", f"{label}_second")), ""
        )
        rows.append(
            {
                "table": table,
                "term": term,
                "quantity": "estimate",
                "hypothesis": hypothesis,
                "estimate": row.est,
                "se": row.se,
                "statistic": row.z,
                "pvalue": row.pvalue,
                "ci_lower": row.ci_lower,
                "ci_upper": row.ci_upper,
                "definition": results.defined("wald", errors=errors_of(fit)),
            }
        )
        std = {"table": table, "term": term, "quantity": "std_all", "hypothesis": hypothesis, "estimate": row.std_all}
        rows.append(std | standardised.loc[(row.lhs, row.op, row.rhs)].to_dict())
    explained = pd.DataFrame() if improper(fit) else _r2_rows(tidy, latents)
    parts = [results.rows(rows), fit_rows(fit), explained, _improper_rows(model)]
    whole = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return whole.assign(model=model.spec, n=fit.n)


def improper(fit: sem.Fit) -> tuple[Remark, ...]:
    """What makes the solution one that cannot be true; nothing where it is admissible, or by a second program."""
    return tuple(getattr(fit, "improper", ()))


def errors_of(fit: sem.Fit) -> str:
    """Which kind of standard errors a fit has, as definitions speak of them."""
    return "normal" if fit.settings.se == "standard" else "robust"


def levels_apart(model: Structural) -> list[Remark]:
    """Mechanisms of two measured levels, with equal weights, that correlate below `choices.levels_together`."""
    tidy, found = model.fit.tidy(), []
    weights = tidy[(tidy["op"] == "=~") & tidy["rhs"].isin(model.built.latents)]
    for construct, levels in weights.groupby("lhs", sort=False):
        if len(levels) != 2:
            continue
        r = float(levels["std_all"].prod())
        if r < choices.levels_together:
            first, second = levels["rhs"]
            found.append(remark("levels_apart", construct=construct, first=first, second=second, r=r))
    return found


def fit_rows(fit: sem.Fit, table: str = "fit") -> pd.DataFrame:
    """Rows of a table with the fit indices of a model, those that are robust where there are any."""
    indices: Mapping[str, float] = fit.fit_indices()
    rows = []
    for name in FIT:
        row = reported(indices, name)
        if not np.isfinite(row["estimate"]):
            continue
        version = row["definition"].removeprefix(name)
        if name == "chisq":
            row |= {"df": indices[f"df{version}"], "pvalue": indices[f"pvalue{version}"]}
        if name == "rmsea":
            row |= {f"ci_{end}": indices.get(f"rmsea_ci_{end}{version}") for end in ("lower", "upper")}
        rows.append({"table": table, "term": name} | row)
    return results.rows(rows)


def reported(indices: Mapping[str, float], name: str) -> dict[str, Any]:
    """One index in the version that is judged: quantity, estimate (NaN where there is none) and definition."""
    key = SRMR if name == "srmr" else sem.reported_index(indices, name)
    definition = "srmr" if name == "srmr" else key
    return {"quantity": name, "estimate": indices.get(key, np.nan), "definition": definition}


def _r2_rows(tidy: pd.DataFrame, latents: set[str]) -> pd.DataFrame:
    outcomes = {row.lhs for row in tidy.itertuples() if row.op == "~"}
    rows = []
    for row in tidy.itertuples():
        if row.op == "~~" and row.lhs == row.rhs and row.lhs in outcomes and row.lhs in latents:
            rows.append(
                {"table": "r2", "term": row.lhs, "quantity": "r2", "estimate": 1 - row.std_all, "definition": "r2"}
            )
    return results.rows(rows)


def _improper_rows(model: Structural) -> pd.DataFrame:
    """What a reader has to know: remarks of the builder, terms left out, inadmissible estimates."""
    rows = [
        {"table": "remarks", "term": said.values["construct"], "quantity": "measured", "note": packed([said])}
        for said in model.built.remarks
    ]
    for term, lacking in model.built.left_out:
        if lacking:
            note = packed([remark("lacks_measures", constructs=list(lacking))])
            rows.append({"table": "remarks", "term": term, "quantity": "left_out", "note": note})
    for said in levels_apart(model):
        note = packed([said])
        rows.append({"table": "remarks", "term": said.values["construct"], "quantity": "levels_apart", "note": note})
    for reason in improper(model.fit):
        rows.append({"table": "remarks", "term": model.spec, "quantity": "inadmissible", "note": packed([reason])})
    return results.rows(rows)
