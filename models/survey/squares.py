"""Does a product of causes stand beside the square of each? A curved effect of one looks like a product of both."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models import sem
from models.choices import choices
from models.sem.language.editing import factor_line
from models.sem.options import Estimator, Missing

SQUARES = ("square_first", "square_second")


def beside_squares(
    lines: list[str],
    relation: tuple[str, str],
    alone: float,
    answers: pd.DataFrame,
    pair: tuple[list[str], list[str]],
    estimator: Estimator,
    missing: Missing,
) -> list[dict]:
    """The coefficient of a product factor with the squares of both causes in the model.

    Where causes correlate, the product of two and the square of each correlate too, and a model without squares takes
    a curved effect of one cause for a joint effect of both (Ganzach 1997,
    https://doi.org/10.1037/1082-989X.2.3.235). Squares are measured by squares of the same indicators (Kelava et al.
    2011, https://doi.org/10.1080/10705511.2011.582408), whose errors go with those of the products that share them.

    Parameters
    ----------
    lines
        The model without squares.
    relation
        The outcome, and the product factor that is one of its causes.
    alone
        The product's coefficient without squares.
    answers
        Indicators, each of mean zero, and their products `first.second`.
    pair
        Indicators of both causes, in the order in which they were multiplied.

    Returns
    -------
    Rows `squares` of the results table: `estimate`, the coefficient of the product, and `stands`, whether it is above
    or below zero as without squares, with p below `choices.alpha`.

    Raises
    ------
    SemError
        Where the model with squares cannot be estimated.
    """
    outcome, factor = relation
    squared, model = answers.copy(), list(lines)
    for square, names in zip(SQUARES, pair, strict=True):
        parts = [f"{name}.{name}" for name in names]
        for name, part in zip(names, parts, strict=True):
            squared[part] = answers[name] ** 2 - (answers[name] ** 2).mean()
        model.append(factor_line(square, parts, "1" if len(parts) == 2 else ""))
        model += [f"{part} ~~ {a}.{b}" for part, a, b in zip(parts, *pair, strict=True)]
    model.append(f"{outcome} ~ {' + '.join(SQUARES)}")
    tidy = sem.fit("\n".join(model), squared, estimator=estimator, missing=missing).tidy()
    product = tidy[(tidy["op"] == "~") & (tidy["rhs"] == factor)].iloc[0]
    stands = product["pvalue"] < choices.alpha and np.sign(product["est"]) == np.sign(alone)
    ends = {name: product[name] for name in ("se", "pvalue", "ci_lower", "ci_upper")}
    return [
        {"quantity": "estimate", "estimate": product["est"], "statistic": product["z"]} | ends,
        {"quantity": "stands", "estimate": float(stands)},
    ]
