"""Figures: places of constructs, text and its font, points that tell their numbers, ticks, the arrows of the theory."""

from __future__ import annotations

import base64
import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from fontTools.ttLib import TTFont

from models import specs
from reports.figures import spots, theme
from reports.figures.path_diagram import places
from reports.figures.theme import Decimals
from reports.figures.theory import arrows


def test_no_two_constructs_stand_in_the_same_place() -> None:
    found = places(
        ["value", "trust", "identification", "stickiness", "loyalty", "transaction", "habit", "switching_cost"]
    )
    at = np.array(list(found.values()))
    gaps = np.hypot(*(at[:, None] - at[None]).T) + 9 * np.eye(len(at))
    assert gaps.min() > 1


def test_the_text_of_a_figure_is_text_in_a_font_that_the_figure_carries() -> None:
    drawing = theme.canvas(1.0)
    drawing.subplots().set_title("情感粘性 < β = 0.42")
    svg = theme.svg(drawing)
    root = ElementTree.fromstring(svg)
    assert "情感粘性 < β = 0.42" in [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    carried = TTFont(io.BytesIO(base64.b64decode(re.search(r"font/otf;base64,([^)]*)", svg)[1])))
    assert set(map(ord, "情感粘性<β=0.42")) <= set(carried.getBestCmap())
    assert len(carried.getGlyphOrder()) < 40, "its own characters alone"


def test_a_point_tells_its_number_where_it_is_drawn() -> None:
    drawing = theme.canvas(2.0)
    axes = drawing.subplots()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    for x, y in ((0.0, 0.0), (1.0, 1.0)):
        spots.mark(axes, x, y, f"{x}", of=("answers:all",))
    low, high = theme.drawn(drawing)["spots"]
    box = axes.get_position()
    assert (low.x, low.y) == pytest.approx((100 * box.x0, 100 - 100 * box.y0), abs=0.1)
    assert (high.x, high.y) == pytest.approx((100 * box.x1, 100 - 100 * box.y1), abs=0.1)
    assert 'data-t="0.0" data-c="answers:all"' in spots.html((low,))


def test_lines_break_between_chinese_signs_but_in_no_word_and_before_no_bracket_that_closes() -> None:
    title = "直播卖家的帖子（Facebook Live）†"
    assert theme.wrapped(title, 20).split("\n") == ["直播卖家的帖子", "（Facebook Live）†"]
    assert theme.wrapped(title, 12).split("\n") == ["直播卖家的帖", "子（Facebook", "Live）†"]


def test_ticks_of_an_axis_have_the_same_decimals() -> None:
    ticks = Decimals()
    assert ticks.format_ticks([-0.1, -0.05, 0, 0.05]) == ["−0.10", "−0.05", "0.00", "0.05"]
    assert ticks.format_ticks([0, 0.025, 0.05]) == ["0.000", "0.025", "0.050"]
    assert ticks.format_ticks([0.0, 1000.0, 2000.0]) == ["0", "1,000", "2,000"]


def test_the_picture_of_the_theory_has_every_arrow_of_the_main_model() -> None:
    """The specification names effects by label: h1a, h2, h5b, direct_trust."""
    declared = [line.split("#")[0] for line in specs.structural_specs()["mechanisms"].splitlines()]
    wanted = {"paths": set(), "loops": set(), "direct": set()}
    for line in (line for line in declared if "~" in line):
        effect, _, causes = line.replace("~~", "~").partition("~")
        for cause in causes.split("+"):
            label, star, name = cause.strip().partition("*")
            ends = (name.strip(), effect.strip())
            if "~~" in line:
                wanted["loops"].add(frozenset(ends))
            elif star:
                wanted["direct" if label.startswith("direct_") else "paths"].add(ends)
    drawn = arrows()
    assert set(drawn.paths) == wanted["paths"] | {("stickiness", "loyalty")}
    assert set(drawn.direct) == wanted["direct"]
    assert {frozenset(ends) for ends in drawn.loops} == wanted["loops"]
    assert set(drawn.chains) == {"value", "trust", "participation"}
