"""What stands against a test although its estimates are at hand: twins, rejected instruments, earlier differences."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models import theory
from models.choices import choices
from models.evidence.sizes import size
from models.remarks import Remark, remark, unpacked
from models.theory import Beyond, Chain, Indirect, Rule, Smallest

# Between the two products of a difference, in its term.
MINUS = " − "


def relations(decisive: pd.DataFrame, test: Rule) -> list[str]:
    """The paths and covariances that a claim rests on; none of products, whose parts may well go together."""
    links = [link.term for link in test.through] if isinstance(test, Indirect) else []
    terms = links or test.members or decisive["term"]
    return [term for term in terms if "~" in term and ":" not in term]


def indistinct(decisive: pd.DataFrame, rows: pd.DataFrame, kind: str, test: Rule) -> Remark | None:
    """Two constructs of a relation that the data cannot tell apart; None where they can.

    Asked of both ends of a path or covariance, and of a cause and the other causes beside it, of every link of an
    indirect effect and every path that groups are compared in. Two constructs are one as far as the
    data can tell when their latent correlation is high (`choices.indistinct_correlation`), or when all of the interval
    of the heterotrait–monotrait ratio lies at `choices.htmt` or above (Henseler, Ringle & Sarstedt 2015,
    doi:10.1007/s11747-014-0403-8; Franke & Sarstedt 2019, doi:10.1108/IntR-12-2017-0515). An interval that is wide
    enough to reach 1 shows that people are few, not that two constructs are one: the threat `overlapping` names it.
    """
    if kind != "survey":
        return None
    correlations = rows[(rows["table"] == "covariances") & (rows["quantity"] == "std_all")]
    latent = {frozenset(row.term.split(" ~~ ")): row.estimate for row in correlations.itertuples()}
    for term in relations(decisive, test):
        effect, _, cause = term.replace(" ~~ ", " ~ ").partition(" ~ ")
        beside = [pair for pair in latent if cause in pair and " ~~ " not in term]
        for pair in [frozenset((effect, cause)), *beside]:
            found = _overlap(pair, latent.get(pair), rows)
            if found:
                return remark("indistinct", constructs=sorted(pair), found=found)
    return None


def _overlap(pair: frozenset[str], correlation: float | None, rows: pd.DataFrame) -> list[Remark]:
    """What says that two constructs are one, or nothing; a mechanism of which one level is measured is that level."""
    validity = rows[rows["table"] == "validity"]
    measured = set(validity["term"]) | set(validity["group"])
    names = set()
    for name in pair:
        levels = [level for level in theory.levels(name) if level in measured]
        names |= {name} if name in measured else set(levels) if len(levels) == 1 else set()
    if correlation is not None and not np.isfinite(correlation):
        return [remark("no_correlation")]
    both = validity[validity["term"].isin(names) & validity["group"].isin(names)]
    own = both[both["quantity"] == "correlation"]["estimate"]
    r = correlation if correlation is not None else own.iloc[0] if len(own) else np.nan
    ratio = both[both["quantity"] == "htmt"]
    said = [remark("latent_correlation", r=r)] if np.isfinite(r) else []
    one = len(names) == 2 and len(ratio) > 0 and float(ratio["ci_lower"].iloc[0]) >= choices.htmt
    if one:
        found = ratio.iloc[0]
        said.append(remark("ratio_reaches_one", ratio=found["estimate"], low=found["ci_lower"], high=found["ci_upper"]))
    return said if one or abs(r) >= choices.indistinct_correlation else []


def levels_apart(decisive: pd.DataFrame, rows: pd.DataFrame, kind: str, test: Rule) -> Remark | None:
    """A mechanism of the claim whose two measured levels do not go together (`choices.levels_together`); None else."""
    noted = rows[(rows["sample"] == kind) & (rows["table"] == "remarks") & (rows["quantity"] == "levels_apart")]
    noted = noted[noted["model"].isin(decisive["model"])]
    named = {word for term in relations(decisive, test) for word in term.split()}
    found = [row.note for row in noted.itertuples() if row.term in named]
    return unpacked(found[0])[0] if found else None


def beyond_rival(test: Beyond, kind: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The difference between a product and the one that it must go beyond; empty where that is not estimated."""
    table = "product_contrasts" if kind == "survey" else "panel_products"
    at = (rows["sample"] == kind) & (rows["table"] == table) & (rows["quantity"] == "difference")
    found = rows[at & (rows["model"] == test.spec) & rows["group"].isin(["", "all"])]
    found = found.loc[[test.than in str(term).split(MINUS) for term in found["term"]]]
    return found[np.isfinite(found[["estimate", "pvalue"]].to_numpy(float)).all(axis=1)]


