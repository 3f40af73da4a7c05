"""A table as it arrived, whatever the format: cells, wordings, labels of values, codes for no answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from pipeline.wording.texts import Worded


@dataclass(frozen=True)
class Sheet:
    """One table of one file.

    Attributes
    ----------
    frame
        Cells as text where the file is text, else as the file types them; missing cells are missing.
    origin
        What wrote it, for people ("Qualtrics", "SPSS").
    wording
        Column → the question.
    stem
        Column → the part of the question that it shares with others (a matrix).
    values
        Column → value, as text → its label.
    missing
        Column → values, as text, that the file declares to mean no answer.
    kinds
        Column → what the exporting program says that it is (`respondent`, `started`, `duration`, `technical`,
        `personal`, `text`, `item`, `category`).
    entry
        How the project's own reader reads the file (`separator`, `encoding` …); None where it cannot.
    translated
        Column → the question in Chinese, where it is also known in another language.
    cautions
        What a reader of results has to know of rows that were left out, in English and Chinese.
    said
        What was taken for granted or left out on the way, a sentence each.
    """

    frame: pd.DataFrame
    origin: str = "text"
    wording: dict[str, str] = field(default_factory=dict)
    stem: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    missing: dict[str, list[str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    entry: dict[str, Any] | None = None
    translated: dict[str, str] = field(default_factory=dict)
    cautions: tuple[dict[str, str], ...] = ()
    said: tuple[Worded, ...] = ()

    def with_frame(self, frame: pd.DataFrame, *said: Worded) -> Sheet:
        """The same with other cells, which the project's reader then does not find in the file."""
        return replace(self, frame=frame, entry=None, said=(*self.said, *said))


def texts(column: pd.Series) -> pd.Series:
    """Cells as text, 3.0 as 3, blanks as missing."""
    if pd.api.types.is_float_dtype(column.dtype):
        found = column.dropna()
        if (found % 1 == 0).all() and found.abs().max() < 2**53 if len(found) else False:
            return column.astype("Int64").astype("str").where(column.notna())
    written = column.astype("str").str.strip()
    return written.where(column.notna() & (written != ""))
