"""The main model under other choices: gaps, excluded and doubtful people, ordered categories, controls."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING, Any

import pandas as pd

from models.choices import choices
from pipeline.cards.card import Card
from pipeline.cleaning import responses
from pipeline.core.seeds import Seeds
from pipeline.estimates.rows import failed, tried

if TYPE_CHECKING:
    from models.survey import Structural


def rows(
    card: Card,
    data: pd.DataFrame,
    left_out: pd.DataFrame,
    model: Structural,
    options: dict[str, Any],
    usual: dict[str, Any],
    seeds: Seeds,
) -> list[pd.DataFrame]:
    """One choice changed at a time, all choices combined, and each group left out.

    `left_out` are the people whom a rule of the card on how they answered keeps out of `data`; `usual` is the
    rule of params.yaml that says whom to doubt.
    """
    from models import survey

    found = responses.quality(card, data, seeds.of("measure")("quality"))
    doubted = responses.doubtful(card, found, usual)
    how = survey.Variant(options["estimator"], "all" if options["missing"] == "fiml" else "complete")
    groups = (card.survey or {}).get("groups", {})
    return [
        treatments(card, data, left_out, model, doubted, options, seeds),
        *tried("specifications", survey.specification_curve, data, card.scales, doubted, card.controls),
        *chain.from_iterable(
            tried("leave_one_out", survey.leave_one_out, data, card.scales, by, how, options["min_group"])
            for by in groups
        ),
    ]


def treatments(
    card: Card,
    data: pd.DataFrame,
    left_out: pd.DataFrame,
    model: Structural,
    doubted: list,
    options: dict[str, Any],
    seeds: Seeds,
) -> pd.DataFrame:
    """Standardised effects under every treatment that the data set allows, each with its largest shift from the main
    analysis; why, where a treatment failed."""
    from models import measurement, sem, survey

    main = survey.effects(model)
    parts = [main.assign(group="main")]
    for name, estimate in _treatments(card, data, left_out, doubted, options, seeds).items():
        try:
            found = estimate().assign(group=name)
        except (sem.SemError, measurement.MeasurementError) as error:
            parts.append(failed(error, group=name))
            continue
        shift = {"group": name, "quantity": "largest_shift", "estimate": survey.largest_shift(main, found)}
        parts += [found, pd.DataFrame([shift])]
    if card.controls:
        parts.append(pd.DataFrame({"group": "with_controls", "quantity": "control", "term": card.controls}))
    table = pd.concat(parts, ignore_index=True)
    table["quantity"] = table["quantity"].fillna("effect") if "quantity" in table else "effect"
    return table.assign(table="sensitivity", model=survey.MAIN, definition="sensitivity")


def _treatments(
    card: Card, data: pd.DataFrame, left_out: pd.DataFrame, doubted: list, options: dict[str, Any], seeds: Seeds
) -> dict[str, Callable[[], pd.DataFrame]]:
    from models import measurement
    from models.survey import Variant, effects, variant

    estimator = options["estimator"]
    answers = "all" if options["missing"] == "fiml" else "complete"
    items = [item for block in card.scales.values() for item in block]
    m = choices.imputations if len(data) < choices.many_people else choices.imputations_of_many

    def fitted(sample, answers=answers, estimator=estimator, controls=()) -> pd.DataFrame:
        found = variant(sample, card.scales, Variant(estimator, answers, controls=controls))
        assert found is not None
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
    if card.controls:
        found["with_controls"] = lambda: fitted(data, controls=tuple(card.controls))
    return found
