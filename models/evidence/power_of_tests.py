"""What a sample could have found of each hypothesis, and how many cases would find the smallest effect."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models import results, theory
from models.choices import choices
from models.statistics.distributions import normal_quantile
from models.theory import All, Chain, Equivalence, Indirect, Rule


def detectable(test: Rule, low: float, high: float) -> float:
    """The smallest standardised effect that the test finds with probability `choices.power`.

    Of an equivalence test: the smallest bound that it shows, where nothing differs, with this probability. Where every
    one of k estimates must be clear, each is missed with no more than a k-th of the probability to miss any; the one
    that decides stands for all.

    Parameters
    ----------
    low, high
        Interval of 1 − 2 `choices.alpha` of the standardised effect.
    """
    se = (high - low) / (2 * normal_quantile(1 - choices.alpha))
    every = isinstance(test, All | Chain | Equivalence)
    missed = (1 - choices.power) / (max(len(test.members), len(test.links), 1) if every else 1)
    if isinstance(test, Equivalence):
        return se * (normal_quantile(1 - choices.alpha) + normal_quantile(1 - missed / 2))
    return se * (normal_quantile(1 - choices.alpha / 2) + normal_quantile(1 - missed))


def needed(found: float, smallest: float, n: float) -> float:
    """How many cases find the smallest effect that matters: errors fall with the root of their number.

    Two digits, as the error is itself an estimate, from other people and of another effect.

    Parameters
    ----------
    found
        What n cases find.
    """
    exact = n * (found / smallest) ** 2
    if not np.isfinite(exact) or exact <= 0:
        return np.nan
    unit = 10.0 ** max(np.floor(np.log10(exact)) - 1, 0)
    return float(np.ceil(exact / unit) * unit)


def bound(hypothesis: theory.Hypothesis, test: Rule) -> float:
    """The standardised effect that a test is held to: the smallest that matters, of an equivalence test its bound."""
    if isinstance(test, Equivalence):
        return test.bound
    return hypothesis.smallest.value if hypothesis.smallest else np.nan


def power(verdicts: pd.DataFrame) -> pd.DataFrame:
    r"""Power of every test that was possible.

    Parameters
    ----------
    verdicts
        As `verdicts` gives them.

    Returns
    -------
    Rows `power` of the results table, but for effects along two links, whose power is that of the links: `detectable`;
    `needed`, the number of cases in which the smallest effect that matters would be found; `beyond`, what is detectable
    over the larger of that effect and the one that was found: where it is 1 or more, such an effect is often missed.

    Notes
    -----
    :math:`n\,((z_{1-\alpha/2}+z_{1-\beta})\,\mathrm{se}/\delta)^2` (Bloom 1995, doi:10.1177/0193841X9501900504);
    of equivalence :math:`z_{1-\alpha}+z_{1-\beta/2}` (Phillips 1990, doi:10.1007/BF01063556); no family is adjusted.
    """
    rows: list[dict] = []
    for verdict in verdicts[verdicts["pvalue"].notna() & verdicts["zero_lower"].notna()].itertuples():
        hypothesis = theory.hypotheses()[verdict.hypothesis]
        test = getattr(hypothesis, verdict.kind)
        if isinstance(test, Indirect):
            continue
        smallest, found = bound(hypothesis, test), detectable(test, verdict.zero_lower, verdict.zero_upper)
        effect = smallest if isinstance(test, Equivalence) else np.nanmax([smallest, abs(verdict.standardised)])
        common = {"table": "power", "sample": verdict.kind, "model": verdict.model, "hypothesis": verdict.hypothesis}
        common |= {"n": verdict.n, "definition": "power_of_hypothesis", "decides": False}
        values = {"detectable": found, "needed": needed(found, smallest, verdict.n), "beyond": found / effect}
        rows += [common | {"quantity": name, "estimate": float(value)} for name, value in values.items()]
    return results.rows(rows)
