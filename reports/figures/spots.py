"""Places of a figure that tell their numbers to whoever points at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Spot:
    """A place in percent of width and height, from the upper left corner, and what is said there.

    `of` : alternatives of a combination of choices, for the filter of the page.
    """

    x: float
    y: float
    text: str
    of: tuple[str, ...] = ()


def mark(axes: Axes, x: float, y: float, text: str, of: tuple[str, ...] = ()) -> None:
    """Remember that a point of a panel tells `text`."""
    axes.figure.__dict__.setdefault("told", []).append((axes, x, y, text, of))


def of(figure: Figure) -> tuple[Spot, ...]:
    """The places of a figure that has been drawn, since its layout is known only then."""
    found = []
    for axes, x, y, text, alternatives in figure.__dict__.get("told", ()):
        across, up = axes.transData.transform((x, y)) / (figure.bbox.width, figure.bbox.height)
        found.append(Spot(round(100 * across, 1), round(100 - 100 * up, 1), text, alternatives))
    return tuple(found)


def html(spots: tuple[Spot, ...]) -> Markup:
    """Empty elements over the picture; programs that read pages aloud have its text and its table instead."""
    drawn = Markup("").join(
        Markup('<i style="--x:{};--y:{}" data-t="{}"{}></i>').format(
            spot.x, spot.y, spot.text, Markup(' data-c="{}"').format(" ".join(spot.of)) if spot.of else ""
        )
        for spot in spots
    )
    return Markup('<span aria-hidden="true">{}</span>').format(drawn) if drawn else drawn


def alternatives(choices: list[tuple[str, str, list[tuple[str, str]]]]) -> list[Any]:
    """Choices as the filter reads them: name, label, and each alternative with its label."""
    return [[name, label, [[f"{name}:{value}", said] for value, said in offered]] for name, label, offered in choices]
