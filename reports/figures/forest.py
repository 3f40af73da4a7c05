"""A forest plot: the effects of the data sets, their mean, and where a further data set is expected."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from reports import numbers
from reports.figures import theme
from reports.figures.coefficients import with_interval

LINE, HALF = 0.36, 0.22


def forest(effects: pd.DataFrame, labels: Sequence[str], below: Sequence[tuple[str, str, pd.Series]], axis: str) -> str:
    """The plot as SVG.

    Parameters
    ----------
    effects
        Estimate, se, ci_lower, ci_upper, quantity of every data set; `apart` enters no mean.
    labels
        Of the data sets.
    below
        What stands below the line: form (`diamond` or `bar`), label, row with estimate and interval.
    axis
        What the horizontal axis shows.

    Notes
    -----
    Nothing is told by colour alone: squares enter the mean and are larger the more they weigh, hollow circles do not,
    the mean is a diamond as wide as its interval, the prediction a dashed bar with ends.
    """
    lines = len(effects) + len(below)
    figure = theme.canvas(LINE * lines + 0.75)
    axes = figure.subplots()
    theme.plain(axes)
    axes.axvline(0, color=theme.GREY, linewidth=0.8, linestyle=(0, (2, 2)), zorder=0)
    enters = effects[effects["quantity"] == "std"]
    most = (1 / enters["se"] ** 2).max() if len(enters) else 1.0
    texts = []
    for height, (_, row) in enumerate(effects.iterrows()):
        _interval(axes, height, row)
        if row["quantity"] == "std":
            size = 4 + 5 * float((1 / row["se"] ** 2) / most) ** 0.5
            axes.plot([row["estimate"]], [height], "s", markersize=size, color=theme.ACCENT)
        else:
            axes.plot([row["estimate"]], [height], "o", markersize=6, color=theme.ACCENT, markerfacecolor="white")
        texts.append(with_interval(row))
    if below:
        axes.axhline(len(effects) - 0.5, color=theme.LINE, linewidth=0.8)
    for height, (form, _, row) in enumerate(below, len(effects)):
        (_diamond if form == "diamond" else _bar)(axes, height, row)
        texts.append(with_interval(row) if form == "diamond" else numbers.interval(row["ci_lower"], row["ci_upper"]))
    axes.set_yticks(range(lines), [theme.wrapped(name, 34) for name in (*labels, *(name for _, name, _ in below))])
    axes.set_ylim(lines - 0.5, -0.6)
    _limits(axes, effects, below)
    for height, text in enumerate(texts):
        place = axes.get_yaxis_transform()
        axes.annotate(text, (1.01, height), xycoords=place, va="center", fontsize=8.5, color=theme.INK)
    axes.xaxis.set_major_locator(theme.ticks(6))
    axes.xaxis.set_major_formatter(theme.Decimals())
    theme.axis_title(figure, axis)
    return theme.svg(figure)


def _limits(axes: Axes, effects: pd.DataFrame, below: Sequence[tuple[str, str, pd.Series]]) -> None:
    """Room for every estimate and interval, but not for what two data sets cannot tell: such bars end in arrows."""
    low, high = effects["ci_lower"].min(), effects["ci_upper"].max()
    reach = max(abs(low), abs(high), high - low)
    ends = [float(row[name]) for _, _, row in below for name in ("ci_lower", "ci_upper")]
    left = max(min([low, 0.0, *ends]), min(low, 0.0) - reach)
    right = min(max([high, 0.0, *ends]), max(high, 0.0) + reach)
    pad = 0.04 * (right - left)
    axes.set_xlim(left - pad, right + pad)
    for height, (_, _, row) in enumerate(below, len(effects)):
        for end, beyond, mark in (
            (left - pad, row["ci_lower"] < left, "<"),
            (right + pad, row["ci_upper"] > right, ">"),
        ):
            if beyond:
                axes.plot([end], [height], mark, markersize=6, color=theme.INK, clip_on=False, zorder=3)


def _interval(axes: Axes, height: float, row: pd.Series) -> None:
    axes.plot(
        [row["ci_lower"], row["ci_upper"]], [height] * 2, color=theme.ACCENT, linewidth=1.4, solid_capstyle="butt"
    )


def _diamond(axes: Axes, height: float, row: pd.Series) -> None:
    corners = [row["ci_lower"], row["estimate"], row["ci_upper"], row["estimate"]]
    axes.fill(corners, [height, height - HALF, height, height + HALF], facecolor=theme.PALE, edgecolor=theme.INK)


def _bar(axes: Axes, height: float, row: pd.Series) -> None:
    ends = [row["ci_lower"], row["ci_upper"]]
    axes.plot(ends, [height] * 2, color=theme.INK, linewidth=1.2, linestyle=(0, (4, 2)))
    axes.plot(ends, [height] * 2, "|", color=theme.INK, markersize=9)
