"""One grammar of formulas: what it computes, what it refuses and with which words."""

import numpy as np
import pandas as pd
import pytest

from models import panel
from models.panel.errors import ColumnError, FormulaError, InfiniteValueError, PanelError
from models.panel.language.editing import further, lagged, lags_as_columns, plus, shifted, used, without
from models.panel.language.formula import name_of, read

KEYS = {"entity": "id", "time": "t"}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(9)
    frame = pd.DataFrame({"id": np.repeat(np.arange(40), 8), "t": np.tile(np.arange(8), 40)})
    frame["x"] = rng.integers(1, 30, len(frame))
    frame["z"] = rng.normal(size=len(frame))
    frame["kind"] = rng.choice(["a", "b", "c"], len(frame))
    frame["y"] = 0.5 * frame["x"] - 0.02 * frame["x"] ** 2 + rng.normal(size=len(frame))
    return frame


def slopes(formula, data, **options):
    return panel.fit(formula, data, **KEYS, **options).tidy()["est"].to_numpy()


@pytest.mark.parametrize(
    ("formula", "column"),
    [
        ("I(x**2)", lambda d: d["x"] ** 2.0),
        ("I(x**9)", lambda d: d["x"].astype(float) ** 9),
        ("I((x + 1)*-z/2)", lambda d: (d["x"] + 1) * -d["z"] / 2),
        ("I(-x**2)", lambda d: -(d["x"] ** 2.0)),
        ("I(x - lag(x))", lambda d: d.groupby("id")["x"].diff()),
        ("lag(log(x), 2)", lambda d: np.log(d.groupby("id")["x"].shift(2))),
        ("log(lead(x) + 1)", lambda d: np.log(d.groupby("id")["x"].shift(-1) + 1)),
        ("np.maximum(z, 0)", lambda d: d["z"].clip(lower=0)),
        ("x:z", lambda d: d["x"] * d["z"]),
    ],
)
def test_arithmetic_is_that_of_real_numbers_within_entities(data, formula, column):
    computed = slopes("y ~ made", data.assign(made=column(data)))
    # 1e-9: floats added in another order; small integers would overflow in the ninth power
    np.testing.assert_allclose(slopes(f"y ~ {formula}", data.astype({"x": "int8"})), computed, rtol=1e-9)


@pytest.mark.parametrize(
    "name", ["gdp.per.cap", "人均 GDP", "人均GDP", "1、您是否满意？", "a:b", "x*z", "exp", "C", "lag(x)", "np.log"]
)
def test_columns_of_any_name_can_be_written_in_backticks(data, name):
    fit = panel.fit(f"y ~ `{name}` + z", data.rename(columns={"x": name}), **KEYS)
    assert fit.tidy()["term"].tolist() == [name, "z"]
    np.testing.assert_allclose(fit.tidy()["est"], slopes("y ~ x + z", data))
    streamed = panel.fit_stream(f"y ~ `{name}` + z", lambda: [data.rename(columns={"x": name})], **KEYS)
    np.testing.assert_allclose(streamed.tidy()["est"], fit.tidy()["est"])


