"""The main model under other choices: gaps, excluded and doubtful people, ordered categories, controls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd

from models import measurement, results, sem
from models.analysis.rows import failed, tried
from models.analysis.setting import Doubtful, Estimation, Questionnaire
from models.choices import choices
from models.statistics.seeding import SeedOf
from models.survey.answer_quality import doubted_people
from models.survey.equations import MAIN, Structural
from models.survey.sensitivity import effects, largest_shift
from models.survey.specifications import specification_curve
from models.survey.variants import Variant, Variants, main_variant, variant

# Estimators that can use the answers of people who left something out.
OF_INCOMPLETE = ("ML", "MLR")


def other_choices(
    seeds: SeedOf,
    asked: Questionnaire,
    data: pd.DataFrame,
    left_out: pd.DataFrame,
    model: Structural,
    options: Estimation,
    flags: pd.DataFrame,
    rule: Doubtful,
) -> list[pd.DataFrame]:
    """One choice changed at a time, and all choices combined; each variant is fitted once.

    Parameters
    ----------
    seeds
        Of the imputation.
    data, left_out
        Answers of the people who stay, and of those whom a rule on how they answered leaves out.
    model
        The main analysis.
    flags, rule
        Of doubtful answers (`answer_quality.Flagged`), and whose answers are doubted.

    Returns
    -------
    Rows `sensitivity` and `specifications` of the results table; none where the model has no effect.
    """
    if effects(model).empty:
        return []
    variants = Variants(data, asked.scales, doubted_people(flags, rule), main=main_variant(options))
    variants.know(model)
    return [
        changed(asked, data, left_out, model, variants, seeds),
        *tried("specifications", specification_curve, variants, list(asked.controls)),
    ]


def changed(
    asked: Questionnaire,
    data: pd.DataFrame,
    left_out: pd.DataFrame,
    model: Structural,
    variants: Variants,
    seeds: SeedOf,
) -> pd.DataFrame:
    """Standardised effects under every choice that the data set allows, with their largest shift, or why one failed.

    Shifts are those from the main analysis.
    """
    main = effects(model)
    parts = [main.assign(group="main")]
    for name, estimate in _estimates(asked, data, left_out, variants, seeds).items():
        try:
            found = estimate().assign(group=name)
        except (sem.SemError, measurement.MeasurementError) as error:
            parts.append(failed(error, "sensitivity", group=name))
            continue
        shift = {"group": name, "quantity": "largest_shift", "estimate": largest_shift(main, found)}
        parts += [found, pd.DataFrame([shift])]
    if asked.controls:
        parts.append(pd.DataFrame({"group": "with_controls", "quantity": "control", "term": list(asked.controls)}))
    table = pd.concat(parts, ignore_index=True)
    table["quantity"] = table["quantity"].fillna("effect") if "quantity" in table else "effect"
    return results.rows(table, table="sensitivity", model=MAIN)


def _estimates(
    asked: Questionnaire,
    data: pd.DataFrame,
    left_out: pd.DataFrame,
    variants: Variants,
    seeds: SeedOf,
) -> dict[str, Callable[[], pd.DataFrame]]:
    main = variants.main
    items = [item for block in asked.scales.values() for item in block]
    m = choices.imputations if len(data) < choices.many_people else choices.imputations_of_many

    def fitted(people: str = "all", **other: Any) -> pd.DataFrame:
        found = variants.fit(replace(main, **other), people)
        assert found is not None, "the main model is there, and every variant has its constructs"
        return effects(found)

    def of_others(sample: pd.DataFrame, how: Variant) -> pd.DataFrame:
        found = variant(sample, asked.scales, how)
        assert found is not None, "the main model is there, and every variant has its constructs"
        return effects(found)

    def completed(sample: pd.DataFrame) -> dict[str, tuple[float, float]]:
        found = of_others(sample, replace(main, answers="complete")).set_index("term")
        return dict(zip(found.index, zip(found["estimate"], found["se"], strict=True), strict=True))

    def imputed() -> pd.DataFrame:
        seed = seeds("imputation")
        rounds = choices.imputation_rounds
        pooled = measurement.multiple_imputation(data, items, completed, m=m, iterations=rounds, seed=seed).tidy()
        pooled = pooled.rename(columns={"est": "estimate"})
        shown = ["term", "estimate", "se", "df", "statistic", "pvalue", "ci_lower", "ci_upper"]
        return pooled[shown].assign(n=len(data))

    found: dict[str, Callable[[], pd.DataFrame]] = {}
    if variants.gaps:
        if main.answers == "all":
            found["listwise"] = lambda: fitted(answers="complete")
        elif main.estimator in OF_INCOMPLETE:
            found["full_information"] = lambda: fitted(answers="all")
        found["imputation"] = imputed
    if len(left_out):
        found["with_left_out"] = lambda: of_others(pd.concat([data, left_out], ignore_index=True), main)
    if "undoubted" in variants.people:
        found["without_doubtful"] = lambda: fitted("undoubted")
    found["ordinal"] = lambda: fitted(estimator="WLSMV")
    if asked.controls:
        found["with_controls"] = lambda: fitted(controls=tuple(asked.controls))
    return found
