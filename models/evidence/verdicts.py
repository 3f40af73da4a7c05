"""Verdicts: what the decisive rows of the results table say about each hypothesis.

Within a hypothesis family, a data set and a kind of test, p-values are adjusted by Holm (1979, doi:10.2307/4615733).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models import theory
from models.panel import holm
from models.theory import Hypothesis

SUPPORTED, NOT_SUPPORTED, CONTRADICTED, NOT_TESTABLE = "supported", "not supported", "contradicted", "not testable"
VERDICTS = (SUPPORTED, NOT_SUPPORTED, CONTRADICTED, NOT_TESTABLE)
REASONS = {
    "no_data": "no {} in this data set",
    "not_measured": "not measured: {}",
    "not_recorded": "not recorded: {}",
    "no_group": "no group: {}",
    "one_group": "one group only: {}",
    "group_lacks": "groups that the comparison needs are absent: {}",
    "not_built": "the pipeline does not run this test: {}",
    "indistinct": "two constructs cannot be told apart: {}",
    "no_estimate": "no estimate: {}",
    "pretrend": "the treated differ from the others before the start: {}",
    "instruments": "the data reject the instruments of the dynamic model: {}",
    "chain_rejected": "the levels do not form a chain, a direct path is needed: {}",
}
ALPHA = 0.05
INDISTINCT = 0.95
COLUMNS = [
    "hypothesis", "family", "kind", "verdict", "reason", "detail",
    "term", "estimate", "standardised", "ci_lower", "ci_upper", "pvalue", "pvalue_holm", "n",
]  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """What a data set offers to the tests.

    Attributes
    ----------
    kinds : kinds of data at hand, of "survey", "panel" and "cohort" (spells without a panel: they decide nothing).
    constructs : kind → constructs that are measured (mechanisms through their levels included).
    groups : kind → group → values that occur.
    treatments : constructs that the dated roll-outs of the panel stand for.
    """

    kinds: tuple[str, ...]
    constructs: dict[str, set[str]]
    groups: dict[str, dict[str, list[str]]]
    treatments: tuple[str, ...] = ()


def verdicts(rows: pd.DataFrame, offer: Offer) -> pd.DataFrame:
    """One row a hypothesis and kind of test, never silence.

    Parameters
    ----------
    rows : the results table of one data set.
    offer : what the data set has.

    Returns
    -------
    Columns `COLUMNS`; `pvalue` and `pvalue_holm` are both shown. Where a test was not possible, or more than a p-value
    decided, `reason` is one of `REASONS` and `detail` names what it is about.
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
    out.loc[tested, "verdict"] = [_decide(row) for row in out[tested].itertuples()]
    for at in out.index[(out["verdict"] == SUPPORTED) & (out["kind"] == "survey")]:
        needed = _direct_path(theory.hypotheses()[out.loc[at, "hypothesis"]].survey, rows)
        if needed is not None:
            out.loc[at, ["verdict", "reason", "detail"]] = [NOT_SUPPORTED, "chain_rejected", needed]
    return out


