"""A page or one table as a Word document: native tables, captions and cross-references as fields, East Asian fonts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import docx
import vl_convert
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from reports.exhibits import NUMBER, Band, Figure, Table
from reports.exports import cells, layout
from reports.exports.document import Chapter, Document, Exhibit

# Latin and East Asian fonts that Word has on every system in the language; the East Asian one has to be named apart.
FONTS = {"en": ("Times New Roman", "SimSun"), "zh": ("Times New Roman", "SimSun")}
HEADINGS = {"en": ("Arial", "SimHei"), "zh": ("Arial", "SimHei")}
TAGS = {"en": "en-US", "zh": "zh-CN"}
_MADE = datetime(2000, 1, 1)
_ZIPPED = (1980, 1, 1, 0, 0, 0)
_TEXT_WIDTH = {False: Cm(16), True: Cm(24.7)}
# Of letters in tables: their size in points on pages on their side and upright ones, and their width as a share of it,
# bold ones too; what Word leaves free beside a text.
_LARGE = {False: 8.0, True: 9.0}
_LETTER, _MARGINS = 0.52, Cm(0.42)


def whole(document: Document, path: Path) -> None:
    """Write a page: title, list of exhibits, chapters."""
    word = _blank(document)
    _heading(word, document.title, 0, document.language)
    for line in (*document.lines, document.banner):
        if line:
            word.add_paragraph(line)
    told = list(document.told)
    if told and not told[0].exhibits:
        _chapter(word, told.pop(0), document.language)
    for exhibit in document.exhibits:
        entry = word.add_paragraph(style="List Bullet")
        _field(entry, f"REF {_bookmark(exhibit)} \\h", exhibit.label)
        entry.add_run(f" {exhibit.caption}")
    wide = False
    for chapter in told:
        _chapter(word, chapter, document.language)
        for exhibit in chapter.exhibits:
            wide = _turned(word, wide, _wide(exhibit))
            _exhibit(word, exhibit, wide)
    if document.references:
        _turned(word, wide, False)
        _heading(word, document.texts("chapter.references.title"), 1, document.language)
        for reference in document.references:
            hanging = word.add_paragraph(reference).paragraph_format
            hanging.left_indent, hanging.first_line_indent = Cm(0.8), Cm(-0.8)
    _save(word, path)


def _chapter(word: Any, chapter: Chapter, language: str) -> None:
    """A heading and the sentences that open a chapter."""
    _heading(word, chapter.title, 1, language)
    for paragraph in chapter.paragraphs:
        word.add_paragraph(cells.plain(paragraph))


def single(document: Document, exhibit: Exhibit, path: Path) -> None:
    """Write one table or figure, ready to be pasted."""
    word = _blank(document)
    wide = _turned(word, False, _wide(exhibit))
    _exhibit(word, exhibit, wide)
    _save(word, path)


def _blank(document: Document) -> Any:
    word = docx.Document()
    properties = word.core_properties
    properties.title, properties.author, properties.comments = document.title, "Stickiness", ""
    properties.created = properties.modified = _MADE
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.3)
    _style(word.styles["Normal"], FONTS[document.language], 10.5, document.language)
    for name in ("Title", "Heading 1", "Heading 2", "List Bullet", "Caption"):
        _style(word.styles[name], (HEADINGS if name.startswith(("T", "H")) else FONTS)[document.language], None, None)
    caption = word.styles["Caption"]
    caption.font.size, caption.font.bold, caption.font.color.rgb = Pt(10), False, RGBColor(0, 0, 0)
    caption.paragraph_format.keep_with_next = True
    return word


def _style(style: Any, fonts: tuple[str, str], size: float | None, language: str | None) -> None:
    latin, asian = fonts
    style.font.name = latin
    if size is not None:
        style.font.size = Pt(size)
    properties = style.element.get_or_add_rPr()
    named = properties.find(qn("w:rFonts"))
    for attribute in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        named.attrib.pop(qn(f"w:{attribute}"), None)
    named.set(qn("w:eastAsia"), asian)
    named.set(qn("w:hAnsi"), latin)
    if language is not None:
        spoken = OxmlElement("w:lang")
        spoken.set(qn("w:val"), "en-US")
        spoken.set(qn("w:eastAsia"), TAGS["zh"])
        properties.append(spoken)


def _heading(word: Any, text: str, level: int, language: str) -> None:
    for run in word.add_heading(text, level).runs:
        run.font.color.rgb = RGBColor(0, 0, 0)
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), HEADINGS[language][1])


def _turned(word: Any, was: bool, wide: bool) -> bool:
    """Begin a page of the other orientation where the next exhibit needs it."""
    section = word.sections[-1]
    if was != wide:
        section = word.add_section() if len(word.element.body) > 1 else section
        section.page_width, section.page_height = section.page_height, section.page_width
        section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    return wide


def _wide(exhibit: Exhibit) -> bool:
    return isinstance(exhibit.of, Table) and layout.wide(exhibit.of)


def _exhibit(word: Any, exhibit: Exhibit, wide: bool) -> None:
    if isinstance(exhibit.of, Table):
        _caption(word, exhibit)
        _table(word, exhibit.of, wide)
    else:
        _figure(word, exhibit.of, wide)
        _caption(word, exhibit)
    if exhibit.finding:
        found = word.add_paragraph(exhibit.finding)
        found.paragraph_format.space_before = Pt(4)
    note = word.add_paragraph()
    note.paragraph_format.space_after = Pt(14)
    note.add_run(" ".join(exhibit.notes)).font.size = Pt(8.5)


def _caption(word: Any, exhibit: Exhibit) -> None:
    """`Table 3  …`: the number is a field that counts, and a bookmark that other places can name."""
    paragraph = word.add_paragraph(style="Caption")
    before, _, after = exhibit.label.partition(str(exhibit.number))
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), str(exhibit.number + (1000 if exhibit.kind == "figure" else 0)))
    start.set(qn("w:name"), _bookmark(exhibit))
    paragraph._p.append(start)
    paragraph.add_run(before).bold = True
    _field(paragraph, f"SEQ {exhibit.kind.title()} \\* ARABIC", str(exhibit.number), bold=True)
    if after:
        paragraph.add_run(after).bold = True
    paragraph._p.append(end)
    paragraph.add_run(f"  {exhibit.caption}")


def _bookmark(exhibit: Exhibit) -> str:
    return f"_Ref_{exhibit.kind}_{exhibit.number}"


def _field(paragraph: Any, code: str, shown: str, bold: bool = False) -> None:
    for kind, text in (("begin", ""), ("", code), ("separate", ""), ("shown", shown), ("end", "")):
        run = paragraph.add_run(shown if kind == "shown" else "")
        run.bold = bold or None
        if kind in ("begin", "separate", "end"):
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        elif not kind:
            instruction = OxmlElement("w:instrText")
            instruction.set(qn("xml:space"), "preserve")
            instruction.text = f" {text} "
            run._r.append(instruction)


def _table(word: Any, table: Table, wide: bool) -> None:
    kept = table.filled
    kinds = [table.kinds[i] for i in kept]
    drawn = word.add_table(rows=0, cols=len(kept))
    drawn.alignment = WD_TABLE_ALIGNMENT.CENTER
    drawn.autofit = False
    size = _LARGE[not wide]
    _row(drawn, [table.head[i] for i in kept], kinds, size, bold=True)
    _repeated(drawn.rows[0])
    for row in table.rows:
        if isinstance(row, Band):
            merged = drawn.add_row().cells
            _write(merged[0].merge(merged[-1]), row.label, False, size, italic=True)
        else:
            _row(drawn, [row[i] for i in kept], kinds, size)
    _ruled(drawn)
    for column, width in zip(drawn.columns, _widths(table, wide), strict=True):
        column.width = width
        for cell in column.cells:
            cell.width = width


def _row(drawn: Any, texts: Sequence[object], kinds: Sequence[str], size: float, bold: bool = False) -> None:
    row = drawn.add_row()
    whole_row = OxmlElement("w:cantSplit")
    row._tr.get_or_add_trPr().append(whole_row)
    for cell, text, kind in zip(row.cells, texts, kinds, strict=True):
        _write(cell, text, kind == NUMBER, size, bold=bold)


def _write(cell: Any, text: object, right: bool, size: float, bold: bool = False, italic: bool = False) -> None:
    for at, line in enumerate(cells.lines(text)):
        paragraph = cell.add_paragraph() if at else cell.paragraphs[0]
        paragraph.paragraph_format.space_after = paragraph.paragraph_format.space_before = Pt(1)
        if right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        for part in line:
            run = paragraph.add_run(part.text)
            run.font.size, run.bold, run.italic = Pt(size), bold or None, italic or None
            run.font.superscript, run.font.subscript = part.position == "sup" or None, part.position == "sub" or None


def _widths(table: Table, wide: bool) -> list[int]:
    size = _LARGE[not wide]
    return [int(width) for width in layout.widths(table, _TEXT_WIDTH[wide], Pt(size) * _LETTER, _MARGINS)]


def _ruled(drawn: Any) -> None:
    """Horizontal rules above and below the heads and at the end, none between."""
    last = len(drawn.rows) - 1
    for at, row in enumerate(drawn.rows):
        edges = {"top": at == 0, "bottom": at in (0, last)}
        for cell in row.cells:
            borders = OxmlElement("w:tcBorders")
            for edge, here in edges.items():
                if here:
                    line = OxmlElement(f"w:{edge}")
                    for name, value in (("val", "single"), ("sz", "8"), ("space", "0"), ("color", "000000")):
                        line.set(qn(f"w:{name}"), value)
                    borders.append(line)
            cell._tc.get_or_add_tcPr().append(borders)


def _repeated(row: Any) -> None:
    """Heads stand again on every page that the table goes on to."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _figure(word: Any, figure: Figure, wide: bool) -> None:
    paragraph = word.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    drawn = io.BytesIO(vl_convert.svg_to_png(figure.svg, scale=2.0))
    shape = paragraph.add_run().add_picture(drawn, width=_TEXT_WIDTH[wide])
    tallest = Cm(14 if wide else 20)
    if shape.height > tallest:
        shape.width, shape.height = int(shape.width * tallest / shape.height), tallest
    shape._inline.docPr.set("descr", figure.alt)


def _save(word: Any, path: Path) -> None:
    """Save with fixed dates, so that two exports of the same results are the same bytes."""
    written = io.BytesIO()
    word.save(written)
    with zipfile.ZipFile(written) as made, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in sorted(made.namelist(), key=lambda one: (one != "[Content_Types].xml", one)):
            entry = zipfile.ZipInfo(name, _ZIPPED)
            entry.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(entry, made.read(name))
