"""All analyses of the answers of one survey, in their order: models, what they rest on, groups, thresholds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from models import measurement, results, sem, specs
from models.remarks import remark
from models.sem.semopy_opinion import second_opinion
from models.statistics.seeding import SeedOf
from models.survey.changed_choices import other_choices
from models.survey.equations import MAIN, Structural, hypothesis_of, states, structural, structural_rows
from models.survey.f_squared import effect_sizes
from models.survey.groups import by_group
from models.survey.mediation import Resampling, effect_rows
from models.survey.minimum_effects import detectable
from models.survey.product_models import interactions
from models.survey.rival_models import rivals
from models.survey.rows import failed, long, remarked, tried
from models.survey.setting import Doubtful, Estimation, Questionnaire

Progress = Callable[[str, int, int], None]


def analyses(
    asked: Questionnaire,
    data: pd.DataFrame,
    left_out: pd.DataFrame,
    options: Estimation,
    rule: Doubtful,
    seeds: SeedOf,
    quality_seed: Callable[[], int],
    step: Callable[[str], Progress],
) -> list[pd.DataFrame]:
    """Fit every specification that the answers carry, and everything that the main one rests on.

    Parameters
    ----------
    data, left_out : answers of the people who stay, and of those whom a rule on how they answered leaves out.
    rule : whose answers are doubted.
    seeds, quality_seed : of what is drawn here, and of the flags of doubtful answers.
    step : name of a step → who is told how far it is.

    Returns
    -------
    Rows of the results table.
    """
    useless = measurement.not_estimable(data, asked.codebook)
    asked = asked.without(useless)
    unused = [remark("left_out_construct", construct=construct, why=why) for construct, why in useless.items()]
    how: dict[str, Any] = {"estimator": options.estimator, "missing": options.missing}

    def resampling(spec: str, group: str = "") -> Resampling:
        seed = seeds(spec, *filter(None, [group]))
        return Resampling(options.bootstrap, seed, step(f"{spec} {group}".strip()))

    parts = []
    for spec in specs.structural_specs():
        try:
            model = structural(spec, data, asked.scales, **how)
        except sem.SemError as error:
            parts.append(failed(error, model=spec, term=spec))
            model = None
        if unused and states(spec, asked.codebook):
            parts.append(remarked(unused, model=spec, term=spec))
        if model is None:
            continue
        parts.append(structural_rows(model))
        parts.append(effect_sizes(model))
        named = hypothesis_of(spec)
        effects = tried(spec, effect_rows, model.fit, resampling(spec), named, model=spec)
        parts += [part.assign(model=spec) for part in effects]
        if spec != MAIN:
            continue
        parts.append(_second_opinion(model, data))
        parts += tried("rivals", rivals, model, data, asked.scales, **how)
        parts += tried("sensitivity", other_choices, asked, data, left_out, model, options, rule, seeds, quality_seed)
        for group in asked.groups:
            own = {**how, "resampling": resampling(spec, group)}
            parts += tried(group, by_group, model, data, group, options.min_group, model=spec, **own)
    parts += tried("interactions", interactions, data, asked.scales, **how)
    if any(len(part) for part in parts):
        parts.append(detectable(pd.concat(parts, ignore_index=True), _sizes(asked, data)))
    parts += tried("necessity", _necessity, asked, data, options.permutations, seeds)
    return parts


def _necessity(asked: Questionnaire, data: pd.DataFrame, permutations: int, seeds: SeedOf) -> list[pd.DataFrame]:
    """Is the threshold that the theory names a necessary condition? Scale means over the whole answer format."""
    parts = []
    ends = {construct: [asked.limits[item] for item in items] for construct, items in asked.scales.items()}
    scope = {c: (min(low for low, _ in pairs), max(high for _, high in pairs)) for c, pairs in ends.items()}
    for claim in specs.necessity():
        condition, outcome = claim.condition, claim.outcome
        if not {condition, outcome} <= set(asked.scales):
            continue
        term = f"{outcome} ~ {condition}"
        scores = measurement.scale_scores(data, {c: asked.scales[c] for c in (condition, outcome)})
        try:
            found = measurement.necessary_condition(
                scores[condition].to_numpy(),
                scores[outcome].to_numpy(),
                scope=(scope[condition], scope[outcome]),
                n_permutations=permutations,
                seed=seeds("necessity", term),
            )
        except measurement.MeasurementError as error:
            parts.append(failed(error, "necessity", term=term))
            continue
        rows = long(found.tidy(), "necessity", "ceiling", ["d", "accuracy"])
        rows = results.rows(rows, group=rows["term"], term=term, definition=rows["term"])
        rows.loc[rows["quantity"] == "d", "pvalue"] = found.tidy()["pvalue"].to_numpy()
        parts.append(rows)
    return parts


def _sizes(asked: Questionnaire, data: pd.DataFrame) -> dict[str, int]:
    """People by group as the results name it, and in all."""
    found = {"": len(data)}
    for by in asked.groups:
        found |= {f"{by}: {level}": int(size) for level, size in data[by].value_counts().items()}
    return found


def _size(deviation: float) -> float:
    """One digit: further ones are the rounding of two optimisers and change with the order of their sums."""
    return float(f"{deviation:.0e}")


def _second_opinion(model: Structural, data: pd.DataFrame) -> pd.DataFrame:
    """The same model, the same complete rows, two programs."""
    names = sorted({row.rhs for row in model.fit.tidy().itertuples() if row.op == "=~" and row.rhs in data})
    complete = data[names].dropna()
    common = {"table": "second_opinion", "model": model.spec, "n": len(complete), "definition": "second_opinion"}
    try:
        ours = sem.fit(model.built.syntax, complete)
        found = second_opinion(model.built.syntax, complete, ours.tidy())
    except (sem.SemError, ValueError) as error:
        return failed(error, "second_opinion", term="").assign(**common)
    return results.rows(
        [
            common | {"term": found.worst, "quantity": "largest_deviation_estimate", "estimate": _size(found.est)},
            common | {"term": found.worst, "quantity": "largest_relative_deviation_se", "estimate": _size(found.se)},
            common | {"term": "", "quantity": "parameters", "estimate": len(found.compared)},
        ]
    )