def _one(hypothesis: Hypothesis, kind: str, rows: pd.DataFrame, offer: Offer) -> dict:
    test = hypothesis.survey if kind == "survey" else hypothesis.panel
    lacking = _lacking(test, kind, offer)
    if lacking is None and kind == "cohort":
        lacking = ("not_built", "time until an event")
    if lacking is not None:
        return _not_testable(*lacking)
    sample = rows[(rows["sample"] == kind) & (rows["hypothesis"] == hypothesis.id)]
    decisive = sample[sample["quantity"].isin(["estimate", "raw", "decisive"]) & sample["pvalue"].notna()]
    if decisive.empty:
        return _not_testable("no_estimate", _remark(rows, kind, test))
    twins = _indistinct(decisive, rows, kind)
    if twins:
        return _not_testable("indistinct", twins)
    by_gmm = "definition" in decisive and decisive["definition"].eq("difference_gmm").any()
    rejected = _rejected_instruments(test, rows) if by_gmm else None
    if rejected:
        return _not_testable("instruments", rejected)
    row = _decisive_row(test["rule"], decisive)
    if test["rule"] == "roll_out" and (before := _earlier_difference(row, rows)):
        return _not_testable("pretrend", before)
    scale = sample[(sample["term"] == row["term"]) & sample["quantity"].isin(["std_all", "std"])]
    standardised = (
        scale["estimate"].iloc[0]
        if len(scale)
        else row["estimate"]
        if test["rule"] in ("contrast", "equivalence")
        else np.nan
    )
    return {
        "term": row["term"],
        "estimate": row["estimate"],
        "standardised": standardised,
        "ci_lower": row["ci_lower"],
        "ci_upper": row["ci_upper"],
        "pvalue": row["pvalue"],
        "n": row["n"],
        "verdict": "",
        "reason": "",
        "detail": "",
    }


def _not_testable(reason: str, detail: str) -> dict:
    return {"verdict": NOT_TESTABLE, "reason": reason, "detail": detail}


def _lacking(test: dict, kind: str, offer: Offer) -> tuple[str, str] | None:
    """Why the data set cannot carry the test (a key of `REASONS` and its detail), or None."""
    if kind not in offer.kinds:
        return "no_data", kind
    needs = test["needs"]
    missing = [c for c in needs.get("constructs", ()) if c not in offer.constructs[kind]]
    if missing:
        return "not_measured", ", ".join(missing)
    if "treatments" in needs and not set(needs["treatments"]) & set(offer.treatments):
        return "not_recorded", "dated strategy roll-out"
    for group in needs.get("groups", ()):
        values = offer.groups[kind].get(group, [])
        if not values:
            return "no_group", group
        wanted = (test.get("plus", []), test.get("minus", [])) if test["rule"] == "contrast" else ()
        absent = [side for side in wanted if not set(side) & set(values)]
        if len(values) < 2:
            return "one_group", f"{group}: {values[0]}"
        if absent:
            return "group_lacks", f"{group}: " + "; ".join(" / ".join(side) for side in absent)
    return None


def _remark(rows: pd.DataFrame, kind: str, test: dict) -> str:
    """The stage's own words on why there is no estimate."""
    notes = rows[(rows["sample"] == kind) & (rows["table"] == "remarks") & (rows["model"] == test.get("spec"))]
    notes = notes[notes["quantity"].isin(["failed", "no_groups", "small_group"])]["note"]
    return notes.iloc[0] if len(notes) else "the model gave no estimate"


def _indistinct(decisive: pd.DataFrame, rows: pd.DataFrame, kind: str) -> str | None:
    """Two constructs of a relation that the data cannot tell apart; None where they can.

    Asked of both ends of a path or covariance, and of a cause and the other causes beside it. Two constructs are one as
    far as the data can tell when their latent correlation is at least .95, or when the 95% interval of the
    heterotrait–monotrait ratio reaches 1 (Henseler, Ringle & Sarstedt 2015, doi:10.1007/s11747-014-0403-8; Franke &
    Sarstedt 2019, doi:10.1108/IntR-12-2017-0515).
    """
    if kind != "survey" or not decisive["table"].isin(["paths", "covariances"]).all():
        return None
    correlations = rows[(rows["table"] == "covariances") & (rows["quantity"] == "std_all")]
    latent = {frozenset(row.term.split(" ~~ ")): row.estimate for row in correlations.itertuples()}
    for term in decisive["term"]:
        effect, _, cause = term.replace(" ~~ ", " ~ ").partition(" ~ ")
        beside = [pair for pair in latent if cause in pair and " ~~ " not in term]
        for pair in [frozenset((effect, cause)), *beside]:
            found = _overlap(pair, latent.get(pair), rows)
            if found:
                return f"{', '.join(sorted(pair))} ({found})"
    return None


