"""Parallel analysis: eigenvalues of the answers beside those of random data."""

from __future__ import annotations

from reports import numbers
from reports.exhibits import Figure
from reports.figures import theme
from reports.reading import Report
from reports.texts import Texts

SHOWN = 15


def figure(report: Report, texts: Texts, finding: str) -> Figure:
    """Common factors left, components right; what lies above the dashed line is more than chance."""
    rows = report.table("eigenvalues")
    values = rows.pivot(index="term", columns="quantity", values="estimate").sort_index().head(SHOWN)
    drawing = theme.canvas(2.9)
    panels = drawing.subplots(1, 2)
    for axes, kind in zip(panels, ("factor", "component"), strict=True):
        theme.plain(axes, keep=("bottom", "left"))
        places = list(range(1, len(values) + 1))
        axes.plot(places, values[kind], "o-", color=theme.ACCENT, markersize=4.5, linewidth=1.3)
        axes.plot(places, values[f"{kind}_reference"], "--", color=theme.INK, linewidth=1.1)
        axes.annotate(
            texts("axis.random"), (places[-1], values[f"{kind}_reference"].iloc[-1]), xytext=(0, 7),
            textcoords="offset points", ha="right", fontsize=8,
        )  # fmt: skip
        axes.set_title(texts(f"axis.{kind}"), loc="left")
        axes.set_xlabel(texts("axis.position"))
        axes.xaxis.set_major_locator(theme.ticks(8))
        axes.yaxis.set_major_formatter(theme.Decimals())
    panels[0].set_ylabel(texts("axis.eigenvalue"))
    listed = texts.listing([numbers.decimal(value) for value in values["factor"]])
    return Figure(
        name="scree",
        caption=texts("caption.scree"),
        svg=theme.svg(drawing, texts("simulated.watermark") if report.simulated else ""),
        alt=texts("alt.scree", values=listed),
        stages=["measure"],
        defines=["n_factors", "kmo", "bartlett", "harman"],
        notes=[finding],
    )
