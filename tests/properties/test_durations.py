"""Any text under a duration, a number or a date is read or refused; nothing becomes missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import InputError
from pipeline.reading import durations, moments, notation, numbers
from tests.properties.limits import only, runs, tried

DURATIONS = ["185秒", "3分5秒", "00:03:05", "3 min 5 s", "2.5", "1小时2分3秒", "1h", "31,245", "１８５", "-3", "1e3"]
NUMBERS = ["1,234", "1.234,5", "-3", "−3", "EUR 7", "12%", "1e5", "inf", "007", ".5", "1.", "1 234", "1'000", "NA"]
DATES = ["2024-01-31", "2024-02-30", "0000-01-01", "99999-01-01", "31.01.2024", "24-01-05", "45658.3", "1704445200"]
FORMS = ["%Y-%m-%d", "%d.%m.%Y", "%y-%m-%d", "%Y-%m-%dT%H:%M:%S%z", "unix", "unix_ms", "%j %Y"]


@st.composite
def nearly(draw: st.DrawFn, whole: list[str]) -> str:
    """A right text with a few characters changed."""
    found = draw(st.sampled_from(whole))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(found)))
        mark = draw(st.one_of(st.sampled_from("0123456789.,:-+ eE秒分hms%−０\u00a0"), st.characters(codec="utf-8")))
        found = found[:at] + mark + found[at + draw(st.integers(0, 1)) :]
    return found


def whole_or_refused(cells: list[str], read) -> None:
    """Either every cell that is not blank has a finite value, or an error is raised."""
    with only(InputError):
        found = read(pd.Series(cells, name="cell", dtype=object))
        blank = [not numbers.as_written(cell) for cell in cells]
        assert found.isna().tolist() == blank
        assert not np.isinf(found.dropna().astype(float)).any()


@runs
def test_any_duration(examples: int) -> None:
    @tried(examples)
    @given(st.lists(nearly(DURATIONS), min_size=1, max_size=4), st.sampled_from(["seconds", "minutes"]))
    def holds(cells: list[str], unit: str) -> None:
        whole_or_refused(cells, lambda column: durations.seconds(column, unit, "t"))

    holds()


@runs
def test_any_number(examples: int) -> None:
    @tried(examples)
    @given(st.lists(nearly(NUMBERS), min_size=1, max_size=4))
    def holds(cells: list[str]) -> None:
        whole_or_refused(cells, lambda column: numbers.read(column, "t", "a number", "correct it"))

    holds()


@runs
def test_any_date(examples: int) -> None:
    @tried(examples)
    @given(st.lists(nearly(DATES), min_size=1, max_size=4), st.sampled_from(FORMS))
    def holds(cells: list[str], form: str) -> None:
        with only(InputError):
            found = moments.read(pd.Series(cells, dtype=object), form, "t", "format")
            assert found.isna().tolist() == [not cell.strip() for cell in cells]
            assert found.dropna().dt.year.between(1900, 2100).all()

    holds()


@runs
def test_a_number_written_in_another_notation_is_the_same_number(examples: int) -> None:
    signs = st.sampled_from([(",", "."), (".", ","), (",", " "), (".", "'"), (",", "")])

    @tried(examples)
    @given(st.integers(-(10**9), 10**9), st.integers(0, 99), signs)
    def holds(whole: int, cents: int, marks: tuple[str, str]) -> None:
        decimal, thousands = marks
        written = f"{whole:,}".replace(",", thousands) + f"{decimal}{cents:02d}"
        plain = notation.plain(written, decimal, thousands)
        assert plain is not None
        assert float(plain) == pytest.approx(float(f"{whole}.{cents:02d}"))

    holds()
