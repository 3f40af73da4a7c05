"""Columns that tell who somebody is: they are left out on arrival, and said."""

from __future__ import annotations

import re

import pandas as pd

from pipeline.drafting.sheet import Sheet, texts
from pipeline.wording.texts import Worded, worded

# What a name says counts only where the cells differ between people: a question about mobile phones is no phone number.
_NAMES = re.compile(
    r"e-?mail|邮箱|邮件地址|phone.?(no|number)?$|^(mobile|tel|telephone|cell)$|手机号|电话|联系方式|"
    r"(^|[^a-z])ip(.?addr(ess)?)?$|来自IP|latitude|longitude|(^|[^a-z])(lat|lon|lng|gps)$|经度|纬度|坐标|"
    r"^(your |full|first|last|real|user|customer|respondent|participant|recipient)?[ _.-]*(sur)?name$|姓名|名字|昵称|"
    r"^(home |postal |street )?address$|地址|身份证|学号|工号|微信号?$|QQ号?$|passport|student.?(id|number)|pin.?code|"
    r"zip.?code|postcode|邮编",
    flags=re.IGNORECASE,
)
_CELLS = {
    worded("e_mail_addresses"): (re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"), 0.05),
    worded("ip_addresses"): (re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?:[(（:].*)?"), 0.3),
    worded("phone_numbers"): (re.compile(r"(?:\+?86[- ]?)?1[3-9][0-9]{9}|\+[0-9][0-9 ()-]{8,}"), 0.3),
    worded("numbers_of_identity_cards"): (re.compile(r"[1-9][0-9]{16}[0-9Xx]"), 0.3),
}
DIFFER = 0.5


def found(sheet: Sheet) -> dict[str, Worded]:
    """Column → why it is taken to be personal."""
    reasons: dict[str, Worded] = {}
    for name in map(str, sheet.frame.columns):
        kind = sheet.kinds.get(name)
        if kind == "personal":
            reasons[name] = worded("what_platform_records", origin=sheet.origin)
        elif kind is None and (why := _why(name, sheet.wording.get(name, ""), sheet.frame[name])):
            reasons[name] = why
    return reasons


def _why(name: str, wording: str, column: pd.Series) -> Worded | None:
    if pd.api.types.is_datetime64_any_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        return None
    cells = texts(column).dropna()
    if cells.empty:
        return None
    looked = cells if len(cells) <= 5000 else cells.iloc[:: len(cells) // 5000]
    for what, (form, share) in _CELLS.items():
        if looked.str.fullmatch(form).mean() >= share:
            return worded("cells_are", what=what)
    differ = cells.nunique() > DIFFER * len(cells)
    named = next((text for text in (name, wording) if len(text) <= 40 and _NAMES.search(text.strip())), "")
    return worded("named_and_cells_differ", named=named) if named and differ else None


def free_text(sheet: Sheet) -> dict[str, Worded]:
    """Column → why it is taken for an open answer, in which people may name themselves."""
    reasons: dict[str, Worded] = {}
    for name in map(str, sheet.frame.columns):
        column = sheet.frame[name]
        if sheet.kinds.get(name) not in (None, "text") or column.dtype != "str" or name in sheet.values:
            continue
        cells = column.dropna()
        # Dates, clocks and numbers are no sentences.
        wordy = cells[cells.str.contains(r"[^\W\d_]{2}", regex=True)]
        if len(wordy) > 0.5 * len(cells) and cells.nunique() > max(10, DIFFER * len(cells)):
            reasons[name] = worded("open_answers")
    return reasons
