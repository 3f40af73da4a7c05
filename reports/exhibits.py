"""Exhibits: tables and figures with caption and note; the page that numbers them and knows where each comes from."""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

from markupsafe import Markup, escape

from reports import beside, definitions
from reports.figures import spots
from reports.figures.spots import Spot
from reports.numbers import EMPTY
from reports.reading import Report
from reports.texts import Texts

TEXT, NUMBER = "text", "number"
# Text needs no class and numbers a short one: pages hold thousands of cells.
ALIGNED = {TEXT: Markup(""), NUMBER: Markup(" class=n")}
# Letters of an alternative text before it names where the other values are.
LONGEST = 700
ROOT = Path(__file__).parents[1]
# Of a screen in a point of print.
PIXELS = 4 / 3
_SIZE = re.compile(r'<svg[^>]* width="([\d.]+)pt" height="([\d.]+)pt"')


def _program() -> str:
    """File and line of the code that makes an exhibit; it is called by the exhibit's own constructor."""
    frame = sys._getframe(2)
    return f"{Path(frame.f_code.co_filename).relative_to(ROOT).as_posix()}:{frame.f_lineno}"


@dataclass(frozen=True)
class Band:
    """A row that heads the rows below it."""

    label: str


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes
    ----------
    name
        Its identifier in the page.
    caption
        Without number.
    head
        Labels of the columns; `kinds`, TEXT or NUMBER, aligns them.
    rows
        Cells as text (`Markup` for text with tags) or `Band`.
    stages
        The stages that made its numbers.
    defines
        Keys of `reports/definitions.yaml` that the note explains.
    notes
        Further sentences of the note.
    fold
        Whether the reader unfolds it.
    program
        File and line of the code that made it.
    levels
        Of columns, the platform type that each is of; empty for others. A reader can choose one.

    A column without content in any row is not shown.
    """

    name: str
    caption: str
    head: Sequence[str]
    kinds: Sequence[str]
    rows: Sequence[Sequence[str] | Band]
    stages: Sequence[str]
    defines: Sequence[str] = ()
    notes: Sequence[str] = ()
    fold: bool = False
    program: str = field(default_factory=_program)
    levels: Sequence[str] = ()
    files: ClassVar[dict[str, str]] = {}

    @property
    def filled(self) -> list[int]:
        """Places of the columns that have content: the first, and those with more than blanks and dashes."""
        lines = [row for row in self.rows if not isinstance(row, Band)]
        empty = ("", EMPTY)
        return [i for i in range(len(self.head)) if i == 0 or not lines or any(row[i] not in empty for row in lines)]


@dataclass(frozen=True)
class Figure:
    """A figure: SVG text, caption, and what a reader who cannot see it has to know (`alt`).

    `drawing` is the same for diagrams.net, where there is one; `spots` tell their numbers when pointed at, and
    `choices` are those by which combinations can be filtered: name, label, alternatives with their labels.
    """

    name: str
    caption: str
    svg: str
    alt: str
    stages: Sequence[str]
    defines: Sequence[str] = ()
    notes: Sequence[str] = ()
    drawing: str = ""
    spots: tuple[Spot, ...] = ()
    choices: Sequence[Any] = ()
    program: str = field(default_factory=_program)

    @property
    def files(self) -> dict[str, str]:
        """Kind of file → its text."""
        return {"svg": self.svg} | ({"drawio": self.drawing} if self.drawing else {})


@dataclass(frozen=True)
class Heading:
    """Where a chapter of a page begins: title, opening sentences, place of its first exhibit among all."""

    title: str
    paragraphs: tuple[str, ...]
    first: int


@dataclass
class Page:
    """One page in one language: numbers exhibits and remembers them for the map of exhibits.

    Attributes
    ----------
    findings
        What an exhibit shows, by its name, in a sentence (`reports.findings.by_exhibit`).
    models
        What was estimated for an exhibit, as programs read it (`reports.estimated`).
    """

    report: Report
    texts: Texts
    findings: Callable[[str, Report, Texts], str] = lambda name, report, texts: ""
    models: Callable[[str, Report, Texts], str] = lambda name, report, texts: ""
    shown: list[tuple[str, Table | Figure]] = field(default_factory=list)
    chapters: list[Heading] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {"table": 0, "figure": 0})

    def exhibits(self, found: Sequence[Table | Figure]) -> Markup:
        """HTML of exhibits, numbered in the order of their appearance."""
        return Markup("\n").join(self._numbered(exhibit) for exhibit in found)

    def _numbered(self, exhibit: Table | Figure) -> Markup:
        kind = "table" if isinstance(exhibit, Table) else "figure"
        self.counts[kind] += 1
        number = self.texts(f"exhibit.{kind}", number=self.counts[kind])
        self.shown.append((number, exhibit))
        prefix = self.texts("simulated.caption") if self.report.simulated else ""
        head = self.texts("exhibit.head", number=number)
        caption = Markup('<span class="label">{}</span> {}{}').format(head, prefix, exhibit.caption)
        found = self.finding(exhibit)
        if isinstance(exhibit, Figure) and found:
            exhibit = replace(exhibit, alt=self.texts("punctuation.space").join([found, exhibit.alt]))
        if isinstance(exhibit, Figure):
            exhibit = replace(exhibit, alt=prefix + self._shortened(exhibit.alt))
        body = table_html(exhibit, caption) if isinstance(exhibit, Table) else _figure(exhibit, caption)
        if found:
            body += Markup('<p class="finding">{}</p>').format(found)
        note = self._note(exhibit) + beside.model(self.models(exhibit.name, self.report, self.texts), self.texts)
        label = f"{kind}-{self.counts[kind]}"
        if isinstance(exhibit, Table) and exhibit.fold:
            fold = self.texts("exhibit.unfold", number=number, caption=exhibit.caption, rows=len(exhibit.rows))
            body = Markup("<details><summary>{}</summary>{}{}</details>").format(prefix + fold, body, note)
            note = Markup("")
        files = {kind: beside.file(exhibit.name, kind, self.texts) for kind in exhibit.files}
        body += note + beside.links(label, files, self.texts)
        return Markup('<figure class="exhibit {}" id="{}">{}</figure>').format(kind, label, body)

    def _shortened(self, alt: str) -> str:
        """A text that can be listened to: whole clauses up to a length, then where the others are."""
        if len(alt) <= LONGEST:
            return alt
        clause = self.texts("punctuation.clauses")
        return alt[:LONGEST].rpartition(clause)[0] + clause + self.texts("alt.rest")

    @property
    def defined(self) -> list[str]:
        """Keys of all definitions that the notes so far refer to."""
        return list(dict.fromkeys(key for _, exhibit in self.shown for key in exhibit.defines))

    def finding(self, exhibit: Table | Figure) -> str:
        """What an exhibit shows, in a sentence; the same stands in the alternative text of a figure."""
        return self.findings(exhibit.name, self.report, self.texts)

    def notes(self, exhibit: Table | Figure) -> list[Markup]:
        """The sentences below an exhibit."""
        parts = [escape(note) for note in exhibit.notes if note]
        return parts + [definitions.short(key, self.texts) for key in dict.fromkeys(exhibit.defines)]

    def _note(self, exhibit: Table | Figure) -> Markup:
        parts = self.notes(exhibit)
        if not parts:
            return Markup("")
        head = Markup('<span class="note-head">{}</span> ').format(self.texts("exhibit.note"))
        return Markup('<div class="note">{}{}</div>').format(head, Markup(self.texts("punctuation.space")).join(parts))


def table_html(table: Table, caption: Markup, style: str = "") -> Markup:
    """A table as HTML with horizontal rules only."""
    kept = table.filled
    cells = Markup("").join(
        Markup('<th scope="col"{}{}>{}</th>').format(ALIGNED[table.kinds[i]], _level(table, i), table.head[i])
        for i in kept
    )
    kinds = [table.kinds[i] for i in kept]
    # On a phone each row of a matrix is a card, whose cells say what they are of.
    labels = [Markup(table.head[i]).replace("<br>", " ").striptags() for i in kept] if style == "matrix" else None
    body = Markup("\n").join(
        _row(row if isinstance(row, Band) else [row[i] for i in kept], kinds, labels) for row in table.rows
    )
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table class="{}">'
        "<caption><span>{}</span></caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(caption.striptags(), style, caption, cells, body)


def _level(table: Table, column: int) -> Markup:
    level = table.levels[column] if table.levels else ""
    return Markup(' data-level="{}"').format(level) if level else Markup("")


def _row(row: Sequence[str] | Band, kinds: Sequence[str], labels: Sequence[str] | None = None) -> Markup:
    if isinstance(row, Band):
        return Markup('<tr class="band"><th scope="colgroup" colspan="{}">{}</th></tr>').format(len(kinds), row.label)
    first = Markup('<th scope="row"{}>{}</th>').format(ALIGNED[kinds[0]], row[0])
    said = [Markup(' data-label="{}"').format(label) for label in labels] if labels else [Markup("")] * len(kinds)
    rest = Markup("").join(
        Markup("<td{}{}>{}</td>").format(ALIGNED[kind], label, cell)
        for cell, kind, label in zip(row[1:], kinds[1:], said[1:], strict=True)
    )
    return Markup("<tr>{}{}</tr>").format(first, rest)


def _figure(figure: Figure, caption: Markup) -> Markup:
    data = base64.b64encode(figure.svg.encode("utf-8")).decode("ascii")
    size = _SIZE.search(figure.svg)
    choices = Markup(' data-choices="{}"').format(json.dumps(figure.choices)) if figure.choices else ""
    width, height = (round(float(side) * PIXELS) for side in size.groups()) if size else ("", "")
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}"><div class="drawn"{}><img alt="{}" width="{}" '
        'height="{}" data-figure="{}" src="data:image/svg+xml;base64,{}">{}</div></div><figcaption>{}</figcaption>'
    ).format(
        caption.striptags(), choices, figure.alt, width, height, figure.name, data, spots.html(figure.spots), caption
    )
