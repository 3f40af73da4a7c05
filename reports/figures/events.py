"""Effects of a roll-out by periods since its start: one line of panels a roll-out, one column an outcome."""

from __future__ import annotations

from matplotlib.axes import Axes

from reports import numbers
from reports.exhibits import Figure
from reports.figures import spots, theme
from reports.figures.coefficients import with_interval
from reports.figures.theme import wrapped
from reports.reading import Report
from reports.tables.panel import units
from reports.texts import Texts


def figure(report: Report, texts: Texts) -> Figure:
    """Diamonds before the start should lie on zero; points from the start on are effects."""
    rows = report.table("event_study")
    rows = rows[rows["quantity"].isin(["lead", "effect"])]
    rows = rows.assign(horizon=rows["term"].astype(float))
    names, outcomes = list(dict.fromkeys(rows["model"])), list(dict.fromkeys(rows["group"]))
    drawing = theme.canvas(2.3 * len(names) + 0.4)
    grid = drawing.subplots(len(names), len(outcomes), sharex=True, sharey="col", squeeze=False)
    theme.apart(drawing, len(names))
    for line, name in zip(grid, names, strict=True):
        for axes, outcome in zip(line, outcomes, strict=True):
            part = rows[(rows["model"] == name) & (rows["group"] == outcome)]
            title = texts("punctuation.pair", a=texts.construct(outcome), b=texts.model(name))
            axes.set_title(wrapped(title, 56 if len(outcomes) > 1 else 110), loc="left", pad=6)
            _panel(axes, part, texts)
    theme.axis_title(drawing, texts("axis.since_start"))
    drawing.supylabel(texts("axis.effect"), fontsize=9.5, color=theme.INK)
    averages = report.table("event_study", quantity="raw")
    said = []
    for _, row in averages.iterrows():
        what = f"{texts.model(row['model'])}, {texts.construct(row['group'])}"
        said.append(texts("punctuation.pair", a=what, b=with_interval(row, 3)))
    return Figure(
        name="event_study",
        caption=texts("caption.event_study_figure"),
        **theme.drawn(drawing, texts("simulated.watermark") if report.simulated else ""),
        alt=texts("alt.event_study", values=texts("punctuation.clauses").join(said)),
        stages=["panel"],
        defines=["imputation"],
        notes=[texts("note.event_study_figure"), units(report, texts, outcomes, rows)],
    )


def _panel(axes: Axes, rows, texts: Texts) -> None:
    theme.plain(axes, keep=("bottom", "left"))
    axes.axhline(0, color=theme.GREY, linewidth=0.8, zorder=0)
    axes.axvline(-0.5, color=theme.GREY, linewidth=0.9, linestyle=(0, (2, 2)), zorder=0)
    for row, (_, cells) in zip(rows.itertuples(), rows.iterrows(), strict=True):
        size = "" if numbers.missing(row.n) else texts("site.n", n=numbers.count(row.n))
        told = [part for part in (with_interval(cells, 3), size) if part]
        spots.mark(axes, row.horizon, row.estimate, texts("punctuation.clauses").join(told))
        before = row.quantity == "lead"
        clear = row.ci_lower > 0 or row.ci_upper < 0
        color = theme.GREY if before else theme.ACCENT
        axes.plot([row.horizon] * 2, [row.ci_lower, row.ci_upper], color=color, linewidth=1.4)
        axes.plot(
            [row.horizon], [row.estimate], "D" if before else "o", markersize=4.6 if before else 5.4, color=color,
            markerfacecolor=color if clear else "white", markeredgewidth=1.2,
        )  # fmt: skip
    axes.xaxis.set_major_locator(theme.ticks(8))
    axes.yaxis.set_major_locator(theme.ticks(5))
    axes.tick_params(axis="both", labelbottom=True, labelleft=True)
    axes.xaxis.set_major_formatter(theme.Decimals())
    axes.yaxis.set_major_formatter(theme.Decimals())
