"""structure: clean answers → structural equation models, groups, thresholds, a second opinion (`structure.csv`)."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import pandas as pd

from models.remarks import remark
from pipeline.cards import card as cards
from pipeline.core import handed, paths, progress, quick, record, results
from pipeline.core.handed import Handed
from pipeline.core.seeds import Seeds
from pipeline.estimates import sensitivity
from pipeline.estimates.pieces import Pieces
from pipeline.estimates.rows import failed, long, remarked, tried

if TYPE_CHECKING:
    from models.survey import Resampling, Structural


def run(data_set: str) -> None:
    card, params = cards.load(paths.card_path(data_set)), handed.to("structure")
    seeds = Seeds(params["seed"], card.id, "structure")
    with record.kept(data_set, "structure", seeds) as elsewhere:
        parts = []
        if card.survey is not None:
            data = pd.read_parquet(paths.made(data_set, "clean", "clean", "survey.parquet"))
            left_out = pd.read_parquet(paths.made(data_set, "clean", "clean", "left_out.parquet"))
            pieces = _pieces(card, data, left_out, params, seeds)
            *estimates, necessity = pieces.computed(card.id, len(data) * len(card.items) ** 2, elsewhere)
            parts = list(chain.from_iterable(estimates))
            parts += _detectable(parts, card, data) + necessity
        table = results.table(parts, data_set=card.id, simulated=card.simulated, stage="structure", sample="survey")
        results.write(table, paths.of(data_set, "structure.csv"))


def _pieces(card: cards.Card, data: pd.DataFrame, left_out: pd.DataFrame, params: Handed, seeds: Seeds) -> Pieces:
    """Independent pieces of the stage; what rests on the main model is given its fit."""
    from models import measurement, sem, specs, survey

    options = params["structure"]
    useless = measurement.not_estimable(data, card.codebook)
    card = replace(card, left_out=frozenset(useless))
    unused = [remark("left_out_construct", construct=construct, why=why) for construct, why in useless.items()]
    pieces = Pieces(seeds)
    for spec in specs.structural_specs():
        try:
            model = survey.structural(spec, data, card.scales, **_how(options))
        except sem.SemError as error:
            pieces.add(0, _given, [failed(error, model=spec, term=spec)])
            model = None
        if unused and survey.states(spec, card.codebook):
            pieces.add(0, _given, [remarked(unused, model=spec, term=spec)])
        if model is None:
            continue
        pieces.add(3, _specification, card, model, options)
        if spec != survey.MAIN:
            continue
        pieces.add(1, _comparisons, card, data, model, options)
        pieces.add(5, _sensitivity, card, data, left_out, model, options, params["doubtful"])
        for group in (card.survey or {}).get("groups", {}):
            pieces.add(2, _without_groups, card, data, group, options)
        for group in (card.survey or {}).get("groups", {}):
            pieces.add(4, _groups, card, data, model, group, options)
    pieces.add(1, _interactions, card, data, options)
    pieces.add(0, _tried_necessity, card, data, quick.most(options["permutations"]))
    return pieces


def _how(options: dict[str, Any]) -> dict[str, Any]:
    return {"estimator": options["estimator"], "missing": options["missing"]}


def _given(seeds: Seeds, rows: list[pd.DataFrame]) -> list[pd.DataFrame]:
    return rows


def _resampling(seeds: Seeds, card: cards.Card, options: dict[str, Any], spec: str, group: str = "") -> Resampling:
    from models import survey

    seed, told = seeds(spec, *filter(None, [group])), progress.step(f"{spec} {group}".strip())
    return survey.Resampling(quick.most(card.resamples("structure", options["bootstrap"])), seed, told)


def _specification(seeds: Seeds, card: cards.Card, model: Structural, options: dict[str, Any]) -> list[pd.DataFrame]:
    """Estimates of a specification, and its effects with their intervals."""
    from models import survey

    spec = model.spec
    how, named = _resampling(seeds, card, options, spec), survey.hypothesis_of(spec)
    effects = tried(spec, survey.effect_rows, model.fit, how, named, model=spec)
    return [
        survey.structural_rows(model),
        survey.effect_sizes(model),
        *(part.assign(model=spec) for part in effects),
    ]


def _comparisons(
    seeds: Seeds, card: cards.Card, data: pd.DataFrame, model: Structural, options: dict[str, Any]
) -> list[pd.DataFrame]:
    """The main model beside another program, and beside its rivals."""
    from models import survey

    rivals = tried("rivals", survey.rivals, model, data, card.scales, **_how(options))
    return [_second_opinion(model, data), *rivals]


def _sensitivity(
    seeds: Seeds,
    card: cards.Card,
    data: pd.DataFrame,
    left_out: pd.DataFrame,
    model: Structural,
    options: dict[str, Any],
    usual: dict[str, Any],
) -> list[pd.DataFrame]:
    return tried("sensitivity", sensitivity.rows, card, data, left_out, model, options, usual, seeds)


def _without_groups(
    seeds: Seeds, card: cards.Card, data: pd.DataFrame, group: str, options: dict[str, Any]
) -> list[pd.DataFrame]:
    from models import survey

    how, least = sensitivity.main_variant(options), options["min_group"]
    return tried("leave_one_out", survey.leave_one_out, data, card.scales, group, how, least)


def _groups(
    seeds: Seeds, card: cards.Card, data: pd.DataFrame, model: Structural, group: str, options: dict[str, Any]
) -> list[pd.DataFrame]:
    """The main model in the groups of one grouping."""
    from models import survey

    how = {**_how(options), "resampling": _resampling(seeds, card, options, model.spec, group)}
    return tried(group, survey.by_group, model, data, group, options["min_group"], model=model.spec, **how)


def _interactions(seeds: Seeds, card: cards.Card, data: pd.DataFrame, options: dict[str, Any]) -> list[pd.DataFrame]:
    from models import survey

    return tried("interactions", survey.interactions, data, card.scales, **_how(options))


def _tried_necessity(seeds: Seeds, card: cards.Card, data: pd.DataFrame, permutations: int) -> list[pd.DataFrame]:
    return tried("necessity", _necessity, card, data, permutations, seeds)


def _detectable(parts: list[pd.DataFrame], card: cards.Card, data: pd.DataFrame) -> list[pd.DataFrame]:
    """What the sample could have found, from the errors of all estimates."""
    from models import survey

    if not any(len(part) for part in parts):
        return []
    return [survey.detectable(pd.concat(parts, ignore_index=True), _sizes(card, data))]


def _sizes(card: cards.Card, data: pd.DataFrame) -> dict[str, int]:
    """People by group as the results name it, and in all."""
    found = {"": len(data)}
    for by in (card.survey or {}).get("groups", {}):
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
        rows = results.rows(rows, group=rows["term"], term=term, definition=rows["term"])
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
    return results.rows(
        [
            common | {"term": found.worst, "quantity": "largest_deviation_estimate", "estimate": _size(found.est)},
            common | {"term": found.worst, "quantity": "largest_relative_deviation_se", "estimate": _size(found.se)},
            common | {"term": "", "quantity": "parameters", "estimate": len(found.compared)},
        ]
    )
