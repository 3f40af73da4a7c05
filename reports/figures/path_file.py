"""The main model for diagrams.net: as the figure shows it, and on a second page with levels, items and loadings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from reports import numbers
from reports.figures import drawio
from reports.figures.drawio import Link, Shape
from reports.figures.edges import Edge
from reports.texts import Texts

ITEM, LEVEL = (0.62, 0.22), (1.15, 0.42)
# Steps to the left or right of a construct: to its levels, and from these to the items.
STEP = 1.7


def text(
    edges: Sequence[Edge],
    arcs: Sequence[Edge],
    at: Mapping[str, tuple[float, float]],
    half: tuple[float, float],
    explained: Mapping[str, float],
    loadings: pd.DataFrame,
    mark: str,
    texts: Texts,
) -> str:
    """The file with both pages.

    Parameters
    ----------
    at, half
        Centre of every construct, and half the width and height of its ellipse.
    explained
        Construct → R².
    loadings
        Rows of the main model, `construct =~ item`, standardised.
    mark
        What is written above the drawing; of simulated data, that they are.
    """
    shapes = [
        Shape(name, _named(name, explained, texts), x, y, 2 * half[0], 2 * half[1]) for name, (x, y) in at.items()
    ]
    top = max(shape.y for shape in shapes) + 2 * half[1]
    said = (
        [Shape("mark", mark, min(shape.x for shape in shapes), top, 2 * half[0], half[1], drawio.NOTE)] if mark else []
    )
    links = [_link(edge, drawio.DIRECTED) for edge in edges] + [_link(arc, drawio.CURVED) for arc in arcs]
    short = [(texts("model.mechanisms"), [*said, *shapes], links)]
    found = _measured(shapes, loadings, texts)
    whole = [(texts("axis.with_items"), [*said, *found[0], *shapes], [*links, *found[1]])] if found[0] else []
    return drawio.text([*short, *whole])


def _named(name: str, explained: Mapping[str, float], texts: Texts) -> str:
    r2 = "\n" + numbers.equation("R²", numbers.bounded(explained[name])) if name in explained else ""
    return texts.construct(name) + r2


def _link(edge: Edge, heads: str) -> Link:
    style = drawio.LINE + heads + drawio.DIRECTED * (heads != drawio.DIRECTED)
    return Link(edge.cause, edge.effect, edge.label, style + ("" if edge.clear else drawio.DASHED))


def _measured(shapes: Sequence[Shape], loadings: pd.DataFrame, texts: Texts) -> tuple[list[Shape], list[Link]]:
    """Items and levels in columns: left of constructs that stand left, right of all others."""
    parts: dict[str, list[tuple[str, float]]] = {}
    for row in loadings.drop_duplicates("term").itertuples():
        whole, _, part = str(row.term).partition(" =~ ")
        parts.setdefault(whole, []).append((part, float(row.estimate)))
    xs = [shape.x for shape in shapes]
    middle, edge = (min(xs) + max(xs)) / 2, (min(xs), max(xs))
    drawn: list[Shape] = []
    links: list[Link] = []
    for side, start in ((-1, edge[0]), (1, edge[1])):
        height = max(shape.y for shape in shapes)
        for shape in sorted(shapes, key=lambda one: -one.y):
            if (shape.x > middle) != (side > 0):
                continue
            for part, loading in parts.get(shape.name, []):
                links.append(Link(shape.name, part, numbers.bounded(loading)))
                items = parts.get(part, [])
                x = start + side * STEP * 2.1
                if items:
                    centre = height - ITEM[1] * 1.4 * (len(items) - 1) / 2
                    drawn.append(Shape(part, texts.construct(part), start + side * STEP, centre, *LEVEL))
                    links += [Link(part, item, numbers.bounded(size)) for item, size in items]
                for item, _ in items or [(part, loading)]:
                    drawn.append(Shape(item, item, x, height, *ITEM, drawio.BOX))
                    height -= ITEM[1] * 1.4
            height -= ITEM[1]
    return drawn, links
