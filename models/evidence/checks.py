"""What stands against a test although its estimates are at hand: twins, rejected instruments, earlier differences."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models import theory
from models.choices import choices
from models.theory import Chain, Rule


def indistinct(decisive: pd.DataFrame, rows: pd.DataFrame, kind: str) -> str | None:
    """Two constructs of a relation that the data cannot tell apart; None where they can.

    Asked of both ends of a path or covariance, and of a cause and the other causes beside it. Two constructs are one as
    far as the data can tell when their latent correlation is high (`choices.indistinct_correlation`), or when the 95%
    interval of the heterotrait–monotrait ratio reaches 1 (Henseler, Ringle & Sarstedt 2015,
    doi:10.1007/s11747-014-0403-8; Franke & Sarstedt 2019, doi:10.1108/IntR-12-2017-0515).
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
    return "; ".join(said) if reaches or abs(r) >= choices.indistinct_correlation else ""


def direct_path(test: Chain, rows: pd.DataFrame) -> pd.DataFrame:
    """The direct path that a chain says is zero."""
    at = (rows["sample"] == "survey") & (rows["table"] == "paths") & (rows["model"] == test.spec)
    return rows[at & (rows["term"] == test.zero) & (rows["quantity"] == "estimate")]


def needed_path(test: Rule, rows: pd.DataFrame) -> str | None:
    """The path that a chain says is zero, when the data need it; None otherwise."""
    if not isinstance(test, Chain) or not test.zero:
        return None
    needed = direct_path(test, rows)
    needed = needed[needed["pvalue"].astype(float) < choices.alpha]
    return f"{test.zero}, {needed['estimate'].iloc[0]:.2f}" if len(needed) else None


def rejected_instruments(test: Rule, rows: pd.DataFrame) -> str | None:
    """Dynamic models of the test whose Hansen or AR(2) test rejects: their slopes are no evidence either way."""
    checks = rows[(rows["table"] == "panel_diagnostics") & rows["model"].isin(test.specs) & (rows["group"] == "all")]
    checks = checks[checks["term"].isin(["Hansen", "AR(2)"]) & (checks["pvalue"].astype(float) < choices.alpha)]
    return "; ".join(f"{row.model}, {row.term}, {_p(row.pvalue)}" for row in checks.itertuples()) or None


def earlier_differences(decisive: pd.DataFrame, rows: pd.DataFrame) -> str | None:
    """Tests of pre-trends or of a fake start that reject, of any roll-out that the claim rests on."""
    place = ["model", "group"]
    same = rows[rows.set_index(place).index.isin(decisive.set_index(place).index) & (rows["sample"] == "panel")]
    tests = same[(same["term"] == "pretrend") | (same["quantity"] == "placebo")]
    rejected = tests[tests["pvalue"].astype(float) < choices.alpha]
    named = ("placebo" if test.quantity == "placebo" else "pretrend" for test in rejected.itertuples())
    found = zip(rejected["model"], named, rejected["pvalue"], strict=True)
    return "; ".join(f"{model}, {name}, {_p(pvalue)}" for model, name, pvalue in found) or None


def _p(pvalue: float) -> str:
    """A p-value as tables print it."""
    return "p < .001" if pvalue < 0.0005 else f"p = {pvalue:.3f}".replace("0.", ".")