def test_terms_are_those_of_wilkinson_and_rogers():
    found = {
        "y ~ a*b - b": ["a", "a:b"],
        "y ~ (a + b):c + a*b": ["a:c", "b:c", "a", "b", "a:b"],
        "y ~ a*(b + c) - a:c": ["a", "b", "c", "a:b"],
        "y ~ 0 + gdp.cap": ["gdp.cap"],
        "y ~ -1 + lag(a,2) + I( a **2 )": ["lag(a, 2)", "I(a ** 2)"],
    }
    assert {text: [name_of(term) for term in read(text).terms] for text in found} == found
    assert [read(f"y ~ a {end}").intercept for end in ("", "+ 1", "+ 0", "- 1", "- 0")] == [
        True,
        True,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("y ~ x | id + t", "effects='twoway'"),
        ("y ~ x + (1|id)", "effects='twoway'"),
        ("y ~ x + EntityEffects", "effects='twoway'"),
        ("y ~ 1 + [x ~ z]", r"panel.iv\("),
        ("y ~ x ~ z", r"one '~'"),
        ("y ~ x^2", r"I\(x\*\*2\)"),
        ("y ~ I(x^2)", r"I\(x\*\*2\)"),
        ("y ~ log(x^2)", r"I\(x\*\*2\)"),
        ("y ~ x**2", r"I\(x\*\*2\)"),
        ("y ~ (x + z)**2", r"a\*b"),
        ("y ~ x:x", r"I\(x\*\*2\)"),
        ("y ~ x*x", r"I\(x\*\*2\)"),
        ("y ~ x/z", r"I\(a/b\)"),
        ("y ~ x %in% z", "a:b"),
        ("y ~ {x}", r"I\(a \+ b\)"),
        ("y ~ poly(x, 2)", r"I\(x\*\*2\)"),
        ("y ~ x.shift(1)", r"write lag\(x\)"),
        ("y ~ x.diff()", r"I\(x - lag\(x\)\)"),
        ("y ~ L(x)", r"write lag\(x\)"),
        ("y ~ factor(kind)", r"write C\(x\)"),
        ("y ~ np.linalg.norm(x)", "no function 'np.linalg.norm'"),
        ("y ~ np.cumsum(x)", "no function 'np.cumsum'"),
        ("y ~ __import__('os')", "no text in a formula"),
        ("y ~ x.__class__", "not a column"),
        ("y ~ exp", "'exp' in the formula is not a column"),
        ("y ~ lag(1B)", "neither a number nor a name"),
        ("y ~ lag(x, 1.5)", "whole number of periods"),
        ("y ~ lag(x, n=2)", "by their place"),
        ("y ~ lag(x, z)", "whole number of periods"),
        ("y ~ lag(x, 99999999999999999999)", "whole number of periods"),
        ("y ~ lag(1)", "no variable"),
        ("y ~ log()", "expected a column, a number or a function, found '\\)'"),
        ("y ~ log(x, 2)", "no options"),
        ("y ~ C(kind, Treatment)", "no options"),
        ("y ~ I(x > 2)", "column of 0 and 1"),
        ("y ~ I(x == 2)", "neither|by their place"),
        ("y ~ I(lambda: 1)", "':' stands between terms"),
        ("y ~ I(kind + 1)", "holds categories .*arithmetic needs numbers"),
        ("y ~ log(kind)", "arithmetic needs numbers"),
        ("kind ~ x", "one number a row"),
        ("y + z ~ x", r"I\(a \+ b\)"),
        ("~ x", "nothing stands before"),
        ("y ~", "found the end"),
        ("y ~ .", "name each regressor"),
        ("y ~ 0", "no regressors"),
        ("y ~ 1", "no regressors"),
        ("y ~ x - x", "no regressors"),
        ("y ~ x - z", "not among the terms before it"),
        ("y ~ x + x", "stands in it twice"),
        ("y ~ x:z + z:x", "stands in it twice"),
        ("y ~ x + 2", r"I\(2\*x\)"),
        ("y ~ 2*x", r"I\(2\*x\)"),
        ("y ~ x + y", "also among the regressors"),
        ("log(y) ~ x + y", "also among the regressors"),
        ("y ~ lag(lead(y))", "also among the regressors"),
        ("y ~ x:y", "also among the regressors"),
        ("y ～ x", "has no '~'|wide character; write '~'"),
        ("y ~ x ＋ z", r"wide character; write '\+'"),
        ("y ~ `x", "backtick"),
        ("y ~ " + "(" * 5000 + "x", "inside each other"),
        ("y ~ I(" + "-" * 5000 + "x)", "inside each other"),
        ("y ~ I(" + "+".join(["x"] * 5000) + ")", "signs in one function"),
        ("y ~ " + "*".join(f"a{i}" for i in range(40)), "terms or more"),
        ("y ~ " + ":".join(f"a{i}" for i in range(4000)), "more than 20 factors"),
        (None, "a formula is text"),
    ],
)
def test_what_means_something_elsewhere_is_refused_with_the_spelling_of_here(data, formula, said):
    with pytest.raises((FormulaError, ColumnError), match=said):
        panel.fit(formula, data, **KEYS)


def test_a_formula_reaches_no_attribute_and_no_name_outside_of_the_data(data):
    touched = []

    class Trap(float):
        def __getattr__(self, name):
            touched.append(name)
            raise AttributeError(name)

    frame = data.assign(trap=pd.Series([Trap(v) for v in data["z"]], dtype=object))
    for text in (
        "trap.secret",
        "I(trap.secret)",
        "C(trap.secret(1))",
        "np.trap",
        "np.os",
        "I(data)",
        "lag(self)",
        "I(__builtins__)",
    ):
        with pytest.raises(PanelError):
            panel.fit(f"y ~ {text}", frame, **KEYS)
    assert "secret" not in touched


