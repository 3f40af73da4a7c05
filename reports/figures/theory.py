"""The theory in one picture, drawn from the constructs and hypotheses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from models import specs, theory
from reports.figures import theme
from reports.figures.theme import wrapped
from reports.texts import Texts

BOXES = {
    "value": (1.75, 3.55), "trust": (1.75, 2.25), "participation": (1.75, 0.95),
    "identification": (4.85, 2.25), "stickiness": (7.1, 2.25), "loyalty": (9.2, 2.25),
}  # fmt: skip
WIDE, NARROW, HEIGHT = 1.3, 0.76, 0.4


@dataclass(frozen=True)
class Arrows:
    """The arrows of the main model: cause and effect → hypothesis.

    Attributes
    ----------
    paths
        Effects, with those that no hypothesis is about.
    loops
        Mechanisms that go together.
    direct
        Effects beside the indirect ones.
    chains
        Mechanism → hypothesis on the order of its levels.
    """

    paths: dict[tuple[str, str], str]
    loops: dict[tuple[str, str], str]
    direct: dict[tuple[str, str], str]
    chains: dict[str, str]


def arrows() -> Arrows:
    """What the hypotheses on the main model say, by the constructs that each is about.

    Two constructs are a path, or a loop where both are mechanisms; with a third between them the first also acts on the
    last directly. Behaviour follows stickiness, of which no hypothesis is made.
    """
    found = Arrows({}, {}, {}, {})
    for key, hypothesis in theory.hypotheses().items():
        test, about = hypothesis.survey, hypothesis.survey.needs.constructs
        if isinstance(test, theory.Chain):
            found.chains[str(theory.constructs()[about[0]].part_of)] = key
        elif isinstance(test, theory.Sign) and test.spec == specs.MAIN:
            if len(about) == 3:
                found.direct[about[0], about[-1]] = key
            else:
                kind = found.loops if all(map(theory.levels, about)) else found.paths
                kind[about[0], about[1]] = key
    found.paths["stickiness", "loyalty"] = ""
    return found


def svg(texts: Texts) -> str:
    """Three mechanisms with their levels, identification, stickiness, behaviour; hypotheses on the arrows."""
    figure = theme.canvas(3.65, 9.9)
    axes = figure.subplots()
    axes.set_xlim(-0.2, 10.05)
    axes.set_ylim(0.35, 4.15)
    axes.set_aspect("equal")
    axes.set_axis_off()
    for name, place in BOXES.items():
        _box(axes, name, place, texts)
    drawn = arrows()
    for (cause, effect), label in drawn.paths.items():
        _path(axes, cause, effect, label)
    for (upper, lower), label in drawn.loops.items():
        near = BOXES[upper][1] - BOXES[lower][1] < 2
        _loop(axes, upper, lower, label, 0.55 if near else 0.42)
    for mechanism, outcome in drawn.direct:
        _direct(axes, mechanism, outcome)
    for mechanism, label in drawn.chains.items():
        x, y = BOXES[mechanism]
        _label(axes, (x + WIDE - 0.26, y + HEIGHT), label)
    return theme.svg(figure)


def _half(name: str) -> float:
    return WIDE if theory.levels(name) else NARROW


def _box(axes, name: str, place: tuple[float, float], texts: Texts) -> None:
    x, y = place
    half = _half(name)
    axes.add_patch(
        FancyBboxPatch(
            (x - half, y - HEIGHT), 2 * half, 2 * HEIGHT, boxstyle="round,pad=0,rounding_size=0.12", facecolor="white",
            edgecolor=theme.INK, linewidth=1.2,
        )
    )  # fmt: skip
    levels = " → ".join(texts.construct(level) for level in theory.levels(name))
    if not levels:
        axes.text(x, y, wrapped(texts.construct(name), 15), ha="center", va="center", fontsize=10)
        return
    axes.text(x, y + 0.2, texts.construct(name), ha="center", va="center", fontsize=10.5)
    axes.text(
        x, y - 0.13, wrapped(levels, 40), ha="center", va="center", fontsize=7.4, color=theme.GREY, linespacing=1.15
    )


def _path(axes, cause: str, effect: str, label: str) -> None:
    start = np.array(BOXES[cause]) + (_half(cause), 0)
    end = np.array(BOXES[effect]) - (_half(effect), 0)
    end = end + (0, 0.12 * np.sign(start[1] - end[1]))
    axes.add_patch(_arrow(start, end, "-|>", 0.0, "-"))
    _label(axes, start + 0.5 * (end - start), label)


def _loop(axes, upper: str, lower: str, label: str, bend: float) -> None:
    start, end = (np.array(BOXES[name]) - (WIDE, 0) for name in (upper, lower))
    start, end = start - (0, 0.12), end + (0, 0.12)
    axes.add_patch(_arrow(start, end, "<|-|>", bend, "-"))
    _label(axes, np.array([start[0] - bend * (start[1] - end[1]) / 2, (start[1] + end[1]) / 2]), label)


def _direct(axes, mechanism: str, outcome: str) -> None:
    """A direct effect, dashed, around identification: what H3 sets against the indirect one."""
    dashed = (0, (4, 3))
    x, y = BOXES[outcome]
    above = BOXES[mechanism][1] - y
    side = 1 if above > 0 else -1
    start = np.array(BOXES[mechanism]) + (WIDE, 0.2 * side)
    # from the height of identification the way below it is longer
    bend, place = (-0.25 * side, -0.15) if above else (0.33, -0.4)
    axes.add_patch(_arrow(start, np.array([x + place, y + HEIGHT * side]), "-|>", bend, dashed))


def _arrow(start, end, head: str, bend: float, style) -> FancyArrowPatch:
    return FancyArrowPatch(
        start, end, arrowstyle=head, mutation_scale=12, connectionstyle=f"arc3,rad={bend}", color=theme.INK,
        linewidth=1.2, linestyle=style, shrinkA=1, shrinkB=1,
    )  # fmt: skip


def _label(axes, place, label: str) -> None:
    if label:
        box = {"boxstyle": "square,pad=0.15", "facecolor": "white", "edgecolor": "none"}
        axes.text(*place, label, ha="center", va="center", fontsize=8.5, color=theme.ACCENT, bbox=box)
