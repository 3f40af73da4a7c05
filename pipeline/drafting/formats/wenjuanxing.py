"""Exports of 问卷星 (Wenjuanxing): by text, by number, or both as a pair, which then gives the labels of all values."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from pipeline.drafting.formats import several
from pipeline.drafting.sheet import Sheet
from pipeline.wording.texts import worded

OWN = {
    "序号": "respondent", "提交答卷时间": "started", "所用时间": "duration", "来源": "technical",
    "来源详情": "personal",
    "来自IP": "personal", "总分": "technical",
    "IP": "personal", "姓名": "personal", "昵称": "personal",
}  # fmt: skip
NOTHING = {"-3": "(跳过)", "-2": "(空)"}
BLANK = {"(跳过)", "(空)", "（跳过）", "（空）"}
_NUMBERED = re.compile(r"^\s*([0-9]+)\s*[、.．]\s*(.*)$", flags=re.S)
_PARTS = re.compile(r"—+|--+|:(?=[^:]+$)|：(?=[^：]+$)")
_BRACKETS = re.compile(r"^(.*?)[(（]([^()（）]+)[)）]\s*$", flags=re.S)


def recognised(frame: pd.DataFrame) -> bool:
    """Whether a table has the columns that every export has."""
    return "序号" in frame.columns and len({"提交答卷时间", "所用时间", "来自IP", "来源"} & set(frame.columns)) >= 2


def sheet(plain: Sheet) -> Sheet:
    """Questions with their stems; cells that say that nothing was asked or answered are declared missing."""
    frame, said = plain.frame, [*plain.said, worded("wenjuanxing_columns")]
    kinds = {name: OWN[name] for name in frame.columns if name in OWN}
    wording, stem, missing = {}, {}, {}
    for name in frame.columns:
        if name in OWN:
            continue
        wording[name], shared = _parted(name)
        if shared:
            stem[name] = shared
        found = set(frame[name].dropna().unique())
        if codes := sorted(found & (set(NOTHING) | BLANK)):
            missing[name] = codes
    for name in [n for n in frame.columns if n not in OWN and frame[n].str.contains(several.SIGN, regex=False).any()]:
        kinds[name] = several.KIND
    return replace(plain, origin="问卷星", wording=wording, stem=stem, missing=missing, kinds=kinds, said=tuple(said))


def is_ordinal(sheet: Sheet) -> bool:
    """Whether answers are numbers of choices."""
    asked = [name for name in sheet.frame.columns if name not in OWN]
    numeric = [sheet.frame[name].dropna().str.fullmatch(r"-?[0-9]+").all() for name in asked]
    return sum(numeric) > len(asked) / 2


def paired(ordinal: Sheet, text: Sheet) -> Sheet:
    """The export by number with the labels that the export by text has in the same cells."""
    one, other = ordinal.frame.set_index("序号"), text.frame.set_index("序号")
    shared = one.index.intersection(other.index)
    if not one.index.is_unique or not other.index.is_unique or len(shared) < len(one):
        return replace(ordinal, said=(*ordinal.said, worded("second_export_has_other_rows")))
    values = dict(ordinal.values)
    for name in one.columns.intersection(other.columns):
        if name in OWN:
            continue
        number, label = one.loc[shared, name], other.loc[shared, name]
        pairs = pd.DataFrame({"number": number, "label": label}).dropna()
        if ordinal.kinds.get(name) == several.KIND:
            pairs = pairs.apply(lambda cells: cells.str.split(several.SIGN))
            pairs = pairs[pairs["number"].str.len() == pairs["label"].str.len()].explode(["number", "label"])
        pairs = pairs.drop_duplicates()
        pairs = pairs[~pairs["number"].isin(NOTHING) & pairs["number"].str.fullmatch("-?[0-9]+")]
        same = pairs["number"] == pairs["label"]
        if len(pairs) and pairs["number"].is_unique and not same.all():
            values[name] = dict(sorted(zip(pairs["number"], pairs["label"], strict=True), key=lambda p: int(p[0])))
    said = worded("labels_cell_by_cell")
    return replace(ordinal, values=values, said=(*ordinal.said, said))


def _parted(name: str) -> tuple[str, str]:
    """Own wording and shared stem of `5、您的看法—界面美观` and `5、您的看法(界面美观)`."""
    found = _NUMBERED.match(name)
    text = found[2] if found else name
    *shared, own = _PARTS.split(text)
    if shared and own.strip():
        return own.strip(), (f"{found[1]}、" if found else "") + "—".join(shared).strip()
    if found and (inner := _BRACKETS.match(text)):
        return inner[2].strip(), f"{found[1]}、{inner[1].strip()}"
    return text.strip(), ""
