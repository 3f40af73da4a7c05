"""Do two causes together do more than each: latent interactions by products of indicators."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from models import results, sem, specs, theory
from models.remarks import packed
from models.sem.language.editing import factor_line
from models.sem.options import Estimator, Missing
from models.specs import Product
from models.survey.equations import improper, reported
from models.survey.squares import beside_squares

SPEC = "interaction"
FACTOR = "product"


def interactions(
    data: pd.DataFrame, scales: dict[str, list[str]], estimator: Estimator, missing: Missing
) -> pd.DataFrame:
    """Fit every product of `models/specs/interactions` that the data set measures.

    Each is a model of its own: the outcome on both causes and on a factor of their product, whose indicators are
    products of centred indicators, matched in pairs and centred again (Marsh, Wen & Hau 2004,
    doi:10.1037/1082-989X.9.3.275; Lin, Wen, Marsh & Lin 2010, doi:10.1080/10705511.2010.488999). A factor
    with two indicators only has both loadings fixed to one: causes and products that hardly correlate with anything
    else are not identified otherwise.

    Returns
    -------
    Rows of the results table: `paths` (the product's coefficient; standardised by the deviations of both causes and of
    the outcome: Wen, Marsh & Hau 2010, doi:10.1080/10705510903438872), `simple_slopes` (the first cause's slope where
    the second lies a standard deviation below its mean, at it, and above), `squares` (the product's coefficient beside
    the square of each cause), `interaction_fit`; `remarks` where a model is not estimated.
    """
    decides = {
        label: h.id
        for h in theory.hypotheses().values()
        if h.survey.spec == SPEC
        for label in (h.survey.label, *h.survey.labels)
        if label
    }
    rows: list[dict] = []
    for product in specs.products(specs.structural_specs("interactions")[SPEC]):
        if product.lacking(set(scales)):
            continue
        try:
            rows += _rows(product, data, scales, estimator, missing, decides.get(product.label, ""))
        except sem.SemError as error:
            note = packed([error.remark])
            rows.append({"table": "remarks", "term": product.term, "quantity": "failed", "note": note})
    return results.rows(rows, model=SPEC)


def _rows(
    product: Product,
    data: pd.DataFrame,
    scales: dict[str, list[str]],
    estimator: Estimator,
    missing: Missing,
    hypothesis: str,
) -> list[dict]:
    outcome = specs.indicators(product.outcome, scales)
    first, second = (specs.indicators(cause, scales) for cause in (product.first, product.second))
    pair = specs.paired(first, second)
    answers = centred(data, outcome | first | second | pair[0] | pair[1])
    crossed = sem.interaction(answers, list(pair[0]), list(pair[1]), FACTOR)
    measured: dict[str, Collection[str]] = {product.outcome: outcome, product.first: first, product.second: second}
    measured[FACTOR] = [f"{a}.{b}" for a, b in zip(*pair, strict=True)]
    lines = [factor_line(name, parts, "1" if len(parts) == 2 else "") for name, parts in measured.items()]
    lines.append(f"{product.outcome} ~ {product.first} + {product.second} + {FACTOR}")
    items = [name for indicators in measured.values() for name in indicators]
    if not crossed.data[items].isna().to_numpy().any():
        missing = "listwise"
    fit = sem.fit("\n".join(lines), crossed.data, estimator=estimator, missing=missing)
    common = {"term": product.term, "n": fit.n}
    effect = _effect(fit, product)
    relation, alone = (product.outcome, FACTOR), effect[0]["estimate"]
    names = (list(pair[0]), list(pair[1]))
    try:
        squares = beside_squares(lines, relation, alone, crossed.data, names, estimator, missing)
    except sem.SemError as error:
        squares = [{"quantity": "failed", "note": packed([error.remark])}]
    return [
        *({"table": "paths", "hypothesis": hypothesis} | common | row for row in effect),
        *({"table": "squares"} | common | row for row in squares),
        *({"table": "simple_slopes"} | common | row for row in _slopes(fit, product)),
        *({"table": "interaction_fit"} | common | row for row in _fit(fit)),
        *improper_remarks(fit, product.term),
    ]


def improper_remarks(fit: sem.Fit, term: str) -> list[dict]:
    """Why the solution of a model of products cannot be true."""
    return [
        {"table": "remarks", "term": term, "quantity": "inadmissible", "note": packed([reason])}
        for reason in improper(fit)
    ]


def centred(data: pd.DataFrame, indicators: dict[str, list[str]]) -> pd.DataFrame:
    """Each indicator as the mean of its answered items, brought to mean zero."""
    means = pd.DataFrame({name: data[items].mean(axis=1) for name, items in indicators.items()})
    return means - means.mean()


def _effect(fit: sem.Fit, product: Product) -> list[dict]:
    tidy = fit.tidy()
    paths = tidy[tidy["op"] == "~"].set_index("rhs")
    cross = paths.loc[FACTOR]
    estimate = {
        "quantity": "estimate", "estimate": cross["est"], "se": cross["se"], "statistic": cross["z"],
        "pvalue": cross["pvalue"], "ci_lower": cross["ci_lower"], "ci_upper": cross["ci_upper"],
        "definition": "product_indicators",
    }  # fmt: skip
    variances = tidy[(tidy["op"] == "~~") & (tidy["lhs"] == tidy["rhs"])].set_index("lhs")
    spread = {cause: np.sqrt(variances.loc[cause, "est"]) for cause in (product.first, product.second)}
    residual = variances.loc[product.outcome]
    outcome = np.sqrt(residual["est"] / residual["std_all"])
    standardised = cross["est"] * spread[product.first] * spread[product.second] / outcome
    return [estimate, {"quantity": "std_all", "estimate": standardised, "definition": "std_product"}]


def _slopes(fit: sem.Fit, product: Product) -> list[dict]:
    found = sem.simple_slopes(fit, product.outcome, product.first, product.second, FACTOR)
    return [
        {"quantity": name, "estimate": row.slope, "se": row.se, "statistic": row.z, "pvalue": row.pvalue}
        | {"ci_lower": row.ci_lower, "ci_upper": row.ci_upper, "definition": "simple_slope"}
        for name, row in zip(("low", "mean", "high"), found.itertuples(), strict=True)
    ]


def _fit(fit: sem.Fit) -> list[dict]:
    indices = fit.fit_indices()
    rows = [reported(indices, name) for name in ("cfi", "rmsea", "srmr")]
    return [row for row in rows if np.isfinite(row["estimate"])]
