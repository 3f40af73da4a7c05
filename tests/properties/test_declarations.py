"""Declarations with anything in any place are in order or refused by findings, never by an accident."""

from __future__ import annotations

from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from models import specs
from tests.properties.limits import only, runs, tried
from tests.test_declarations import DECLARED, FILES, places

ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(allow_nan=True), st.text(max_size=8),
    st.sampled_from(["value", "trust", "h1a", "lag(value)", "sign", "~", "lag(", "a*b", "platform_type"]),
    st.lists(st.one_of(st.none(), st.text(max_size=3), st.lists(st.integers(), max_size=1)), max_size=3),
    st.dictionaries(st.one_of(st.text(max_size=4), st.integers(), st.none()), st.text(max_size=3), max_size=2),
)  # fmt: skip
PLACES = [(file, at) for file in FILES for at in ((), *places(DECLARED[file]))]
TEXTS = sorted(file for file in DECLARED if file.endswith(".lav"))


@runs
def test_anything_in_any_place_is_in_order_or_found(examples: int) -> None:
    @tried(examples)
    @given(st.sampled_from(PLACES), ANYTHING)
    def holds(place: tuple, value: object) -> None:
        file, at = place
        entries = deepcopy(DECLARED[file])
        around = entries
        for key in at[:-1]:
            around = around[key]
        if at:
            around[at[-1]] = value
        with only():
            found = specs.findings(DECLARED | {file: entries if at else value})
        assert all(one.found and one.expected for one in found)

    holds()


@runs
def test_any_line_of_a_model_is_read_or_found(examples: int) -> None:
    pieces = st.sampled_from(["value", "trust", "h1a", "h2", "*", "~", "~~", ":=", "+", ":", " ", "\n", "#", "(", "²"])

    @tried(examples)
    @given(st.sampled_from(TEXTS), st.lists(pieces | st.text(max_size=2), max_size=12), st.booleans())
    def holds(file: str, said: list[str], alone: bool) -> None:
        text = "".join(said) if alone else DECLARED[file] + "".join(said)
        with only():
            specs.findings(DECLARED | {file: text})

    holds()
