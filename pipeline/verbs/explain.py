"""`stickiness explain`: why a verdict is what it is, from the claim and its rule to rows, correction and threats."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.core.errors import InputError, Problem, near
from pipeline.verbs import rule_words
from pipeline.wording import columns
from pipeline.wording.texts import worded
from pipeline.wording.words import listed, said

if TYPE_CHECKING:
    import pandas as pd

    from reports.reading import Report
    from reports.texts import Texts


def add_to(verbs: argparse._SubParsersAction) -> None:
    """Declare the verb and its arguments."""
    verb = verbs.add_parser("explain", help=said("explain_help"))
    verb.add_argument("data_set", metavar=said("set"), help=said("open_set_help"))
    verb.add_argument("hypothesis", metavar="H3a", help=said("explain_id_help"))


def run(options: argparse.Namespace) -> int:
    from models import theory
    from pipeline.verbs.show import finished

    known = {key.lower(): key for key in theory.hypotheses()}
    if options.hypothesis.lower() not in known:
        found = worded("unknown_hypothesis", name=options.hypothesis)
        fix = near(options.hypothesis, known.values())
        raise InputError(Problem("stickiness explain", found, worded("a_hypothesis"), fix))
    report, texts = finished(options.data_set)
    key = known[options.hypothesis.lower()]
    for kind in report.kinds:
        rows = report.verdicts[(report.verdicts["kind"] == kind) & (report.verdicts["hypothesis"] == key)]
        for verdict in rows.itertuples():
            print("\n".join(told(report, texts, verdict)) + "\n")
    return 0


def told(report: Report, texts: Texts, verdict: Any) -> Iterator[str]:
    """One verdict, step by step; `verdict` is a row of the verdicts."""
    from models import theory
    from pipeline.core import paths

    hypothesis, kind = theory.hypotheses()[verdict.hypothesis], verdict.kind
    test = hypothesis.survey if kind == "survey" else hypothesis.panel
    word = texts(f"verdict.{verdict.verdict}")
    yield said("explained", id=hypothesis.id, name=report.id, kind=said(f"kind_of_{kind}"), verdict=word)
    if report.simulated:
        yield said("simulated_data")
    yield ""
    yield from columns.wrapped(said("the_claim", claim=texts.claim(hypothesis.id), section=hypothesis.section))
    if kind == "survey":
        yield from columns.wrapped(said("can_say", claim=texts.claim(hypothesis.id, kind)))
    yield from columns.wrapped(said("the_rule", rule=rule_words.worded(test, texts)))
    yield said("the_model", model=listed(texts.model(name) for name in dict.fromkeys(test.specs)))
    needs = [*map(texts.construct, test.needs.constructs), *map(texts.group, test.needs.groups)]
    yield said("the_needs", needs=listed(needs))
    same = (report.rows["sample"] == kind) & (report.rows["hypothesis"] == hypothesis.id)
    decisive = report.rows[same & report.rows["decides"].astype(bool)]
    if decisive.empty:
        yield said("no_rows")
    else:
        yield said("the_rows", path=paths.of(report.id, "judge", "results.csv").as_posix())
        yield from _table(decisive, texts)
    yield from _links(test, report, kind, texts)
    if np.isfinite(verdict.pvalue):
        yield from _correction(report, verdict)
        yield from _size(hypothesis, verdict, texts)
        yield said("the_threats")
        yield from _threats(report, verdict, texts)
    if verdict.reason:
        yield from columns.wrapped(said("the_reason", reason=texts.remarks(verdict.detail)))
    yield said("the_verdict", verdict=word)


def _table(rows: pd.DataFrame, texts: Texts) -> list[str]:
    from reports import numbers

    cells = [
        [
            row.table,
            columns.short(texts.model(row.model), 28),
            columns.short(texts.member(row.group), 24) if row.group else texts("level.all"),
            columns.short(texts.term(row.term), 44),
            numbers.decimal(row.estimate, 3),
            numbers.decimal(row.se, 3),
            numbers.interval(row.ci_lower, row.ci_upper, 3),
            numbers.pvalue(row.pvalue),
            numbers.count(row.n) if np.isfinite(row.n) else "",
        ]
        for row in rows.itertuples()
    ]
    head = ("table", "model", "of", "term", "estimate", "se", "interval", "p", "n")
    return columns.aligned([said(f"head_{name}") for name in head], cells, right=[4, 5, 6, 7, 8])


def _links(test: Any, report: Report, kind: str, texts: Texts) -> Iterator[str]:
    """The estimates of the links of an indirect effect; the difference from what an effect must go beyond."""
    from models import theory
    from models.evidence import checks

    if isinstance(test, theory.Indirect) and len(links := checks.links(test, report.rows, kind)):
        yield said("the_links")
        yield from _table(links, texts)
    if isinstance(test, theory.Beyond) and len(difference := checks.beyond_rival(test, kind, report.rows)):
        yield said("the_contrast")
        yield from _table(difference, texts)


def _correction(report: Report, verdict: Any) -> Iterator[str]:
    from reports import numbers

    yield said("the_correction", family=verdict.family)
    family = report.verdicts[(report.verdicts["family"] == verdict.family) & (report.verdicts["kind"] == verdict.kind)]
    for row in family[family["pvalue"].notna()].itertuples():
        yield said("corrected", id=row.hypothesis, p=numbers.pvalue(row.pvalue), holm=numbers.pvalue(row.pvalue_holm))


def _size(hypothesis: Any, verdict: Any, texts: Texts) -> Iterator[str]:
    from reports import numbers

    if np.isfinite(verdict.standardised) and hypothesis.smallest is not None:
        source = hypothesis.smallest.source
        yield said(
            "the_size",
            size=numbers.decimal(verdict.standardised),
            interval=numbers.interval(verdict.zero_lower, verdict.zero_upper),
            smallest=f"{hypothesis.smallest.value:g}",
            source=said("source_of", source=source) if source else "",
        )


def _threats(report: Report, verdict: Any, texts: Texts) -> Iterator[str]:
    """What else could have given the estimate: what the data speak for, what it survived, what nobody looked at."""
    from models import theory
    from reports.tables.accounts import unseen

    rows = report.table("exposure", sample=verdict.kind, hypothesis=verdict.hypothesis)
    if rows.empty:
        yield said("no_threats")
    for row in rows.itertuples():
        state = "unseen" if not np.isfinite(row.estimate) else "named" if row.estimate else "survived"
        threat = theory.threats()[row.term]
        yield said(f"threat_{state}", text=unseen(threat, texts) if state == "unseen" else texts.pick(threat.text))
