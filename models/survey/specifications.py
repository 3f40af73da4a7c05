"""The effects of the hypotheses under every combination of defensible choices (Simonsohn, Simmons & Nelson 2020)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import cast

import numpy as np
import pandas as pd

from models import results, sem, specs, theory
from models.choices import choices
from models.remarks import packed
from models.sem.options import Estimator
from models.specs import Universe
from models.survey.equations import MAIN, Structural, hypothesis_of
from models.survey.sensitivity import effects
from models.survey.variants import Variant, Variants

ORDINAL = "WLSMV"


def specification_curve(variants: Variants, controls: Sequence[str] = ()) -> pd.DataFrame:
    """Fit the main model in every combination of the choices that each run varies (`models/specs/multiverse.yaml`).

    A choice that makes no difference to the data set (no gaps, nobody doubted, no controls, no mechanism with several
    levels) is not varied.

    Parameters
    ----------
    variants
        The answers, and what is fitted of them already.
    controls
        Columns of covariates.

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
    rows = [estimated(variants, one, controls) for one in universes(variants, controls, asked=False)]
    curve = results.rows(pd.concat(rows, ignore_index=True), table="specifications")
    found = curve[curve["quantity"] == "std_all"]
    return pd.concat([curve, _summary(found)], ignore_index=True).assign(model=MAIN)


def universes(variants: Variants, controls: Sequence[str], asked: bool) -> list[Universe]:
    """The combinations of choices that make a difference to the answers.

    Parameters
    ----------
    asked
        Also the alternatives that not every run has.
    """
    several = any(sum(level in variants.scales for level in theory.levels(name)) > 1 for name in theory.constructs())
    long = any(len(block) >= choices.items_to_spare for block in variants.scales.values())
    able: dict[str, Collection[str]] = {
        "estimator": specs.KNOWN["survey"]["estimator"],
        "answers": ("all", "complete") if variants.gaps else ("all",),
        "people": variants.people,
        "controls": ("without", "with") if controls else ("without",),
        "levels": ("second_order", "means") if several else ("second_order",),
        "items": ("all", "without_weakest") if long else ("all",),
    }
    declared = specs.choices_of("survey")
    usual = {c.name: {a.name for a in c.alternatives if asked or a.when != "asked"} for c in declared.choices}
    offered = {name: usual[name] & set(ways) for name, ways in able.items() if usual.get(name)}
    main = {"estimator": variants.main.estimator, "answers": variants.main.answers}
    return specs.universes(declared, {name: ways for name, ways in offered.items() if ways}, main)


def estimator_of(one: Universe) -> Estimator:
    """The estimator of a combination."""
    return cast(Estimator, one["estimator"])


def variant_of(one: Universe, variants: Variants, controls: Sequence[str]) -> Variant:
    """How the main model is estimated in a combination; without gaps answers are used as in the main analysis."""
    covariates = tuple(controls) if one["controls"] == "with" else ()
    answers = one["answers"] if variants.gaps else variants.main.answers
    return Variant(estimator_of(one), answers, one["levels"], covariates)


def fitted(variants: Variants, one: Universe, controls: Sequence[str]) -> Structural | None:
    """The main model in a combination of choices; parameters and errors as in `variant`."""
    items = dict(one.chosen).get("items", "all")
    return variants.fit(variant_of(one, variants, controls), one["people"], items)


def estimated(variants: Variants, one: Universe, controls: Sequence[str]) -> pd.DataFrame:
    """Effects that decide a hypothesis in a combination of choices; why there are none, where it has no estimate."""
    try:
        model = fitted(variants, one, controls)
    except sem.SemError as error:
        return pd.DataFrame([{"group": one.name, "quantity": "failed", "note": packed([error.remark])}])
    return pd.DataFrame() if model is None else _decisive(model).assign(group=one.name)


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
