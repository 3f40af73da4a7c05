"""A second table that names the columns of the first and words their questions."""

from __future__ import annotations

import re
from dataclasses import replace

from pipeline.drafting.sheet import Sheet
from pipeline.wording.texts import worded

_STEM = re.compile(r"^(.*?)\s*\[([^\[\]]+)\]\s*$", flags=re.S)
_HAN = re.compile("[\u3400-\u9fff]")


def applied(first: Sheet, other: Sheet) -> Sheet | None:
    """The sheet with the wordings of the codebook; None if the other table is none."""
    columns = {str(name).strip().lower(): str(name) for name in first.frame.columns}
    frame = other.frame
    if frame.shape[1] < 2:
        return None
    named = [str(cell).strip().lower() in columns for cell in frame.iloc[:, 0]]
    if sum(named) < max(2, len(columns) / 3):
        return None
    wording, stem, translated = dict(first.wording), dict(first.stem), dict(first.translated)
    for row in frame[named].itertuples(index=False):
        name = columns[str(row[0]).strip().lower()]
        told = [str(cell).strip() for cell in row[1:] if str(cell) != "nan" and str(cell).strip()]
        if not told:
            continue
        parted = [_STEM.match(text) for text in told]
        own = [found[2].strip() if found else text for found, text in zip(parted, told, strict=True)]
        chinese = [text for text in own if len(_HAN.findall(text)) > len(text) / 4]
        wording[name] = next((text for text in own if text not in chinese), own[0])
        if chinese and wording[name] not in chinese:
            translated[name] = chinese[0]
        if parted[0] and parted[0][1]:
            stem[name] = parted[0][1].strip()
    said = (*first.said, worded("wordings_are_from_second_file"))
    return replace(first, wording=wording, stem=stem, translated=translated, said=said)
