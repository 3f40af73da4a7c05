"""A log without dates: the column of days since the occasion before, and that of the occasion's number."""

from __future__ import annotations

import re

import pandas as pd

from pipeline.drafting.sheet import Sheet
from pipeline.reading import numbers

_GAP = re.compile(
    r"days?.?(since|after|from)|(since|gap|interval).*days?\b|距.*(天|日)|间隔.*(天|日)", flags=re.IGNORECASE
)
_ORDER = re.compile(
    r"(order|visit|trip|session|occasion|purchase).?(number|num|no|nr|seq)|sequence|次序|序号|第几", flags=re.IGNORECASE
)


def named(sheet: Sheet) -> tuple[str, str] | None:
    """The columns of gaps and of occasions, as their names say."""
    names = list(map(str, sheet.frame.columns))
    gap = next((name for name in names if _GAP.search(name)), None)
    order = next((name for name in names if name != gap and _ORDER.search(name)), None)
    return (gap, order) if gap and order else None


def tell_days(frame: pd.DataFrame, entity: str, gap: str, order: str) -> bool:
    """Whether every occasion of an entity has one gap that is none below zero; its first may have none."""
    (days, strange), (number, odd) = numbers.of(frame[gap]), numbers.of(frame[order])
    if strange.any() or odd.any() or number.isna().any() or (days < 0).any():
        return False
    rows = pd.DataFrame({"entity": frame[entity], "order": number, "days": days})
    each = rows.groupby(["entity", "order"])["days"].agg(["nunique", "count", "size"]).reset_index()
    later = each["order"] > each.groupby("entity")["order"].transform("min")
    whole = each["count"] == each["size"]
    return bool((each["nunique"] <= 1).all() and (whole | (each["count"] == 0)).all() and whole[later].all())
