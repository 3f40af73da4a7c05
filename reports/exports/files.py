"""Everything that leaves the browser, in one folder a data set and language."""

from __future__ import annotations

from pathlib import Path

from reports.exports import latex, pictures, portable, spreadsheet, word
from reports.exports.document import Document

FORMATS = ("docx", "pdf", "xlsx", "csv", "latex", "figures")


def write(document: Document, folder: Path, formats: tuple[str, ...] = FORMATS) -> list[Path]:
    """Write a page in these forms into `folder`; what was written, the whole page first."""
    written = []
    if "docx" in formats:
        written.append(folder / f"{document.data_set}.docx")
        word.whole(document, written[-1])
        for exhibit in document.tables:
            word.single(document, exhibit, _in(folder, "docx") / f"{exhibit.slug}.docx")
    if "pdf" in formats:
        written.append(folder / f"{document.data_set}.pdf")
        written[-1].write_bytes(portable.pdf(document))
    if "xlsx" in formats:
        written.append(folder / f"{document.data_set}.xlsx")
        spreadsheet.workbook(document, written[-1])
    if "csv" in formats:
        written.append(_in(folder, "csv"))
        for exhibit in document.tables:
            # With a mark of the encoding, which Excel needs to read Chinese.
            text = spreadsheet.csv_text(exhibit.of)  # type: ignore[arg-type]
            (written[-1] / f"{exhibit.slug}.csv").write_text(text, encoding="utf-8-sig")
    if "latex" in formats:
        written.append(_in(folder, "latex"))
        for exhibit in document.tables:
            (written[-1] / f"{exhibit.slug}.tex").write_text(latex.table_text(exhibit), encoding="utf-8")
        (written[-1] / "all.tex").write_text(latex.document_text(document), encoding="utf-8")
    if "figures" in formats and document.figures:
        written.append(_in(folder, "figures"))
        for exhibit in document.figures:
            pictures.write(exhibit, written[-1])
    return written


def _in(folder: Path, name: str) -> Path:
    (folder / name).mkdir(exist_ok=True)
    return folder / name
