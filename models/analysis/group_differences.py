"""Differences of slopes between groups that the hypotheses name: contrasts, and two one-sided tests of equivalence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from scipy.special import ndtr

from models.analysis.slopes import Slopes
from models.choices import choices
from models.remarks import packed, remark
from models.statistics.distributions import normal_quantile, two_sided
from models.theory import Contrast, Equivalence

MEAN = "mean of paths"
Weights = Mapping[str, Sequence[float] | np.ndarray]


def decided(test: Contrast | Equivalence, slopes: list[Slopes], hypothesis: str) -> list[dict]:
    """Rows of a claim on groups, by the first slopes; what decides is the weakest over all of them.

    Parameters
    ----------
    slopes
        The same slopes in one unit, or in several where the data leave open which the groups share.
    hypothesis
        That is decided; empty where a path or group is missing.
    """
    compared = (_contrast(test, one) if isinstance(test, Contrast) else _equivalence(test, one) for one in slopes)
    rows, *others = ([row | {"hypothesis": hypothesis} for row in one] for one in compared)
    for k, row in enumerate(rows):
        if row["quantity"] != "decisive":
            row["hypothesis"] = ""
        elif others:
            rows[k] = _weakest([row, *(other[k] for other in others)])
    return rows


def _weakest(rows: list[dict]) -> dict:
    """The row with the largest p; where the directions differ there is no difference that the data agree on."""
    found = dict(max(rows, key=lambda row: row["pvalue"]))
    if found["definition"] == "contrast" and len({np.sign(row["estimate"]) for row in rows}) > 1:
        found["pvalue"] = 1.0
    return found | {"note": packed([remark("units_left_open")])}


def _contrast(test: Contrast, slopes: Slopes) -> list[dict]:
    """Mean of the plus groups minus mean of the minus groups, a path at a time and averaged over paths."""
    plus = [g for g in slopes.groups if g in test.plus]
    minus = [g for g in slopes.groups if g in test.minus]
    if not plus or not minus:
        return []
    weights = [(g in plus) / len(plus) - (g in minus) / len(minus) for g in slopes.groups]
    common = {"table": "contrast", "definition": "contrast", "group": f"{' + '.join(plus)} − {' + '.join(minus)}"}
    rows = [
        common | {"term": term, "quantity": "difference"} | _difference(slopes, {term: weights})
        for term in slopes.terms
    ]
    mean = dict.fromkeys(slopes.terms, np.array(weights) / len(slopes.terms))
    return [*rows, common | {"term": MEAN, "quantity": "decisive"} | _difference(slopes, mean)]


def _equivalence(test: Equivalence, slopes: Slopes) -> list[dict]:
    """Two one-sided tests that each path's difference lies inside ± bound (Schuirmann 1987, doi:10.1007/BF01068419)."""
    rows = []
    for term in slopes.terms:
        for first, second in combinations(range(len(slopes.groups)), 2):
            weights = np.zeros(len(slopes.groups))
            weights[[first, second]] = 1, -1
            row = _difference(slopes, {term: weights})
            row |= equivalence(row["estimate"], row["se"], test.bound)
            pair = f"{slopes.groups[first]} − {slopes.groups[second]}"
            named = {"table": "contrast", "term": term, "group": pair, "quantity": "decisive"}
            rows.append(row | named | {"definition": "equivalence"})
    return rows


def _difference(slopes: Slopes, weights: Weights) -> dict[str, float]:
    """A contrast of the slopes, path → a weight for each group."""
    return difference(slopes.direction(weights), slopes.values, slopes.cov)


def difference(direction: np.ndarray, theta: np.ndarray, vcov: np.ndarray) -> dict[str, float]:
    """A linear contrast with its Wald test and interval."""
    estimate, se = float(direction @ theta), float(np.sqrt(direction @ vcov @ direction))
    half = normal_quantile(0.5 + choices.confidence / 2) * se
    return {
        "estimate": estimate,
        "se": se,
        "statistic": estimate / se,
        "pvalue": float(two_sided(estimate / se)),
        "ci_lower": estimate - half,
        "ci_upper": estimate + half,
    }


def equivalence(estimate: float, se: float, bound: float) -> dict[str, float]:
    """The larger one-sided p-value, and the interval of 1 − 2α that it goes with."""
    pvalue = float(max(ndtr(-(estimate + bound) / se), ndtr((estimate - bound) / se)))
    half = normal_quantile(1 - choices.alpha) * se
    return {"pvalue": pvalue, "ci_lower": estimate - half, "ci_upper": estimate + half}
