"""How often products of causes are found in a survey, and set apart from each other, where the truth is known.

    uv run python -m benchmarks.products_of_causes [draws] [people]

Identification, transaction, price comparison and stickiness with three items each on seven points; causes correlate.
For every truth: the share of samples in which the product of identification and price comparison has p < .05, the share
in which it is positive with p < .05, the share in which its difference from that of transactions is positive with
p < .05, the share in which H7 is *supported*, which needs both, and the share in which one product is significant and
the other is not, by which a reader would set them apart. What each sample gave is kept in `results/benchmarks`.
"""

from __future__ import annotations

import sys
import zlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.kept_samples import kept
from models import survey
from models.choices import choices
from models.sem import SemError

CONSTRUCTS = ("identification", "transaction", "price_comparison", "stickiness")
SCALES = {name: [f"{name}{i}" for i in range(3)] for name in CONSTRUCTS}
LOADINGS = (0.8, 0.75, 0.7)
OWN, OTHER = "stickiness ~ identification:price_comparison", "stickiness ~ transaction:price_comparison"


@dataclass(frozen=True)
class Truth:
    """Products of identification and of transaction with price comparison, their first-order effects, correlation.

    Attributes
    ----------
    skew
        How far answers pile up at the upper end: the thresholds are moved down by this.
    """

    products: tuple[float, float] = (0.0, 0.0)
    effect: float = 0.0
    r: float = 0.0
    skew: float = 0.0


TRUTHS = {
    "nothing": Truth(),
    "causes correlate .3 and act, no product": Truth(effect=0.3, r=0.3),
    "the same, correlations .5": Truth(effect=0.3, r=0.5),
    "the same, answers pile up": Truth(effect=0.3, r=0.3, skew=1.5),
    "both products .15": Truth((0.15, 0.15), 0.3, 0.3),
    "both products .3": Truth((0.3, 0.3), 0.3, 0.3),
    "product of identification .15": Truth((0.15, 0.0), 0.3, 0.3),
    "product of identification .2": Truth((0.2, 0.0), 0.3, 0.3),
    "product of identification .3": Truth((0.3, 0.0), 0.3, 0.3),
}


def answers(truth: Truth, n: int, rng: np.random.Generator) -> pd.DataFrame:
    x, w, z = rng.multivariate_normal(np.zeros(3), truth.r + (1 - truth.r) * np.eye(3), n).T
    own, other = truth.products
    y = truth.effect * (x + w) - truth.effect / 2 * z + own * (x * z - truth.r) + other * (w * z - truth.r)
    y = y + 0.8 * rng.standard_normal(n)
    columns = {}
    for factor, name in zip((x, w, z, y / y.std()), CONSTRUCTS, strict=True):
        for item, loading in zip(SCALES[name], LOADINGS, strict=True):
            response = loading * factor + np.sqrt(1 - loading**2) * rng.standard_normal(n)
            columns[item] = np.clip(np.round(4 + truth.skew + 1.3 * response), 1, 7)
    return pd.DataFrame(columns)


def sample(truth: Truth, people: int, seed: list[int], number: int) -> dict[str, list[float]] | None:
    """Estimates and p-values of both products alone and of their difference; None where a model cannot be fitted."""
    data = answers(truth, people, np.random.default_rng([*seed, number]))
    try:
        alone = survey.interactions(data, SCALES, "MLR", "listwise")
        both = survey.product_contrasts(data, SCALES, "MLR", "listwise")
    except SemError:
        return None
    alone = alone[(alone["table"] == "paths") & (alone["quantity"] == "estimate")].set_index("term")
    difference = both[both["quantity"] == "difference"]
    if difference.empty or not {OWN, OTHER} <= set(alone.index):
        return None
    rows = {"own": alone.loc[OWN], "other": alone.loc[OTHER], "difference": difference.iloc[0]}
    return {name: [float(row["estimate"]), float(row["pvalue"])] for name, row in rows.items()}


def main(draws: int, people: int) -> None:
    print("| truth | samples | p < .05 | product > 0 | difference > 0 | H7 | one significant, one not |")
    print("|---|---|---|---|---|---|---|")
    for name, truth in TRUTHS.items():
        key = zlib.crc32(name.encode())
        path = Path("results/benchmarks/products") / f"{people}-{key:08x}.jsonl"
        found = [one for one in kept(path, range(draws), partial(sample, truth, people, [key])) if one]
        clear = {k: np.array([one[k][1] < choices.alpha for one in found]) for k in ("own", "other", "difference")}
        above = {k: clear[k] & np.array([one[k][0] > 0 for one in found]) for k in clear}
        shares = [
            clear["own"], above["own"], above["difference"], above["own"] & above["difference"],
            clear["own"] != clear["other"],
        ]  # fmt: skip
        print(f"| {name} | {len(found)} |", " | ".join(f"{share.mean():.3f}" for share in shares), "|", flush=True)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [200, 400][len(given) :]))
