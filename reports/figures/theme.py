"""One look for all figures: a Chinese font from a package, greys with one accent, the same bytes every time."""

from __future__ import annotations

import io
import math
import re
import textwrap
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import TypedDict

import matplotlib
import pylopdf_fonts_zh_cn
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, MaxNLocator

from reports import numbers
from reports.figures import lettering, spots
from reports.figures.spots import Spot

INK, GREY, PALE, LINE, ACCENT = "#1b1b1b", "#6b6b6b", "#f3f4f6", "#c9ccd1", "#1f4e79"
WIDTH = 9.0
SETTINGS = {
    "font.family": lettering.FAMILY,
    "font.size": 9.5,
    "axes.unicode_minus": True,
    "axes.edgecolor": LINE,
    "axes.labelcolor": INK,
    "axes.titlesize": 9.5,
    "axes.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": GREY,
    "ytick.color": INK,
    "svg.fonttype": "none",
    "svg.hashsalt": "stickiness",
}


@cache
def _register() -> None:
    font_manager.fontManager.addfont(pylopdf_fonts_zh_cn.sans_path())


def canvas(height: float, width: float = WIDTH) -> Figure:
    """An empty figure in inches with the report's settings."""
    _register()
    matplotlib.rcdefaults()
    matplotlib.rcParams.update(SETTINGS)  # type: ignore[arg-type]
    return Figure(figsize=(width, height), layout="constrained")


def apart(figure: Figure, lines: int) -> None:
    """Keep the titles of a line of panels clear of the ticks above them."""
    engine = figure.get_layout_engine()
    if lines > 1 and engine is not None:
        engine.set(h_pad=0.11)  # type: ignore[call-arg]


def plain(axes: Axes, keep: tuple[str, ...] = ("bottom",)) -> Axes:
    """Remove the frame but for the sides named, and the ticks of the others."""
    for side, spine in axes.spines.items():
        spine.set_visible(side in keep)
    axes.tick_params(axis="y", length=0)
    return axes


class Decimals(Formatter):
    """Labels of ticks with as many decimals as tell them all exactly, the same for all of an axis."""

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        digits = next((d for d in range(6) if all(abs(v - round(v, d)) < 1e-9 for v in values)), 6)
        return [numbers.decimal(value, digits) for value in values]

    def __call__(self, x: float, pos: int | None = None) -> str:
        return self.format_ticks([x])[0]


def axis_title(figure: Figure, text: str) -> None:
    """A title below all panels, in lines that the figure has room for."""
    figure.supxlabel(wrapped(text, int(12.5 * figure.get_figwidth())), fontsize=9.5, color=INK)


def wrapped(text: str, width: int) -> str:
    """Lines of at most `width` narrow characters; a Chinese one counts as two and breaks anywhere, a word nowhere."""
    if "\n" in text:
        return "\n".join(wrapped(line, width) for line in text.split("\n"))
    if all(ord(c) < 0x2E80 for c in text):
        return "\n".join(textwrap.wrap(text, width)) or text
    lines, line = [], ""
    for word in _WORD.findall(text):
        if _wide(line + word) > width and line:
            lines.append(line.rstrip())
            line = ""
        line += word if line else word.lstrip()
    return "\n".join([*lines, line])


# What stands together in Chinese text: a Latin word or one character, with an opening bracket and what closes after it.
_WORD = re.compile(r"（?(?:[\x21-\x7e]+|.)[），。；：、]*")


def _wide(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def ticks(number: int) -> MaxNLocator:
    """At most so many round ticks."""
    return MaxNLocator(number, steps=[1, 2, 2.5, 5, 10])


def _lay_out(figure: Figure) -> None:
    """Place everything as SVG measures it; saving would draw the whole figure a second time for that."""
    FigureCanvasSVG(figure)
    figure.set_dpi(72)
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        figure.set_layout_engine(None)


class Drawn(TypedDict):
    """A figure that has been drawn: its SVG text, and the places that tell their numbers."""

    svg: str
    spots: tuple[Spot, ...]


def drawn(figure: Figure, watermark: str = "") -> Drawn:
    """The figure with its spots."""
    return {"svg": svg(figure, watermark), "spots": spots.of(figure)}


def svg(figure: Figure, watermark: str = "") -> str:
    """The figure as SVG text; `watermark` is written across it."""
    if watermark:
        width, height = figure.get_size_inches()
        angle = math.degrees(math.atan2(height, width))
        size = min(44.0, 62 * width / max(len(watermark.encode("utf-8")) * 0.62, 8), 26 * height)
        figure.text(
            0.5,
            0.5,
            watermark,
            ha="center",
            va="center",
            rotation=angle,
            fontsize=size,
            color="#000000",
            alpha=0.07,
            zorder=10,
        )
    _lay_out(figure)
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, facecolor="white")
    return lettering.carried("\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n")