def test_undefined_arithmetic_is_an_error_and_not_a_missing_value(data):
    for text, word in (
        ("log(z)", "undefined"),
        ("I(x/0)", "infinite"),
        ("sqrt(z)", "undefined"),
        ("lag(log(I(x - x)))", "infinite"),
    ):
        with pytest.raises(InfiniteValueError, match=f"{word} in .* rows"):
            panel.fit(f"y ~ {text}", data, **KEYS)
    gaps = data.assign(x=data["x"].astype(float).where(data["x"] > 3))
    assert panel.fit("y ~ log(x)", gaps, **KEYS).dropped["rule"].tolist() == ["missing: x"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["1", "2", "3,5"], "numbers as text, such as '1'.*C.odd."),
        (["12 000", "n/a", "a"], "numbers as text"),
        (["", "a", "b"], "the text ''"),
        (["nan", "a", "b"], "the text 'nan'"),
        (pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"]), "holds dates"),
        (pd.to_timedelta([1, 2, 3], unit="D"), "timedelta|Timedelta"),
        ([1j, 2j, 3], "complex"),
        ([[1], [2], [3]], "list"),
        ([{"a": 1}, {}, {}], "dict"),
        ([b"a", b"b", b"c"], "bytes"),
        ([1, "a", 2.5], "str"),
        ([True, 2, "a"], "str"),
    ],
)
def test_columns_that_are_neither_numbers_nor_names_are_refused(data, values, said):
    odd = pd.Series([values[i % 3] for i in range(len(data))])
    for formula in ("y ~ x + odd", "y ~ x + lag(odd)", "odd ~ x"):
        with pytest.raises(FormulaError, match=said):
            panel.fit(formula, data.assign(odd=odd), **KEYS)
    streamed = {"data": lambda: [data.assign(odd=odd)], **KEYS}
    with pytest.raises(PanelError):
        panel.fit_stream("y ~ x + odd", **streamed)


def test_a_name_of_two_columns_is_refused(data):
    twice = pd.concat([data, data[["x"]] + 1], axis=1)
    with pytest.raises(ColumnError, match="'x' in the formula is the name of 2 columns"):
        panel.fit("y ~ x", twice, **KEYS)
    with pytest.raises(FormulaError, match="would be called 'lag.x.'"):
        panel.fit("y ~ lag(x) + `lag(x)`", data.assign(**{"lag(x)": 1.0}), **KEYS)


def test_instruments_are_read_by_the_same_grammar(data):
    keys = KEYS | {"endogenous": ["x"]}
    for text, said in (
        ("z - x", "nothing after it"),
        ("z ~ x", "nothing after it"),
        ("z^2", "I.x..2."),
        ("z.shift(1)", "write lag"),
    ):
        with pytest.raises(FormulaError, match=said):
            panel.iv("y ~ x", data, instruments=[text], **keys)
        with pytest.raises(FormulaError, match=said):
            panel.gmm("y ~ lag(y) + x", data, instruments={text: (2, 3)}, **KEYS)
    spaced = panel.iv("y ~ x", data, instruments=["lag( z,1 )"], **keys)
    assert spaced.tidy().equals(panel.iv("y ~ x", data, instruments=["lag(z, 1)"], **keys).tidy())


@pytest.mark.parametrize(
    ("formula", "left"),
    [
        ("y ~ x + lag(z) + lag(z):x", "y ~ lag(z) + lag(z):x"),
        ("y ~ lag(z)+x + lag(z):x", "y ~ lag(z) + lag(z):x"),
        ("y ~ lag(z):x + x", "y ~ lag(z):x"),
        ("y ~ lag(z)*x + xx", "y ~ lag(z) + lag(z):x + xx"),
        ("y ~ `x` - 1", "y ~ 0"),
    ],
)
def test_a_term_goes_wherever_it_stands_and_its_products_stay(formula, left):
    assert read(without(formula, ["x"])) == read(left)
    assert without(left, ["x"]) == left


def test_formulas_are_changed_by_what_they_say_and_not_by_their_letters():
    formula = "value ~ lag(value_social):trust + lag( trust , 2) + lead(trust)"
    assert used(formula) == ("value", "value_social", "trust")
    assert lagged(formula) == ("value_social", "trust")
    assert without(formula, ["trust:lag(value_social)"]) == "value ~ lag(trust, 2) + lead(trust)"
    assert plus("y ~ x", ["lead(x)"]) == "y ~ x + lead(x)"
    assert lags_as_columns(formula) == "value ~ `lag(value_social)`:trust + `lag(trust, 2)` + lead(trust)"
    assert [further(term) for term in ("lag(x)", "lag(x, 2)", "lag(x):lag(z)", "lag(x):z", "x")] == [
        "lag(x, 2)", "lag(x, 3)", "lag(x, 2):lag(z, 2)", "lag(x, 2):z", "x",
    ]  # fmt: skip
    assert [shifted(term) for term in ("lag(x)", "lead(x)", "lag(x, 2)", "x", "lag(x):z", "a ~ b")] == [
        ("lag", "x"), ("lead", "x"), None, None, None, None,
    ]  # fmt: skip
