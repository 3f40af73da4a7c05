"""HTMT of every pair of constructs as a map: the number in each cell, close pairs framed."""

from __future__ import annotations

import numpy as np
from matplotlib.patches import Rectangle

from models.choices import choices
from reports import numbers
from reports.exhibits import Figure
from reports.figures import theme
from reports.figures.theme import wrapped
from reports.reading import Report
from reports.texts import Texts


def htmt(report: Report, texts: Texts, finding: list[str]) -> Figure:
    """Lower triangle; a frame where close, a thick one where very close; `finding` goes into the note."""
    rows = report.table("validity", quantity="htmt")
    names = list(dict.fromkeys([*rows["group"], *rows["term"]]))
    order = [name for name in dict.fromkeys(report.table("reliability")["term"]) if name in names]
    names = order + [name for name in names if name not in order]
    at = {name: position for position, name in enumerate(names)}
    values = np.full((len(names), len(names)), np.nan)
    for row in rows.itertuples():
        low, high = sorted((at[row.term], at[row.group]))
        values[high, low] = row.estimate
    labels = [texts.construct(name) for name in names]
    watermark = texts("simulated.watermark") if report.simulated else ""
    close = [
        texts(
            "punctuation.pair", a=texts("term.with", left=labels[j], right=labels[i]), b=numbers.bounded(values[i, j])
        )
        for i, j in zip(*np.nonzero(values > choices.htmt), strict=True)
    ]
    return Figure(
        name="htmt",
        caption=texts("caption.htmt"),
        svg=theme.svg(_draw(values, labels), watermark),
        alt=texts("alt.htmt", close=texts("punctuation.clauses").join(close) or texts("word.none")),
        stages=["measure"],
        defines=["htmt"],
        notes=[*_frames(values, texts), *finding],
    )


def _frames(values: np.ndarray, texts: Texts) -> list[str]:
    """What the frames mean that are drawn."""
    thick = bool((values > choices.htmt_close).any())
    thin = bool(((values > choices.htmt) & (values <= choices.htmt_close)).any())
    return [texts(f"note.frame_{name}") for name, drawn in (("thin", thin), ("thick", thick)) if drawn]


def _draw(values: np.ndarray, labels: list[str]):
    size = len(labels)
    cell = 0.62 if size <= 8 else max(0.27, 7.4 / size * 0.9)
    figure = theme.canvas(cell * (size - 1) + 1.1, min(theme.WIDTH, cell * 1.35 * (size - 1) + 3.2))
    axes = theme.plain(figure.subplots(), keep=())
    small = 9 if size <= 8 else 6.5
    for i, j in zip(*np.nonzero(np.isfinite(values)), strict=True):
        value = values[i, j]
        shade = 1 - 0.42 * min(max(value, 0), 1)
        axes.add_patch(
            Rectangle((j - 0.5, i - 0.5), 1, 1, color=(shade, shade + (1 - shade) * 0.35, shade + (1 - shade) * 0.7))
        )
        axes.text(j, i, numbers.bounded(value), ha="center", va="center", fontsize=small)
    for i, j in zip(*np.nonzero(values > choices.htmt), strict=True):
        width = 2.4 if values[i, j] > choices.htmt_close else 1.1
        axes.add_patch(Rectangle((j - 0.46, i - 0.46), 0.92, 0.92, fill=False, edgecolor=theme.INK, linewidth=width))
    axes.set_xlim(-0.5, size - 1.5)
    axes.set_ylim(size - 0.5, 0.5)
    axes.set_yticks(range(1, size), labels[1:], fontsize=max(small, 7.5))
    turned = size > 4
    axes.set_xticks(
        range(size - 1),
        [label if turned else wrapped(label, 18) for label in labels[:-1]],
        rotation=40 if turned else 0,
        ha="right" if turned else "center",
        rotation_mode="anchor" if turned else "default",
        fontsize=max(small, 7.5),
        color=theme.INK,
    )
    axes.tick_params(axis="both", length=0)
    return figure
