"""The effects of the hypotheses in every combination of choices, set against draws in which each effect is zero.

For each path the model is fitted without it, the answers are transformed so that this restricted model is true
(`sem.true_answers`), and the whole model is refitted to resamples of the transformed answers. A resample holds the same
people in every combination, so that the combinations go together as they do in the data. Ordered categories cannot be
transformed so: their estimates are shown, and stay out of the joint tests. So do indirect effects, whose null is not
one model but two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from models import measurement, sem, theory
from models.analysis.joint_curve import SIGNS, Drawn
from models.analysis.setting import Doubtful, Estimation, Questionnaire
from models.sem.language.editing import change
from models.sem.resampling.resample import count
from models.specs import Universe
from models.survey.answer_quality import doubted_people
from models.survey.equations import MAIN, Structural, hypothesis_of
from models.survey.specifications import ORDINAL, estimated, estimator_of, fitted
from models.survey.variants import Variants, main_variant, of_fit, with_errors


def variants_of(
    asked: Questionnaire,
    data: pd.DataFrame,
    left_out: pd.DataFrame,
    flags: pd.DataFrame,
    rule: Doubtful,
    options: Estimation,
) -> tuple[Variants, Questionnaire] | None:
    """The answers with all people that a combination may have, and the questionnaire that models can hold.

    None where the main model cannot be fitted: there is nothing to vary.
    """
    asked = asked.without(measurement.not_estimable(data, asked.codebook))
    variants = Variants(data, asked.scales, doubted_people(flags, rule), left_out, main_variant(options))
    try:
        return None if variants.fit(variants.main) is None else (variants, asked)
    except sem.SemError:
        return None


def sharing(found: Sequence[Universe]) -> list[list[Universe]]:
    """Combinations that differ by their standard errors alone, together: one fit and its refits serve them."""

    def fit(one: Universe) -> tuple:
        return of_fit(estimator_of(one)), tuple(pair for pair in one.chosen if pair[0] != "estimator")

    groups: dict[tuple, list[Universe]] = {}
    for one in found:
        groups.setdefault(fit(one), []).append(one)
    return list(groups.values())


def resamples(n: int, draws: int, seed: int) -> np.ndarray:
    """How often each of n people is in each resample (draws, n); the same for every combination."""
    return count(np.random.default_rng(seed), n, draws)


def drawn(variants: Variants, group: Sequence[Universe], controls: Sequence[str], counts: np.ndarray) -> list[Drawn]:
    """Estimate combinations that share a fit, and draw what they would be if each path were zero.

    Parameters
    ----------
    variants
        The answers, with `respondent`.
    group
        Combinations that differ by their standard errors alone.
    controls
        Columns of covariates.
    counts
        (B, people) of `resamples`, in the order of the most inclusive sample.

    Returns
    -------
    In the order of `group`.
    """
    rows = {one: estimated(variants, one, controls) for one in group}
    null: dict[Universe, dict[str, np.ndarray]] = {one: {} for one in group}
    null_z: dict[Universe, dict[str, np.ndarray]] = {one: {} for one in group}
    there = [one for one in group if "term" in rows[one] and one["estimator"] != ORDINAL]
    if there:
        shared = fitted(variants, there[0], controls)
        assert shared is not None, "its effects are among the rows"
        people = places(variants, there[0]["people"])
        for term, label in paths(shared).items():
            try:
                whole = zero(shared, label)
                values = sem.resampled(whole.fit, counts[:, people[whole.people]], "std_all")
            except sem.SemError:
                continue
            at = int(np.flatnonzero(whole.fit.names()["label"] == label)[0])
            for one in there:
                errors = with_errors(Structural(MAIN, shared.built, whole.fit), estimator_of(one)).fit
                null[one][term] = values[:, at]
                null_z[one][term] = values[:, at] / float(errors.standardised_solution()["se"].iloc[at])
    return [Drawn(one, rows[one], null[one], null_z[one]) for one in group]


def places(variants: Variants, people: str) -> np.ndarray:
    """Position of each of these people in the most inclusive sample."""
    every = variants.people.get("with_left_out", variants.people["all"])["respondent"]
    return pd.Index(every).get_indexer(variants.people[people]["respondent"])


def paths(model: Structural) -> dict[str, str]:
    """Term → label of the paths that decide a hypothesis."""
    decided = set(hypothesis_of(MAIN))
    named = model.fit.names()
    named = named[named["label"].isin(decided) & (named["op"] == "~")]
    return {f"{row.lhs} ~ {row.rhs}": row.label for row in named.itertuples()}


def predicted(model: Structural) -> dict[str, int]:
    """Term → predicted direction of the paths that decide a hypothesis, 1 or -1."""
    decides = hypothesis_of(MAIN)
    return {t: SIGNS[theory.hypotheses()[decides[label]].survey.sign] for t, label in paths(model).items()}


@dataclass(frozen=True, eq=False)
class Zero:
    """The model fitted to answers in which one of its paths is zero, and whose answers they are (n,)."""

    fit: sem.Fit
    people: np.ndarray


def zero(model: Structural, label: str) -> Zero:
    """The model of answers that are transformed so that the path of a label is zero.

    Raises
    ------
    models.sem.SemError
        When the model without the path, or the one of the transformed answers, cannot be fitted.
    """
    settings, sample = model.fit.settings, model.fit.task.sample
    without = change(model.built.parsed, lambda t: replace(t, fixed=(0.0,)) if t.label == (label,) else t)
    how: dict[str, Any] = {"estimator": settings.estimator, "missing": settings.missing}
    restricted = sem.fit(model.built.saying(without).syntax, sample, **how)
    answers = sem.true_answers(restricted)
    return Zero(sem.fit(model.built.syntax, answers, **how), answers.index.to_numpy())
