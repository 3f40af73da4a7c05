"""Cumulative share with the event over time: one panel for everybody, one a covariate with its thirds."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from reports import numbers
from reports.exhibits import Figure
from reports.figures import theme
from reports.figures.theme import wrapped
from reports.reading import Report
from reports.texts import Texts

DASHES = {"": "-", "low": (0, (1, 1.4)), "middle": (0, (4, 2)), "high": "-"}
TICKS, LINE_HEIGHT, BELOW = 5, 12, 20


def figure(report: Report, texts: Texts, event: str) -> Figure:
    """Curves with their intervals and, below each panel, how many were still watched."""
    rows = report.table("survival")
    rows = rows.assign(day=rows["term"].astype(float), part=rows["group"].str.partition(": ")[2])
    rows["panel"] = rows["group"].str.partition(": ")[0]
    names = list(dict.fromkeys(rows["panel"]))
    lines = max(rows[rows["panel"] == name]["group"].nunique() for name in names)
    drawing = theme.canvas(3.0 + lines * LINE_HEIGHT / 72)
    grid = drawing.subplots(1, len(names), sharey=True, squeeze=False)[0]
    top = 1.04 * float(rows["ci_upper"].max())
    for axes, name in zip(grid, names, strict=True):
        _panel(axes, texts, name, rows[rows["panel"] == name], top)
    grid[0].set_ylim(0, top)
    grid[0].set_ylabel(texts("axis.cumulative"))
    theme.axis_title(drawing, texts("axis.days"))
    last = rows[rows["day"] == rows["day"].max()]
    said = [texts("punctuation.pair", a=group(texts, row.group), b=share(row)) for row in last.itertuples()]
    return Figure(
        name="survival",
        caption=texts("caption.survival", event=event),
        svg=theme.svg(drawing, texts("simulated.watermark") if report.simulated else ""),
        alt=texts("alt.survival", day=numbers.count(rows["day"].max()), values=texts("punctuation.clauses").join(said)),
        stages=["panel"],
        defines=["kaplan_meier"],
        notes=[texts("note.survival")],
    )


def share(row) -> str:
    """`2.8% [2.7%, 3.0%]`."""
    interval = numbers.interval(row.ci_lower, row.ci_upper, 1, numbers.percent)
    return f"{numbers.percent(row.estimate)} {interval}"


def group(texts: Texts, name: str) -> str:
    """A part of the cohort in words: `trust_fulfilment: low`."""
    construct, found, part = name.partition(": ")
    if not found:
        return texts.level(name)
    return texts("punctuation.list").join([texts.construct(construct), texts(f"third.{part}")])


def _panel(axes: Axes, texts: Texts, name: str, rows: pd.DataFrame, top: float) -> None:
    theme.plain(axes, keep=("bottom", "left"))
    axes.set_title(wrapped(group(texts, name) if name == "all" else texts.construct(name), 40), loc="left", pad=6)
    parts = list(dict.fromkeys(rows["part"]))[::-1]
    for height, part in enumerate(parts):
        curve = rows[rows["part"] == part]
        x, y = curve["day"].to_numpy(float), curve["estimate"].to_numpy(float)
        low, high = curve["ci_lower"].to_numpy(float), curve["ci_upper"].to_numpy(float)
        axes.plot(x, y, color=theme.ACCENT, linewidth=1.5, linestyle=DASHES[part])
        if part:
            at = slice((len(x) - 1) // (TICKS - 1), None, (len(x) - 1) // (TICKS - 1))
            shift = (height - (len(parts) - 1) / 2) * x[-1] / 70
            axes.vlines(x[at] + shift, low[at], high[at], color=theme.INK, linewidth=0.9)
        else:
            axes.fill_between(x, low, high, color=theme.ACCENT, alpha=0.15, linewidth=0)
        if part:
            axes.annotate(
                texts(f"third.{part}"), (x[-1], y[-1]), xytext=(4, 0), textcoords="offset points", fontsize=8.5,
                va="center", color=theme.INK,
            )  # fmt: skip
        _at_risk(axes, curve, texts(f"third.{part}") if part else texts("axis.at_risk"), BELOW + height * LINE_HEIGHT)
    axes.set_xticks(rows["day"].drop_duplicates().to_numpy(float)[:: (rows["day"].nunique() - 1) // (TICKS - 1)])
    axes.xaxis.set_major_formatter(lambda value, _: numbers.count(value))
    axes.yaxis.set_major_locator(theme.ticks(5))
    digits = 0 if top > 0.05 else 1
    axes.yaxis.set_major_formatter(lambda value, _: numbers.percent(value, digits))
    axes.tick_params(axis="y", labelleft=True)


def _at_risk(axes: Axes, curve: pd.DataFrame, label: str, below: float) -> None:
    """One line of numbers under the axis."""
    marks = curve.iloc[:: (len(curve) - 1) // (TICKS - 1)]
    style: dict[str, Any] = {"textcoords": "offset points", "fontsize": 8, "color": theme.GREY}
    style |= {"va": "top", "annotation_clip": False}
    for row in marks.itertuples():
        axes.annotate(
            numbers.count(row.n), (row.day, 0), xytext=(0, -below), ha="center", xycoords=axes.get_xaxis_transform(),
            **style,
        )  # fmt: skip
    axes.annotate(label, (0, 0), xytext=(-26, -below), ha="right", xycoords=axes.transAxes, **style)
