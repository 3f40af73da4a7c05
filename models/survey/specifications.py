"""The effects of the hypotheses under every combination of defensible choices (Simonsohn, Simmons & Nelson 2020)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from models import results, sem, theory
from models.remarks import packed
from models.survey.equations import MAIN, Structural, hypothesis_of
from models.survey.sensitivity import effects
from models.survey.variants import Variant, Variants

ROBUST, NORMAL, ORDINAL = "MLR", "ML", "WLSMV"
NAMES = ("estimator", "answers", "people", "controls", "levels")


def specification_curve(variants: Variants, controls: Sequence[str] = ()) -> pd.DataFrame:
    """Fit the main model in all combinations of estimator, use of gaps, people, controls and levels.

    A choice that makes no difference to the data set (no gaps, nobody doubted, no controls, no mechanism with several
    levels) is not varied; ordered categories are not combined with controls.

    Parameters
    ----------
    variants : the answers, and what is fitted of them already.
    controls : columns of covariates.

    Returns
    -------
    Rows `specifications` of the results table (group = `estimator: MLR; answers: all; …`, term, standardised effect
    with its Wald interval; `failed` where a combination has no estimate) and `specification_summary` (term, `lowest`,
    `median`, `highest`, `same_sign` and `clear`: shares of combinations with the sign of the median, and with an
    interval that leaves out zero on that side).

    References
    ----------
    Simonsohn, Simmons & Nelson (2020), doi:10.1038/s41562-020-0912-z.
    """
    items = [item for block in variants.scales.values() for item in block]
    several = any(sum(level in variants.scales for level in theory.levels(name)) > 1 for name in theory.constructs())
    rows: list[pd.DataFrame] = []
    for answers, sample, adjusted, levels in product(
        ("all", "complete") if variants.people["all"][items].isna().to_numpy().any() else ("all",),
        variants.people,
        (False, True) if controls else (False,),
        ("second_order", "means") if several else ("second_order",),
    ):
        for estimator in (ROBUST, *(() if adjusted else (ORDINAL,))):
            how = Variant(estimator, answers, levels, tuple(controls) if adjusted else ())
            choices = (answers, sample, "with" if adjusted else "without", levels)
            rows += _estimates(variants, how, choices)
    curve = results.rows(pd.concat(rows, ignore_index=True), table="specifications")
    found = curve[curve["quantity"] == "std_all"]
    return pd.concat([curve, _summary(found)], ignore_index=True).assign(model=MAIN)


def _estimates(variants: Variants, how: Variant, choices: tuple[str, ...]) -> list[pd.DataFrame]:
    """Effects of one fit; a robust fit gives those with normal-theory errors too, the estimates being the same."""
    try:
        model = variants.fit(how, people=choices[1])
    except sem.SemError as error:
        failed = {"group": _name(how.estimator, choices), "quantity": "failed", "note": packed([error.remark])}
        return [pd.DataFrame([failed])]
    if model is None:
        return []
    found = [_decisive(model).assign(group=_name(how.estimator, choices))]
    if how.estimator == ROBUST:
        information = "observed" if model.fit.settings.missing == "fiml" else "expected"
        plain = replace(model.fit.settings, estimator=NORMAL, se="standard", test="standard", information=information)
        same = Structural(model.spec, model.built, replace(model.fit, settings=plain))
        found.append(_decisive(same).assign(group=_name(NORMAL, choices)))
    return found


def _name(estimator: str, choices: tuple[str, ...]) -> str:
    return "; ".join(f"{name}: {choice}" for name, choice in zip(NAMES, (estimator, *choices), strict=True))


def _decisive(model: Structural) -> pd.DataFrame:
    """Effects that decide a hypothesis, standardised."""
    named = model.fit.names()
    decided = set(hypothesis_of(MAIN))
    labelled = named[named["label"].isin(decided) & named["op"].isin(["~", ":="])]
    terms = (labelled["lhs"] + " ~ " + labelled["rhs"]).where(labelled["op"] == "~", labelled["lhs"])
    found = effects(model)
    return found[found["term"].isin(terms)].assign(quantity="std_all")


def _summary(found: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for term, part in found.groupby("term", sort=False):
        median = float(part["estimate"].median())
        side = np.sign(median)
        bound = part["ci_lower"] if side > 0 else -part["ci_upper"]
        values = {
            "lowest": part["estimate"].min(),
            "median": median,
            "highest": part["estimate"].max(),
            "same_sign": (np.sign(part["estimate"]) == side).mean(),
            "clear": (bound > 0).mean(),
        }
        rows += [{"term": term, "quantity": name, "estimate": value, "n": len(part)} for name, value in values.items()]
    return results.rows(rows, table="specification_summary")
