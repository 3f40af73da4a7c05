"""Estimates of a simulated data set beside the values that the simulator used."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reports import numbers
from reports.exhibits import Figure
from reports.figures import spots, theme
from reports.figures.coefficients import with_interval
from reports.figures.theme import wrapped
from reports.reading import Report
from reports.texts import Texts

EVERYBODY = ("", "all", "pooled")
TABLES_DRAWN = 40


def figures(report: Report, texts: Texts) -> list[Figure]:
    """One figure a kind of data: parameters of everybody, no negative controls, no loadings where there are many."""
    rows = report.table("recovery")
    rows = rows[rows["group"].isin(EVERYBODY) & rows["ci_lower"].notna()]
    controls = report.card.panel.negative_controls if report.card.panel else ()
    rows = rows[~rows["term"].str.partition(" ~ ")[0].isin(controls)]
    found = []
    for sample in dict.fromkeys(rows["sample"]):
        part = rows[rows["sample"] == sample]
        if len(part) > TABLES_DRAWN:
            part = part[~part["term"].str.contains(" =~ ", regex=False)]
        found.append(_figure(report, texts, str(sample), part.reset_index(drop=True)))
    return found


def _figure(report: Report, texts: Texts, sample: str, rows: pd.DataFrame) -> Figure:
    several = rows["model"].nunique() > 1
    labels = []
    for row in rows.itertuples():
        label = texts.slope(row.model, row.term) if row.table != "effects" else row.term
        model = texts.model(row.model)
        labels.append(texts("punctuation.pair", a=model, b=label) if several and sample == "panel" else label)
    described = [
        texts("alt.recovered", term=label, estimate=with_interval(cells), truth=numbers.decimal(cells["statistic"]))
        for label, (_, cells) in zip(labels, rows.iterrows(), strict=True)
    ]
    return Figure(
        name=f"recovery_{sample}",
        caption=texts("caption.recovery_figure", kind=texts(f"kind.{sample}")),
        **theme.drawn(_draw(rows, labels, texts), texts("simulated.watermark") if report.simulated else ""),
        alt=texts("punctuation.clauses").join(described),
        stages=["judge"],
        defines=["recovery"],
        notes=[texts("note.recovery_figure")],
    )


def _told(row, texts: Texts) -> str:
    """Estimate, interval and truth."""
    said = f"{numbers.decimal(row.estimate)} {numbers.interval(row.ci_lower, row.ci_upper)}"
    return texts("punctuation.clauses").join(
        [said, texts("punctuation.pair", a=texts("head.truth"), b=numbers.decimal(row.statistic))]
    )


def _draw(rows: pd.DataFrame, labels: list[str], texts: Texts):
    labels = [wrapped(label, 62) for label in labels]
    lines = np.array([1 + label.count("\n") for label in labels])
    # a line of text more takes half the room of a row more
    room = (1 + lines) / 2
    heights = np.cumsum(room) - (room + room[0]) / 2
    figure = theme.canvas(0.3 * room.sum() + 1.0)
    axes = theme.plain(figure.subplots())
    axes.axvline(0, color=theme.LINE, linewidth=0.8, zorder=0)
    for height, row in zip(heights, rows.itertuples(), strict=True):
        covered = row.quantity == "covered"
        spots.mark(axes, row.estimate, height, _told(row, texts))
        axes.plot([row.ci_lower, row.ci_upper], [height, height], color=theme.ACCENT, linewidth=1.6)
        face = theme.ACCENT if covered else "white"
        axes.plot(row.estimate, height, "o", markersize=5, color=theme.ACCENT, markerfacecolor=face)
        axes.plot(row.statistic, height, "|", markersize=13, markeredgewidth=2, color=theme.INK)
        if not covered:
            axes.annotate(
                texts("quantity.missed"), (max(row.ci_upper, row.statistic), height), xytext=(7, 0),
                textcoords="offset points", va="center", fontsize=8,
            )  # fmt: skip
    axes.set_yticks(heights, labels, fontsize=8.5)
    axes.set_ylim(heights[-1] + 0.6, -0.7)
    theme.axis_title(figure, texts("axis.recovery"))
    axes.xaxis.set_major_formatter(theme.Decimals())
    return figure
