"""One meaning of an answer at every door: a table of kinds of columns × functions that take answers."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import cache, partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import measurement, sem
from models.measurement import MeasurementError
from models.sem.errors import NonNumericError, SemError
from models.sem.samples.answers import numbers
from tests.properties.limits import only, runs, tried

ITEMS = ["a", "b", "c", "d"]
SCALES = {"F": ITEMS}
PAIRS = {"F": ["a", "b"], "G": ["c", "d"]}
STEPS = [1, 2, 4, 5, 9]
LABELS = ["never", "seldom", "often", "daily", "always"]


@cache
def plain() -> pd.DataFrame:
    rng = np.random.default_rng(6)
    f = rng.normal(size=240)
    x = f[:, None] * [0.8, 0.7, 0.75, 0.6] + rng.normal(size=(240, 4)) * 0.65
    codes = np.array(STEPS, dtype=float)[np.digitize(x, [-1, -0.3, 0.4, 1.2])]
    codes[3, 0] = np.nan
    regions = np.where(np.arange(240) // 3 % 2, "north", "south")  # every step of invariance holds
    return pd.DataFrame(codes, columns=ITEMS).assign(region=regions)


def _reliability(data: pd.DataFrame) -> np.ndarray:
    return measurement.reliability(data, SCALES)[["n", "alpha", "omega"]].to_numpy(dtype=float)


def _items(data: pd.DataFrame) -> np.ndarray:
    return measurement.items(data, SCALES)[["n", "mean", "sd", "item_total"]].to_numpy(dtype=float)


def _imputed(data: pd.DataFrame) -> np.ndarray:
    return measurement.impute(data, ITEMS, m=2, iterations=1, seed=1)[1][ITEMS].to_numpy(dtype=float)


def _fitted(data: pd.DataFrame, **how: object) -> np.ndarray:
    return sem.fit("F =~ a + b + c + d", data, **how).tidy()["est"].to_numpy()


def _product(data: pd.DataFrame) -> np.ndarray:
    return sem.interaction(data, ["a", "b"], ["c", "d"], "P").data[["a.c", "b.d"]].to_numpy(dtype=float)


DOORS: dict[str, Callable[[pd.DataFrame], np.ndarray]] = {
    "sem.fit": _fitted,
    "sem.fit fiml": lambda data: _fitted(data, missing="fiml"),
    "sem.fit ordered": lambda data: _fitted(data, ordered=True),
    "sem.interaction": _product,
    "reliability": _reliability,
    "items": _items,
    "validity": lambda data: measurement.validity(data, PAIRS, n_boot=0).tidy().select_dtypes("number").to_numpy(),
    "scale_scores": lambda data: measurement.scale_scores(data, SCALES).to_numpy(),
    "adequacy": lambda data: measurement.adequacy(data, ITEMS).tidy()["kmo"].to_numpy(),
    "harman": lambda data: np.array([measurement.harman(data, ITEMS).first_component]),
    "parallel_analysis": lambda data: measurement.parallel_analysis(data, ITEMS, 5, seed=1).table.to_numpy(dtype=float),
    "invariance": lambda data: measurement.invariance(data, SCALES, "region").tidy()["chisq"].to_numpy(dtype=float),
    "impute": _imputed,
    "response_quality": lambda data: measurement.response_quality(data, SCALES).indices["variability"].to_numpy(),
    "misfit": lambda data: measurement.misfit(data, PAIRS, 0).select_dtypes("number").to_numpy(),
    "necessary_condition": lambda data: (
        measurement.necessary_condition(data["a"], data["b"], n_permutations=5, seed=1).effects["d"].to_numpy()
    ),
}
ORDER_IS_ENOUGH: dict[str, Callable[[pd.DataFrame], np.ndarray]] = {
    "sem.fit ordered": DOORS["sem.fit ordered"],
    "invariance WLSMV": lambda data: (
        measurement.invariance(data, SCALES, "region", estimator="WLSMV").tidy()["chisq"].to_numpy(dtype=float)
    ),
}


def _categorical(column: pd.Series, categories: list, ordered: bool) -> pd.Series:
    return column.astype(pd.CategoricalDtype(categories, ordered))


def _objects(column: pd.Series, turn: Callable) -> pd.Series:
    return pd.Series([None if np.isnan(v) else turn(v) for v in column], dtype=object)


NUMBERS: dict[str, Callable[[pd.Series], pd.Series]] = {
    "float32": lambda s: s.astype("float32"),
    "Int64": lambda s: s.astype("Int64"),
    "Float64": lambda s: s.astype("Float64"),
    "int64[pyarrow]": lambda s: s.astype("int64[pyarrow]"),
    "ordered categorical": lambda s: _categorical(s, STEPS, True),
    "unordered categorical": lambda s: _categorical(s, STEPS, False),
    "categorical with an answer that nobody chose": lambda s: _categorical(s, [*STEPS, "none"], False),
    "categorical of text numbers": lambda s: _categorical(s.map("{:.0f}".format, "ignore"), [*map(str, STEPS)], True),
    "objects": lambda s: _objects(s, int),
    "decimals": lambda s: _objects(s, Decimal),
    "fractions": lambda s: _objects(s, Fraction),
    "text": lambda s: _objects(s, "{:.0f}".format),
    "string": lambda s: _objects(s, " {:.1f} ".format).astype("string"),
    "sparse": lambda s: s.astype(pd.SparseDtype("float64", np.nan)),
}
REFUSED: dict[str, tuple[Callable[[pd.Series], pd.Series], str]] = {
    "labels": (lambda s: _objects(s, lambda v: LABELS[STEPS.index(v)]), r"Recode the answers to numbers"),
    "ordered labels": (
        lambda s: _categorical(s, STEPS, True).cat.rename_categories(LABELS),
        r"ordered category of labels, the first .* name it in ordered=.*recode the labels",
    ),
    "unordered labels": (
        lambda s: _categorical(s, STEPS, False).cat.rename_categories(LABELS),
        r"unordered category of labels.*recode the labels",
    ),
    "decimal comma": (lambda s: _objects(s, lambda v: f"{v:.1f}".replace(".", ",")), r"'\d,0'.*decimal"),
    "empty text": (lambda s: _objects(s, "{:.0f}".format).fillna(""), r"'' in row 3 \(1 such.*empty text to missing"),
    "infinite": (lambda s: s.where(s.index != 7, np.inf), r"infinite value in row 7"),
    "infinite object": (lambda s: s.astype(object).where(s.index != 7, -np.inf), r"infinite value in row 7"),
    "complex": (lambda s: s.astype(complex), r"complex numbers"),
    "dates": (lambda s: pd.Timestamp("2024-01-01") + pd.to_timedelta(s, unit="D"), r"dates; subtract"),
    "date objects": (lambda s: _objects(s, lambda v: pd.Timestamp(2024, 1, int(v))), r"Timestamp"),
    "zoned dates": (lambda s: pd.to_datetime(s, unit="D", utc=True), r"dates"),
    "durations": (lambda s: pd.to_timedelta(s, unit="D"), r"durations; divide"),
    "periods": (lambda s: pd.to_datetime(s, unit="D").dt.to_period("D"), r"period\[D\]"),
    "intervals": (lambda s: pd.cut(s, [0, 1, 4, 9]), r"category of labels|IntervalDtype|interval"),
    "lists": (lambda s: _objects(s, lambda v: [v]), r"holds \["),
    "huge": (lambda s: _objects(s, lambda v: 10**400), r"holds 1000"),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", NUMBERS)
def test_numbers_of_every_kind_mean_the_same_at_every_door(door: str, kind: str) -> None:
    data = plain().assign(a=NUMBERS[kind](plain()["a"]))
    np.testing.assert_allclose(DOORS[door](data), _right(door), rtol=1e-6, equal_nan=True)


@cache
def _right(door: str) -> np.ndarray:
    return DOORS[door](plain())


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_number_is_refused_at_every_door_with_its_remedy(door: str, kind: str) -> None:
    turn, message = REFUSED[kind]
    data = plain().assign(a=turn(plain()["a"]))
    if door in ORDER_IS_ENOUGH and kind in ("ordered labels", "intervals"):
        return
    column = "condition" if door == "necessary_condition" else "a"
    with pytest.raises((SemError, MeasurementError), match=rf"(?s)Column '{column}' .*({message})"):
        DOORS[door](data)


@pytest.mark.parametrize("door", ORDER_IS_ENOUGH)
def test_ordered_labels_are_coded_by_their_order_where_only_the_order_counts(door: str) -> None:
    labelled = plain().assign(**{item: REFUSED["ordered labels"][0](plain()[item]) for item in ITEMS})
    np.testing.assert_allclose(ORDER_IS_ENOUGH[door](labelled), ORDER_IS_ENOUGH[door](plain()), rtol=1e-8)
    backwards = plain().assign(a=_categorical(plain()["a"], STEPS[::-1], True))
    with pytest.raises((SemError, MeasurementError), match="declares the order 9, 5, 4, 2, 1, which is not that"):
        ORDER_IS_ENOUGH[door](backwards)
    np.testing.assert_allclose(DOORS["sem.fit"](backwards), _right("sem.fit"))


@pytest.mark.parametrize("dtype", [bool, "boolean", object, "category", "bool[pyarrow]"])
def test_booleans_are_zero_and_one(dtype: object) -> None:
    column = pd.Series([True, False, True], dtype=dtype)
    assert numbers(column, "a").tolist() == [1.0, 0.0, 1.0]
    if dtype not in (bool, "bool[pyarrow]"):
        gap = pd.Series([True, None, False], dtype=dtype)
        np.testing.assert_array_equal(numbers(gap, "a"), [1.0, np.nan, 0.0])


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.complex_numbers(), st.text(max_size=4), 
    st.decimals().filter(lambda value: not value.is_snan()),
    st.fractions(), st.datetimes(), st.timedeltas(), st.binary(max_size=2), st.just(pd.NA), st.just(pd.NaT),
    st.from_regex(r"[+-]?[0-9]{1,3}([.,][0-9]+)?(e[0-9]{1,3})?", fullmatch=True), st.lists(st.integers(), max_size=2),
)  # fmt: skip


@runs
def test_any_column_is_numbers_or_refused(examples: int) -> None:
    @tried(examples)
    @given(st.lists(VALUES, min_size=1, max_size=6), st.sampled_from([None, object, "category"]), st.booleans())
    def holds(values: list, dtype: object, ordered: bool) -> None:
        try:
            column = pd.Series(values, dtype=dtype)
        except (TypeError, ValueError, OverflowError):
            return
        with only(SemError):
            found = numbers(column, "a", ordered)
            assert found.dtype == float
            assert len(found) == len(values)
            assert not np.isinf(found).any()
            assert not np.isnan(found[column.notna().to_numpy()]).any()

    holds()


DEGENERATE: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "a constant item": lambda d: d.assign(a=3.0),
    "constant items": lambda d: d.assign(**dict.fromkeys(ITEMS, 3.0)),
    "items of zeros": lambda d: d.assign(**dict.fromkeys(ITEMS, 0.0)),
    "an item twice": lambda d: d.assign(b=d["a"]),
    "an item turned round": lambda d: d.assign(b=-d["a"]),
    "an item that nobody answered": lambda d: d.assign(a=np.nan),
    "nobody answered": lambda d: d.assign(**dict.fromkeys(ITEMS, np.nan)),
    "no two items answered together": lambda d: d.where(np.eye(4)[np.arange(len(d)) % 4] == 1),
    "one answer each": lambda d: d.where(d.index.to_numpy()[:, None] == np.arange(4)),
    "huge": lambda d: d * 1e200,
    "tiny": lambda d: d * 1e-200,
    "far from zero": lambda d: d + 1e15,
    **{f"{n} people": partial(pd.DataFrame.head, n=n) for n in (0, 1, 2, 3, 4, 5, 8)},
}
MORE_DOORS = DOORS | {
    "reliability of pairs": lambda data: measurement.reliability(data, PAIRS),
    "validity of pairs": lambda data: measurement.validity(data, PAIRS, n_boot=5, seed=1),
    "validity of single items": lambda data: measurement.validity(data, {"F": ["a"], "G": ["b", "c", "d"]}, n_boot=0),
    "method_variance": lambda data: measurement.method_variance(data, PAIRS),
    "misfit of pairs": lambda data: measurement.misfit(data, PAIRS),
    "items of one": lambda data: measurement.items(data, {"F": ["a"]}),
    "reliability of one": lambda data: measurement.reliability(data, {"F": ["a"]}),
    "imputed normal": lambda data: measurement.impute(data, ITEMS, m=2, iterations=2, method="normal", seed=1),
}


@pytest.mark.parametrize("door", MORE_DOORS)
@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate_answers_give_a_result_or_an_error_of_ours_without_a_warning(door: str, case: str) -> None:
    data = DEGENERATE[case](plain()[ITEMS]).assign(region=plain()["region"])
    with only(SemError, MeasurementError), warnings.catch_warnings():
        warnings.simplefilter("error")
        MORE_DOORS[door](data)


def test_numbers_names_the_first_answer_that_is_none() -> None:
    column = pd.Series([1, "2", "agree", None, "no"], index=["p", "q", "r", "s", "t"])
    with pytest.raises(NonNumericError, match=r"Column 'x' holds 'agree' in row r \(2 such answers\)"):
        numbers(column, "x")
