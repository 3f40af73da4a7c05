"""What a data set says about the theory, in a few sentences made of its results."""

from __future__ import annotations

from models import theory
from reports import numbers
from reports.findings import measurement, panel, structure, verdicts
from reports.reading import Report
from reports.tables.verdicts import MARKS
from reports.texts import Texts


def sentences(report: Report, texts: Texts) -> list[str]:
    """How many hypotheses were tested, what came out, how sure it is; a kind of data after another."""
    found: list[str] = []
    for kind in report.kinds:
        tested = report.verdicts[(report.verdicts["kind"] == kind) & report.verdicts["pvalue"].notna()]
        if tested.empty:
            found.append(_joined([_untested(report, kind, texts), *_how_sure(report, kind, texts)], texts))
            continue
        parts = [verdicts.counted(report, texts, kind)]
        for word in MARKS:
            rows = tested[tested["verdict"] == word]
            if len(rows):
                named = [_claim(row, kind, texts) for row in rows.itertuples()]
                parts.append(
                    texts("finding.said", verdict=texts(f"verdict.{word}"), x=texts("punctuation.clauses").join(named))
                )
        found.append(_joined(parts, texts))
        found.append(_joined(_how_sure(report, kind, texts), texts))
    return [part for part in found if part]


def _untested(report: Report, kind: str, texts: Texts) -> str:
    """That no hypothesis could be tested, and how many of them for want of a measure."""
    rows = report.verdicts[report.verdicts["kind"] == kind]
    lacking = int(rows["lacks"].ne("").sum())
    if rows.empty:
        return ""
    return texts("finding.untested", kind=texts(f"kind.{kind}"), n=numbers.count(len(rows)), k=numbers.count(lacking))


def _claim(row, kind: str, texts: Texts) -> str:
    beta = "" if numbers.missing(row.standardised) else numbers.equation("β", numbers.decimal(row.standardised))
    claim = f"{row.hypothesis} {texts.claim(row.hypothesis, kind)}"
    return claim + (texts("punctuation.aside", x=beta) if beta else "")


def _how_sure(report: Report, kind: str, texts: Texts) -> list[str]:
    """What limits the verdicts: measurement and fit, the order in time, what is not measured, threats."""
    ways = {
        "survey": (structure.fit, measurement.convergent, measurement.discriminant, measurement.doubted),
        "panel": (panel.placebo, panel.confounding),
    }
    return [*(way(report, texts, "") for way in ways.get(kind, ())), _exposed(report, kind, texts)]


def _exposed(report: Report, kind: str, texts: Texts) -> str:
    """The declared threats that the data speak for."""
    rows = report.table("exposure", sample=kind)
    if rows.empty:
        return ""
    named = rows[rows["estimate"] == 1]
    if named.empty:
        return texts("finding.unexposed")
    parts = [
        texts(
            "punctuation.pair",
            a=texts.pick(theory.threats()[str(term)].label),
            b=texts.listing(list(part["hypothesis"])),
        )
        for term, part in named.groupby("term", sort=False)
    ]
    return texts("finding.exposed", x=texts("punctuation.clauses").join(parts))


def _joined(parts: list[str], texts: Texts) -> str:
    return texts("punctuation.space").join(part for part in parts if part)
