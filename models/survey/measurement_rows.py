"""What items and scales of a survey are worth: reliability, validity, dimensions, misfit, a common method."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models import measurement, results, specs
from models.analysis.fit_cutoffs import cutoff_rows, cutoffs
from models.analysis.rows import FIT, long, tried, with_interval
from models.analysis.setting import Questionnaire
from models.measurement.scales.confirm import FactorModel, FactorModelError
from models.remarks import packed
from models.statistics.seeding import SeedOf
from models.survey.equations import MAIN, fit_rows

Confirmed = FactorModel | FactorModelError
FACTOR_MODEL = "factor_model"


def main_model(asked: Questionnaire) -> specs.Built:
    """The main model, cut to what is measured."""
    return specs.structural(specs.structural_specs()[MAIN], asked.scales)


def model_scales(asked: Questionnaire) -> dict[str, list[str]]:
    """The scales of the main model, under the names of the codebook."""
    measured = {item for items in main_model(asked).scales.values() for item in items}
    return {construct: items for construct, items in asked.scales.items() if set(items) <= measured}


def factor_model(asked: Questionnaire, data: pd.DataFrame) -> Confirmed:
    """One factor model of all scales of the codebook for every step that reads from it; its fit knows its indices."""
    try:
        model = measurement.confirmed(data, asked.codebook)
    except measurement.MeasurementError as error:
        return FactorModelError(error.remark)
    if isinstance(model, FactorModel):
        model.fit.fit_indices()
    return model


def codebook_rows(
    seeds: SeedOf, asked: Questionnaire, data: pd.DataFrame, draws: int, model: Confirmed
) -> list[pd.DataFrame]:
    """Items, scales and pairs of scales of the codebook, from the factor model of all of them."""
    return [
        *tried("scales", scale_rows, asked, data, model),
        *tried("validity", validity_rows, seeds, asked, data, draws, model),
        *([] if isinstance(model, FactorModelError) else factor_rows(asked, model)),
    ]


def factor_rows(asked: Questionnaire, model: FactorModel) -> list[pd.DataFrame]:
    """The confirmatory factor model of all scales: standardised loadings with their errors, and its fit."""
    solution = model.fit.standardised_solution().drop_duplicates(["op", "rhs"]).set_index(["op", "rhs"])
    owner = {item: construct for construct, items in asked.codebook.items() for item in items}
    rows = []
    for item, loading in model.standardised.items():
        own = solution.loc[("=~", item)]
        # The model leaves the direction of a factor open; here a construct goes up with its items.
        bounds = sorted(np.sign(own["est"]) * np.sign(loading) * own[["ci_lower", "ci_upper"]].to_numpy(float))
        rows.append(
            {"term": item, "group": owner[item], "quantity": "std_all", "estimate": loading, "se": own["se"]}
            | {"statistic": loading / own["se"] if own["se"] > 0 else None, "pvalue": own["pvalue"]}
            | {"ci_lower": bounds[0], "ci_upper": bounds[1]}
        )
    loadings = results.rows(rows, table="cfa_loadings")
    return [part.assign(n=model.fit.n) for part in (loadings, fit_rows(model.fit, "cfa"))]


def factor_fit_rows(seeds: SeedOf, model: Confirmed) -> list[pd.DataFrame]:
    """What the fit of the factor model of all scales is worth: cut-offs for this model and sample."""
    if isinstance(model, FactorModelError):
        return []
    found = cutoffs(model.fit, seeds(FACTOR_MODEL, "fit"))
    return [cutoff_rows(model.fit, found).assign(model=FACTOR_MODEL)]


def scale_rows(asked: Questionnaire, data: pd.DataFrame, model: Confirmed) -> list[pd.DataFrame]:
    """Every item, and every scale of the codebook on its own."""
    items = measurement.items(data, asked.codebook, limits=asked.limits)
    reliability = measurement.reliability(data, asked.codebook, model=model)
    quantities = ["missing", "mean", "sd", "skew", "kurtosis", "floor", "ceiling", "item_total", "alpha_if_deleted"]
    rows = long(reliability, "reliability", "construct", ["n_items", "alpha", "omega", "cr", "ave", "mean_r"])
    pairs = reliability[reliability["spearman_brown"].notna()].drop(columns="note")
    return [
        long(items, "items", "item", quantities, group="construct"),
        with_interval(rows, "alpha", reliability, "construct", "alpha_ci_lower", "alpha_ci_upper"),
        long(pairs, "reliability", "construct", ["spearman_brown"]),
        score_rows(asked, data),
    ]


def score_rows(asked: Questionnaire, data: pd.DataFrame) -> pd.DataFrame:
    """Mean and standard deviation of each scale, as the mean of its items, among people who answered all of them."""
    rows = []
    for construct, items in asked.codebook.items():
        scores = data[items].mean(axis=1, skipna=False).dropna()
        common = {"term": construct, "n": len(scores), "definition": "scale_score"}
        rows += [common | {"quantity": name, "estimate": value} for name, value in _spread(scores)]
    return results.rows(rows, table="reliability")


def _spread(scores: pd.Series) -> list[tuple[str, float]]:
    return [("mean", scores.mean()), ("sd", scores.std())]


def validity_rows(
    seeds: SeedOf, asked: Questionnaire, data: pd.DataFrame, draws: int, model: Confirmed
) -> list[pd.DataFrame]:
    """Every pair of scales of the codebook."""
    if len(asked.codebook) < 2:
        return []
    found = measurement.validity(data, asked.codebook, n_boot=draws, seed=seeds(), model=model)
    rows = [
        {"table": "validity_draws", "quantity": "count", "estimate": draws, "definition": "bootstrap", "n": len(data)}
    ]
    modelled = {} if isinstance(model, FactorModelError) else {"n": model.fit.n}
    for pair in found.pairs.to_dict("records"):
        common = {"table": "validity", "term": pair["construct_a"], "group": pair["construct_b"], "n": len(data)}
        common["note"] = packed(pair["note"])
        passed = pair["fornell_larcker_ok"]
        quantities = [
            {"quantity": "correlation", "estimate": pair["correlation"], "definition": "latent_correlation"} | modelled,
            {"quantity": "htmt", "estimate": pair["htmt"], "definition": "htmt"}
            | {"ci_lower": pair["ci_lower"], "ci_upper": pair["ci_upper"]},
            {"quantity": "htmt2", "estimate": pair["htmt2"], "definition": "htmt2"}
            | {"ci_lower": pair["htmt2_ci_lower"], "ci_upper": pair["htmt2_ci_upper"]},
            {"quantity": "fornell_larcker", "estimate": None if pd.isna(passed) else float(passed)}
            | {"definition": "fornell_larcker"}
            | modelled,
        ]
        rows += [common | row for row in quantities]
    return [results.rows(rows)]


def dimension_rows(seeds: SeedOf, asked: Questionnaire, data: pd.DataFrame) -> list[pd.DataFrame]:
    """How many dimensions the items of the main model have, and whether they are fit to be asked."""
    items = [item for block in model_scales(asked).values() for item in block]
    adequacy, harman = measurement.adequacy(data, items), measurement.harman(data, items)
    parallel = measurement.parallel_analysis(data, items, seed=seeds("parallel_analysis"))
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


def misfit_rows(seeds: SeedOf, asked: Questionnaire, data: pd.DataFrame) -> list[pd.DataFrame]:
    """Cross-loadings and residual covariances that the measurement model leaves out."""
    found = measurement.misfit(data, model_scales(asked))
    rows: list[dict] = [
        {"term": row.item, "group": row.other, "quantity": row.kind, "estimate": row.sepc_all, "statistic": row.mi}
        | {"df": 1, "pvalue": row.pvalue_holm, "n": found.attrs["n"]}
        for row in found.itertuples()
    ]
    rows += [{"quantity": "candidates", "term": kind, "estimate": n} for kind, n in found.attrs["candidates"].items()]
    return [results.rows(rows, table="misfit")]


def method_rows(seeds: SeedOf, asked: Questionnaire, data: pd.DataFrame) -> list[pd.DataFrame]:
    """The main model with and without a common method, and what each does to its paths."""
    built, marker = main_model(asked), list(asked.marker)
    found = measurement.method_variance(data, built.scales, built.relations, marker or None)
    tests = [
        {"table": "method", "term": row.comparison, "quantity": "difference", "statistic": row.chisq, "df": row.df}
        | {"pvalue": row.pvalue, "definition": "restrictions", "note": packed([row.question, *row.note])}
        for row in found.tests.itertuples()
    ]
    moved = [
        {"table": "method_paths", "group": row.model, "term": f"{row.lhs} {row.op} {row.rhs}", "quantity": "std_all"}
        | {"estimate": row.std, "pvalue": row.pvalue, "definition": "std_all"}
        for row in found.paths.itertuples()
    ]
    kept = found.paths[found.paths["model"] == found.marked]
    beside = [
        {"table": "method_paths", "group": found.marked, "model": MAIN, "term": f"{row.lhs} {row.op} {row.rhs}"}
        | {"quantity": "beside_marker", "estimate": row.std, "pvalue": row.pvalue}
        for row in kept.itertuples()
    ]
    parts = (tests, moved, beside)
    models = long(found.models, "method", "model", [*FIT, "method_share"], versions=found.versions)
    return [models, *(results.rows(part) for part in parts)]
