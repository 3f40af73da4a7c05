"""Every combination of declared choices, with how each compares with the main analysis."""

from __future__ import annotations

import pandas as pd

from reports import numbers
from reports.exhibits import Figure
from reports.figures import theme
from reports.figures.robustness import choices_of, dashboard, estimates
from reports.reading import Report
from reports.texts import Texts

# As the results number them.
TYPES = ("equivalent", "uncertain", "not_equivalent")


def multiverse(report: Report, texts: Texts) -> list[Figure]:
    """A figure a specification: effects in ascending order above, types and choices of each combination below."""
    return [_figure(report, texts, model) for model in report.models("multiverse_joint")]


def _figure(report: Report, texts: Texts, model: str) -> Figure:
    tested = list(dict.fromkeys(report.table("multiverse_joint", model=model)["term"]))
    rows = report.table("multiverse", model=model, quantity="std_all")
    rows = rows[rows["term"].isin(tested)]
    kinds = report.table("multiverse", model=model, quantity="type").set_index("group")["estimate"]
    table = _chosen(rows["group"], kinds)
    offered = [(name, value) for name in table for value in dict.fromkeys(table[name]) if table[name].nunique() > 1]
    figure = theme.canvas(2.2 + 0.21 * len(offered) + 0.35)
    grid = figure.subplots(2, len(tested), sharey="row", squeeze=False, height_ratios=[2.1, 0.21 * len(offered)])
    for column, term in enumerate(tested):
        part = rows[rows["term"] == term].sort_values("estimate", kind="stable").reset_index(drop=True)
        main = part["group"] == kinds.index[0]
        estimates(grid[0, column], part, main)
        dashboard(grid[1, column], _chosen(part["group"], kinds), main, offered)
        title = theme.wrapped(texts.slope(model, term), {1: 90, 2: 48, 3: 32}.get(len(tested), 23))
        grid[0, column].set_title(title, loc="left", pad=6)
    grid[0, 0].set_ylabel(texts("axis.std_path_short"))
    grid[1, 0].set_yticks(range(len(offered)), [texts(f"choice.{name}.{value}") for name, value in offered])
    theme.axis_title(figure, texts("axis.combinations", n=numbers.count(rows["group"].nunique())))
    return Figure(
        name=f"multiverse_{model}",
        caption=texts("caption.multiverse", model=texts.model(model)),
        svg=theme.svg(figure, texts("simulated.watermark") if report.simulated else ""),
        alt=texts("alt.multiverse", values=texts("punctuation.clauses").join(_described(rows, texts, model))),
        stages=["multiverse"],
        defines=["multiverse"],
        notes=[texts("note.specification_curve"), texts("note.multiverse")],
    )


def _chosen(groups: pd.Series, kinds: pd.Series) -> pd.DataFrame:
    """Type and choices of combinations, a row each."""
    found = [{"type": TYPES[int(kinds[group])]} | choices_of(group) for group in groups]
    return pd.DataFrame(found, index=groups.index)


def _described(rows: pd.DataFrame, texts: Texts, model: str) -> list[str]:
    found = []
    for term, part in rows.groupby("term", sort=False):
        low, median, high = (numbers.decimal(part["estimate"].quantile(q)) for q in (0, 0.5, 1))
        found.append(texts("alt.specification", term=texts.slope(model, str(term)), low=low, median=median, high=high))
    return found
