"""Where the data come from and how many rows each step of cleaning left."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.cards.parts import Covariate, Group, Measure, Source
from reports import numbers, references
from reports.exhibits import NUMBER, TEXT, Band, Table
from reports.reading import Report
from reports.texts import Texts


def facts(report: Report, texts: Texts) -> list[Table]:
    """The card in a few rows: one row, source, licence, citation, groups."""
    card = report.card
    rows = [
        [texts("facts.row"), texts.pick(card.row)],
        [texts("facts.simulated"), texts("simulated.yes" if report.simulated else "simulated.no")],
        [texts("facts.source"), texts.maybe(f"source.{card.source.kind}", texts.pick(card.source.official))]
        if card.source.kind == "simulator"
        else [texts("facts.source"), texts.pick(card.source.official)],
        [texts("facts.licence"), texts.pick(card.source.licence)],
        [texts("facts.citation"), cited(card.source, texts)],
    ]
    if card.source.doi:
        rows.append([texts("facts.doi"), references.link(card.source.doi)])
    for kind in report.kinds:
        size = report.size(kind)
        rows.append([texts(f"facts.n_{kind}"), numbers.count(size) if size is not None else numbers.EMPTY])
        if groups := card.parts[kind].groups:
            rows.append([texts(f"facts.groups_{kind}"), texts.listing([_group(texts, *g) for g in groups.items()])])
    return [
        Table(
            name="facts",
            caption=texts("caption.facts"),
            head=[texts("head.property"), texts("head.value")],
            kinds=[TEXT, TEXT],
            rows=rows,
            stages=["card", "acquire", "clean"],
        )
    ]


def cited(source: Source, texts: Texts) -> str:
    """How a source asks to be cited; of simulated data, who simulated them."""
    return texts("source.cited") if source.kind == "simulator" else source.citation


def _group(texts: Texts, name: str, entry: Group) -> str:
    """A grouping with its levels: `service type (prepaid plan / contract plan)`."""
    levels = " / ".join(texts.level(value, name) for value in entry.values)
    return texts.group(name) + (texts("punctuation.aside", x=levels) if levels else "")


def proxies(report: Report, texts: Texts) -> list[Table]:
    """What stands for each construct where the data depart from the theory."""
    declared = report.card.proxies
    panel, cohort = report.card.panel, report.card.cohort
    measures: Mapping[str, Measure | Covariate] = panel.measures if panel else cohort.covariates if cohort else {}
    rows: list[list[str] | Band] = []
    for construct in dict.fromkeys([*declared, *measures]):
        measure = measures.get(construct)
        label = texts.pick(measure.label) if measure else numbers.EMPTY
        unit = texts.pick(measure.unit if measure and measure.unit else numbers.EMPTY)
        meant = texts.pick(declared[construct]) if construct in declared else numbers.EMPTY
        rows.append([texts.construct(construct), label, unit, meant])
    rows += _auxiliary(report, texts)
    if not rows:
        return []
    keep = [0, 1, 2, 3] if measures else [0, 3]
    head = [texts("head.construct"), texts("head.measure"), texts("head.unit"), texts("head.proxy")]
    return [
        Table(
            name="proxies",
            caption=texts("caption.proxies"),
            head=[head[i] for i in keep],
            kinds=[TEXT] * len(keep),
            rows=[[row[i] for i in keep] for row in rows],  # type: ignore[index]
            stages=["card"],
        )
    ]


def _auxiliary(report: Report, texts: Texts) -> list[list[str] | Band]:
    """Instruments and negative controls, which stand for no construct."""
    panel = report.card.panel
    if panel is None:
        return []
    roles = {name: texts("word.negative_control") for name in panel.negative_controls}
    for cause, names in panel.instruments.items():
        roles |= dict.fromkeys(names, texts("word.instrument_of", x=texts.construct(cause)))
    return [
        [
            roles.get(name, numbers.EMPTY),
            texts.pick(entry.label),
            texts.pick(entry.unit or numbers.EMPTY),
            numbers.EMPTY,
        ]
        for name, entry in panel.auxiliary.items()
    ]


def flow(report: Report, texts: Texts) -> list[Table]:
    """The ledger of cleaning."""
    rows: list[list[str] | Band] = []
    for kind in dict.fromkeys(report.ledger["table"]):
        rows.append(Band(texts(f"kind.{kind}")))
        for step in report.ledger[report.ledger["table"] == kind].itertuples():
            rows.append(
                [
                    texts(f"ledger.{step.step}"),
                    texts.remarks(step.rule),
                    numbers.count(step.rows_before),
                    _change(step, report.card.smallest_cell, texts),
                    numbers.count(step.rows_after),
                    _units(step, texts),
                    _people(step.cells_changed, report.card.smallest_cell),
                    texts.remarks(step.why),
                ]
            )
    head = ("step", "rule", "before", "change", "after", "counted", "cells", "why")
    return [
        Table(
            name="flow",
            caption=texts("caption.flow"),
            head=[texts(f"head.{name}") for name in head],
            kinds=[TEXT, TEXT, NUMBER, NUMBER, NUMBER, TEXT, NUMBER, TEXT],
            rows=rows,
            stages=["clean"],
        )
    ]


def _people(count: float, least: int) -> str:
    """A count, or that there are fewer than the card lets out."""
    return f"< {least}" if least and numbers.missing(count) else numbers.count(count)


def _change(step, least: int, texts: Texts) -> str:
    """How many a step left out or added, and their share; nothing where it counts another thing afterwards."""
    if step.unit_before != step.unit_after:
        return numbers.EMPTY
    lost = step.rows_before - step.rows_after
    if numbers.missing(lost):
        return _people(lost, least)
    share = texts("punctuation.aside", x=numbers.percent(lost / step.rows_before)) if lost > 0 else ""
    return numbers.count(-lost, "+") + share if lost else "0"


def _units(step, texts: Texts) -> str:
    """What is counted, before and after where these are two things."""
    return " → ".join(texts(f"counted.{unit}") for unit in dict.fromkeys((step.unit_before, step.unit_after)))


def profile(report: Report, texts: Texts) -> list[Table]:
    """Who answered, by the groups of the card."""
    rows = report.table("profile")
    if rows.empty:
        return []
    body: list[list[str] | Band] = []
    for group, part in rows.groupby("group", sort=False):
        body.append(Band(texts.group(str(group))))
        cells = part.set_index(["term", "quantity"])["estimate"]
        few = set(part["term"][part["quantity"] == "few"])
        for level in report.ordered(part["term"]):
            name = texts.level(level, str(group)) if level else texts("word.no_answer")
            size = _people(cells[level, "n"], report.card.smallest_cell if level in few else 0)
            body.append([name, size, numbers.percent(cells[level, "share"])])
    return [
        Table(
            name="profile",
            caption=texts("caption.profile", n=numbers.count(rows["n"].iloc[0])),
            head=[texts("head.group"), texts("head.people"), texts("head.share")],
            kinds=[TEXT, NUMBER, NUMBER],
            rows=body,
            stages=["measure"],
            defines=["profile"],
        )
    ]