def no_more_than_rival(test: Beyond, kind: str, rows: pd.DataFrame) -> Remark | None:
    """A product that is not clearly larger than the one it is set against; None where it is, or has no such rival.

    The difference is read the way its term says: the product of the claim minus the other one, or the reverse.
    """
    found = beyond_rival(test, kind, rows)
    if found.empty:
        return None
    row = found.iloc[0]
    first, _, second = str(row["term"]).partition(MINUS)
    gap = row["estimate"]
    if first == test.than:
        first, second, gap = second, first, -gap
    beyond = gap > 0 if test.sign == "+" else gap < 0
    if beyond and row["pvalue"] < choices.alpha:
        return None
    return remark("no_more_than_rival", first=first, second=second, estimate=gap, p=row["pvalue"])


def direct_path(test: Chain, rows: pd.DataFrame) -> pd.DataFrame:
    """The direct path that a chain says is zero."""
    at = (rows["sample"] == "survey") & (rows["table"] == "paths") & (rows["model"] == test.spec)
    return rows[at & (rows["term"] == test.zero) & (rows["quantity"] == "estimate")]


def links(test: Indirect, rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The estimates of the links of an indirect effect, as far as they are at hand."""
    table, quantity = ("paths", "estimate") if kind == "survey" else ("slopes", "raw")
    same = rows[(rows["sample"] == kind) & (rows["table"] == table) & (rows["quantity"] == quantity)]
    named = [(link.spec, link.term) for link in test.through]
    found = same[same["group"].isin(["", "all"]) & same.set_index(["model", "term"]).index.isin(named)]
    return found[np.isfinite(found[["estimate", "pvalue"]].to_numpy(float)).all(axis=1)]


def needed_path(test: Rule, rows: pd.DataFrame) -> Remark | None:
    """The path that a chain says is zero, when the data need it; None otherwise."""
    if not isinstance(test, Chain) or not test.zero:
        return None
    needed = direct_path(test, rows)
    needed = needed[needed["pvalue"].astype(float) < choices.alpha]
    return remark("chain_rejected", path=test.zero, estimate=needed["estimate"].iloc[0]) if len(needed) else None


def direct_left_open(test: Chain, rows: pd.DataFrame, smallest: Smallest | None) -> Remark | None:
    """That the direct path of a chain may matter for all that the data say; None where it is as good as zero.

    Not to reject a path of zero is no evidence for it: with few people a factor behind all three levels, or any other
    order of them, would pass for a chain. Two one-sided tests ask for the interval inside the smallest effect that
    matters.
    """
    direct = direct_path(test, rows).iloc[0]
    found = size(direct, rows[(rows["sample"] == "survey")], test, smallest)
    if found.zero:
        return None
    return remark("direct_open", path=test.zero, low=found.low, high=found.high, smallest=found.smallest)


def rejected_instruments(test: Rule, rows: pd.DataFrame) -> Remark | None:
    """Dynamic models of the test whose Hansen or AR(2) test rejects: their slopes are no evidence either way."""
    checks = rows[(rows["table"] == "panel_diagnostics") & rows["model"].isin(test.specs) & (rows["group"] == "all")]
    checks = checks[checks["term"].isin(["Hansen", "AR(2)"]) & (checks["pvalue"].astype(float) < choices.alpha)]
    tests = [remark("rejected_by", model=row.model, test=row.term, p=row.pvalue) for row in checks.itertuples()]
    return remark("instruments", tests=tests) if tests else None


def earlier_differences(decisive: pd.DataFrame, rows: pd.DataFrame) -> Remark | None:
    """Tests of pre-trends or of a fake start that reject, of any roll-out that the claim rests on."""
    place = ["model", "group"]
    same = rows[rows.set_index(place).index.isin(decisive.set_index(place).index) & (rows["sample"] == "panel")]
    tests = same[(same["term"] == "pretrend") | (same["quantity"] == "placebo")]
    rejected = tests[tests["pvalue"].astype(float) < choices.alpha]
    found = [
        remark(
            "differs_before", model=row.model, test="placebo" if row.quantity == "placebo" else "pretrend", p=row.pvalue
        )
        for row in rejected.itertuples()
    ]
    return remark("pretrend", tests=found) if found else None
