"""Tables as CSV files and as one workbook in which numbers are numbers, shown with the digits of the page."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import xlsxwriter

from reports.exhibits import NUMBER, Band, Table
from reports.exports import cells, layout
from reports.exports.document import Document, Exhibit

_NUMBER = re.compile(r"[−-]?(?:\d{1,3}(?:,\d{3})+|\d*)(?:\.\d+)?%?")
_WIDEST = 60
# Points of a line, and the number of A4 among papers.
LINE, A4 = 15, 9
# A workbook's own date; two exports of the same results are the same bytes.
_MADE = datetime(2000, 1, 1)


def csv_text(table: Table) -> str:
    """A table with a line of heads; what heads rows on the page is a column of its own."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    banded = any(isinstance(row, Band) for row in table.rows)
    kept, band = table.filled, ""
    writer.writerow([*([""] if banded else []), *(cells.plain(table.head[i]) for i in kept)])
    for row in table.rows:
        if isinstance(row, Band):
            band = cells.plain(row.label)
        else:
            writer.writerow([*([band] if banded else []), *(cells.plain(row[i]) for i in kept)])
    return stream.getvalue()


def workbook(document: Document, path: Path) -> None:
    """Write all tables of a page, a sheet each, with a sheet of contents before them."""
    book = xlsxwriter.Workbook(str(path), {"in_memory": True})
    book.set_properties({"title": document.title, "created": _MADE})
    font = {"font_name": "SimSun" if document.language == "zh" else "Calibri", "font_size": 10}
    contents = book.add_worksheet(document.texts("export.contents"))
    link = book.add_format({**font, "font_color": "#0b5394", "underline": 1})
    plain, bold = book.add_format(font), book.add_format({**font, "bold": True})
    contents.write_string(0, 0, document.title, bold)
    for row, line in enumerate([*document.lines, *filter(None, [document.banner])], 1):
        contents.write_string(row, 0, line, plain)
    start = 2 + len(document.lines) + bool(document.banner)
    for at, exhibit in enumerate(document.tables):
        contents.write_url(start + at, 0, f"internal:'{exhibit.label}'!A1", link, exhibit.label)
        contents.write_string(start + at, 1, exhibit.caption, plain)
        _sheet(book, exhibit, font)
    contents.set_column(0, 0, 14)
    contents.set_column(1, 1, 110)
    contents.set_paper(A4)
    contents.fit_to_pages(1, 0)
    book.close()


def _sheet(book: xlsxwriter.Workbook, exhibit: Exhibit, font: Mapping[str, object]) -> None:
    table = exhibit.of
    assert isinstance(table, Table)
    sheet, kept = book.add_worksheet(exhibit.label), table.filled
    formats: dict[str, object] = {}

    def form(**more: object) -> object:
        return formats.setdefault(repr(sorted(more.items())), book.add_format({**font, "valign": "top", **more}))

    sheet.write_string(0, 0, f"{exhibit.label}  {exhibit.caption}", form(bold=True))
    widths = [len(cells.plain(table.head[i])) for i in kept]
    for column, i in enumerate(kept):
        align = "right" if table.kinds[i] == NUMBER else "left"
        head = form(bold=True, top=1, bottom=1, align=align, text_wrap=True)
        sheet.write_string(1, column, cells.plain(table.head[i]), head)
    for at, row in enumerate(table.rows, 2):
        last = {"bottom": 1} if at == len(table.rows) + 1 else {}
        if isinstance(row, Band):
            sheet.write_string(at, 0, cells.plain(row.label), form(italic=True, **last))
            continue
        for column, i in enumerate(kept):
            text = cells.plain(row[i], "\n")
            widths[column] = max(widths[column], *map(len, text.split("\n")))
            number = value(text) if table.kinds[i] == NUMBER else None
            if number is None:
                align = "right" if table.kinds[i] == NUMBER else "left"
                sheet.write_string(at, column, text, form(align=align, text_wrap=True, **last))
            else:
                sheet.write_number(at, column, number[0], form(num_format=number[1], **last))
    widths = [min(max(width + 2, 8), _WIDEST) for width in widths]
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    for at, row in enumerate([table.head, *table.rows], 1):
        if not isinstance(row, Band):
            sheet.set_row(at, LINE * max(_lines(row[i], width) for i, width in zip(kept, widths, strict=True)))
    # A sheet of paper is as wide as the table.
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1)
    for at, note in enumerate(exhibit.notes, len(table.rows) + 3):
        small = form(font_size=9, text_wrap=True)
        if len(kept) > 1:
            sheet.merge_range(at, 0, at, len(kept) - 1, "", small)
        sheet.write_string(at, 0, note, small)
        sheet.set_row(at, LINE * _lines(note, sum(widths)))
    sheet.freeze_panes(2, 1)


def _lines(cell: object, width: int) -> int:
    """Lines that a cell takes, for programs that do not find it out themselves."""
    return sum(max(1, -(-layout.shown(line) // width)) for line in cells.plain(cell, "\n").split("\n"))


def value(text: str) -> tuple[float, str] | None:
    """The number that a cell shows and the format that shows it so; None for anything else."""
    if not any(map(str.isdigit, text)) or not _NUMBER.fullmatch(text):
        return None
    percent = text.endswith("%")
    bare = text.rstrip("%").replace("−", "-").replace(",", "")
    whole, _, decimals = bare.lstrip("-").partition(".")
    form = ("#,##0" if "," in text else "0" if whole else "") + ("." + "0" * len(decimals) if decimals else "")
    return float(bare) / (100 if percent else 1), form + ("%" if percent else "")
