"""Indirect, direct and total effects with both bootstrap intervals."""

from __future__ import annotations

import pandas as pd

from models import theory
from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Table
from reports.reading import Report
from reports.texts import Texts

KINDS = ("indirect", "direct", "total")


def effects(report: Report, texts: Texts) -> list[Table]:
    """What each mechanism does to stickiness: through identification, beside it, and together."""
    rows = report.table("effects", group="")
    if rows.empty:
        return []
    cells = rows.set_index(["term", "quantity"])
    order = list(theory.constructs())
    found = sorted(
        dict.fromkeys(rows["term"]), key=lambda term: (order.index(_mechanism(term)), KINDS.index(_kind(term)))
    )
    body: list[list[str] | Band] = []
    for term in found:
        label = texts.construct(_mechanism(term))
        if not body or label not in [row.label for row in body if isinstance(row, Band)]:
            body.append(Band(label))
        raw, standardised = cells.loc[(term, "estimate")], cells.loc[(term, "std_all")]
        body.append(
            [
                texts(f"effect.{_kind(term)}"),
                raw["hypothesis"],
                numbers.decimal(raw["estimate"]),
                _interval(cells.loc[(term, "percentile")]),
                _interval(raw),
                numbers.pvalue(raw["pvalue"]),
                numbers.decimal(standardised["estimate"]),
                _interval(cells.loc[(term, "percentile_std_all")]),
                _interval(standardised),
            ]
        )
    head = ("effect", "hypothesis", "b", "percentile", "bca", "p", "beta", "percentile", "bca")
    return [
        Table(
            name="effects",
            caption=texts("caption.effects"),
            head=[texts(f"head.{name}") for name in head],
            kinds=[TEXT, TEXT, *[NUMBER] * 7],
            rows=body,
            stages=["structure"],
            defines=["bootstrap", "percentile", "bca"],
            notes=[_counts(report, texts), texts("note.p_plain")],
        )
    ]


def _interval(row: pd.Series) -> str:
    return numbers.interval(row["ci_lower"], row["ci_upper"]) or numbers.EMPTY


def _counts(report: Report, texts: Texts) -> str:
    counts = report.table("bootstrap", group="").set_index("term")["estimate"]
    return texts("note.bootstrap", **{name: numbers.count(value) for name, value in counts.items()})


def _kind(term: str) -> str:
    return next((kind for kind in KINDS if term.startswith(f"{kind}_")), "indirect")


def _mechanism(term: str) -> str:
    """The mechanism that an effect starts from: `direct_trust` and `total_trust` name it, `h3b` is its hypothesis."""
    hypothesis = theory.hypotheses().get(term[:1].upper() + term[1:])
    return hypothesis.survey["needs"]["constructs"][0] if hypothesis else term.partition("_")[2]
