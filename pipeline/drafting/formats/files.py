"""From the files that somebody has to sheets, by what the files are and not only by their names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.core.errors import InputError, Problem
from pipeline.drafting import codebook
from pipeline.drafting.formats import (
    grid,
    header,
    labelled,
    platforms,
    qualtrics,
    r_files,
    several,
    wenjuanxing,
    workbook,
)
from pipeline.drafting.sheet import Sheet, texts
from pipeline.wording.texts import as_is, worded

BESIDE = (".qsf",)


def read(paths: list[Path], wanted: str = "") -> Sheet:
    """One sheet from one export, or from several files that belong together.

    Parameters
    ----------
    paths
        The table first; then a survey file of Qualtrics, the other export of 问卷星, or a table of column names and
        wordings.
    wanted
        The sheet of a workbook; the fullest if not named.

    Raises
    ------
    InputError
        For a file that is not there, or of no known format, or one that does not belong to the first.
    """
    for path in paths:
        if not path.is_file():
            raise InputError(Problem(str(path), worded("no_such_file"), worded("table"), worded("check_file_name")))
    survey = next((path for path in paths if path.suffix.lower() in BESIDE), None)
    tables = [path for path in paths if path != survey]
    if not tables:
        raise InputError(
            Problem(
                str(survey), worded("survey_without_answers"), worded("table_first"), worded("add_exported_answers")
            )
        )
    if survey is None and (beside := tables[0].with_suffix(".qsf")).is_file():
        survey = beside
    first, *more = [_one(path, survey, wanted if path == tables[0] else "") for path in tables]
    for path, other in zip(tables[1:], more, strict=True):
        first = _joined(first, other, path)
    return several.parted(first)


def _joined(first: Sheet, other: Sheet, path: Path) -> Sheet:
    if first.origin == other.origin == "问卷星":
        by_number = wenjuanxing.is_ordinal(first)
        return wenjuanxing.paired(first, other) if by_number else wenjuanxing.paired(other, first)
    if (told := codebook.applied(first, other)) is not None:
        return told
    expected = worded("second_file_that_fits")
    raise InputError(Problem(str(path), worded("table_of_other_rows"), expected, worded("leave_it_out")))


def _one(path: Path, survey: Path | None, wanted: str) -> Sheet:
    ending = path.suffix.lower()
    if ending in labelled.PROGRAMS:
        return labelled.read(path)
    if ending in r_files.ENDINGS:
        return r_files.read(path)
    if ending in (".parquet", ".pq"):
        return _parquet(path)
    if ending in workbook.ENDINGS:
        cells, said = workbook.read(path, wanted)
        entry = None
    else:
        cells, entry, said = grid.read(path)
    if qualtrics.recognised(cells):
        found = qualtrics.sheet(cells, survey)
        return replace(found, said=(*said, *found.said))
    found, plain = header.apart(cells)
    found = replace(found, said=(*said, *found.said))
    if entry is not None:
        entry |= grid.notation(found.frame)
        if header.headless(found):
            entry |= {"header": False, "columns": list(found.frame.columns)}
        if entry.get("separator") == r"\s+":
            entry["format"] = "fixed"
            del entry["separator"]
        if plain:
            found = replace(found, entry=entry)
        found = _plain_numbers(found, entry)
    if wenjuanxing.recognised(found.frame):
        return wenjuanxing.sheet(found)
    return platforms.recognised(found)


def _plain_numbers(sheet: Sheet, entry: dict) -> Sheet:
    """Numbers with a decimal point, for guessing; the file keeps its notation, which the card states."""
    decimal, thousands = entry.get("decimal", "."), entry.get("thousands", "")
    if decimal == "." and not thousands:
        return sheet
    frame = sheet.frame.copy()
    for name in frame.columns:
        found = frame[name]
        number = found.str.fullmatch(r"[+-]?[0-9][0-9.,' ]*").fillna(False)
        if number.sum() and (number | found.isna()).all():
            frame[name] = found.str.replace(thousands, "", regex=False).str.replace(decimal, ".", regex=False)
    how = worded("numbers_decimals_with", decimal=decimal)
    if thousands:
        how = worded("and_thousands_with", how=how, thousands=thousands)
    return replace(sheet, frame=frame, said=(*sheet.said, how))


def _parquet(path: Path) -> Sheet:
    try:
        frame = pq.read_table(path).to_pandas()
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(
            Problem(str(path), as_is(str(error)), worded("parquet_file"), worded("get_it_again"))
        ) from None
    for name in frame.columns:
        if frame[name].dtype == object:
            frame[name] = texts(frame[name])
    return Sheet(frame.rename(columns=str), "Parquet", entry={})
