"""Verdicts: what the decisive rows of the results table say about each hypothesis.

Within a hypothesis family, a data set and a kind of test, p-values are adjusted by Holm (1979, doi:10.2307/4615733).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models import theory
from models.choices import choices
from models.evidence import checks, power_of_tests, rules, soundness
from models.evidence.offer import Offer, lacking, unmeasured
from models.evidence.sizes import Size, size
from models.remarks import Remark, packed, remark, unpacked
from models.statistics.multiple_testing import holm
from models.theory import Beyond, Chain, Equivalence, Hypothesis, Indirect, RollOut, Rule
from models.theory.rules import stated

COLUMNS = [
    "hypothesis", "family", "kind", "rule", "verdict", "reason", "detail", "lacks",
    "model", "group", "term", "estimate", "standardised", "ci_lower", "ci_upper", "pvalue",
    "pvalue_holm", "zero_lower", "zero_upper", "smallest", "n", "counts",
]  # fmt: skip

# What the stages note where they give no estimate.
FAILURES = ("failed", "no_groups", "small_group", "incomplete")
NEEDS_MORE = {"people": "needs_more_people", "rows": "needs_more_rows", "users": "needs_more_users"}


@dataclass(frozen=True, eq=False)
class Judged:
    """One hypothesis on one kind of data.

    Attributes
    ----------
    hypothesis, kind, test
        What is judged, by which data and by which rule.
    row
        The row that decides, with the p-value of the rule; None where there is no test.
    size
        Of its effect in standard deviations.
    lacks
        Why there is no test.
    against
        What the data say against the pattern that the claim needs.
    left_open
        What the claim also needs and the data neither show nor refute.
    beside
        What else a reader of the verdict must know.
    """

    hypothesis: Hypothesis
    kind: str
    test: Rule
    row: pd.Series | None = None
    size: Size = Size(np.nan, np.nan, np.nan, np.nan)
    lacks: Remark | None = None
    against: tuple[Remark, ...] = ()
    left_open: tuple[Remark, ...] = ()
    beside: tuple[Remark, ...] = ()


def verdicts(rows: pd.DataFrame, offer: Offer) -> pd.DataFrame:
    """One row a hypothesis and kind of test, never silence.

    Parameters
    ----------
    rows
        The results table of one data set.
    offer
        What the data set has.

    Returns
    -------
    Columns `COLUMNS`; `verdict` is one of `rules.VERDICTS`, `rule` the rule that gave it, `pvalue` and `pvalue_holm`
    are both shown. `zero_lower` and `zero_upper` are the interval of the standardised effect that is set against
    `smallest`. Where a test was not possible, or more than a p-value decided, `detail` holds remarks, packed, and
    `reason` the key of the first; `lacks` has the constructs for want of which it was not possible. `model`, `group`
    and `term` say which row of the results table decided; `counts` whether its `n` are people, rows of the panel or
    users.
    """
    kinds = ("survey", "panel", *(kind for kind in offer.kinds if kind == "cohort"))
    hypotheses = theory.hypotheses()
    own, none = dict(list(rows[rows["hypothesis"].isin(hypotheses)].groupby(["sample", "hypothesis"]))), rows.iloc[:0]
    failures = rows[(rows["table"] == "remarks") & rows["quantity"].isin(FAILURES)]
    judged = [
        _judged(hypothesis, kind, own.get((kind, name), none), rows, failures, offer)
        for name, hypothesis in hypotheses.items()
        for kind in kinds
    ]
    out = pd.DataFrame([_row(one, offer) for one in judged]).reindex(columns=COLUMNS)
    for _, at in out[out["pvalue"].notna()].groupby(["family", "kind"]).groups.items():
        out.loc[at, "pvalue_holm"] = holm(out.loc[at, "pvalue"].to_numpy(float))
    decided = [_decided(one, pvalue, rows) for one, pvalue in zip(judged, out["pvalue_holm"], strict=True)]
    return out.assign(
        verdict=[word for word, _ in decided],
        reason=[said[0].key if said else "" for _, said in decided],
        detail=[packed(said) for _, said in decided],
    )


def _row(one: Judged, offer: Offer) -> dict:
    """What is known before the p-values of a family are adjusted together."""
    named = {"hypothesis": one.hypothesis.id, "family": one.hypothesis.family, "kind": one.kind}
    named |= {"rule": stated(one.test), "verdict": "", "reason": "", "detail": ""}
    named["lacks"] = ", ".join(unmeasured(one.test, one.kind, offer))
    if one.row is None:
        return named
    place, numbers = ("model", "group", "term"), ("estimate", "ci_lower", "ci_upper", "pvalue", "n")
    return (
        named
        | {name: one.row[name] for name in (*place, *numbers)}
        | {
            "standardised": one.size.estimate,
            "zero_lower": one.size.low,
            "zero_upper": one.size.high,
            "smallest": one.size.smallest,
            "counts": _counts(one.row, one.kind),
        }
    )


def _decided(one: Judged, pvalue: float, rows: pd.DataFrame) -> tuple[rules.Verdict, list[Remark]]:
    """The verdict, and what is said with it."""
    if one.row is None:
        return "not_testable", [one.lacks] if one.lacks else []
    word = rules.verdict(one.test, one.row["estimate"], pvalue, zero=one.size.zero, rejected=bool(one.against))
    said = [*one.beside]
    if word == "supported" and one.left_open:
        word, said = "inconclusive", [*one.left_open, *said]
    if word == "inconclusive" and isinstance(one.test, Equivalence):
        half = float(one.row["ci_upper"] - one.row["ci_lower"]) / 2
        said += [remark("too_few_for_equivalence", half=half, bound=one.test.bound)] if half >= one.test.bound else []
    if word == "supported" and isinstance(one.test, Chain) and one.kind == "survey":
        said.append(remark("chain_turned"))
    if word == "inconclusive" and (short := _short(one)):
        said.append(short)
    if word == "pattern_rejected":
        fell = isinstance(one.test, RollOut)
        said = [*([remark("falls_after_start", model=one.row["model"])] if fell else one.against), *said]
    if word in ("supported", "opposite") and one.size.zero:
        said.append(one.size.said())
    if word == "supported" and one.kind == "survey":
        fails = soundness.without_doubted(one.test, one.row["term"], rows)
        said += [fails] if fails else []
    return word, said


def _short(one: Judged) -> Remark | None:
    """That an effect as small as matters would often have been missed, and how many cases would find it."""
    if one.row is None or isinstance(one.test, Indirect):
        return None
    smallest = power_of_tests.bound(one.hypothesis, one.test)
    found = power_of_tests.detectable(one.test, one.size.low, one.size.high)
    if not (found > smallest and np.isfinite(one.row["n"])):
        return None
    cases = {"needed": int(power_of_tests.needed(found, smallest, one.row["n"])), "n": int(one.row["n"])}
    return remark(NEEDS_MORE[_counts(one.row, one.kind)], smallest=smallest, power=choices.power, **cases)


def _judged(
    hypothesis: Hypothesis, kind: str, sample: pd.DataFrame, rows: pd.DataFrame, failures: pd.DataFrame, offer: Offer
) -> Judged:
    test = hypothesis.survey if kind == "survey" else hypothesis.panel
    if lacks := lacking(test, kind, offer):
        return Judged(hypothesis, kind, test, lacks=lacks)
    decisive = sample[sample["decides"]]
    if lacks := _lacks(test, kind, decisive, sample, rows, failures):
        return Judged(hypothesis, kind, test, lacks=lacks)
    row, beside, against, left_open = rules.deciding(decisive, test), [], [], []
    found = size(row, sample, test, hypothesis.smallest)
    if isinstance(test, Equivalence) and (paths := rules.unequal(decisive, _wald(rows, kind, test))):
        against.append(remark("unequal", paths=paths))
    elif isinstance(test, Chain) and kind == "survey" and test.zero:
        if needed := checks.needed_path(test, rows):
            against.append(needed)
        elif unsure := checks.direct_left_open(test, rows, hypothesis.smallest):
            left_open.append(unsure)
    elif isinstance(test, Indirect):
        links = checks.links(test, rows, kind)
        joint = float(links["pvalue"].max())
        beside.append(remark("both_tests", joint=joint, interval=float(row["pvalue"])))
        if (links["estimate"].map(lambda estimate: rules.direction(estimate, test)) < 0).all():
            against.append(remark("links_turned"))
        row = pd.Series({**row, "pvalue": joint}) if test.by == "joint" else row
    if isinstance(test, Beyond) and (level := checks.no_more_than_rival(test, kind, rows)):
        left_open.append(level)
    return Judged(hypothesis, kind, test, row, found, None, tuple(against), tuple(left_open), tuple(beside))


def _lacks(
    test: Rule, kind: str, decisive: pd.DataFrame, sample: pd.DataFrame, rows: pd.DataFrame, failures: pd.DataFrame
) -> Remark | None:
    """Why a hypothesis is not testable though the data set has what it needs; None where it is."""
    if kind == "cohort":
        return remark("not_built")
    if decisive.empty or not rules.estimated(decisive).any():
        return remark("no_estimate", why=_why(failures, kind, test))
    if doubted := soundness.doubted_sample(rows, kind):
        return doubted
    if improper := soundness.inadmissible(decisive, rows, kind, test):
        return improper
    if apart := checks.levels_apart(decisive, rows, kind, test):
        return apart
    if unequal := soundness.unequal_loadings(rows, kind, test):
        return unequal
    if missing := _incomplete(decisive, sample, rows, test, kind):
        return remark("incomplete", missing=missing)
    if twins := checks.indistinct(decisive, rows, kind, test):
        return twins
    by_gmm = "definition" in decisive and decisive["definition"].eq("difference_gmm").any()
    if by_gmm and (rejected := checks.rejected_instruments(test, rows)):
        return rejected
    return checks.earlier_differences(decisive, rows) if isinstance(test, RollOut) else None


def _incomplete(
    decisive: pd.DataFrame, sample: pd.DataFrame, rows: pd.DataFrame, test: Rule, kind: str
) -> list[Remark]:
    """Estimates that the claim needs and that are missing: members, roll-outs that failed, a direct path."""
    missing = [_named(name) for name in rules.incomplete(decisive, test)]
    if isinstance(test, RollOut):
        missing += [remark("rollout_of", model=name) for name in sample[sample["quantity"] == "failed"]["model"]]
    if isinstance(test, Chain) and test.zero and not rules.estimated(checks.direct_path(test, rows)).any():
        missing.append(remark("estimate_of", term=test.zero))
    if isinstance(test, Beyond) and kind == "survey" and checks.beyond_rival(test, kind, rows).empty:
        missing.append(remark("estimate_beyond", term=test.than))
    if isinstance(test, Indirect):
        links = checks.links(test, rows, kind)
        there = set(zip(links["model"], links["term"], strict=True))
        missing += [_named((link.spec, link.term)) for link in test.through if (link.spec, link.term) not in there]
    return missing


def _named(name: rules.Name) -> Remark:
    model, term = name
    return remark("estimate_in", model=model, term=term) if model else remark("estimate_of", term=term)


def _counts(row: pd.Series, kind: str) -> str:
    """What the `n` of a row counts."""
    return "people" if kind == "survey" else "users" if row["table"] == "closed_loop" else "rows"


def _wald(rows: pd.DataFrame, kind: str, test: Equivalence) -> pd.DataFrame:
    """The tests that effects are equal in all groups."""
    of = (rows["sample"] == kind) & (rows["table"] == "equality") & (rows["quantity"] == "wald")
    return rows[of & (rows["model"] == test.spec) & (rows["group"] == test.by)]


def _why(failures: pd.DataFrame, kind: str, test: Rule) -> list[Remark]:
    """The stage's own words on why there is no estimate."""
    notes = failures[(failures["sample"] == kind) & failures["model"].isin(test.specs)] if len(failures) else failures
    return unpacked(notes["note"].iloc[0]) if len(notes) else [remark("gave_no_estimate")]
