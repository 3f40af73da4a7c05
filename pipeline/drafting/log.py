"""An event log: who, when, what happened, and which traces may stand for which construct."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from pipeline.drafting import gaps
from pipeline.drafting.sheet import Sheet, texts
from pipeline.reading import numbers
from pipeline.wording.texts import Worded, worded

_ENTITY = re.compile(
    r"user|customer|client|member|account|household|visitor|buyer|consumer|shopper|uid|cust|reviewer|page|seller|用户|会员|客户|买家|顾客",
    flags=re.IGNORECASE,
)
_ID = re.compile(r"id|no|nr|number|key|code|编号|号", flags=re.IGNORECASE)
_TIME = re.compile(r"time|date|day|timestamp|published|created|时间|日期", flags=re.IGNORECASE)
_AMOUNT = re.compile(
    r"amount|price|value|sales|revenue|spend|paid|payment|dollar|total|金额|价格|消费", flags=re.IGNORECASE
)
_PRODUCT = re.compile(r"product|item|sku|stock|article|movie|song|video.?id|goods|商品|货号", flags=re.IGNORECASE)
_PRICE = re.compile(r"unit.?price|^price|单价", flags=re.IGNORECASE)
_QUANTITY = re.compile(r"quantity|qty|数量", flags=re.IGNORECASE)
_EVENT = re.compile(r"event|action|behaviou?r|activity|(^|_)type|行为|事件|操作", flags=re.IGNORECASE)
KINDS = {
    "participation_passive": r"view|click|pv|browse|impression|play|watch|visit|open|浏览|点击|观看",
    "participation_active": r"like|fav|comment|share|follow|cart|collect|reply|vote|rat(e|ing)|收藏|点赞|评论|转发",
    "participation_cocreation": r"review|post|upload|create|publish|tag|发布|投稿|创作",
    "loyalty": r"buy|purchase|order|pay|购买|下单|支付",
}
FORMS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d", "%Y/%m/%d %H:%M", "%Y%m%d", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M:%S.%f", "%Y年%m月%d日",
)  # fmt: skip
DOUBTFUL = (
    ("%m/%d/%Y", "%d/%m/%Y"), ("%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M"), ("%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S"),
    ("%m-%d-%Y", "%d-%m-%Y"), ("%m-%d-%Y %H:%M", "%d-%m-%Y %H:%M"),
)  # fmt: skip
# What every form has in each cell, and the words that pandas takes for times.
_DATED = re.compile(r"\d{4}|^(now|today)$")
UNIX = ((1e9 * 0.6, 4e9, "unix", "s"), (1e12 * 0.6, 4e12, "unix_ms", "ms"))


# Fewer ids are kinds of something.
FEWEST = 10


@dataclass(frozen=True)
class Log:
    """What a log was found to be. `measures`: construct → (entry of the card, rule).

    `time` is the column of times, or with `order`, the number of an occasion, that of days since the occasion before.
    """

    entity: str
    entity_rule: Worded
    time: str
    form: str | list[str] | None
    form_rule: Worded
    period: str
    period_rule: Worded
    span: str
    measures: dict[str, tuple[dict[str, Any], Worded]]
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    order: str = ""
    said: list[Worded] = field(default_factory=list)


def found(sheet: Sheet) -> Log | None:
    """The log that a table is, or None: it needs a column of times or gaps and one of ids of which most occur again."""
    timed = _time(sheet)
    if timed is None:
        return _without_dates(sheet)
    time, form, rule, when = timed
    entity = _entity(sheet, time)
    if entity is None:
        return None
    column, entity_rule = entity
    period, period_rule = _period(when)
    log = Log(column, entity_rule, time, form, rule, period, period_rule, _span(sheet), {})
    days = worded("first_to_last_day", first=when.min(), last=when.max())
    log.said.append(
        worded(
            "events_of_entities",
            n=len(sheet.frame),
            entities=sheet.frame[column].nunique(),
            days=days,
        )
    )
    _measure(sheet, log)
    return log


def _without_dates(sheet: Sheet) -> Log | None:
    """The log that tells how many days ago the occasion before was."""
    pair = gaps.named(sheet)
    entity = _entity(sheet, pair[0]) if pair else None
    if pair is None or entity is None or not gaps.tell_days(sheet.frame, entity[0], *pair):
        return None
    weeks = worded("gaps_tell_weeks")
    log = Log(*entity, pair[0], None, worded("gaps_by_their_names"), "week", weeks, "observed", {}, order=pair[1])
    _measure(sheet, log)
    return log


def _time(sheet: Sheet) -> tuple[str, str | list[str] | None, Worded, pd.Series] | None:
    names = list(map(str, sheet.frame.columns))
    native = [n for n in names if pd.api.types.is_datetime64_any_dtype(sheet.frame[n].dtype)]
    if native:
        return native[0], None, worded("dates_as_typed"), sheet.frame[native[0]].dropna()
    for name in sorted(names, key=lambda n: not _TIME.search(n)):
        cells = texts(sheet.frame[name]).dropna()
        looked = cells.iloc[:: max(1, len(cells) // 2000)] if len(cells) else cells
        if looked.empty or (_ENTITY.search(name) and _ID.search(name) and not _TIME.search(name)):
            continue
        if not all(map(_DATED.search, looked)):
            continue
        if looked.str.fullmatch("[0-9]{9,13}").all() and _TIME.search(name):
            values = pd.to_numeric(cells)
            for low, high, form, unit in UNIX:
                if values.between(low, high).all():
                    return (
                        name,
                        form,
                        worded("whole_numbers_as_times", unit=unit),
                        pd.to_datetime(values, unit=unit),
                    )
        for form in FORMS:
            when = _parsed(looked, form)
            if when is not None and (form != "%Y%m%d" or when.dt.year.between(1970, 2100).all()):
                return (
                    name,
                    form,
                    worded("form_reads_all_times"),
                    pd.to_datetime(cells, format=form, errors="coerce").dropna(),
                )
        for pair in DOUBTFUL:
            fits = [form for form in pair if _parsed(cells, form) is not None]
            if fits:
                said = worded("month_first_taken") if len(fits) == 2 else worded("only_order_that_reads_all")
                return name, fits[0], said, pd.to_datetime(cells, format=fits[0])
        several = _several(cells) if _TIME.search(name) else None
        if several:
            forms, when = several
            return name, forms, worded("several_forms_read_all_times"), when
    return None


def _several(cells: pd.Series) -> tuple[list[str], pd.Series] | None:
    left, forms, parts = cells, [], []
    for form in (*(f for pair in DOUBTFUL for f in pair), *FORMS):
        when = pd.to_datetime(left, format=form, errors="coerce")
        if when.notna().sum() > 0.01 * len(cells):
            forms.append(form)
            parts.append(when.dropna())
            left = left[when.isna()]
        if left.empty:
            return forms, pd.concat(parts)
    return None


def _parsed(cells: pd.Series, form: str) -> pd.Series | None:
    when = pd.to_datetime(cells, format=form, errors="coerce")
    return when if when.notna().all() else None


def _entity(sheet: Sheet, time: str) -> tuple[str, Worded] | None:
    best: tuple[float, str, Worded] | None = None
    for name in map(str, sheet.frame.columns):
        column = sheet.frame[name]
        if name == time or pd.api.types.is_float_dtype(column.dtype) and (column.dropna() % 1 != 0).any():
            continue
        filled = column.notna().sum()
        different = column.nunique()
        if not filled or different < FEWEST or filled < 1.2 * different:
            continue
        named = 2.0 * bool(_ENTITY.search(name)) + bool(_ID.search(name)) - 2.0 * bool(_PRODUCT.search(name))
        if named >= 2 and (best is None or named > best[0]):
            best = (
                named,
                name,
                worded(
                    "entity_by_its_name",
                    different=different,
                    mean=filled / different,
                ),
            )
    return (best[1], best[2]) if best else None


def _period(when: pd.Series) -> tuple[str, Worded]:
    days = int((when.max() - when.min()).days) + 1
    for least, period in ((5 * 365, "quarter"), (180, "month"), (0, "week")):
        if days > least:
            return period, worded("log_spans_days", days=days)
    return "week", worded("log_spans_days", days=days)


def _span(sheet: Sheet) -> str:
    """Who bought once may buy again until the log ends; of other events nothing is known after the last one."""
    bought = any(_AMOUNT.search(str(name)) or _QUANTITY.search(str(name)) for name in sheet.frame.columns)
    return "entry" if bought else "observed"


def _measure(sheet: Sheet, log: Log) -> None:
    days: dict[str, Any] = {
        "label": "active days",
        "zh": "活跃天数",
        "agg": "days",
        "transform": "log1p",
        "unit": "log(1 + days)",
    }
    log.measures["stickiness"] = (days, worded("coming_back_is_a_trace"))
    names = [name for name in map(str, sheet.frame.columns) if name not in (log.entity, log.time, log.order)]
    bought = any(_AMOUNT.search(name) and not _ID.search(name) or _QUANTITY.search(name) for name in names)
    price = next((name for name in names if _PRICE.search(name)), None)
    quantity = next((name for name in names if _QUANTITY.search(name)), None)
    if price and quantity:
        log.made["amount"] = {"product": [quantity, price]}
        spent = {"label": "spending", "zh": "消费额", "agg": "sum", "column": "amount"}
        log.measures["loyalty"] = (
            spent,
            worded("quantity_times_price", quantity=quantity, price=price),
        )
        names = [name for name in names if name not in (price, quantity)]
    for name in names:
        column = sheet.frame[name]
        kinds = texts(column).dropna().unique() if column.nunique() <= 20 else []
        if _EVENT.search(name) and len(kinds) > 1:
            _events(name, sorted(map(str, kinds)), log)
        elif (
            _AMOUNT.search(name)
            and "loyalty" not in log.measures
            and not _ID.search(name)
            and not numbers.of(column)[1].any()
        ):
            summed: dict[str, Any] = {"label": f"sum of {name}", "zh": f"{name} 之和", "agg": "sum", "column": name}
            log.measures["loyalty"] = (summed, worded("amount_by_its_name"))
        elif _PRODUCT.search(name) and bought and "value_functional" not in log.measures and column.nunique() > 20:
            breadth = {"label": f"different {name}", "zh": f"不同的 {name} 数", "agg": "nunique", "column": name}
            breadth |= {"transform": "log1p", "unit": "log(1 + n)"}
            log.measures["value_functional"] = (breadth, worded("products_by_their_name"))
        else:
            log.open.append(name)


def _events(name: str, kinds: list[str], log: Log) -> None:
    log.said.append(worded("kinds_of_events", name=name, kinds=", ".join(kinds)))
    for construct, form in KINDS.items():
        meant = [kind for kind in kinds if re.search(form, kind.lower())]
        others = [k for c, f in KINDS.items() if c != construct for k in kinds if re.search(f, k.lower())]
        meant = [kind for kind in meant if kind not in others]
        if meant and construct not in log.measures:
            entry: dict[str, Any] = {
                "label": f"events: {', '.join(meant)}",
                "zh": f"事件：{'、'.join(meant)}",
                "agg": "count",
            }
            entry |= {
                "where": {name: meant if len(meant) > 1 else meant[0]},
                "transform": "log1p",
                "unit": "log(1 + n)",
            }
            log.measures[construct] = (entry, worded("kinds_by_words", name=name))