def _overlap(pair: frozenset[str], correlation: float | None, rows: pd.DataFrame) -> str:
    """What says that two constructs are one, or nothing; a mechanism of which one level is measured is that level."""
    validity = rows[rows["table"] == "validity"]
    measured = set(validity["term"]) | set(validity["group"])
    names = set()
    for name in pair:
        levels = [level for level in theory.levels(name) if level in measured]
        names |= {name} if name in measured else set(levels) if len(levels) == 1 else set()
    both = validity[validity["term"].isin(names) & validity["group"].isin(names)]
    own = both[both["quantity"] == "correlation"]["estimate"]
    r = correlation if correlation is not None else own.iloc[0] if len(own) else np.nan
    ratio = both[both["quantity"] == "htmt"]
    said = [f"r = {r:.2f}"] if np.isfinite(r) else []
    reaches = len(names) == 2 and len(ratio) > 0 and float(ratio["ci_upper"].iloc[0]) >= 1
    if reaches:
        h = ratio.iloc[0]
        said.append(f"HTMT = {h['estimate']:.2f} [{h['ci_lower']:.2f}, {h['ci_upper']:.2f}]")
    return "; ".join(said) if reaches or abs(r) >= INDISTINCT else ""


def _direct_path(test: dict, rows: pd.DataFrame) -> str | None:
    """The path that a chain says is zero, when the data need it; None otherwise."""
    if test["rule"] != "chain":
        return None
    path = rows[(rows["model"] == test["spec"]) & (rows["term"] == test["zero"]) & (rows["quantity"] == "estimate")]
    needed = path[path["pvalue"].astype(float) < ALPHA]
    return f"{test['zero']}, {needed['estimate'].iloc[0]:.2f}" if len(needed) else None


def _rejected_instruments(test: dict, rows: pd.DataFrame) -> str | None:
    """Dynamic models of the test whose Hansen or AR(2) test rejects: their slopes are no evidence either way."""
    specs = [link["spec"] for link in (test, test.get("and", {})) if "spec" in link]
    checks = rows[(rows["table"] == "panel_diagnostics") & rows["model"].isin(specs) & (rows["group"] == "all")]
    checks = checks[checks["term"].isin(["Hansen", "AR(2)"]) & (checks["pvalue"].astype(float) < ALPHA)]
    return "; ".join(f"{row.model}, {row.term}, p = {row.pvalue:.3f}" for row in checks.itertuples()) or None


def _earlier_difference(row: pd.Series, rows: pd.DataFrame) -> str | None:
    """Test of pre-trends or of a fake start that rejects, of the roll-out and outcome that decide."""
    same = rows[(rows["model"] == row["model"]) & (rows["group"] == row["group"])]
    checks = same[((same["term"] == "pretrend") | (same["quantity"] == "placebo")) & (same["pvalue"] < ALPHA)]
    named = (("placebo" if check.quantity == "placebo" else check.term, check.pvalue) for check in checks.itertuples())
    return "; ".join(f"{name}, p = {pvalue:.3f}" for name, pvalue in named) or None


def _decisive_row(rule: str, decisive: pd.DataFrame) -> pd.Series:
    """The row that decides: the only one, or the weakest of several that a claim needs all."""
    if rule in ("all", "chain", "equivalence", "roll_out"):
        return decisive.loc[decisive["pvalue"].astype(float).idxmax()]
    return decisive.iloc[0]


def _decide(row) -> str:
    hypothesis = theory.hypotheses()[row.hypothesis]
    test = getattr(hypothesis, row.kind)
    if row.pvalue_holm >= ALPHA:
        return NOT_SUPPORTED
    if test["rule"] == "equivalence":
        return SUPPORTED
    expected = -1 if test.get("sign") == "-" else 1
    if np.sign(row.estimate) == expected:
        return SUPPORTED
    return NOT_SUPPORTED if test["rule"] == "roll_out" else CONTRADICTED
