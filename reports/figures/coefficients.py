"""Coefficients with their intervals: one panel a term, one line a group, labels beside the points."""

from __future__ import annotations

import pandas as pd

from models import specs
from reports import numbers
from reports.exhibits import Figure
from reports.figures import spots, theme
from reports.figures.theme import Drawn, wrapped
from reports.reading import Report
from reports.texts import Texts, is_indirect

COLUMNS = 3


def with_interval(row: pd.Series, digits: int = 2) -> str:
    """`0.42 [0.31, 0.53]`."""
    interval = numbers.interval(row["ci_lower"], row["ci_upper"], digits)
    return f"{numbers.decimal(row['estimate'], digits)} {interval}".strip()


def panels(
    rows: pd.DataFrame, texts: Texts, axis: str, watermark: str, labels: dict[str, str], model: str = ""
) -> Drawn:
    """Small multiples.

    Parameters
    ----------
    rows
        Term, group, estimate, ci_lower, ci_upper; one panel a term, one line a group.
    axis
        What the horizontal axis shows, with its unit.
    labels
        Group → what is printed, in the order of the lines.
    model
        Of the panel whose slopes are drawn.

    Returns
    -------
    SVG and its spots. A filled point has an interval without zero, a hollow one an interval with it.
    """
    terms, groups = list(dict.fromkeys(rows["term"])), list(labels)
    columns = len(terms) if len(terms) <= COLUMNS + 1 else COLUMNS
    lines = -(-len(terms) // columns)
    names = [wrapped(labels[group], 30) for group in groups]
    row = max(0.34, 0.17 * max(1 + name.count("\n") for name in names))
    figure = theme.canvas(lines * (row * len(groups) + 0.75) + 0.2 * (lines - 1) + 0.45)
    grid = figure.subplots(lines, columns, sharey=True, sharex=True, squeeze=False)
    theme.apart(figure, lines)
    digits = max(2, numbers.decimals(list(rows["estimate"]), 2))
    for position, axes in enumerate(grid.flat):
        theme.plain(axes)
        if position >= len(terms):
            axes.set_axis_off()
            continue
        part = rows[rows["term"] == terms[position]].set_index("group")
        axes.axvline(0, color=theme.GREY, linewidth=0.8, linestyle=(0, (2, 2)), zorder=0)
        for height, group in enumerate(groups):
            if group in part.index:
                _point(axes, height, part.loc[group], digits)
        axes.set_title(
            wrapped(texts.slope(model, terms[position]), {1: 90, 2: 52, 3: 34}.get(columns, 25)), loc="left", pad=6
        )
        axes.set_yticks(range(len(groups)), names)
        axes.set_ylim(len(groups) - 0.4, -0.75)
        axes.margins(x=0.12)
        axes.tick_params(axis="x", labelbottom=True)
        axes.xaxis.set_major_locator(theme.ticks(5 if columns < 4 else 4))
        axes.xaxis.set_major_formatter(theme.Decimals())
    theme.axis_title(figure, axis)
    return theme.drawn(figure, watermark)


def _point(axes, height: float, row: pd.Series, digits: int) -> None:
    estimate, lower, upper = row["estimate"], row["ci_lower"], row["ci_upper"]
    if numbers.missing(estimate):
        return
    clear = not numbers.missing(lower) and (lower > 0 or upper < 0)
    if not numbers.missing(lower):
        axes.plot([lower, upper], [height, height], color=theme.ACCENT, linewidth=1.6, solid_capstyle="butt")
    face = theme.ACCENT if clear else "white"
    spots.mark(axes, estimate, height, with_interval(row, digits))
    axes.plot([estimate], [height], "o", markersize=5.5, color=theme.ACCENT, markerfacecolor=face, markeredgewidth=1.3)
    axes.annotate(
        numbers.decimal(estimate, digits), (estimate, height), xytext=(0, 5), textcoords="offset points", ha="center",
        fontsize=8, color=theme.INK,
    )  # fmt: skip


def _described(rows: pd.DataFrame, texts: Texts, labels: dict[str, str], model: str = "") -> str:
    """The figure in words."""
    digits = max(2, numbers.decimals(list(rows["estimate"]), 2))
    parts = [
        texts(
            "punctuation.pair", a=f"{texts.slope(model, row.term)}, {labels[row.group]}", b=with_interval(cells, digits)
        )
        for row, (_, cells) in zip(rows.itertuples(), rows.iterrows(), strict=True)
    ]
    return texts("punctuation.clauses").join(parts)


def slopes(report: Report, texts: Texts, model: str, rows: pd.DataFrame) -> Figure:
    """Standardised slopes of a panel model, for everybody and by platform type."""
    rows = rows[rows["estimate"].notna()]
    labels = {group: texts.member(group) for group in report.ordered(rows["group"])}
    watermark = texts("simulated.watermark") if report.simulated else ""
    name = texts.model(model)
    return Figure(
        name=f"slopes_{model}",
        caption=texts("caption.indirect_figure" if is_indirect(model) else "caption.slopes_figure", model=name),
        **panels(rows, texts, texts("axis.slope"), watermark, labels, model),
        alt=texts("alt.coefficients", what=name, values=_described(rows, texts, labels, model)),
        stages=["panel"],
        defines=[*dict.fromkeys(key for key in rows["definition"] if key), "std_panel"],
        notes=[texts("note.points")],
    )


def group_paths(report: Report, texts: Texts, by: str, rows: pd.DataFrame) -> Figure:
    """Paths of the theory by group, in common units."""
    pooled = report.table("paths", model=specs.MAIN)
    decided = set(pooled[pooled["hypothesis"] != ""]["term"])
    chosen = rows[rows["term"].isin(decided)]
    rows = (chosen if len(chosen) else rows).sort_values("term", kind="stable", key=lambda t: t.map(_rank(rows)))
    labels = {group: texts.member(group) for group in report.ordered(rows["group"])}
    watermark = texts("simulated.watermark") if report.simulated else ""
    return Figure(
        name=f"groups_{by}",
        caption=texts("caption.groups_figure", by=texts.group(by)),
        **panels(rows, texts, texts("axis.path"), watermark, labels),
        alt=texts("alt.coefficients", what=texts.group(by), values=_described(rows, texts, labels)),
        stages=["structure"],
        defines=["equal_loadings"],
        notes=[texts("note.points")],
    )


def _rank(rows: pd.DataFrame) -> dict[str, int]:
    return {term: position for position, term in enumerate(dict.fromkeys(rows["term"]))}
