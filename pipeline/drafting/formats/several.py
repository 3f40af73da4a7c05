"""Questions of which several choices stand in one cell: one column of 0 and 1 an option."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from pipeline.drafting.sheet import Sheet
from pipeline.wording.texts import worded

KIND, SIGN = "several", "┋"
# A question with more options is a list of names.
MOST_OPTIONS = 30


def parted(sheet: Sheet) -> Sheet:
    """The table with a column an option in place of each such question; who gave no answer has none in any of them."""
    asked = [name for name, kind in sheet.kinds.items() if kind == KIND and name in sheet.frame.columns]
    if not asked:
        return sheet
    columns: dict[str, pd.Series] = {}
    values, kinds, wording, said = dict(sheet.values), dict(sheet.kinds), dict(sheet.wording), list(sheet.said)
    for name in map(str, sheet.frame.columns):
        cells = sheet.frame[name]
        if name not in asked:
            columns[name] = cells
            continue
        labels = sheet.values.get(name, {})
        cells = cells.mask(cells.isin(sheet.missing.get(name, [])))
        chosen = cells.str.split(SIGN)
        options = sorted(set(chosen.explode().dropna()))
        if len(options) > MOST_OPTIONS:
            said.append(worded("options_in_one_cell", name=name, n=len(options)))
            columns[name] = cells
            continue
        for option in options:
            label = labels.get(option, option)
            own = f"{name}：{label}"
            has = chosen.map(lambda found, of=option: str(int(of in found)), na_action="ignore")
            columns[own] = has.astype("str").where(cells.notna())
            values[own], kinds[own], wording[own] = {"0": "未选", "1": label}, "category", label
        said.append(
            worded(
                "choices_became_columns",
                name=name,
                sign=SIGN,
                n=len(options),
            )
        )
    frame = pd.DataFrame(columns, index=sheet.frame.index)
    return replace(sheet.with_frame(frame), values=values, kinds=kinds, wording=wording, said=tuple(said))
