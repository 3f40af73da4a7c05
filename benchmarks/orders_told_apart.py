"""Which share of samples a rival account is named in, and the least share that any rule could name it in.

    uv run python -m benchmarks.orders_told_apart [draws] [people]

Latent correlations of many samples are drawn around those of one large sample of each truth of
`recovery_of_grades.py`, with their covariance. Where the theory is true, its nearest reversed order lies δ standard
errors away, and of all rules that name that order in nine of ten samples in which it is true the best one names it in
Φ(Φ⁻¹(.9) − δ) of the others (Neyman & Pearson 1933, https://doi.org/10.1098/rsta.1933.0009).
"""

from __future__ import annotations

import sys
import zlib

import numpy as np
import pandas as pd
from scipy.stats import norm

from benchmarks.recovery_of_grades import CONSTRUCTS, SCALES, TRUTHS, answers
from models import survey
from models.survey.rival_accounts import Correlations, accounts, compared, latent_correlations, nearest

LARGE, RIVALS, NAMED = 20_000, ("one_source", "reversed_order"), 0.9


def main(draws: int, people: int) -> None:
    for first, (name, truth) in enumerate(TRUTHS.items()):
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        model = survey.structural(survey.MAIN, answers(truth, LARGE, rng), SCALES)
        assert model is not None
        large = latent_correlations(model, CONSTRUCTS)
        V = large.V * large.n / people
        named = dict.fromkeys(RIVALS, 0.0)
        for r in rng.multivariate_normal(large.r, V, draws):
            for row in compared(Correlations(CONSTRUCTS, r, V, people)):
                if row["quantity"] == "named":
                    named[row["term"]] += row["estimate"] / draws
        delta = np.sqrt(nearest(Correlations(CONSTRUCTS, large.r, V, people), *accounts(3)["reversed_order"])[0])
        least = norm.cdf(norm.ppf(NAMED) - delta) if not truth.rival else np.nan
        line = pd.DataFrame([{"truth": name} | named | {"delta": delta, "least reversed_order": least}])
        print(line.round(2).to_string(index=False, header=first == 0), flush=True)


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*(given + [1000, 400][len(given) :]))
