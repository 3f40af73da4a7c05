"""measure: clean answers → what items and scales are worth, whether groups understand them alike (`measure.csv`)."""

from __future__ import annotations

import pandas as pd

from pipeline import card as cards
from pipeline import paths, responses, results, seeds
from pipeline.rows import long, with_interval

FIT = ["chisq", "df", "pvalue", "cfi", "tli", "rmsea", "srmr", "aic", "bic"]


def run(data_set: str) -> None:
    card = cards.load(paths.card_path(data_set))
    parts = []
    if card.survey is not None:
        data = pd.read_parquet(paths.of(data_set, "clean", "survey.parquet"))
        parts = [_quality(card, data), *_scales(card, data), *_model_scales(card, data)]
    table = results.table(parts, data_set=card.id, simulated=card.simulated, stage="measure", sample="survey")
    results.write(table, paths.of(data_set, "measure.csv"))


def _quality(card: cards.Card, data: pd.DataFrame) -> pd.DataFrame:
    """People flagged by each check, the threshold, how many are doubted and by which rule."""
    found = responses.quality(card, data)
    threshold = found.flags.drop_duplicates("flag").set_index("flag")["threshold"]
    summary = found.summary().assign(threshold=lambda t: t["flag"].map(threshold))
    rows = long(summary, "quality", "flag", ["n", "share", "threshold"])
    rows["note"] = rows["term"].map(summary.set_index("flag")["note"])
    doubted = len(responses.doubtful(card, found))
    rule, place = responses.rule(card)
    extra = [
        {"table": "quality", "term": "doubtful", "quantity": "n", "estimate": doubted},
        {"table": "quality", "term": "doubtful", "quantity": "share", "estimate": doubted / len(data)},
        *(
            {"table": "quality_rule", "term": flag, "quantity": "any_of", "group": place}
            for flag in rule.get("any_of", ())
        ),
    ]
    if "at_least" in rule:
        extra.append({"table": "quality_rule", "quantity": "at_least", "estimate": rule["at_least"], "group": place})
    return pd.concat([rows, pd.DataFrame(extra)]).assign(definition="quality_flag", n=len(data))


def _scales(card: cards.Card, data: pd.DataFrame) -> list[pd.DataFrame]:
    """Every scale of the codebook on its own, and every pair."""
    from models import measurement

    params = paths.params()
    seed = seeds.seed(params["seed"], card.id, "measure")
    limits = {item.name: (item.low, item.high) for item in card.items}
    items = measurement.items(data, card.scales, limits=limits)
    reliability = measurement.reliability(data, card.scales)
    quantities = ["missing", "mean", "sd", "skew", "kurtosis", "floor", "ceiling", "item_total", "alpha_if_deleted"]
    rows = long(reliability, "reliability", "construct", ["n_items", "alpha", "omega", "cr", "ave", "mean_r"])
    parts = [
        long(items, "items", "item", quantities, group="construct"),
        with_interval(rows, "alpha", reliability, "construct", "alpha_ci_lower", "alpha_ci_upper"),
    ]
    if len(card.scales) > 1:
        validity = measurement.validity(data, card.scales, n_boot=params["measure"]["bootstrap"], seed=seed)
        parts.append(_validity(validity.pairs, len(data)))
    return parts


def _validity(pairs: pd.DataFrame, n: int) -> pd.DataFrame:
    rows = []
    for pair in pairs.to_dict("records"):
        common = {"table": "validity", "term": pair["construct_a"], "group": pair["construct_b"], "n": n}
        common["note"] = pair.get("note", "")
        passed = pair["fornell_larcker_ok"]
        rows += [
            {"quantity": "correlation", "estimate": pair["correlation"], "definition": "latent_correlation"},
            {"quantity": "htmt", "estimate": pair["htmt"], "definition": "htmt"}
            | {"ci_lower": pair["ci_lower"], "ci_upper": pair["ci_upper"]},
            {"quantity": "htmt2", "estimate": pair["htmt2"], "definition": "htmt2"},
            {"quantity": "fornell_larcker", "estimate": None if pd.isna(passed) else float(passed)}
            | {"definition": "fornell_larcker"},
        ]
        rows[-4:] = [common | row for row in rows[-4:]]
    return pd.DataFrame(rows)


