"""Robustness of the structural paths: the specification curve, and each group left out."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from models import specs
from reports import numbers
from reports.exhibits import Figure
from reports.figures import coefficients, spots, theme
from reports.reading import Report
from reports.texts import Texts

FEWEST = 3


def choices_of(group: str) -> dict[str, str]:
    """`estimator: MLR; answers: all` → {"estimator": "MLR", "answers": "all"}."""
    return dict(part.split(": ") for part in group.split("; "))  # type: ignore[arg-type]


def curve(report: Report, texts: Texts) -> list[Figure]:
    """All combinations of choices: effects in ascending order above, the choices of each below."""
    rows = report.table("specifications", quantity="std_all")
    if rows["group"].nunique() < FEWEST:
        return []
    first = report.table("specifications")["group"].iloc[0]  # the main analysis
    paths = rows[rows["term"].str.contains(" ~ ", regex=False)]
    terms = list(dict.fromkeys(paths["term"]))
    table = pd.DataFrame([choices_of(group) for group in paths["group"]], index=paths.index)
    offered = [(name, value) for name in table for value in dict.fromkeys(table[name]) if table[name].nunique() > 1]
    figure = theme.canvas(2.2 + 0.21 * len(offered) + 0.35)
    grid = figure.subplots(2, len(terms), sharey="row", squeeze=False, height_ratios=[2.1, 0.21 * len(offered)])
    for column, term in enumerate(terms):
        part = paths[paths["term"] == term].sort_values("estimate", kind="stable").reset_index(drop=True)
        chosen = pd.DataFrame([choices_of(group) for group in part["group"]])
        main = part["group"] == first
        estimates(grid[0, column], part, main)
        for place, row in part.iterrows():
            of = tuple(f"{name}:{value}" for name, value in chosen.loc[place].items())
            spots.mark(grid[0, column], place, row["estimate"], coefficients.with_interval(row), of)
        dashboard(grid[1, column], chosen, main, offered)
        title = theme.wrapped(texts.term(term), {1: 90, 2: 48, 3: 32}.get(len(terms), 23))
        grid[0, column].set_title(title, loc="left", pad=6)
    grid[0, 0].set_ylabel(texts("axis.std_path_short"))
    labels = [texts(f"choice.{name}.{value}") for name, value in offered]
    grid[1, 0].set_yticks(range(len(offered)), labels)
    theme.axis_title(figure, texts("axis.combinations", n=numbers.count(rows["group"].nunique())))
    return [
        Figure(
            name="specification_curve",
            caption=texts("caption.specification_curve"),
            **theme.drawn(figure, texts("simulated.watermark") if report.simulated else ""),
            choices=_choices(offered, texts),
            alt=texts("alt.specification_curve", values=texts("punctuation.clauses").join(_described(report, texts))),
            stages=["structure"],
            defines=["specification_curve"],
            notes=[texts("note.specification_curve"), *_failures(report, texts)],
        )
    ]


def _choices(offered: list[tuple[str, str]], texts: Texts) -> list[Any]:
    """The choices with their alternatives in words, for the filter of the page."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, value in offered:
        found.setdefault(name, []).append((value, texts(f"choice.{name}.{value}")))
    return spots.alternatives([(name, texts(f"choice_name.{name}"), values) for name, values in found.items()])


def estimates(axes: Axes, part: pd.DataFrame, main: pd.Series) -> None:
    """Estimates with intervals in their order; those of the main analysis are ringed."""
    theme.plain(axes, keep=("left",))
    axes.axhline(0, color=theme.GREY, linewidth=0.8, linestyle=(0, (2, 2)), zorder=0)
    for place, row in enumerate(part.itertuples()):
        clear = row.ci_lower > 0 or row.ci_upper < 0
        axes.plot([place, place], [row.ci_lower, row.ci_upper], color=theme.LINE, linewidth=1.2, solid_capstyle="butt")
        face = theme.ACCENT if clear else "white"
        axes.plot(
            [place], [row.estimate], "o", markersize=3.2, color=theme.ACCENT, markerfacecolor=face, markeredgewidth=0.9
        )
    for place in part.index[main]:
        axes.plot([place], [part.loc[place, "estimate"]], "o", markersize=8, color=theme.INK, fillstyle="none")
    axes.set_xlim(-1, len(part))
    axes.set_xticks([])
    axes.yaxis.set_major_locator(theme.ticks(5))
    axes.yaxis.set_major_formatter(theme.Decimals())
    axes.tick_params(axis="y", length=0, labelleft=axes.get_subplotspec().is_first_col())  # type: ignore[union-attr]


