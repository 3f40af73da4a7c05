"""Does one product of causes go beyond another: both in one model, and the difference in standard deviations."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pandas as pd

from models import results, sem, specs, theory
from models.analysis.group_differences import difference
from models.remarks import packed
from models.sem.language.editing import factor_line
from models.sem.options import Estimator, Missing
from models.specs import Product
from models.survey.equations import errors_of
from models.survey.product_models import SPEC, centred, improper_remarks


def product_contrasts(
    data: pd.DataFrame, scales: dict[str, list[str]], estimator: Estimator, missing: Missing
) -> pd.DataFrame:
    """Fit every pair of products that a hypothesis sets against each other (rule `beyond`) and that is measured.

    Two products of two models cannot be compared by their p-values: the difference between a significant and another
    estimate need not be significant (Gelman & Stern 2006, https://doi.org/10.1198/000313006X152649). Both enter one
    model, with all of their causes; where they share a cause, products of the same indicator have errors that go
    together.

    Returns
    -------
    Rows `product_contrasts` of the results table: `std`, each product in standard deviations beside the other, and
    `difference`, with their delta-method errors; `failed` with its reason, and `remarks` on an improper solution.
    """
    known = {product.term: product for product in specs.products(specs.structural_specs("interactions")[SPEC])}
    rows: list[dict] = []
    for hypothesis in theory.hypotheses().values():
        test = hypothesis.survey
        if not isinstance(test, theory.Beyond) or test.spec != SPEC:
            continue
        own = next(product for product in known.values() if product.label == test.label)
        pair = (own, known[test.than])
        if any(product.lacking(set(scales)) for product in pair):
            continue
        place = {"table": "product_contrasts", "hypothesis": hypothesis.id}
        try:
            rows += [place | row for row in _rows(pair, data, scales, estimator, missing)]
        except sem.SemError as error:
            rows.append(place | {"term": named(pair), "quantity": "failed", "note": packed([error.remark])})
    return results.rows(rows, model=SPEC)


def named(pair: tuple[Product, Product]) -> str:
    """The name of a difference: the products, which have one outcome."""
    return " − ".join(product.term for product in pair)


def _rows(
    pair: tuple[Product, Product],
    data: pd.DataFrame,
    scales: dict[str, list[str]],
    estimator: Estimator,
    missing: Missing,
) -> list[dict]:
    outcome = pair[0].outcome
    causes = list(dict.fromkeys(chain.from_iterable((product.first, product.second) for product in pair)))
    measured = {name: specs.indicators(name, scales) for name in (outcome, *causes)}
    matched = dict(zip(causes, specs.paired(*(measured[cause] for cause in causes)), strict=True))
    answers = centred(
        data, dict(chain.from_iterable(found.items() for found in [*measured.values(), *matched.values()]))
    )
    lines, factors = [_factor(name, list(found)) for name, found in measured.items()], []
    for k, product in enumerate(pair, 1):
        factor, names = f"product_{k}", (list(matched[product.first]), list(matched[product.second]))
        answers = sem.interaction(answers, *names, factor).data
        lines.append(_factor(factor, [f"{a}.{b}" for a, b in zip(*names, strict=True)]))
        factors.append((product.first, product.second, factor))
    lines += _shared(pair, matched)
    lines.append(f"{outcome} ~ {' + '.join([*causes, *(factor for *_, factor in factors)])}")
    model = "\n".join(lines)
    if not answers[[name for name in answers if name in model.split()]].isna().to_numpy().any():
        missing = "listwise"
    fit = sem.fit(model, answers, estimator=estimator, missing=missing)
    estimates, vcov = sem.product_effects(fit, outcome, factors)
    common = {"n": fit.n, "definition": results.defined("product_contrast", errors=errors_of(fit))}
    weights = np.eye(2), np.array([[1.0, -1.0]])
    found = [difference(direction, estimates, vcov) for direction in np.vstack(weights)]
    terms = [*(product.term for product in pair), named(pair)]
    return [
        *(
            common | {"term": term, "quantity": quantity} | row
            for term, quantity, row in zip(terms, ("std", "std", "difference"), found, strict=True)
        ),
        *improper_remarks(fit, pair[0].term),
    ]


def _factor(name: str, indicators: list[str]) -> str:
    return factor_line(name, indicators, "1" if len(indicators) == 2 else "")


def _shared(pair: tuple[Product, Product], matched: dict[str, dict[str, list[str]]]) -> list[str]:
    """Covariances of errors of products that have an indicator in common."""
    names = [list(zip(matched[product.first], matched[product.second], strict=True)) for product in pair]
    return [f"{'.'.join(a)} ~~ {'.'.join(b)}" for a, b in zip(*names, strict=True) if {*a} & {*b}]