def _model_scales(card: cards.Card, data: pd.DataFrame) -> list[pd.DataFrame]:
    """The scales of the main model together: dimensionality, common method, invariance over the card's groups."""
    from models import measurement, sem, specs

    built = specs.structural(specs.structural_specs()["mechanisms"], card.scales)
    measured = {item for line in built.syntax.splitlines() if "=~" in line for item in line.split("=~")[1].split(" + ")}
    measured = {item.strip() for item in measured}
    scales = {c: items for c, items in card.scales.items() if set(items) <= measured}
    if len(scales) < 2:
        return []
    seed = seeds.seed(paths.params()["seed"], card.id, "measure", "model")
    items = [item for block in scales.values() for item in block]
    parts = [_dimensionality(data, items, seed)]
    try:
        parts += _method(measurement.method_variance(data, scales))
    except (sem.SemError, measurement.MeasurementError) as error:
        parts.append(_failed("method", "", error))
    for group in (card.survey or {}).get("groups", {}):
        if data[group].nunique() < 2:
            continue
        try:
            parts += _invariance(measurement.invariance(data[data[group].notna()], scales, group, seed=seed), group)
        except (sem.SemError, measurement.MeasurementError) as error:
            parts.append(_failed("invariance", group, error))
    return parts


def _failed(table: str, group: str, error: Exception) -> pd.DataFrame:
    note = str(error).splitlines()[0]
    return pd.DataFrame([{"table": table, "group": group, "quantity": "failed", "note": note}])


def _dimensionality(data: pd.DataFrame, items: list[str], seed: int) -> pd.DataFrame:
    from models import measurement

    adequacy, harman = measurement.adequacy(data, items), measurement.harman(data, items)
    parallel = measurement.parallel_analysis(data, items, seed=seed)
    eigenvalues = parallel.table.assign(position=parallel.table["position"].map("{:02d}".format))
    single = [
        {"quantity": "kmo", "estimate": adequacy.kmo},
        {"quantity": "bartlett", "statistic": adequacy.bartlett_chisq, "df": adequacy.bartlett_df,
         "pvalue": adequacy.bartlett_pvalue},
        {"quantity": "n_factors", "estimate": parallel.n_factors},
        {"quantity": "n_components", "estimate": parallel.n_components},
        {"quantity": "harman", "estimate": harman.first_component},
    ]  # fmt: skip
    rows = pd.DataFrame(single).assign(table="dimensionality", n=adequacy.n)
    rows["definition"] = rows["quantity"]
    quantities = ["component", "component_reference", "factor", "factor_reference"]
    return pd.concat([rows, long(eigenvalues, "eigenvalues", "position", quantities)], ignore_index=True)


def _method(found) -> list[pd.DataFrame]:
    models = long(found.models, "method", "model", [*FIT, "method_share"])
    tests = pd.DataFrame(
        {
            "table": "method",
            "term": row.comparison,
            "quantity": "difference",
            "statistic": row.chisq,
            "df": row.df,
            "pvalue": row.pvalue,
            "definition": "chisq_difference",
            "note": row.question,
        }
        for row in found.tests.itertuples()
    )
    paths_moved = pd.DataFrame(
        {
            "table": "method_paths",
            "group": row.model,
            "term": f"{row.lhs} {row.op} {row.rhs}",
            "quantity": "std_all",
            "estimate": row.std,
            "pvalue": row.pvalue,
            "definition": "std_all",
        }
        for row in found.paths.itertuples()
    )
    return [models, tests, paths_moved]


def _invariance(found, group: str) -> list[pd.DataFrame]:
    ladder = found.ladder.assign(held=found.ladder["held"].astype(float))
    deltas = ["delta_cfi", "delta_rmsea", "delta_srmr", "delta_chisq", "delta_df", "delta_pvalue", "held"]
    parts = [
        long(ladder, "invariance", "model", [*FIT, *deltas]).assign(group=group),
        pd.DataFrame([{"table": "invariance", "group": group, "term": found.level, "quantity": "level"}]),
    ]
    if len(found.freed):
        freed = found.freed.assign(table="invariance_freed", group=group, term=found.freed["item"])
        freed = freed.assign(quantity=freed["parameter"], estimate=freed["delta_chisq"], note=freed["step"])
        parts.append(freed[["table", "group", "term", "quantity", "estimate", "note"]])
    if len(found.means):
        means = found.means.assign(table="latent_means", term=found.means["construct"], quantity="difference")
        means["group"] = f"{group}: " + means["group"].astype(str) + " − " + means["reference"].astype(str)
        means = means.rename(columns={"difference": "estimate", "z": "statistic"}).assign(definition="latent_mean")
        shown = ["table", "group", "term", "quantity", "estimate", "se", "statistic", "pvalue", "ci_lower", "ci_upper"]
        parts.append(means[[*shown, "n", "definition"]])
        parts.append(
            pd.DataFrame(
                {
                    "table": "latent_means",
                    "group": means["group"],
                    "term": means["term"],
                    "quantity": "d",
                    "estimate": means["d"],
                    "definition": "cohen_d",
                }
            )
        )
    changed = found.groups[found.groups["note"].astype(str) != ""]
    parts.append(
        pd.DataFrame(
            {
                "table": "remarks",
                "group": group,
                "term": str(row.group),
                "quantity": "small_group",
                "note": str(row.note),
            }
            for row in changed.itertuples()
        )
    )
    return [part for part in parts if len(part)]
