"""structure: clean answers → structural equation models, groups, thresholds, a second opinion (`structure.csv`)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.cards import card as cards
from pipeline.cards.parts import present
from pipeline.core import blocks, handed, paths, progress, record, results
from pipeline.core.seeds import Seeds
from pipeline.estimates import sensitivity
from pipeline.estimates.rows import failed, long, remark, tried

if TYPE_CHECKING:
    from models.survey import Structural


def run(data_set: str) -> None:
    card, params = cards.load(paths.card_path(data_set)), handed.to("structure")
    options, usual, seeds = (
        params.structure,
        params.doubtful,
        Seeds(params.seed, card.id, "structure"),
    )
    with record.kept(data_set, "structure", seeds):
        parts = []
        if card.survey is not None:
            data = pd.read_parquet(paths.made(data_set, "clean", "clean", "survey.parquet"))
            left_out = pd.read_parquet(paths.made(data_set, "clean", "clean", "left_out.parquet"))
            parts = _estimate(card, data, left_out, options, usual, seeds)
        table = results.table(parts, data_set=card.id, simulated=card.simulated, stage="structure", sample="survey")
        results.write(table, paths.of(data_set, "structure.csv"))


def _estimate(
    card: cards.Card,
    data: pd.DataFrame,
    left_out: pd.DataFrame,
    options: blocks.Structure,
    usual: blocks.Doubtful,
    seeds: Seeds,
) -> list[pd.DataFrame]:
    from models import measurement, sem, specs, survey

    useless = measurement.not_estimable(data, card.codebook)
    card = replace(card, left_out=frozenset(useless))
    unused = "; ".join(f"{construct} is left out: {why}" for construct, why in useless.items())
    how: dict[str, Any] = {"estimator": options.estimator, "missing": options.missing}

    def resampling(spec: str, group: str = "") -> survey.Resampling:
        seed = seeds(spec, *filter(None, [group]))
        return survey.Resampling(
            card.resamples("structure", options.bootstrap), seed, progress.step(f"{spec} {group}".strip())
        )

    parts = []
    for spec in specs.structural_specs():
        try:
            model = survey.structural(spec, data, card.scales, **how)
        except sem.SemError as error:
            parts.append(failed(error, model=spec, term=spec))
            model = None
        if unused and survey.states(spec, card.codebook):
            parts.append(remark(unused, model=spec, term=spec))
        if model is None:
            continue
        parts.append(survey.structural_rows(model))
        parts.append(survey.effect_sizes(model))
        named = survey.hypothesis_of(spec)
        effects = tried(spec, survey.effect_rows, model.fit, resampling(spec), named, model=spec)
        parts += [part.assign(model=spec) for part in effects]
        if spec != survey.MAIN:
            continue
        parts.append(_second_opinion(model, data))
        parts += tried("rivals", survey.rivals, model, data, card.scales, **how)
        parts += tried("sensitivity", sensitivity.rows, card, data, left_out, model, options, usual, seeds)
        for group in present(card.survey).groups:
            own = {**how, "resampling": resampling(spec, group)}
            parts += tried(group, survey.by_group, model, data, group, options.min_group, model=spec, **own)
    parts += tried("interactions", survey.interactions, data, card.scales, **how)
    if any(len(part) for part in parts):
        parts.append(survey.detectable(pd.concat(parts, ignore_index=True), _sizes(card, data)))
    parts += tried("necessity", _necessity, card, data, options.permutations, seeds)
    return parts


def _sizes(card: cards.Card, data: pd.DataFrame) -> dict[str, int]:
    """People by group as the results name it, and in all."""
    found = {"": len(data)}
    for by in present(card.survey).groups:
        found |= {f"{by}: {level}": int(size) for level, size in data[by].value_counts().items()}
    return found


def _necessity(card: cards.Card, data: pd.DataFrame, permutations: int, seeds: Seeds) -> list[pd.DataFrame]:
    """Is the threshold that the theory names a necessary condition? Scale means over the whole answer format."""
    from models import measurement, specs

    parts = []
    ends = {c: [(item.low, item.high) for item in card.items if item.construct == c] for c in card.scales}
    scope = {c: (min(low for low, _ in pairs), max(high for _, high in pairs)) for c, pairs in ends.items()}
    for claim in specs.necessity():
        condition, outcome = claim.condition, claim.outcome
        if not {condition, outcome} <= set(card.scales):
            continue
        term = f"{outcome} ~ {condition}"
        scores = measurement.scale_scores(data, {c: card.scales[c] for c in (condition, outcome)})
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
        rows = rows.assign(group=rows["term"], term=term, definition=rows["term"])
        rows.loc[rows["quantity"] == "d", "pvalue"] = found.tidy()["pvalue"].to_numpy()
        parts.append(rows)
    return parts


def _size(deviation: float) -> float:
    """One digit: further ones are the rounding of two optimisers and change with the order of their sums."""
    return float(f"{deviation:.0e}")


def _second_opinion(model: Structural, data: pd.DataFrame) -> pd.DataFrame:
    """The same model, the same complete rows, two programs."""
    from models import sem
    from models.sem.semopy_opinion import second_opinion

    names = sorted({row.rhs for row in model.fit.tidy().itertuples() if row.op == "=~" and row.rhs in data})
    complete = data[names].dropna()
    common = {"table": "second_opinion", "model": model.spec, "n": len(complete), "definition": "second_opinion"}
    try:
        ours = sem.fit(model.built.syntax, complete)
        found = second_opinion(model.built.syntax, complete, ours.tidy())
    except (sem.SemError, ValueError) as error:
        return failed(error, "second_opinion", term="").assign(**common)
    return pd.DataFrame(
        [
            common | {"term": found.worst, "quantity": "largest_deviation_estimate", "estimate": _size(found.est)},
            common | {"term": found.worst, "quantity": "largest_relative_deviation_se", "estimate": _size(found.se)},
            common | {"term": "", "quantity": "parameters", "estimate": len(found.compared)},
        ]
    )
