"""Any formula on any columns: finite numbers or an error of the panel models."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from models import panel
from models.panel import PanelError
from models.panel.language.editing import write
from models.panel.language.formula import name_of, read
from tests.properties.limits import only, runs, tried

KEYS = {"entity": "id", "time": "t"}
NAMES = ["x", "z", "k", "flag", "gdp.cap", "`人均 GDP`", "`a:b`", "log", "t"]
CELLS: dict[str, st.SearchStrategy] = {
    "numbers": st.floats(width=32) | st.none(),
    "whole": st.integers(-(10**30), 10**30) | st.none(),
    "words": st.sampled_from(["a", "b", "c", "", "nan", "1", "2,5", " "]) | st.none(),
    "flags": st.booleans() | st.none(),
    "mixed": st.sampled_from([1, 2.5, "a", True, None, 1j, b"x", [1], {}, pd.NA, pd.NaT, float("nan"), object()]),
    "moments": st.datetimes() | st.none(),
}
DTYPES = [object, "category", "string", "Int64", "Float64", "boolean", "float32", "int8", "datetime64[ns]", None]
PIECES = [
    *"+-*:/()~|^%.,[]{}=<>'\"`\\ 0123",
    "**",
    "**2",
    "lag(",
    "I(",
    "C(",
    "np.",
    " ~ ",
    "-1",
    "1e400",
    "\n",
    "\0",
    "²",
]


def factors() -> st.SearchStrategy[str]:
    """Columns and functions of them, as deep as a few calls."""
    calls = ["lag({})", "lag({}, 2)", "lead({})", "log({})", "np.exp({})", "abs({})", "C({})", "I({}**2)", "I(1/{})"]
    calls += ["sqrt({})", "I({} - lag({}))", "np.maximum({}, 1)", "I(-{} + 2*{})", "{}.shift(1)", "poly({}, 2)"]
    return st.recursive(
        st.sampled_from(NAMES),
        lambda inner: st.tuples(st.sampled_from(calls), inner).map(lambda pair: pair[0].replace("{}", pair[1])),
        max_leaves=4,
    )


def right_sides() -> st.SearchStrategy[str]:
    """Sums, products and removals of terms."""
    return st.recursive(
        factors(),
        lambda inner: st.tuples(
            inner, st.sampled_from(["{} + {}", "{}:{}", "{}*{}", "{} - {}", "({} + {})"]), inner
        ).map(lambda parts: parts[1].format(parts[0], parts[2])),
        max_leaves=6,
    )


def broken(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Formulas with a piece put in, taken out or doubled."""

    def change(text: str, piece: str, at: int, width: int) -> str:
        at %= len(text) + 1
        return text[:at] + piece + text[at + width :]

    return st.builds(
        change, texts, st.sampled_from(PIECES) | st.text(max_size=3), st.integers(0, 200), st.integers(0, 3)
    )


def formulas() -> st.SearchStrategy[str]:
    outcomes = st.sampled_from(["y", "y", "log(y)", "I(y - lag(y))", "flag"])
    ends = st.sampled_from(["", "", "", " + 1", " + 0", " - 1"])
    whole = st.builds("{} ~ {}{}".format, outcomes, right_sides(), ends)
    return whole | broken(whole)


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    """A panel of thirty users in five periods, columns of all kinds beside an outcome of numbers."""
    n, periods = 30, 5
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    frame = pd.DataFrame({"id": np.repeat(np.arange(n), periods), "t": np.tile(np.arange(periods), n)})
    frame["y"], frame["x"] = rng.normal(size=(2, len(frame)))
    for name in (name.strip("`") for name in NAMES[1:-1]):
        some = draw(st.lists(CELLS[draw(st.sampled_from(sorted(CELLS)))], min_size=1, max_size=6))
        cells = pd.Series([some[i] for i in rng.integers(0, len(some), len(frame))], dtype=object)
        try:
            frame[name] = cells.astype(draw(st.sampled_from(DTYPES)) or object)
        except (TypeError, ValueError, OverflowError, AttributeError):
            frame[name] = cells
    return frame


@runs
def test_any_formula_gives_a_fit_or_an_error_of_ours(examples: int) -> None:
    frame = panel_of_numbers()

    @tried(examples)
    @given(formulas(), st.sampled_from(["twoway", "pooled", "between", "first-difference"]))
    def holds(text: str, effects: str) -> None:
        with only(PanelError):
            fit = panel.fit(text, frame, effects=effects, **KEYS)
            assert np.isfinite(fit.tidy()[["est", "se"]].to_numpy(float)).all()

    holds()


@runs
def test_any_columns_give_a_fit_or_an_error_of_ours_through_every_model(examples: int) -> None:
    models = {
        "fit": lambda f, d: panel.fit(f, d, **KEYS),
        "by": lambda f, d: panel.fit(f, d, by="flag", effects="pooled", **KEYS),
        "pieces": lambda f, d: panel.fit_stream(f, lambda: [d.iloc[:50], d.iloc[50:]], **KEYS),
        "iv": lambda f, d: panel.iv(f, d, endogenous=["x"], instruments=["z"], **KEYS),
        "gmm": lambda f, d: panel.gmm(f, d, instruments={"x": (2, 3)}, collapse=True, **KEYS),
        "hazard": lambda f, d: panel.discrete_hazard(f.replace("y ~", "flag ~"), d, baseline=False, **KEYS),
        "cox": lambda f, d: panel.cox(f.replace("y ~", "I(exp(y)) ~"), d, event="flag"),
    }
    terms = st.lists(
        st.sampled_from(["z", "k", "C(k)", "lag(z)", "lag(k)", "x:z", "x:k", "k:z", "C(z)"]), max_size=3, unique=True
    )

    @tried(examples)
    @given(frames(), terms, st.sampled_from(sorted(models)))
    def holds(frame: pd.DataFrame, found: list[str], model: str) -> None:
        with only(PanelError):
            models[model](f"y ~ {' + '.join(['x', *found])}", frame)

    holds()


@runs
def test_a_formula_read_and_written_again_is_the_same_formula(examples: int) -> None:
    @tried(examples)
    @given(formulas())
    def holds(text: str) -> None:
        with only(PanelError):
            once = read(text)
            again = read(write(once))
            assert again == once
            assert [name_of(t) for t in again.terms] == [name_of(t) for t in once.terms]

    holds()


def panel_of_numbers() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"id": np.repeat(np.arange(30), 6), "t": np.tile(np.arange(6), 30)})
    for name in ("y", "z", "gdp.cap", "人均 GDP", "a:b", "log"):
        frame[name] = rng.normal(size=len(frame)) + 3 * (name in "y z")
    frame["x"] = rng.integers(1, 20, len(frame)).astype("int16")
    frame["k"], frame["flag"] = rng.choice(["p", "q", "r"], len(frame)), rng.random(len(frame)) < 0.5
    return frame
