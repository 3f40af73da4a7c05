"""All analyses of the answers of one survey, in their order: models, what they rest on, groups, thresholds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd

from models import measurement, results, sem, specs
from models.analysis.fit_cutoffs import cutoff_rows, cutoffs
from models.analysis.pieces import Piece, Rows, given
from models.analysis.rows import failed, long, remarked
from models.analysis.setting import Doubtful, Estimation, Questionnaire
from models.remarks import remark
from models.sem.language.editing import write
from models.sem.semopy_opinion import second_opinion
from models.statistics.seeding import SeedOf
from models.survey.changed_choices import other_choices
from models.survey.construct_correlations import construct_correlations
from models.survey.equations import MAIN, Structural, hypothesis_of, states, structural, structural_rows
from models.survey.f_squared import effect_sizes
from models.survey.given_weights import with_given_weights
from models.survey.groups import by_group
from models.survey.influential_people import influential_people
from models.survey.mediation import Resampling, effect_rows
from models.survey.minimum_effects import detectable
from models.survey.omitted_cause import omitted_cause
from models.survey.product_models import interactions
from models.survey.rival_accounts import rival_accounts
from models.survey.rival_models import rivals
from models.survey.set_against import product_contrasts
from models.survey.variants import main_variant
from models.survey.without_groups import leave_one_out
from models.survey.without_items import without_items

Progress = Callable[[str, int, int], None]


def analyses(
    asked: Questionnaire,
    data: pd.DataFrame,
    left_out: pd.DataFrame,
    options: Estimation,
    flags: pd.DataFrame,
    rule: Doubtful,
    step: Callable[[str], Progress],
    in_groups: int | None = None,
) -> list[Piece]:
    """Fit every specification that the answers carry, and list what rests on it.

    Parameters
    ----------
    data, left_out
        Answers of the people who stay, and of those whom a rule on how they answered leaves out.
    flags, rule
        Of doubtful answers (`answer_quality.Flagged`), and whose answers are doubted.
    step
        Name of a step → who is told how far it is.
    in_groups
        Resamples of each group, for the intervals of its effects (0 leaves them out); by default as many as of
        all people.

    Returns
    -------
    Independent pieces in the order of their rows; what rests on a model is given its fit.
    """
    useless = measurement.not_estimable(data, asked.codebook)
    asked = asked.without(useless)
    unused = [remark("left_out_construct", construct=construct, why=why) for construct, why in useless.items()]
    pieces = []
    for spec in specs.structural_specs():
        try:
            model = structural(spec, data, asked.scales, options.estimator, options.missing)
        except sem.SemError as error:
            pieces.append(Piece(spec, given, ([failed(error, model=spec, term=spec)],)))
            model = None
        if unused and states(spec, asked.codebook):
            pieces.append(Piece(spec, given, ([remarked(unused, model=spec, term=spec)],)))
        if model is None:
            continue
        pieces.append(Piece(spec, given, ([structural_rows(model), effect_sizes(model)],)))
        pieces.append(Piece("fit_cutoffs", _cutoffs, (model,), weight=1, model=spec))
        pieces.append(Piece(spec, _effects, (model, options, step), weight=3, model=spec))
        if spec != MAIN:
            continue
        pieces.append(Piece("construct_correlations", given, ([construct_correlations(model)],)))
        pieces.append(Piece("second_opinion", _second_opinion, (model, data), weight=1))
        pieces.append(Piece("rivals", _rivals, (asked, model), weight=1))
        pieces.append(Piece("rival_accounts", _accounts, (model,)))
        pieces.append(Piece("without_items", _items, (model, asked), weight=1))
        pieces.append(Piece("influential_people", _people, (model,)))
        others = (asked, data, left_out, model, options, flags, rule)
        pieces.append(Piece("sensitivity", other_choices, others, weight=5))
        pieces += [Piece("leave_one_out", _without, (asked, data, by, options), weight=2) for by in asked.groups]
        within = replace(options, bootstrap=options.bootstrap if in_groups is None else in_groups)
        pieces += [Piece(by, _groups, (data, model, by, within, step), weight=4, model=spec) for by in asked.groups]
    pieces.append(Piece("interactions", _interactions, (asked, data, options), weight=1))
    pieces.append(Piece("necessity", necessity_rows, (asked, data, options.permutations)))
    return pieces


def with_detectable(parts: list[Rows], asked: Questionnaire, data: pd.DataFrame) -> Rows:
    """The rows of all pieces in their order, and what the sample could have found, from the errors of its estimates."""
    *estimates, necessity = parts
    rows = [part for piece in estimates for part in piece]
    if any(len(part) for part in rows):
        rows.append(detectable(pd.concat(rows, ignore_index=True), _sizes(asked, data)))
    return rows + necessity


def _resampling(
    seeds: SeedOf, options: Estimation, step: Callable[[str], Progress], spec: str, group: str = ""
) -> Resampling:
    seed = seeds(spec, *filter(None, [group]))
    return Resampling(options.bootstrap, seed, step(f"{spec} {group}".strip()))


def _effects(seeds: SeedOf, model: Structural, options: Estimation, step: Callable[[str], Progress]) -> Rows:
    """Effects of a specification with their intervals."""
    how = _resampling(seeds, options, step, model.spec)
    return [effect_rows(model.fit, how, hypothesis_of(model.spec)).assign(model=model.spec)]


def _accounts(seeds: SeedOf, model: Structural) -> Rows:
    """Other accounts of the answers, and how strong one omitted cause must be."""
    return [rival_accounts(model), omitted_cause(model)]


def _rivals(seeds: SeedOf, asked: Questionnaire, model: Structural) -> Rows:
    return [rivals(model, asked.scales)]


def _without(seeds: SeedOf, asked: Questionnaire, data: pd.DataFrame, by: str, options: Estimation) -> Rows:
    return [leave_one_out(data, asked.scales, by, main_variant(options), options.min_group)]


def _items(seeds: SeedOf, model: Structural, asked: Questionnaire) -> Rows:
    return [without_items(model, asked.scales)]


def _people(seeds: SeedOf, model: Structural) -> Rows:
    return [influential_people(model)]


def _groups(
    seeds: SeedOf,
    data: pd.DataFrame,
    model: Structural,
    by: str,
    options: Estimation,
    step: Callable[[str], Progress],
) -> Rows:
    """The main model in the groups of one grouping."""
    resampling = _resampling(seeds, options, step, model.spec, by) if options.bootstrap else None
    how: dict[str, Any] = {"estimator": options.estimator, "missing": options.missing, "resampling": resampling}
    found = by_group(model, data, by, options.min_group, **how)
    return found if isinstance(found, list) else [found]


def _interactions(seeds: SeedOf, asked: Questionnaire, data: pd.DataFrame, options: Estimation) -> Rows:
    how = (data, asked.scales, options.estimator, options.missing)
    return [interactions(*how), product_contrasts(*how)]


def necessity_rows(seeds: SeedOf, asked: Questionnaire, data: pd.DataFrame, permutations: int) -> Rows:
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
        ceilings = found.tidy().rename(columns={"d_linear": "linear"})
        rows = long(ceilings, "necessity", "ceiling", ["d", "linear", "accuracy"])
        rows = results.rows(rows, group=rows["term"], term=term, definition=rows["term"])
        for quantity, column in (("d", "pvalue"), ("linear", "pvalue_linear")):
            rows.loc[rows["quantity"] == quantity, "pvalue"] = ceilings[column].to_numpy()
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


def _second_opinion(seeds: SeedOf, model: Structural, data: pd.DataFrame) -> Rows:
    """The same model, the same complete rows, two programs."""
    names = sorted({row.rhs for row in model.fit.tidy().itertuples() if row.op == "=~" and row.rhs in data})
    complete = data[names].dropna()
    common = {"table": "second_opinion", "model": model.spec, "n": len(complete), "definition": "second_opinion"}
    text = write(with_given_weights(model.built.parsed, model.fit))
    try:
        ours = sem.fit(text, complete)
        found = second_opinion(text, complete, ours.tidy())
    except (sem.SemError, ValueError) as error:
        return [failed(error, "second_opinion", term="").assign(**common)]
    found_rows = results.rows(
        [
            common | {"term": found.worst, "quantity": "largest_deviation_estimate", "estimate": _size(found.est)},
            common | {"term": found.worst, "quantity": "largest_relative_deviation_se", "estimate": _size(found.se)},
            common | {"term": "", "quantity": "parameters", "estimate": len(found.compared)},
            common | {"term": "", "quantity": "agrees", "estimate": int(found.agrees)},
        ]
    )
    return [found_rows]


def _cutoffs(seeds: SeedOf, model: Structural) -> Rows:
    return [cutoff_rows(model.fit, cutoffs(model.fit, seeds(model.spec, "fit"))).assign(model=model.spec)]
