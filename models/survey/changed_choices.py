"""The main model under other choices: gaps, excluded and doubtful people, ordered categories, controls."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

import pandas as pd

from models import measurement, results, sem
from models.choices import choices
from models.statistics.seeding import SeedOf
from models.survey.answer_quality import doubted_people, quality
from models.survey.equations import MAIN, Structural
from models.survey.rows import failed, tried
from models.survey.sensitivity import effects, largest_shift
from models.survey.setting import Doubtful, Estimation, Questionnaire
from models.survey.specifications import specification_curve
from models.survey.variants import Variant, variant
from models.survey.without_groups import leave_one_out


def other_choices(
    asked: Questionnaire,
    data: pd.DataFrame,
    left_out: pd.DataFrame,
    model: Structural,
    options: Estimation,
    rule: Doubtful,
    seeds: SeedOf,
    quality_seed: Callable[[], int],
) -> list[pd.DataFrame]:
    """One choice changed at a time, all choices combined, and each group left out.

    Parameters
    ----------
    data, left_out : answers of the people who stay, and of those whom a rule on how they answered leaves out.
    model : the main analysis.
    rule : whose answers are doubted.
    seeds, quality_seed : of the imputation, and of the flags of doubtful answers.

    Returns
    -------
    Rows `sensitivity`, `specifications` and `leave_one_out` of the results table.
    """
    doubted = doubted_people(quality(asked, data, quality_seed()), rule)
    how = Variant(options.estimator, "all" if options.missing == "fiml" else "complete")
    return [
        changed(asked, data, left_out, model, doubted, options, seeds),
        *tried("specifications", specification_curve, data, asked.scales, doubted, list(asked.controls)),
        *chain.from_iterable(
            tried("leave_one_out", leave_one_out, data, asked.scales, by, how, options.min_group) for by in asked.groups
        ),
    ]


def changed(
    asked: Questionnaire,
    data: pd.DataFrame,
    left_out: pd.DataFrame,
    model: Structural,
    doubted: list,
    options: Estimation,
    seeds: SeedOf,
) -> pd.DataFrame:
    """Standardised effects under every choice that the data set allows, each with its largest shift from the main
    analysis; why, where one failed."""
    main = effects(model)
    parts = [main.assign(group="main")]
    for name, estimate in _estimates(asked, data, left_out, doubted, options, seeds).items():
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
    asked: Questionnaire, data: pd.DataFrame, left_out: pd.DataFrame, doubted: list, options: Estimation, seeds: SeedOf
) -> dict[str, Callable[[], pd.DataFrame]]:
    estimator = options.estimator
    answers = "all" if options.missing == "fiml" else "complete"
    items = [item for block in asked.scales.values() for item in block]
    m = choices.imputations if len(data) < choices.many_people else choices.imputations_of_many

    def fitted(sample, answers=answers, estimator=estimator, controls=()) -> pd.DataFrame:
        found = variant(sample, asked.scales, Variant(estimator, answers, controls=controls))
        assert found is not None, "the main model is there, and every variant has its constructs"
        return effects(found)

    def completed(sample: pd.DataFrame) -> dict[str, tuple[float, float]]:
        found = fitted(sample, "complete").set_index("term")
        return dict(zip(found.index, zip(found["estimate"], found["se"], strict=True), strict=True))

    def imputed() -> pd.DataFrame:
        seed = seeds("imputation")
        rounds = choices.imputation_rounds
        pooled = measurement.multiple_imputation(data, items, completed, m=m, iterations=rounds, seed=seed).tidy()
        shown = ["term", "estimate", "se", "df", "statistic", "pvalue", "ci_lower", "ci_upper"]
        return pooled[shown].assign(n=len(data))

    found: dict[str, Callable[[], pd.DataFrame]] = {}
    if data[items].isna().to_numpy().any():
        found |= {"listwise": lambda: fitted(data, "complete"), "imputation": imputed}
    if len(left_out):
        found["with_left_out"] = lambda: fitted(pd.concat([data, left_out], ignore_index=True))
    if doubted:
        found["without_doubtful"] = lambda: fitted(data[~data["respondent"].isin(doubted)])
    found["ordinal"] = lambda: fitted(data, estimator="WLSMV")
    if asked.controls:
        found["with_controls"] = lambda: fitted(data, controls=asked.controls)
    return found
