"""A page as PDF: A4, numbered pages, tables that go on with their heads, figures as drawn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import typst
from markupsafe import Markup

from reports.exhibits import NUMBER, Band, Table
from reports.exports import cells, layout
from reports.exports.document import Document, Exhibit
from reports.rendering import template
from reports.texts import HTML_LANG

_SPECIAL = re.compile(r"([\\#$*_`<>@\[\]=+~/\"'-])")


def pdf(document: Document) -> bytes:
    """The page as PDF."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for exhibit in document.figures:
            (root / f"{exhibit.slug}.svg").write_text(exhibit.of.svg, encoding="utf-8")  # type: ignore[union-attr]
        source = root / "page.typ"
        source.write_text(text(document), encoding="utf-8")
        return typst.compile(
            str(source), font_paths=[str(fonts())], ignore_system_fonts=True, root=str(root), timestamp=0
        )


def fonts() -> Path:
    """The folder of the Chinese fonts that are installed with the project."""
    return Path(str(files("pylopdf_fonts_zh_cn")))


def text(document: Document) -> str:
    """The source of the PDF."""
    parts = [
        template("page.typ.j2").render(
            title=Markup(document.title.replace('"', "'")),
            lang=HTML_LANG[document.language].partition("-")[0],
        ),
        f"= {_escaped(document.title)}",
        *(f"{_escaped(line)}\n" for line in document.lines),
    ]
    if document.banner:
        parts.append(f"*{_escaped(document.banner)}*\n")
    for chapter in document.told:
        parts.append(f"== {_escaped(chapter.title)}")
        parts += [_escaped(cells.plain(paragraph)) + "\n" for paragraph in chapter.paragraphs]
        parts += [_exhibit(exhibit) for exhibit in chapter.exhibits]
    if document.references:
        parts.append(f"== {_escaped(document.texts('chapter.references.title'))}")
        parts += [f"#par(hanging-indent: 0.8cm)[{_escaped(work)}]\n" for work in document.references]
    return "\n".join(parts) + "\n"


def _exhibit(exhibit: Exhibit) -> str:
    head = f"#block(sticky: true, above: 1.4em)[*{_escaped(exhibit.label)}* {_escaped(exhibit.caption)}]"
    found = f"{_escaped(exhibit.finding)}\n\n" if exhibit.finding else ""
    note = found + f"#text(size: 7.5pt)[{_escaped(' '.join(exhibit.notes))}]\n" * bool(exhibit.notes)
    if isinstance(exhibit.of, Table):
        drawn = _table(exhibit.of)
        whole = f"{head}\n{drawn}\n{note}"
        return f"#page(flipped: true)[\n{whole}]" if layout.wide(exhibit.of) else whole
    alt = exhibit.of.alt.replace("\\", "").replace('"', "'")
    return f'#block(breakable: false)[#image("{exhibit.slug}.svg", width: 100%, alt: "{alt}")\n{head}]\n{note}'


def _table(table: Table) -> str:
    kept = table.filled
    aligned = ", ".join("right" if table.kinds[i] == NUMBER else "left" for i in kept)
    rows = [_band(row, len(kept)) if isinstance(row, Band) else _line([row[i] for i in kept]) for row in table.rows]
    heads = _line([f"*{_content(table.head[i])}*" for i in kept], ready=True)
    return "\n".join(
        [
            "#table(",
            f"  columns: ({', '.join('auto' for _ in kept)},),",
            f"  align: ({aligned},),",
            f"  table.header(table.hline(stroke: 0.8pt), {heads} table.hline(stroke: 0.5pt)),",
            *(f"  {row}" for row in rows),
            "  table.hline(stroke: 0.8pt),",
            ")",
        ]
    )


def _band(row: Band, columns: int) -> str:
    return f"table.cell(colspan: {columns})[_{_escaped(cells.plain(row.label))}_],"


def _line(row: Sequence[object], ready: bool = False) -> str:
    return " ".join(f"[{cell if ready else _content(cell)}]," for cell in row)


def _content(cell: object) -> str:
    marks = {"sup": "#super[{}]", "sub": "#sub[{}]", "": "{}"}
    lines = ["".join(marks[run.position].format(_escaped(run.text)) for run in line) for line in cells.lines(cell)]
    return " \\ ".join(filter(None, lines))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