def dashboard(axes: Axes, chosen: pd.DataFrame, main: pd.Series, offered: list[tuple[str, str]]) -> None:
    """A line an alternative, marked where a combination has it."""
    theme.plain(axes, keep=())
    for height, (name, value) in enumerate(offered):
        at = chosen.index[chosen[name] == value]
        axes.plot(
            chosen.index, [height] * len(chosen), "|", markersize=5, color=theme.PALE, markeredgewidth=1.2, zorder=0
        )
        axes.plot(at, [height] * len(at), "|", markersize=6, color=theme.ACCENT, markeredgewidth=1.4)
        if height and offered[height - 1][0] != name:
            axes.axhline(height - 0.5, color=theme.LINE, linewidth=0.6)
    for place in chosen.index[main]:
        axes.axvline(place, color=theme.INK, linewidth=0.6, zorder=0)
    axes.set_xlim(-1, len(chosen))
    axes.set_ylim(len(offered) - 0.5, -0.5)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0, labelleft=axes.get_subplotspec().is_first_col())  # type: ignore[union-attr]


def _described(report: Report, texts: Texts) -> list[str]:
    rows = report.table("specification_summary")
    values = rows.pivot(index="term", columns="quantity", values="estimate")
    return [
        texts(
            "alt.specification",
            term=texts.term(term),
            low=numbers.decimal(values.loc[term, "lowest"]),
            median=numbers.decimal(values.loc[term, "median"]),
            high=numbers.decimal(values.loc[term, "highest"]),
        )
        for term in dict.fromkeys(rows["term"])
    ]


def _failures(report: Report, texts: Texts) -> list[str]:
    failed = report.table("specifications", quantity="failed")
    return [texts("note.combinations_failed", n=numbers.count(len(failed)))] if len(failed) else []


def left_out(report: Report, texts: Texts) -> list[Figure]:
    """Paths of the hypotheses without each group of a grouping."""
    rows = report.table("leave_one_out", quantity="std_all")
    decided = report.table("paths", model=specs.MAIN)
    terms = [term for term in dict.fromkeys(decided[decided["hypothesis"] != ""]["term"]) if " ~ " in term]
    everybody = report.table("sensitivity", group="main", quantity="effect").assign(group="all")
    found = []
    for by in dict.fromkeys(group.partition(": ")[0] for group in rows["group"]):
        part = pd.concat([everybody, rows[rows["group"].str.startswith(f"{by}: ")]])
        part = part[part["term"].isin(terms)].reset_index(drop=True)
        labels = {group: texts("choice.left_out", x=texts.member(group)) for group in report.ordered(part["group"])}
        labels["all"] = texts.member("all")
        values = [
            texts("punctuation.pair", a=f"{texts.term(row.term)}, {labels[row.group]}", b=numbers.decimal(row.estimate))
            for row in part.itertuples()
        ]
        found.append(
            Figure(
                name=f"leave_one_out_{by}",
                caption=texts("caption.leave_one_out", by=texts.group(by)),
                **coefficients.panels(
                    part,
                    texts,
                    texts("axis.std_path"),
                    texts("simulated.watermark") if report.simulated else "",
                    labels,
                ),
                alt=texts("alt.coefficients", what=texts.group(by), values=texts("punctuation.clauses").join(values)),
                stages=["structure"],
                defines=["leave_one_out"],
                notes=[texts("note.points")],
            )
        )
    return found
