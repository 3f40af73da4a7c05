"""Rules: which estimates a claim needs, which of them decides, and the verdict that it gives.

A claim of several estimates is an intersection-union test (Berger 1982, doi:10.1080/00401706.1982.10487790): it holds
when every estimate is significant in the stated direction, so the largest p-value decides; a significant estimate of
the other direction is its opposite, whatever the others are.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd

from models.choices import choices
from models.statistics.multiple_testing import holm
from models.theory import Chain, Contrast, Equivalence, RollOut, Rule

# The words of a verdict; `models/theory/hypotheses.yaml` says when each is given.
Verdict = Literal["supported", "opposite", "practically_zero", "inconclusive", "pattern_rejected", "not_testable"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
# An estimate of a claim: its model, where the claim's estimates lie in several, and its term.
Name = tuple[str, str]


def estimated(rows: pd.DataFrame) -> pd.Series:
    """Which rows have a finite estimate and p-value."""
    return pd.Series(np.isfinite(rows[["estimate", "pvalue"]].to_numpy(float)).all(axis=1), index=rows.index)


def names(rows: pd.DataFrame, test: Rule) -> pd.Series:
    """The name of each row's estimate: its model, where the claim's estimates lie in several, and its term."""
    several = isinstance(test, RollOut) or (len(test.links) > 1 and not rows["table"].eq("closed_loop").any())
    models = rows["model"] if several else [""] * len(rows)
    return pd.Series(list(zip(models, rows["term"], strict=True)), index=rows.index, dtype=object)


def members(rows: pd.DataFrame, test: Rule) -> tuple[Name, ...]:
    """The estimates that a claim declares, by name; those of a claim on one estimate need no name."""
    if isinstance(test, Contrast):
        return ()
    if isinstance(test, Chain) and test.and_ and not rows["table"].eq("closed_loop").any():
        return tuple((link.spec, link.term) for link in test.links)
    within = test.within if isinstance(test, Chain) and test.and_ else test.members
    return tuple(("", term) for term in within)


def incomplete(rows: pd.DataFrame, test: Rule) -> list[Name]:
    """Names of the estimates that a claim needs and that are not at hand, or have no p-value.

    A comparison of several pairs of groups (rule `equivalence`) needs every estimate in every pair.
    """
    named, good = names(rows, test), estimated(rows)
    lost = [*named[~good]]
    pairs = rows["group"] if isinstance(test, Equivalence) else pd.Series("", index=rows.index)
    for _, at in pairs.groupby(pairs).groups.items():
        lost += [member for member in members(rows, test) if member not in set(named[at])]
    return list(dict.fromkeys(lost))


def direction(estimate: float, test: Rule) -> int:
    """1 for the stated direction, -1 for the other, 0 for neither."""
    return int(np.sign(estimate)) * {"+": 1, "-": -1}[test.sign]


def deciding(rows: pd.DataFrame, test: Rule) -> pd.Series:
    """The row that decides.

    The clearest of those of the other direction, where there is one; else one that is exactly zero; else the one with
    the largest p-value. An equivalence test has no direction.
    """
    pvalues = rows["pvalue"].astype(float)
    if not isinstance(test, Equivalence):
        towards = rows["estimate"].map(lambda estimate: direction(estimate, test))
        if (towards < 0).any():
            return rows.loc[pvalues[towards < 0].idxmin()]
        if (towards == 0).any():
            return rows.loc[pvalues[towards == 0].idxmax()]
    return rows.loc[pvalues.idxmax()]


def unequal(decisive: pd.DataFrame, wald: pd.DataFrame) -> list[str]:
    """Members whose effects the Wald test finds unequal between groups and that are not shown to be equivalent.

    Parameters
    ----------
    decisive
        Rows of the equivalence tests, `term` and `pvalue`.
    wald
        Rows of the tests of equality, `term` and `pvalue`; adjusted by Holm over the members.
    """
    largest = decisive["pvalue"].astype(float).groupby(decisive["term"]).max()
    tested = wald[wald["term"].isin(largest.index) & wald["pvalue"].notna()]
    if tested.empty:
        return []
    adjusted = holm(tested["pvalue"].to_numpy(float))
    rejected = tested["term"][adjusted < choices.alpha]
    return [term for term in rejected if largest[term] >= choices.alpha]


def verdict(test: Rule, estimate: float, pvalue: float, *, zero: bool = False, rejected: bool = False) -> Verdict:
    """The verdict of the deciding estimate and its adjusted p-value; a p equal to `choices.alpha` is not below it.

    Parameters
    ----------
    zero
        Whether the effect is shown to be smaller than the smallest that matters.
    rejected
        Whether the data speak against the pattern that the claim needs, though its estimates have the stated
        sign: unequal effects (`unequal`), a direct path beside a chain, links that are both of the other sign.
    """
    if isinstance(test, Equivalence):
        return "supported" if pvalue < choices.alpha else "pattern_rejected" if rejected else "inconclusive"
    towards = direction(estimate, test)
    if pvalue >= choices.alpha or towards == 0:
        return "practically_zero" if zero else "inconclusive"
    if towards > 0:
        return "pattern_rejected" if rejected else "supported"
    return "pattern_rejected" if isinstance(test, RollOut) else "opposite"
