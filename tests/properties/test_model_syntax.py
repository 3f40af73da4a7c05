"""Any model text and any argument of `sem.fit` ends in a fit or in an error of the engine."""

from __future__ import annotations

import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from models import sem
from models.sem.errors import ConstraintError, ModelSyntaxError
from models.sem.language.editing import write
from models.sem.language.syntax import parse
from tests.properties.limits import only, runs, tried

NAMES = ["x1", "x2", "x3", "x4", "x5", "x6", "f", "g", "a", "b", "q", "r", "NA", "c", "start", "equal", "变量", "x1:x2"]
OPERATORS = ["=~", "~", "~~", ":=", "==", "<", ">", "|", "~*~", "<~", "=", "->", ">=", "ON", "BY"]
PIECES = [
    *NAMES, *OPERATORS, "+", "-", "*", "/", "^", "**", "(", ")", ",", "?", ";", "\n", "0", "1", "0.5", "-1", "1e999",
    "NA*", "a*", "c(a, b)*", "c(1, NA)*", "start(0.5)*", 'equal("f=~x2")*', "label('l')*", "rep(1, 3)", "rep(NA, 1e9)",
    "exp(", "log(", "sqrt(", "ifelse(", "t1", "2x", "# remark", "\r", "\t", "−", "～", "＝", "（", "\u200b",
]  # fmt: skip
MODELS = [
    "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6\ng ~ a*f\nq := a^2 / 2",
    "f =~ x1 + a*x2 + b*x3\nr := q + 1\nq := a*b\na == b\nf ~~ f",
    "x1 ~ a*x2 + b*x3\nx4 ~ c*x1 + x2\nq := a*c\nq > 0\nx2 ~~ x3",
    "f =~ 1*x1 + x2 + x3 + x4\nf ~ x5 + x6\nx1 ~~ x2\nx3 ~ 1\nf ~ 0*1",
    "f =~ x1 + c(a, b)*x2 + start(0.5)*x3\na < 3; b == a + 0.1",
]


WAYS = [{}, {"group": "half"}, {"ordered": ["x6"]}, {"auto": False}]


@cache
def answers() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    f = rng.normal(size=80)
    x = pd.DataFrame(f[:, None] * 0.8 + rng.normal(size=(80, 6)) * 0.6, columns=NAMES[:6])
    cut = np.digitize(x["x6"], [-0.6, 0.5])
    return x.assign(cut=cut, half=np.where(np.arange(80) % 2, "one", "other"), word="often", none=np.nan)


@st.composite
def nearly_right(draw: st.DrawFn) -> str:
    """A right model in which some characters or words are taken out, put in or exchanged."""
    text = draw(st.sampled_from(MODELS))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        width = draw(st.sampled_from([0, 0, 1, 1, 2, 5, 12]))
        piece = draw(st.one_of(st.sampled_from(PIECES), st.just(""), st.characters(codec="utf-8")))
        text = text[:at] + piece + text[at + width :]
    return text


@runs
def test_any_text_is_parsed_or_refused_with_its_place(examples: int) -> None:
    @tried(examples)
    @given(st.one_of(nearly_right(), st.text(), st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join)))
    def holds(text: str) -> None:
        with only(ModelSyntaxError):
            parse(text)

    holds()


@runs
def test_a_model_written_by_the_parser_says_what_it_read(examples: int) -> None:
    @tried(examples)
    @given(nearly_right())
    @example('y ~ NA*a*x + start(0.1, NA)*x + equal("f=~x1")*z + c(1, NA)*1\nu | -1.5*t1\nu ~*~ c("ein Wort", b)*u')
    @example("f + g =~ 0.30000000000000004*x1 + x2\nf ~ 0\nf ~ 1\nq := -(a*b)^(c/d) - (e - (a + (b + c)))\nq > (a^b)^c")
    def holds(text: str) -> None:
        try:
            syntax = parse(text)
        except ModelSyntaxError:
            return
        assert parse(write(syntax)) == syntax

    holds()


@runs
def test_any_model_is_fitted_or_refused(examples: int) -> None:
    @tried(examples)
    @given(
        nearly_right(), st.sampled_from([{}, {"group": "half"}, {"ordered": ["x6"], "fixed_x": False}, {"auto": False}])
    )
    def holds(text: str, how: dict) -> None:
        data = answers().assign(x6=answers()["cut"]) if "ordered" in how else answers()
        with only(sem.SemError), warnings.catch_warnings():
            warnings.simplefilter("ignore", sem.ModelWarning)
            fit = sem.fit(text, data, **how)
            assert np.isfinite(fit.test.statistic)
            fit.tidy(), fit.improper, fit.standardised_solution()

    holds()


