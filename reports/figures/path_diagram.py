"""The structural model drawn: constructs as ellipses with R², paths with standardised coefficients and intervals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from matplotlib.patches import Ellipse, FancyArrowPatch

from models import specs
from reports import measured_part, numbers
from reports.exhibits import Figure
from reports.figures import path_file, theme
from reports.figures.edges import Edge
from reports.figures.theme import wrapped
from reports.reading import Report
from reports.texts import Texts

MODEL = specs.MAIN
MECHANISMS = ("value", "trust", "participation")
PLACES = {"identification": (4.7, 4.35), "stickiness": (6.9, 2.55), "loyalty": (9.6, 2.55)}
LEFT, TOP, MIDDLE, BOTTOM, FLOOR = 1.75, 4.35, 2.2, 1.35, 0.2
HALF = (0.78, 0.41)
LABEL = (0.66, 0.19)


def figure(report: Report, texts: Texts) -> Figure:
    """Path diagram of the main model."""
    edges = _edges(report, "paths", " ~ ")
    correlated = _edges(report, "covariances", " ~~ ")
    arcs = [replace(arc, interval="") for arc in correlated if {arc.cause, arc.effect} <= set(MECHANISMS)]
    used = list(dict.fromkeys(name for edge in [*edges, *arcs] for name in (edge.cause, edge.effect)))
    explained = report.table("r2", model=MODEL).set_index("term")["estimate"].to_dict()
    at, mark = places(used), texts("simulated.watermark") if report.simulated else ""
    drawing = _draw(edges, arcs, at, explained, texts)
    loadings = report.table("loadings", model=MODEL, quantity="std_all")
    described = [
        texts(
            "alt.path", cause=texts.construct(e.cause), effect=texts.construct(e.effect), beta=numbers.decimal(e.beta)
        )
        for e in edges
    ]
    return Figure(
        name="path_diagram",
        caption=texts("caption.path_diagram", n=numbers.count(report.table("paths", model=MODEL)["n"].max())),
        svg=theme.svg(drawing, mark),
        alt=texts("alt.path_diagram", paths=texts("punctuation.clauses").join(described)),
        stages=["structure"],
        defines=["std_all", "r2"],
        notes=[texts("note.path_diagram"), measured_part.sentence(report, texts, MODEL)],
        drawing=path_file.text(edges, arcs, at, HALF, explained, loadings, mark, texts),
    )


def _edges(report: Report, table: str, operator: str) -> list[Edge]:
    rows = report.table(table, model=MODEL)
    decides = rows[rows["hypothesis"] != ""].drop_duplicates("term").set_index("term")["hypothesis"]
    found = []
    for row in rows[rows["quantity"] == "std_all"].drop_duplicates("term").itertuples():
        effect, cause = row.term.split(operator)
        interval = numbers.interval(row.ci_lower, row.ci_upper)
        clear = not numbers.missing(row.ci_lower) and (row.ci_lower > 0 or row.ci_upper < 0)
        found.append(Edge(cause, effect, float(row.estimate), interval, clear, decides.get(row.term, "")))
    return found


def places(used: list[str]) -> dict[str, tuple[float, float]]:
    """Where each construct stands: mechanisms left, outcomes right, all others in a row below."""
    mechanisms = [name for name in MECHANISMS if name in used]
    heights = np.linspace(TOP, BOTTOM if len(mechanisms) > 2 else MIDDLE, len(mechanisms))
    found = {name: (LEFT, float(y)) for name, y in zip(mechanisms, heights, strict=True)}
    found |= {name: place for name, place in PLACES.items() if name in used}
    others = [name for name in used if name not in found]
    spread = np.linspace(4.5, 9.6, len(others)) if len(others) > 1 else np.full(len(others), 6.9)
    return found | {name: (float(x), FLOOR) for name, x in zip(others, spread, strict=True)}


def _border(center: tuple[float, float], towards: tuple[float, float], gap: float = 0.04) -> np.ndarray:
    """Where the line from the centre of an ellipse leaves it."""
    start, direction = np.array(center), np.array(towards) - np.array(center)
    size = np.hypot(*(direction / np.array(HALF)))
    return start + direction / size * (1 + gap / np.hypot(*direction) * size)


def _draw(edges: list[Edge], arcs: list[Edge], at: dict, explained: dict, texts: Texts):
    xs, ys = zip(*at.values(), strict=True)
    low, high = (min(xs) - (1.75 if arcs else 0.9), min(ys) - 0.5), (max(xs) + 0.9, max(ys) + 0.5)
    scale = theme.WIDTH / max(high[0] - low[0], 7.0)
    drawing = theme.canvas((high[1] - low[1]) * scale, (high[0] - low[0]) * scale)
    axes = drawing.subplots()
    axes.set_xlim(low[0], high[0])
    axes.set_ylim(low[1], high[1])
    axes.set_aspect("equal")
    axes.set_axis_off()
    for name, (x, y) in at.items():
        axes.add_patch(Ellipse((x, y), 2 * HALF[0], 2 * HALF[1], facecolor="white", edgecolor=theme.INK, linewidth=1.1))
        label = wrapped(texts.construct(name), 14)
        if name in explained:
            label += "\n" + numbers.equation("R²", numbers.bounded(explained[name]))
        axes.text(
            x, y, label, ha="center", va="center", fontsize=9.6 if label.count("\n") < 2 else 8.8, linespacing=1.12
        )
    segments = [(_border(at[e.cause], at[e.effect]), _border(at[e.effect], at[e.cause])) for e in edges]
    for edge, (start, end) in zip(edges, segments, strict=True):
        _arrow(axes, start, end, edge, "-|>", 0.0)
    placed: list[np.ndarray] = []
    order = sorted(range(len(edges)), key=lambda i: float(np.hypot(*(segments[i][1] - segments[i][0]))))
    for index in order:
        spot = _spot(index, segments, placed, list(at.values()))
        placed.append(spot)
        _label(axes, spot, edges[index])
    for arc in arcs:
        _arc(axes, arc, at)
    return drawing


def _style(edge: Edge) -> dict:
    width = 0.9 + 1.9 * min(abs(np.nan_to_num(edge.beta)), 1)
    return {
        "linewidth": width,
        "linestyle": "-" if edge.clear else (0, (4, 3)),
        "color": theme.INK if edge.clear else theme.GREY,
    }


def _arrow(axes, start, end, edge: Edge, head: str, bend: float) -> None:
    axes.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle=head, mutation_scale=11, shrinkA=0, shrinkB=0,
            connectionstyle=f"arc3,rad={bend}", zorder=1, **_style(edge),
        )
    )  # fmt: skip


def _arc(axes, arc: Edge, at: dict) -> None:
    """A correlation: a curve with two heads, left of the mechanisms."""
    upper, lower = sorted((at[arc.cause], at[arc.effect]), key=lambda place: -place[1])
    height = upper[1] - lower[1]
    far = height > (TOP - BOTTOM) * 0.75 and len(at) > 4
    start, end = np.array(upper) - (HALF[0] * 0.86, 0.2), np.array(lower) - (HALF[0] * 0.86, -0.2)
    bend = 0.38 if far else 0.3
    _arrow(axes, start, end, arc, "<|-|>", bend)
    reach = float(np.hypot(*(end - start))) * bend / 2
    _label(axes, np.array([start[0] - reach, (start[1] + end[1]) / 2]), arc)


def _label(axes, spot: np.ndarray, edge: Edge) -> None:
    box = {"boxstyle": "square,pad=0.12", "facecolor": "white", "edgecolor": "none"}
    axes.text(
        *spot, edge.label, ha="center", va="center", fontsize=8.4,
        linespacing=1.1, bbox=box, color=theme.INK if edge.clear else theme.GREY, zorder=3,
    )  # fmt: skip


def _spot(index: int, segments: list, placed: list[np.ndarray], nodes: list[tuple[float, float]]) -> np.ndarray:
    """The place on an edge that is freest of other labels, edges and nodes."""
    start, end = segments[index]
    best, least = (start + end) / 2, np.inf
    for share in np.linspace(0.22, 0.78, 15):
        spot = start + share * (end - start)
        cost = 0.4 * abs(share - 0.45)
        for other in placed:
            gap = np.abs(spot - other) / np.array(LABEL)
            cost += 6 * max(0.0, 2.1 - max(gap))
        for node in nodes:
            gap = np.abs(spot - np.array(node)) / (np.array(LABEL) + np.array(HALF))
            cost += 8 * max(0.0, 1.0 - max(gap))
        for position, segment in enumerate(segments):
            if position != index:
                cost += 2 * max(0.0, 1 - _distance(spot, *segment) / 0.3)
        if cost < least - 1e-9:
            best, least = spot, cost
    return best


def _distance(point: np.ndarray, start: np.ndarray, end: np.ndarray) -> float:
    """From a point to a line segment, with the label's width squeezed to its height."""
    squeeze = np.array([LABEL[1] / LABEL[0], 1.0])
    a, b, p = start * squeeze, end * squeeze, point * squeeze
    share = np.clip(np.dot(p - a, b - a) / np.dot(b - a, b - a), 0, 1)
    return float(np.hypot(*(p - a - share * (b - a))))
