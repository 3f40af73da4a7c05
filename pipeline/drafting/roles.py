"""Columns about the answering and not of it: who, when, how long."""

from __future__ import annotations

import re

import pandas as pd

from pipeline.core.errors import InputError
from pipeline.drafting.sheet import Sheet, texts
from pipeline.reading import durations
from pipeline.wording.texts import Worded, worded

_RESPONDENT = re.compile(
    r"^(respondent|participant|response|record|case|subject|person|survey)?[ _.-]*(id|no|nr|number|key|code)$|"
    r"^(id|编号|序号|问卷编号|答卷编号)$|responseid",
    flags=re.IGNORECASE,
)
_DURATION = re.compile(
    r"duration|(completion|response|interview|answer|total).?time|time.?(taken|spent)|seconds|"
    r"所用时间|答题时[长间]|填写时[长间]|用时",
    flags=re.IGNORECASE,
)
_TECHNICAL = re.compile(
    r"^(submit|start|end|date|time|timestamp|created|recorded|日期|提交时间|填写时间)", flags=re.IGNORECASE
)


def found(sheet: Sheet) -> dict[str, tuple[str, Worded]]:
    """Role (`respondent`, `duration`, `started`) → column and the rule by which it was found."""
    roles: dict[str, tuple[str, Worded]] = {}
    for name, kind in sheet.kinds.items():
        if kind in ("respondent", "started", "duration") and kind not in roles and name in sheet.frame.columns:
            if kind == "respondent" and not _identifies(sheet.frame[name]):
                continue
            if kind == "duration" and not readable(sheet.frame[name]):
                continue
            roles[kind] = (name, worded("platform_writes_it", origin=sheet.origin))
    for name in map(str, sheet.frame.columns):
        if name in sheet.kinds:
            continue
        if "respondent" not in roles and _RESPONDENT.search(name.strip()) and _identifies(sheet.frame[name]):
            roles["respondent"] = (name, worded("by_name_no_value_twice"))
        elif "duration" not in roles and _DURATION.search(name) and readable(sheet.frame[name]):
            roles["duration"] = (name, worded("by_name_all_durations"))
        elif "started" not in roles and _TECHNICAL.search(name) and is_time(sheet.frame[name]):
            roles["started"] = (name, worded("by_name_all_times"))
    return roles


def unit(name: str, column: pd.Series) -> str:
    """Unit of plain numbers."""
    return "minutes" if re.search(r"(^|[^a-z])min(ute)?s?($|[^a-z])|分钟", name, flags=re.IGNORECASE) else "seconds"


def readable(column: pd.Series) -> bool:
    """Whether the project's reader reads all cells as durations."""
    try:
        return bool(durations.seconds(column, "seconds", "").notna().mean() > 0.5)
    except InputError:
        return False


def _identifies(column: pd.Series) -> bool:
    return bool(column.notna().all() and not column.duplicated().any())


def is_time(column: pd.Series) -> bool:
    """Whether all cells of a column are times."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return True
    cells = texts(column).dropna().head(200)
    return bool(len(cells) and cells.str.contains(r"[0-9]{1,4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,4}").mean() > 0.9)