LONG = {
    "brackets": "(",
    "signs": "-",
    "powers": "a^",
    "sums": "a +",
    "modifiers": "c(",
    "lines": "x1\n",
    "divisions": "1/",
}


@pytest.mark.parametrize("piece", LONG.values(), ids=LONG)
def test_long_and_deep_texts_are_refused_in_time(piece: str) -> None:
    for start in ("q := ", "x1 ~ ", ""):
        with only(ModelSyntaxError):
            parse(f"f =~ a*x1 + x2\n{start}{piece * 20_000}a")


def test_definitions_that_double_each_other_take_no_longer_than_their_number() -> None:
    doubled = "\n".join(f"d{k} := d{k - 1} + d{k - 1}" for k in range(60, 0, -1))
    with only():
        fit = sem.fit(f"x1 ~ a*x2\n{doubled}\nd0 := a\nd60 > 0", answers())
    table = fit.tidy().set_index("label")["est"]
    assert table["d60"] == pytest.approx(2.0**60 * table["a"])


@runs
def test_definitions_have_the_same_values_in_every_order_and_circles_none(examples: int) -> None:
    @tried(examples)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        size = data.draw(st.integers(1, 5))
        uses = [data.draw(st.lists(st.integers(0, size - 1), max_size=2)) for _ in range(size)]
        lines = [f"d{k} := a + {k}" + "".join(f" + d{j}*b" for j in used) for k, used in enumerate(uses)]
        order = data.draw(st.permutations(range(size)))
        text = "x1 ~ a*x2 + b*x3\n" + "\n".join(lines[k] for k in order)
        done: set[int] = set()
        for _ in range(size):
            done |= {k for k, used in enumerate(uses) if set(used) <= done}
        if len(done) < size:
            with pytest.raises(ConstraintError, match=r"is defined by itself: d\d → [^\n]*\(line \d, column 1\)\n"):
                sem.fit(text, answers())
            return
        table = sem.fit(text, answers()).tidy().set_index("label")["est"]
        for k, used in enumerate(uses):
            assert table[f"d{k}"] == pytest.approx(table["a"] + k + sum(table[f"d{j}"] for j in used) * table["b"])

    holds()


ODD = [
    None,
    True,
    False,
    0,
    1,
    -1,
    2.5,
    "",
    "x1",
    "ML",
    "half",
    "nothing",
    ("x1",),
    ["x6"],
    ["half"],
    [1],
    {"a": 1},
    b"x",
    np.nan,
]
ARGUMENTS = {
    "group": ["half", "none", "word", "cut"],
    "group_equal": ["loadings", ["loadings", "intercepts"]],
    "group_partial": ["f=~x2"],
    "estimator": ["ML", "MLR", "GLS", "ULS", "WLSMV", "MLM", "ml"],
    "missing": ["fiml", "listwise", "pairwise", "ml"],
    "se": ["robust", "standard", "bootstrap", "none"],
    "bootstrap": [0, 2, 3.0, 1e999],
    "seed": [1, 1.0],
    "meanstructure": [True, False],
    "ordered": [["cut"], True, False],
    "std_lv": [True, False],
    "cluster": ["cut", "none"],
    "orthogonal": [True],
    "information": ["observed", "expected"],
    "fixed_x": [False],
    "auto": [False],
    "parameterization": ["theta", "delta"],
}


@runs
def test_any_argument_is_followed_or_refused(examples: int) -> None:
    one = st.sampled_from(list(ARGUMENTS)).flatmap(
        lambda name: st.tuples(st.just(name), st.sampled_from([*ARGUMENTS[name], *ARGUMENTS[name], *ODD]))
    )

    @tried(examples)
    @given(st.lists(one, max_size=4).map(dict), st.sampled_from(["f =~ x1 + x2 + x3 + cut", "x1 ~ x2\ncut ~ x1"]))
    def holds(how: dict, text: str) -> None:
        assume(not (how.get("se") == "bootstrap" and not how.get("bootstrap")))
        with only(sem.SemError), warnings.catch_warnings():
            warnings.simplefilter("ignore", sem.ModelWarning)
            sem.fit(text, answers(), **how).tidy()

    holds()
