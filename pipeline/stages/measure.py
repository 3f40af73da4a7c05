"""measure: clean answers → item statistics, reliability and validity of the scales (`measure.csv`)."""

from __future__ import annotations

import pandas as pd

from pipeline import card as cards
from pipeline import paths, results, seeds


def run(data_set: str) -> None:
    card = cards.load(paths.card_path(data_set))
    params = paths.params()
    parts = []
    if card.survey is not None:
        from models import measurement

        data = pd.read_parquet(paths.of(data_set, "clean", "survey.parquet"))
        seed = seeds.seed(params["seed"], card.id, "measure")
        limits = {item.name: (item.low, item.high) for item in card.items}
        items = measurement.items(data, card.scales, limits=limits)
        reliability = measurement.reliability(data, card.scales)
        validity = measurement.validity(data, card.scales, n_boot=params["measure"]["bootstrap"], seed=seed)
        parts = [_items(items), _reliability(reliability), _validity(validity.pairs, len(data))]
    table = results.table(parts, data_set=card.id, simulated=card.simulated, stage="measure", sample="survey")
    results.write(table, paths.of(data_set, "measure.csv"))


def _long(frame: pd.DataFrame, table: str, term: str, group: str, quantities: list[str]) -> pd.DataFrame:
    """One row a term and quantity."""
    rows = []
    for entry in frame.to_dict("records"):
        for quantity in quantities:
            row = {"table": table, "term": entry[term], "group": entry[group], "quantity": quantity}
            row |= {"estimate": entry[quantity], "n": entry.get("n"), "definition": quantity}
            rows.append(row | {"note": entry.get("note", "") if pd.isna(entry[quantity]) else ""})
    return pd.DataFrame(rows)


def _items(items: pd.DataFrame) -> pd.DataFrame:
    quantities = ["missing", "mean", "sd", "skew", "kurtosis", "floor", "ceiling", "item_total", "alpha_if_deleted"]
    return _long(items, "items", "item", "construct", quantities)


def _reliability(reliability: pd.DataFrame) -> pd.DataFrame:
    quantities = ["n_items", "alpha", "omega", "cr", "ave", "mean_r"]
    rows = _long(reliability, "reliability", "construct", "construct", quantities).assign(group="")
    interval = reliability.set_index("construct")[["alpha_ci_lower", "alpha_ci_upper"]]
    alpha = rows["quantity"] == "alpha"
    rows.loc[alpha, "ci_lower"] = rows.loc[alpha, "term"].map(interval["alpha_ci_lower"])
    rows.loc[alpha, "ci_upper"] = rows.loc[alpha, "term"].map(interval["alpha_ci_upper"])
    return rows


def _validity(pairs: pd.DataFrame, n: int) -> pd.DataFrame:
    rows = []
    for pair in pairs.to_dict("records"):
        common = {"table": "validity", "term": pair["construct_a"], "group": pair["construct_b"], "n": n}
        common["note"] = pair.get("note", "")
        rows.append(
            common | {"quantity": "correlation", "estimate": pair["correlation"], "definition": "latent_correlation"}
        )
        interval = {"ci_lower": pair["ci_lower"], "ci_upper": pair["ci_upper"]}
        rows.append(common | {"quantity": "htmt", "estimate": pair["htmt"], "definition": "htmt"} | interval)
        rows.append(common | {"quantity": "htmt2", "estimate": pair["htmt2"], "definition": "htmt2"})
        passed = pair["fornell_larcker_ok"]
        estimate = float("nan") if pd.isna(passed) else float(passed)
        rows.append(common | {"quantity": "fornell_larcker", "estimate": estimate, "definition": "fornell_larcker"})
    return pd.DataFrame(rows)
