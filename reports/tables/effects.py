"""Indirect, direct and total effects with both bootstrap intervals."""

from __future__ import annotations

from collections.abc import Iterable

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
    body: list[list[str] | Band] = []
    for mechanism, terms in _by_mechanism(rows["term"]):
        body.append(Band(texts.construct(mechanism)))
        for term in terms:
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
                    numbers.percent(cells["estimate"].get((term, "share")), 0),
                ]
            )
    head = ("effect", "hypothesis", "b", "percentile", "bca", "p", "beta", "percentile", "bca", "share_total")
    return [
        Table(
            name="effects",
            caption=texts("caption.effects"),
            head=[texts(f"head.{name}") for name in head],
            kinds=[TEXT, TEXT, *[NUMBER] * 8],
            rows=body,
            stages=["structure"],
            defines=["bootstrap", "percentile", "bca", "mediated_share"],
            notes=[_counts(report, texts, ""), texts("note.p_plain")],
        )
    ]


def by_group(report: Report, texts: Texts) -> list[Table]:
    """The same within each group of a grouping: effect with its BCa interval, a column a group."""
    rows = report.table("effects", quantity="estimate")
    rows = rows[rows["group"] != ""]
    tables = []
    for by in dict.fromkeys(group.partition(": ")[0] for group in rows["group"]):
        part = rows[rows["group"].str.startswith(f"{by}: ")]
        groups, cells = report.ordered(part["group"]), part.set_index(["term", "group"])
        body: list[list[str] | Band] = []
        for mechanism, terms in _by_mechanism(part["term"]):
            body.append(Band(texts.construct(mechanism)))
            body += [
                [texts(f"effect.{_kind(term)}"), *(_with_interval(cells.loc[(term, group)]) for group in groups)]
                for term in terms
            ]
        tables.append(
            Table(
                name=f"effects_{by}",
                caption=texts("caption.effects_by", by=texts.group(by)),
                head=[texts("head.effect"), *(texts.member(group) for group in groups)],
                kinds=[TEXT, *[NUMBER] * len(groups)],
                rows=body,
                stages=["structure"],
                defines=["bootstrap", "bca", "equal_loadings"],
                notes=[_counts(report, texts, by), texts("note.effects_by")],
            )
        )
    return tables


def _with_interval(row: pd.Series) -> str:
    return f"{numbers.decimal(row['estimate'])} {_interval(row)}"


def _interval(row: pd.Series) -> str:
    return numbers.interval(row["ci_lower"], row["ci_upper"]) or numbers.EMPTY


def _counts(report: Report, texts: Texts, by: str) -> str:
    counts = report.table("bootstrap", group=by).set_index("term")["estimate"]
    shown = {name: numbers.count(value) for name, value in counts.items()}
    return texts("note.bootstrap", **shown) + report.set_by_card(texts, "structure", *(["groups"] if by else []))


def _by_mechanism(terms: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Mechanisms in the order of the theory, each with its effects in the order of `KINDS`."""
    found: dict[str, list[str]] = {}
    for term in sorted(dict.fromkeys(terms), key=lambda term: KINDS.index(_kind(term))):
        found.setdefault(_mechanism(term), []).append(term)
    return [(mechanism, found[mechanism]) for mechanism in theory.constructs() if mechanism in found]


def _kind(term: str) -> str:
    return next((kind for kind in KINDS if term.startswith(f"{kind}_")), "indirect")


def _mechanism(term: str) -> str:
    """The mechanism that an effect starts from: `direct_trust` and `total_trust` name it, `h3b` is its hypothesis."""
    hypothesis = theory.hypotheses().get(term[:1].upper() + term[1:])
    return hypothesis.survey.needs.constructs[0] if hypothesis else term.partition("_")[2]
