"""Exhibits leave the browser whole: the same cells, numbers, captions and notes, and the same bytes twice."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import docx
import pytest
from docx.oxml.ns import qn
from markupsafe import Markup

from reports.exhibits import NUMBER, TEXT, Band, Figure, Table
from reports.exports import cells, files, latex, layout, portable, spreadsheet, word
from reports.exports.document import Chapter, Document, Exhibit
from reports.texts import Texts

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><rect width="200" height="100"/></svg>'
PATHS = Table(
    name="paths",
    caption="Paths & effects",
    head=["Path", "β", "p", "n", "unused"],
    kinds=[TEXT, NUMBER, NUMBER, NUMBER, TEXT],
    rows=[
        Band("Main_model"),
        [Markup("value<sup>a</sup> &lt; trust"), "−.35", "< .001", "1,234", ""],
        ["价值 → 信任", Markup("0.70<br><small>[0.10, 1.30]</small>"), ".034", "12.5%", "–"],
    ],
    stages=["structure"],
)


def document(language: str) -> Document:
    texts = Texts(language)
    table = Exhibit(
        "table", 1, texts("exhibit.table", number=1), PATHS, PATHS.caption, "All 100% differ.", ("n_1: people.",)
    )
    drawn = Figure("diagram", "The model", SVG, "a diagram", ["structure"])
    figure = Exhibit("figure", 1, texts("exhibit.figure", number=1), drawn, drawn.caption, "", ("A note.",))
    chapter = Chapter("Structural model", ("Three <b>mechanisms</b>.",), (table, figure))
    return Document("own_set", language, "A survey (n = 3)", "Simulated data", ("survey: n = 3",), (chapter,), texts)


def test_cells_keep_lines_and_raised_letters_and_lose_tags_only() -> None:
    assert cells.plain(Markup("a<sup>b</sup> &lt; c<br><small>d</small>"), "\n") == "ab < c\nd"
    assert cells.lines(Markup("a<sup>b</sup>"))[0][1] == cells.Run("b", "sup")
    assert cells.plain("a < b <i>") == "a < b <i>"  # plain text is no markup


@pytest.mark.parametrize(
    ("shown", "number", "form"),
    [("−.35", -0.35, ".00"), ("1,234", 1234, "#,##0"), ("12.5%", 0.125, "0.0%"), ("0.70", 0.7, "0.00"), ("3", 3, "0")],
)
def test_a_number_in_a_sheet_is_a_number_shown_with_the_digits_of_the_page(
    shown: str, number: float, form: str
) -> None:
    assert spreadsheet.value(shown) == (pytest.approx(number), form)


@pytest.mark.parametrize("text", ["< .001", "[0.10, 1.30]", "–", "", "H1a", "1.2.3"])
def test_what_is_no_number_stays_text(text: str) -> None:
    assert spreadsheet.value(text) is None


def test_a_csv_file_has_the_band_as_a_column_and_no_empty_column() -> None:
    rows = list(csv.reader(io.StringIO(spreadsheet.csv_text(PATHS))))
    assert rows[0] == ["", "Path", "β", "p", "n"]
    assert rows[1] == ["Main_model", "valuea < trust", "−.35", "< .001", "1,234"]
    assert rows[2][:3] == ["Main_model", "价值 → 信任", "0.70 [0.10, 1.30]"]


def test_latex_escapes_every_sign_that_it_reads_otherwise() -> None:
    text = latex.table_text(document("en").tables[0])
    assert r"\caption{Paths \& effects}" in text
    assert r"value\textsuperscript{a} $<$ trust & $-$.35 & $<$ .001 & 1,234 \\" in text
    assert r"\textit{Main\_model}" in text
    assert r"\shortstack{0.70\\ [0.10, 1.30]}" in text
    assert r"12.5\%" in text
    assert text.count(r"\begin{") == text.count(r"\end{")
    assert r"\documentclass[10pt]{ctexart}" in latex.document_text(document("zh"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_word_file_has_native_tables_fields_and_east_asian_fonts(language: str, tmp_path: Path) -> None:
    path = tmp_path / "own.docx"
    word.whole(document(language), path)
    read = docx.Document(str(path))
    (table,) = read.tables
    assert [cell.text for cell in table.rows[0].cells] == ["Path", "β", "p", "n"]
    assert table.rows[2].cells[1].text == "−.35"
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    body = read.element.xml
    assert "SEQ Table" in body
    assert "SEQ Figure" in body
    assert "REF _Ref_table_1" in body
    assert 'w:name="_Ref_table_1"' in body
    fonts = read.styles["Normal"].element.rPr.find(qn("w:rFonts"))
    assert fonts.get(qn("w:eastAsia")) == "SimSun"
    assert 'descr="a diagram"' in body


def test_a_workbook_holds_numbers_and_links_from_its_contents(tmp_path: Path) -> None:
    path = tmp_path / "own.xlsx"
    spreadsheet.workbook(document("en"), path)
    with zipfile.ZipFile(path) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet2.xml"))
        contents = book.read("xl/worksheets/sheet1.xml").decode()
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    values = [
        cell.findtext("m:v", namespaces=space) for cell in sheet.iterfind(".//m:c", space) if cell.get("t") is None
    ]
    assert {"-0.35", "1234", "0.125", "0.034"} <= set(values)
    assert "Table 1" in contents


def _written(document: Document, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    files.write(document, folder)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.mark.parametrize("language", ["en", "zh"])
def test_two_exports_of_the_same_results_are_the_same_bytes(language: str, tmp_path: Path) -> None:
    first, second = (_written(document(language), tmp_path / name) for name in ("one", "two"))
    assert first == second
    assert {name.rpartition(".")[2] for name in first} == {"docx", "pdf", "xlsx", "csv", "tex", "svg", "png"}
    assert first["own_set.pdf"].startswith(b"%PDF-")


def test_a_table_that_is_too_wide_for_a_page_is_turned() -> None:
    def many(n: int) -> Table:
        return Table("t", "", ["a long word"] * n, [TEXT] * n, [["x"] * n], [])

    assert not layout.wide(many(4))
    assert layout.wide(many(12))
    assert "#page(flipped: true)" in portable.text(_with(document("en"), many(12)))


def _with(given: Document, table: Table) -> Document:
    exhibit = Exhibit("table", 1, "Table 1", table, "", "", ())
    chapter = Chapter("One", (), (exhibit,))
    return Document(given.data_set, "en", "", "", (), (chapter,), given.texts)


def test_no_number_breaks_in_a_column_and_the_columns_fill_the_line() -> None:
    long = "a rather long text that a line may break anywhere between its words, and then again"
    rows = [[long, "0.73", "[−0.27, 0.64]", "< .001"]]
    table = Table("t", "", [long, "β", "95% CI", "RMSEA"], [TEXT, NUMBER, NUMBER, NUMBER], rows, [])
    widths = layout.widths(table, 16.0, 0.2, 0.4)
    assert sum(widths) == pytest.approx(16.0)
    for width, text in zip(widths[1:], ("0.73", "[−0.27, 0.64]", "< .001"), strict=True):
        assert width >= 0.2 * len(text) + 0.4 - 1e-9
