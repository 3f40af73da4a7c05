"""Verdicts: what the decisive rows of the results table say about each hypothesis.

Within a hypothesis family, a data set and a kind of test, p-values are adjusted by Holm (1979, doi:10.2307/4615733).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from models import theory
from models.evidence import checks, rules
from models.evidence.offer import Offer, lacking
from models.evidence.rules import CONTRADICTED, NOT_SUPPORTED, NOT_TESTABLE, SUPPORTED
from models.remarks import Remark, packed, remark, unpacked
from models.statistics.multiple_testing import holm
from models.theory import Chain, Contrast, Equivalence, Hypothesis, RollOut, Rule

VERDICTS = (SUPPORTED, NOT_SUPPORTED, CONTRADICTED, NOT_TESTABLE)
COLUMNS = [
    "hypothesis", "family", "kind", "verdict", "reason", "detail",
    "model", "group", "term", "estimate", "standardised", "ci_lower", "ci_upper", "pvalue",
    "pvalue_holm", "n", "counts",
]  # fmt: skip


def verdicts(rows: pd.DataFrame, offer: Offer) -> pd.DataFrame:
    """One row a hypothesis and kind of test, never silence.

    Parameters
    ----------
    rows : the results table of one data set.
    offer : what the data set has.

    Returns
    -------
    Columns `COLUMNS`; `pvalue` and `pvalue_holm` are both shown. Where a test was not possible, or more than a p-value
    decided, `reason` is the key of a remark and `detail` the remark itself, packed. `model`, `group` and `term` say
    which row of the results table decided; `counts` whether its `n` are people, rows of the panel or users.
    """
    found = []
    for hypothesis in theory.hypotheses().values():
        for kind in ("survey", "panel", *(kind for kind in offer.kinds if kind == "cohort")):
            found.append(
                {"hypothesis": hypothesis.id, "family": hypothesis.family, "kind": kind}
                | _one(hypothesis, kind, rows, offer)
            )
    out = pd.DataFrame(found).reindex(columns=COLUMNS)
    for _, at in out[out["pvalue"].notna()].groupby(["family", "kind"]).groups.items():
        out.loc[at, "pvalue_holm"] = holm(out.loc[at, "pvalue"].to_numpy(float))
    tested = out["pvalue"].notna()
    out.loc[tested, "verdict"] = [_decided(row) for row in out[tested].itertuples()]
    for at in out.index[(out["verdict"] == SUPPORTED) & (out["kind"] == "survey")]:
        needed = checks.needed_path(theory.hypotheses()[out.loc[at, "hypothesis"]].survey, rows)
        if needed is not None:
            out.loc[at, ["verdict", "reason", "detail"]] = [NOT_SUPPORTED, needed.key, packed([needed])]
    return out


def _one(hypothesis: Hypothesis, kind: str, rows: pd.DataFrame, offer: Offer) -> dict:
    test = hypothesis.survey if kind == "survey" else hypothesis.panel
    lacks = lacking(test, kind, offer)
    if lacks is None and kind == "cohort":
        lacks = remark("not_built")
    if lacks is not None:
        return _not_testable(lacks)
    sample = rows[(rows["sample"] == kind) & (rows["hypothesis"] == hypothesis.id)]
    decisive = sample[sample["decides"]]
    if not rules.estimated(decisive).any():
        return _not_testable(remark("no_estimate", why=_why(rows, kind, test)))
    if missing := _incomplete(decisive, sample, rows, test):
        return _not_testable(remark("incomplete", missing=missing))
    if twins := checks.indistinct(decisive, rows, kind):
        return _not_testable(twins)
    by_gmm = "definition" in decisive and decisive["definition"].eq("difference_gmm").any()
    if by_gmm and (rejected := checks.rejected_instruments(test, rows)):
        return _not_testable(rejected)
    if isinstance(test, RollOut) and (before := checks.earlier_differences(decisive, rows)):
        return _not_testable(before)
    differs = rules.unequal(decisive, _wald(rows, kind, test)) if isinstance(test, Equivalence) else []
    beside = [remark("unequal", paths=differs)] if differs else []
    row = rules.deciding(decisive, test)
    place, numbers = ("model", "group", "term"), ("estimate", "ci_lower", "ci_upper", "pvalue", "n")
    return {name: row[name] for name in (*place, *numbers)} | {
        "standardised": _standardised(row, sample, test),
        "counts": _counts(row, kind),
        "verdict": "",
        "reason": "".join(said.key for said in beside),
        "detail": packed(beside),
    }


def _incomplete(decisive: pd.DataFrame, sample: pd.DataFrame, rows: pd.DataFrame, test: Rule) -> list[Remark]:
    """Estimates that the claim needs and that are missing: members, roll-outs that failed, a direct path."""
    missing = [_named(name) for name in rules.incomplete(decisive, test)]
    if isinstance(test, RollOut):
        missing += [remark("rollout_of", model=name) for name in sample[sample["quantity"] == "failed"]["model"]]
    if isinstance(test, Chain) and test.zero and not rules.estimated(checks.direct_path(test, rows)).any():
        missing.append(remark("estimate_of", term=test.zero))
    return missing


def _named(name: rules.Name) -> Remark:
    model, term = name
    return remark("estimate_in", model=model, term=term) if model else remark("estimate_of", term=term)


def _standardised(row: pd.Series, sample: pd.DataFrame, test: Rule) -> float:
    """The deciding estimate in standard deviations; comparisons of groups are made in them."""
    if isinstance(test, Contrast | Equivalence):
        return row["estimate"]
    place = ["table", "model", "group", "term"]
    same = (sample[place] == row[place]).all(axis=1) & sample["quantity"].isin(["std_all", "std"])
    return sample.loc[same, "estimate"].iloc[0] if same.any() else np.nan


def _counts(row: pd.Series, kind: str) -> str:
    """What the `n` of a row counts."""
    return "people" if kind == "survey" else "users" if row["table"] == "closed_loop" else "rows"


def _wald(rows: pd.DataFrame, kind: str, test: Equivalence) -> pd.DataFrame:
    """The tests that effects are equal in all groups."""
    of = (rows["sample"] == kind) & (rows["table"] == "equality") & (rows["quantity"] == "wald")
    return rows[of & (rows["model"] == test.spec) & (rows["group"] == test.by)]


def _not_testable(reason: Remark) -> dict:
    return {"verdict": NOT_TESTABLE, "reason": reason.key, "detail": packed([reason])}


def _why(rows: pd.DataFrame, kind: str, test: Rule) -> list[Remark]:
    """The stage's own words on why there is no estimate."""
    notes = rows[(rows["sample"] == kind) & (rows["table"] == "remarks") & rows["model"].isin(test.specs)]
    notes = notes[notes["quantity"].isin(["failed", "no_groups", "small_group", "incomplete"])]["note"]
    return unpacked(notes.iloc[0]) if len(notes) else [remark("gave_no_estimate")]


def _decided(row) -> str:
    test = getattr(theory.hypotheses()[row.hypothesis], row.kind)
    return rules.verdict(test, row.estimate, row.pvalue_holm, differs=row.reason == "unequal")
