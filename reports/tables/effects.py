"""Indirect, direct and total effects with both bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd
from markupsafe import Markup

from models import theory
from models.choices import choices
from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Table
from reports.reading import Report, platform_columns
from reports.tables.cells import starred
from reports.tables.regressions import grey
from reports.texts import Texts

KINDS = ("indirect", "direct", "total")


def effects(report: Report, texts: Texts) -> list[Table]:
    """What each mechanism does to stickiness: through identification, beside it, and together."""
    rows = report.table("effects", group="")
    if rows.empty:
        return []
    cells, style, interval = rows.set_index(["term", "quantity"]), report.style, _interval_for(report, "")
    body: list[list[str] | Band] = []
    for mechanism, terms in _by_mechanism(rows["term"]):
        body.append(Band(texts.construct(mechanism)))
        for term in terms:
            raw, standardised = cells.loc[(term, "estimate")], cells.loc[(term, "std_all")]
            body.append(
                [
                    texts(f"effect.{_kind(term)}"),
                    raw["hypothesis"],
                    style.starred(numbers.decimal(raw["estimate"]), raw["pvalue"]),
                    interval(cells.loc[(term, "percentile")]),
                    interval(raw),
                    style.pvalue(raw["pvalue"]),
                    style.starred(numbers.decimal(standardised["estimate"]), raw["pvalue"]),
                    interval(cells.loc[(term, "percentile_std_all")]),
                    interval(standardised),
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
            notes=[*_counts(report, texts, ""), texts("note.p_plain"), starred(report.style, texts)],
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
        shown = _interval_for(report, by)
        body: list[list[str] | Band] = []
        for mechanism, terms in _by_mechanism(part["term"]):
            body.append(Band(texts.construct(mechanism)))
            body += [
                [texts(f"effect.{_kind(term)}"), *(_estimated(cells.loc[(term, group)], shown) for group in groups)]
                for term in terms
            ]
        tables.append(
            Table(
                name=f"effects_{by}",
                caption=texts("caption.effects_by", by=texts.group(by)),
                head=[texts("head.effect"), *(texts.member(group) for group in groups)],
                kinds=[TEXT, *[NUMBER] * len(groups)],
                levels=platform_columns(groups),
                rows=body,
                stages=["structure"],
                defines=["bootstrap", "bca", "equal_loadings"],
                notes=[*_counts(report, texts, by), texts("note.effects_by")],
            )
        )
    return tables


def _estimated(row: pd.Series, shown: Callable[[pd.Series], Markup | str]) -> Markup:
    return Markup("{} {}").format(numbers.decimal(row["estimate"]), shown(row))


def _interval_for(report: Report, by: str) -> Callable[[pd.Series], Markup | str]:
    """How the intervals of a grouping are shown: in grey where too many refits are unusable."""
    doubted = _unusable(report, by) > choices.unusable_refits
    return (lambda row: grey(_interval(row))) if doubted else _interval


def _unusable(report: Report, by: str) -> float:
    """The share of refits that found no minimum or an inadmissible one; 0 where none are counted."""
    counts = report.table("bootstrap", group=by).set_index("term")["estimate"]
    return (counts["failed"] + counts["inadmissible"]) / counts["draws"] if len(counts) else 0.0


def _interval(row: pd.Series) -> str:
    return numbers.interval(row["ci_lower"], row["ci_upper"]) or numbers.EMPTY


def _counts(report: Report, texts: Texts, by: str) -> list[str]:
    """How many refits there were, and whether too many of them are unusable."""
    counts = report.table("bootstrap", group=by).set_index("term")["estimate"]
    shown = {name: numbers.count(value) for name, value in counts.items()}
    said = texts("note.bootstrap", **shown) + report.set_by_card(texts, "structure", *(["groups"] if by else []))
    unusable = _unusable(report, by)
    doubted = unusable > choices.unusable_refits
    return [said, *([texts("note.unusable", share=numbers.percent(unusable, 0))] if doubted else [])]


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
