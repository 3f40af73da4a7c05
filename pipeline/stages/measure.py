"""measure: clean answers → what items and scales are worth, whether groups understand them alike (`measure.csv`)."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import pandas as pd

from models.remarks import packed
from pipeline.cards import card as cards
from pipeline.cleaning import responses
from pipeline.core import handed, paths, quick, record, results
from pipeline.core.handed import Handed
from pipeline.core.seeds import Seeds
from pipeline.estimates import invariance_rows
from pipeline.estimates.pieces import Pieces, Step
from pipeline.estimates.rows import FIT, failed, long, tried, with_interval

if TYPE_CHECKING:
    from models.measurement.scales.confirm import FactorModel, FactorModelError
    from models.specs import Built

    Confirmed = FactorModel | FactorModelError


def run(data_set: str) -> None:
    card, params = cards.load(paths.card_path(data_set)), handed.to("measure")
    seeds = Seeds(params["seed"], card.id, "measure")
    with record.kept(data_set, "measure", seeds) as elsewhere:
        parts: list[pd.DataFrame] = []
        if card.survey is not None:
            data = pd.read_parquet(paths.made(data_set, "clean", "clean", "survey.parquet"))
            size = len(data) * len(card.items) ** 2
            parts = list(chain.from_iterable(_pieces(card, data, params, seeds).computed(card.id, size, elsewhere)))
        table = results.table(parts, data_set=card.id, simulated=card.simulated, stage="measure", sample="survey")
        results.write(table, paths.of(data_set, "measure.csv"))


def _pieces(card: cards.Card, data: pd.DataFrame, params: Handed, seeds: Seeds) -> Pieces:
    """Independent pieces of the stage: ladders of many groups last longest."""
    from models import measurement

    pieces = Pieces(seeds)
    pieces.add(0, _tried, "quality", _quality, card, data, params["doubtful"])
    pieces.add(3, _tried, "scales", _codebook, card, data, params["measure"]["bootstrap"])
    card = replace(card, left_out=frozenset(measurement.not_estimable(data, card.codebook)))
    scales = _model_scales(card)
    if len(scales) > 1:
        for name, step in OF_MODEL.items():
            pieces.add(1, _tried, name, step, card, data)
        groups = [name for name in (card.survey or {}).get("groups", {}) if data[name].nunique() > 1]
        for group in groups:
            for kind in ("", "ordered"):
                weight = (2 if kind else 1) + 2 * data[group].nunique()
                pieces.add(weight, _tried, "invariance", _invariance, card, data, scales, group, kind)
    return pieces


def _tried(seeds: Seeds, name: str, step: Step, *arguments: Any) -> list[pd.DataFrame]:
    return tried(name, step, seeds, *arguments)


def _main(card: cards.Card) -> Built:
    """The main model, cut to what the card measures."""
    from models import specs

    return specs.structural(specs.structural_specs()["mechanisms"], card.scales)


def _model_scales(card: cards.Card) -> dict[str, list[str]]:
    """The scales of the main model, under the names of the card."""
    measured = {item for items in _main(card).scales.values() for item in items}
    return {construct: items for construct, items in card.scales.items() if set(items) <= measured}


def _quality(seeds: Seeds, card: cards.Card, data: pd.DataFrame, usual: dict[str, Any]) -> list[pd.DataFrame]:
    """People flagged by each check, the threshold, how many are doubted and by which rule."""
    found = responses.quality(card, data, seeds("quality"))
    threshold = found.flags.drop_duplicates("flag").set_index("flag")["threshold"]
    summary = found.summary().assign(threshold=lambda t: t["flag"].map(threshold))
    rows = long(summary, "quality", "flag", ["n", "share", "threshold"])
    doubted = len(responses.doubtful(card, found, usual))
    rule, place = responses.rule(card, usual)
    extra = [
        {"table": "quality", "term": "doubtful", "quantity": "n", "estimate": doubted},
        {"table": "quality", "term": "doubtful", "quantity": "share", "estimate": doubted / len(data)},
        *(
            {"table": "quality_rule", "term": flag, "quantity": "any_of", "group": place}
            for flag in rule.get("any_of", ())
        ),
    ]
    complete = int(data[[item.name for item in card.items]].notna().all(axis=1).sum())
    extra.append({"table": "quality_rule", "quantity": "complete", "estimate": complete, "group": place})
    if "at_least" in rule:
        extra.append({"table": "quality_rule", "quantity": "at_least", "estimate": rule["at_least"], "group": place})
    return [pd.concat([rows, results.rows(extra)]).assign(n=len(data))]


def _codebook(seeds: Seeds, card: cards.Card, data: pd.DataFrame, resamples: int) -> list[pd.DataFrame]:
    """Items, scales and pairs of scales of the codebook, from one factor model of all scales."""
    from models import measurement

    model = measurement.confirmed(data, card.codebook)
    return [
        *tried("scales", _scales, card, data, model),
        *tried("validity", _validity, seeds, card, data, resamples, model),
    ]


def _scales(card: cards.Card, data: pd.DataFrame, model: Confirmed) -> list[pd.DataFrame]:
    """Every item, and every scale of the codebook on its own."""
    from models import measurement

    limits = {item.name: (item.low, item.high) for item in card.items}
    items = measurement.items(data, card.codebook, limits=limits)
    reliability = measurement.reliability(data, card.codebook, model=model)
    quantities = ["missing", "mean", "sd", "skew", "kurtosis", "floor", "ceiling", "item_total", "alpha_if_deleted"]
    rows = long(reliability, "reliability", "construct", ["n_items", "alpha", "omega", "cr", "ave", "mean_r"])
    pairs = reliability[reliability["spearman_brown"].notna()].drop(columns="note")
    return [
        long(items, "items", "item", quantities, group="construct"),
        with_interval(rows, "alpha", reliability, "construct", "alpha_ci_lower", "alpha_ci_upper"),
        long(pairs, "reliability", "construct", ["spearman_brown"]),
    ]


def _validity(
    seeds: Seeds, card: cards.Card, data: pd.DataFrame, resamples: int, model: Confirmed
) -> list[pd.DataFrame]:
    """Every pair of scales of the codebook."""
    from models import measurement

    if len(card.codebook) < 2:
        return []
    draws = quick.most(card.resamples("measure", resamples))
    found = measurement.validity(data, card.codebook, n_boot=draws, seed=seeds(), model=model)
    rows = [
        {"table": "validity_draws", "quantity": "count", "estimate": draws, "definition": "bootstrap", "n": len(data)}
    ]
    for pair in found.pairs.to_dict("records"):
        common = {"table": "validity", "term": pair["construct_a"], "group": pair["construct_b"], "n": len(data)}
        common["note"] = packed(pair["note"])
        passed = pair["fornell_larcker_ok"]
        quantities = [
            {"quantity": "correlation", "estimate": pair["correlation"], "definition": "latent_correlation"},
            {"quantity": "htmt", "estimate": pair["htmt"], "definition": "htmt"}
            | {"ci_lower": pair["ci_lower"], "ci_upper": pair["ci_upper"]},
            {"quantity": "htmt2", "estimate": pair["htmt2"], "definition": "htmt2"}
            | {"ci_lower": pair["htmt2_ci_lower"], "ci_upper": pair["htmt2_ci_upper"]},
            {"quantity": "fornell_larcker", "estimate": None if pd.isna(passed) else float(passed)}
            | {"definition": "fornell_larcker"},
        ]
        rows += [common | row for row in quantities]
    return [results.rows(rows)]


def _dimensionality(seeds: Seeds, card: cards.Card, data: pd.DataFrame) -> list[pd.DataFrame]:
    from models import measurement

    items = [item for block in _model_scales(card).values() for item in block]
    adequacy, harman = measurement.adequacy(data, items), measurement.harman(data, items)
    parallel = measurement.parallel_analysis(data, items, seed=seeds("model"))
    eigenvalues = parallel.table.assign(position=parallel.table["position"].map("{:02d}".format))
    single = [
        {"quantity": "kmo", "estimate": adequacy.kmo},
        {"quantity": "bartlett", "statistic": adequacy.bartlett_chisq, "df": adequacy.bartlett_df,
         "pvalue": adequacy.bartlett_pvalue},
        {"quantity": "n_factors", "estimate": parallel.n_factors},
        {"quantity": "n_components", "estimate": parallel.n_components},
        {"quantity": "harman", "estimate": harman.first_component},
    ]  # fmt: skip
    rows = results.rows(single, table="dimensionality", n=adequacy.n)
    quantities = ["component", "component_reference", "factor", "factor_reference"]
    return [rows, long(eigenvalues, "eigenvalues", "position", quantities)]


def _misfit(seeds: Seeds, card: cards.Card, data: pd.DataFrame) -> list[pd.DataFrame]:
    """Cross-loadings and residual covariances that the measurement model leaves out."""
    from models import measurement

    found = measurement.misfit(data, _model_scales(card))
    rows: list[dict] = [
        {"term": row.item, "group": row.other, "quantity": row.kind, "estimate": row.sepc_all, "statistic": row.mi}
        | {"df": 1, "pvalue": row.pvalue_holm, "n": len(data)}
        for row in found.itertuples()
    ]
    rows += [{"quantity": "candidates", "term": kind, "estimate": n} for kind, n in found.attrs.items()]
    return [results.rows(rows, table="misfit")]


def _method(seeds: Seeds, card: cards.Card, data: pd.DataFrame) -> list[pd.DataFrame]:
    """The main model with and without a common method, and what each does to its paths."""
    from models import measurement

    built, marker = _main(card), [item.name for item in card.marker]
    found = measurement.method_variance(data, built.scales, built.relations, marker or None)
    tests = [
        {"table": "method", "term": row.comparison, "quantity": "difference", "statistic": row.chisq, "df": row.df}
        | {"pvalue": row.pvalue, "definition": "chisq_difference", "note": packed([row.question])}
        for row in found.tests.itertuples()
    ]
    moved = [
        {"table": "method_paths", "group": row.model, "term": f"{row.lhs} {row.op} {row.rhs}", "quantity": "std_all"}
        | {"estimate": row.std, "pvalue": row.pvalue, "definition": "std_all"}
        for row in found.paths.itertuples()
    ]
    return [long(found.models, "method", "model", [*FIT, "method_share"]), results.rows(tests), results.rows(moved)]


def _invariance(
    seeds: Seeds, card: cards.Card, data: pd.DataFrame, scales: dict[str, list[str]], group: str, kind: str
) -> list[pd.DataFrame]:
    """One ladder over one grouping, answers as numbers or as ordered categories."""
    from models import measurement, sem

    estimator = "WLSMV" if kind else "MLR"
    seed = seeds("model")
    try:
        found = measurement.invariance(data[data[group].notna()], scales, group, estimator=estimator, seed=seed)
    except (sem.SemError, measurement.MeasurementError) as error:
        return [failed(error, "invariance", group=group, model=kind)]
    return invariance_rows.rows(found, group, kind)


OF_MODEL: dict[str, Step] = {"dimensionality": _dimensionality, "misfit": _misfit, "method": _method}
