"""Figures: places of constructs, ticks, the arrows of the theory."""

from __future__ import annotations

import numpy as np

from models import specs
from reports.figures.path_diagram import places
from reports.figures.theme import Decimals
from reports.figures.theory import arrows


def test_no_two_constructs_stand_in_the_same_place() -> None:
    found = places(
        ["value", "trust", "identification", "stickiness", "loyalty", "transaction", "habit", "switching_cost"]
    )
    spots = np.array(list(found.values()))
    gaps = np.hypot(*(spots[:, None] - spots[None]).T) + 9 * np.eye(len(spots))
    assert gaps.min() > 1


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
