"""Where the first start leads nowhere, another one leads to the minimum."""

from __future__ import annotations

import pytest

from models import sem
from tests.sem.cases import data

LEVELS = """
hed =~ hed1 + hed2 + hed3
inf =~ inf1 + inf2 + inf3
uti =~ uti1 + uti2 + uti3
tr =~ tr1 + tr2 + tr3
idn =~ idn1 + idn2 + idn3
sti =~ sti1 + sti2 + sti3
value =~ 1*hed + 1*inf
idn ~ value + tr
sti ~ idn + value + tr + uti
"""


def test_a_valley_without_end_beside_the_minimum_is_left() -> None:
    """272 people, one level with weak items that does not go with the other; lavaan 0.6-14 takes 74 steps."""
    fit = sem.fit(LEVELS, data("valley.csv"), missing="fiml")
    found = fit.tidy().set_index(["lhs", "op", "rhs"])["est"]
    assert fit.fit_indices()["logl"] == pytest.approx(-6231.308, abs=1e-3)
    assert found["idn", "~", "value"] == pytest.approx(1.836, abs=1e-3)
    assert found["sti", "~", "value"] == pytest.approx(3.015, abs=1e-3)
