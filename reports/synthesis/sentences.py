"""What several data sets say, as sentences: each a text with numbers, chosen by where intervals lie."""

from __future__ import annotations

import pandas as pd

from models import specs
from reports import numbers
from reports.figures.coefficients import with_interval
from reports.numbers import interval
from reports.synthesis.found import KINDS, Found, short, smallest
from reports.texts import Texts


def lead(found: Found, texts: Texts) -> list[str]:
    """How many data sets take part, and which means are clear."""
    effects = found.table("effects")
    counts = {kind: numbers.count(effects[effects["sample"] == kind]["group"].nunique()) for kind in KINDS}
    said = [texts("together.sets", **counts)]
    for kind in KINDS:
        by_side: dict[str, list[str]] = {"above": [], "below": [], "open": []}
        for of in found.asked(kind):
            if (row := found.mean(kind, of)) is not None:
                name = short(of, texts)
                by_side[_side(row)].append(texts("together.tiny_name", name=name) if _tiny(of, row) else name)
        for side, names in by_side.items():
            if names:
                said.append(texts(f"together.{kind}.{side}", names=texts.listing(names)))
        if not any(by_side.values()):
            said.append(texts(f"together.{kind}.none"))
    return said


def of_effect(found: Found, kind: str, of: str, texts: Texts) -> str:
    """One effect over all data sets that have it."""
    effects = found.table("effects", sample=kind, term=of)
    claim, row = short(of, texts), found.mean(kind, of)
    if row is None and len(effects) == 1:
        only = effects.iloc[0]
        return texts(
            "together.single", claim=claim, name=found.titled(only["group"], texts), effect=with_interval(only)
        )
    if row is None:
        why = "arithmetic" if of in specs.synthesis().links else "picked"
        apart = effects[effects["quantity"] == "apart"]["group"]
        reasons = texts.listing([texts(f"together.{why}", name=found.titled(name, texts)) for name in apart])
        return texts("together.no_mean", claim=claim, n=numbers.count(len(effects)), reasons=reasons)
    sure = texts(
        f"together.mean.{_side(row)}",
        claim=claim,
        n=numbers.count(row["n"]),
        mean=numbers.decimal(row["estimate"]),
        interval=interval(row["ci_lower"], row["ci_upper"]),
    )
    tiny = [texts("together.tiny", smallest=f"{smallest(of):g}")] if _tiny(of, row) else []
    return texts("punctuation.space").join([sure, *tiny, _further(found, kind, of, texts)])


def _further(found: Found, kind: str, of: str, texts: Texts) -> str:
    """Whether the same is to be expected elsewhere."""
    expected, i2 = found.mean(kind, of, "prediction"), found.mean(kind, of, "i2")
    if expected is None or i2 is None:
        return texts("together.further.none")
    side = "differs" if _side(expected) == "open" else "same"
    span = interval(expected["ci_lower"], expected["ci_upper"])
    return texts(f"together.further.{side}", interval=span, i2=numbers.percent(i2["estimate"], 0))


def needed(found: Found, texts: Texts) -> list[str]:
    """What would have to be measured to know more, kind of data by kind of data."""
    said = []
    for kind in KINDS:
        gaps = found.table("gaps", sample=kind)
        tested = gaps[gaps["quantity"] == "tested"]
        nowhere = [name for name, k in zip(tested["term"], tested["estimate"], strict=True) if k == 0]
        if not len(tested) or not tested["n"].max():
            continue
        lacking = gaps[gaps["quantity"] == "lacking"].groupby("group")["estimate"].max().sort_values(ascending=False)
        if nowhere:
            said.append(
                texts(
                    f"together.needed.{kind}",
                    n=numbers.count(tested["n"].max()),
                    names=texts.listing(nowhere),
                    constructs=texts.listing([texts.construct(name) for name in lacking.index[:5]]),
                )
            )
    least = [row for row in found.table("checks", quantity="not_made").itertuples() if row.group == "platform_type"]
    if least:
        said.append(texts("together.needed.moderators", n=numbers.count(max(row.n for row in least))))
    return said


def path_model(found: Found, texts: Texts) -> list[str]:
    """Whether identification carries what the mechanisms do, on the correlations of several surveys."""
    rows = found.table("paths")
    test = rows[(rows["model"] == "mediated") & (rows["quantity"] == "chisq")]
    said = [texts.remarks(note) for note in rows[rows["quantity"] == "left_out"]["note"]]
    if len(test):
        row = test.iloc[0]
        measures = rows[(rows["model"] == "mediated")].set_index("quantity")["estimate"]
        values = {"chisq": numbers.decimal(row["statistic"]), "df": numbers.count(row["df"])}
        values |= {"p": numbers.equation("p", numbers.pvalue(row["pvalue"]))}
        values |= {name: numbers.bounded(measures[name], 3) for name in ("cfi", "srmr")}
        only = specs.synthesis().mediated
        values |= {"through": texts.construct(only.through), "outcome": texts.construct(only.outcome)}
        said.insert(0, texts("together.mediated", **values))
    return said


def _tiny(of: str, row: pd.Series) -> bool:
    """Whether the interval of a mean lies inside ± the smallest effect that would matter."""
    bound = smallest(of)
    return bound is not None and bool(-bound < row["ci_lower"] and row["ci_upper"] < bound)


def _side(row: pd.Series) -> str:
    """On which side of zero the interval of a row lies."""
    return "above" if row["ci_lower"] > 0 else "below" if row["ci_upper"] < 0 else "open"
