"""Bad input ends in an error of its own kind that says what was found and what to do."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import sem
from models.sem import errors
from models.sem.language.syntax import parse
from tests.sem.parity import FOLDER

MODEL = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9\n"


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "holzinger.csv")


SYNTAX = [
    ("f =~ x1 + x2 g =~ x4", "second operator", 1, 16),
    ("f =~ x1 x2 + x3", "'+' is expected before 'x2'", 1, 9),
    ("f =~ x1 + x2 & x3", "'&' means nothing", 1, 14),
    ("f =~ x1 + x2 +", "ends too early", 1, 14),
    ("f =~ x1 + x2\nx4 x5", "needs an operator", 2, 1),
    ("f =~ x1 + strat(0.5)*x2", "Unknown modifier 'strat()'", 1, 11),
    ("f =~ x1 + a*x2\nq := a + ", "Nothing stands|ends too early", 2, 8),
    ("f =~ x1 + a*x2\nq := (a + 1", "never closed", 2, 6),
    ("f =~ x1 + a*x2\nq := foo(a)", "Unknown function 'foo'", 2, 6),
    ("f =~ x1 + x2 + x1", "stands twice", 1, 16),
    ("f <~ x1 + x2", "composites are not part", 1, 3),
    ("# only a remark", "The model is empty", 0, 0),
]


@pytest.mark.parametrize(("text", "message", "line", "column"), SYNTAX, ids=[text for text, *_ in SYNTAX])
def test_syntax_errors_point_into_the_text(
    answers: pd.DataFrame, text: str, message: str, line: int, column: int
) -> None:
    with pytest.raises(
        errors.ModelSyntaxError, match=message.replace("(", r"\(").replace(")", r"\)").replace("+", r"\+")
    ) as e:
        sem.fit(text, answers)
    if line:
        assert f"(line {line}, column {column})" in str(e.value)
        source, caret = str(e.value).splitlines()[-2:]
        assert source.strip() == text.splitlines()[line - 1].strip()
        assert caret.index("^") == column + 1


def test_an_unknown_variable_is_named_with_its_neighbours(answers: pd.DataFrame) -> None:
    with pytest.raises(
        errors.UnknownVariableError, match=r"'X33' is neither .* Did you mean 'x3'\? \(line 2, column 8\)"
    ):
        sem.fit("f =~ x1 + x2\n  + x3+X33", answers)
    with pytest.raises(errors.UnknownVariableError, match="grouping variable: 'schol'.*Did you mean 'school'"):
        sem.fit(MODEL, answers, group="schol")
    with pytest.raises(errors.ConstraintError, match=r"label 'b' is given to no parameter.*\(line 4, column 6\)"):
        sem.fit(MODEL + "1 == b", answers)


def test_models_that_the_data_cannot_determine(answers: pd.DataFrame) -> None:
    with pytest.raises(errors.NotIdentifiedError, match="4 free parameters .* only 3 moments .* at least 1"):
        sem.fit("f =~ x1 + x2", answers)
    with pytest.raises(errors.NotIdentifiedError, match="cannot tell .* apart: f =~ x1; .* f =~ x4; f ~~ f"):
        sem.fit("f =~ NA*x1 + x2 + x3 + x4", answers)
    model = MODEL + "ability =~ visual + textual + speed"
    with pytest.raises(errors.NotIdentifiedError, match=r"textual ~1 \(group Grant-White\)"):
        sem.fit(model, answers, group="school", group_equal=("loadings", "intercepts"))


def test_the_higher_order_ladder_is_identified_where_the_automatic_step_is_not(answers: pd.DataFrame) -> None:
    steps = sem.higher_order_ladder(MODEL + "ability =~ visual + textual + speed", n_groups=2)
    fits = {step.name: sem.fit(step.syntax, answers, group="school", **step.arguments()) for step in steps}
    assert {name: fit.df for name, fit in fits.items()} == {
        "configural": 48,
        "first-order loadings": 54,
        "second-order loadings": 56,
        "item intercepts": 62,
        "factor intercepts": 64,
        "residuals": 73,
    }
    statistics = [fit.test.statistic for fit in fits.values()]
    assert statistics == sorted(statistics)
    # with three first-order factors the second order is a reparametrisation of their covariances
    plain = sem.fit(MODEL, answers, group="school", group_equal=("loadings", "intercepts"))
    assert fits["item intercepts"].test.statistic == pytest.approx(plain.test.statistic, abs=2.0)
    assert fits["item intercepts"].test.statistic > plain.test.statistic


def test_items_that_cannot_be_used(answers: pd.DataFrame) -> None:
    with pytest.raises(errors.ConstantItemError, match="x3 always has the same answer"):
        sem.fit(MODEL, answers.assign(x3=3))
    with pytest.raises(errors.CollinearItemsError, match="x1, x2, x3 are linear combinations"):
        sem.fit(MODEL, answers.assign(x3=answers.x1 + answers.x2))
    with pytest.raises(errors.NonNumericError, match=r"Column 'x3' holds 'agree' in row 5 \(1 such"):
        sem.fit(MODEL, answers.assign(x3=answers.x3.astype(object).where(answers.index != 5, "agree")))
    with pytest.raises(errors.NonNumericError, match="'x3' holds an infinite value"):
        sem.fit(MODEL, answers.assign(x3=answers.x3.where(answers.index != 5, np.inf)))


@pytest.mark.parametrize("missing", ["listwise", "fiml"])
def test_an_item_that_nobody_answered_in_one_group(answers: pd.DataFrame, missing: str) -> None:
    data = answers.assign(x3=answers.x3.where(answers.school != "Pasteur"))
    with pytest.raises(errors.ConstantItemError, match="Nobody answered x3 in group 'Pasteur'"):
        sem.fit(MODEL, data, group="school", missing=missing)


def test_items_that_nobody_answered_together(answers: pd.DataFrame) -> None:
    first = answers.index % 2 == 0
    data = answers.assign(x3=answers.x3.where(first), x4=answers.x4.where(~first))
    with pytest.raises(errors.NotIdentifiedError, match="Nobody answered x4 and x3 together"):
        sem.fit(MODEL, data, missing="fiml")


def test_groups_that_are_too_small(answers: pd.DataFrame) -> None:
    data = answers.assign(region=np.where(answers.index < 5, "north", "south"))
    with pytest.raises(errors.GroupTooSmallError, match="Only 5 usable respondents for 9 .* in group 'north'"):
        sem.fit(MODEL, data, group="region")


def test_contradictory_constraints(answers: pd.DataFrame) -> None:
    labelled = MODEL.replace("x2 + x3", "a*x2 + b*x3")
    with pytest.raises(errors.ConstraintError, match="a == 0.5 contradicts"):
        sem.fit(labelled + "a == b\nb == 1\na == 0.5", answers)
    with pytest.raises(errors.ConstraintError, match="a > 3; a < 2 contradict each other"):
        sem.fit(labelled + "a > 3\na < 2", answers)
    with pytest.raises(errors.ConstraintError, match="No parameters were found that meet the constraint"):
        sem.fit(labelled + "a^2 == -1", answers)


def test_a_failed_fit_raises_with_its_reason(answers: pd.DataFrame) -> None:
    with pytest.raises(errors.ConvergenceError, match="no minimum after .*n = 12.*collect more answers"):
        sem.fit(MODEL, answers.head(12))


def test_inadmissible_solutions_name_the_parameter() -> None:
    fit = sem.fit("f =~ a + b + c\ng =~ d + e + h\n", pd.read_csv(FOLDER / "heywood.csv"))
    assert [*map(str, fit.improper)] == ["Heywood case: the residual variance of a is negative (-0.254)"]


def test_a_factor_correlation_beyond_one_is_named() -> None:
    correlation = np.full((6, 6), 0.62)
    correlation[:3, :3] = correlation[3:, 3:] = 0.5
    np.fill_diagonal(correlation, 1.0)
    fit = sem.fit("f =~ a + b + c\ng =~ d + e + h", sem.Moments(correlation, 200, names=list("abcdeh")))
    (problem,) = fit.improper
    assert str(problem) == "the covariance matrix of the factors has correlations beyond one: g and f (1.24)"


def test_arguments_are_checked(answers: pd.DataFrame) -> None:
    with pytest.raises(errors.ArgumentError, match="unknown family 'loading'.*Did you mean 'loadings'"):
        sem.fit(MODEL, answers, group="school", group_equal=["loading"])
    with pytest.raises(errors.ArgumentError, match="group_partial names 'visual=~x22'.*'visual=~x2'"):
        sem.fit(MODEL, answers, group="school", group_equal=["loadings"], group_partial=["visual=~x22"])
    with pytest.raises(errors.ArgumentError, match="missing='pairwise' is unknown"):
        sem.fit(MODEL, answers, missing="pairwise")
    with pytest.raises(errors.ArgumentError, match="found ndarray"):
        sem.fit(MODEL, answers.to_numpy())
    with pytest.raises(errors.ArgumentError, match="need answers; the data are moments"):
        sem.fit("x1 ~ x2", sem.Moments(answers[["x1", "x2"]].cov(), 301), estimator="MLR")


def test_every_form_of_the_syntax_means_what_it_says(answers: pd.DataFrame) -> None:
    one = sem.fit("visual =~ x1 + a*x2 + a*x3 # equal\nx4 + x5 ~ visual; x4 ~~ 0*x5 ! none", answers)
    other = sem.fit(
        "visual =~ x1 +\n  x2 + equal('visual=~x2')*x3\n"
        "x4 ~ start(0.4)*visual\nx5 ~ NA*visual + 0.3?visual\nx4 ~~ c(0)*x5\nx2 ~~ x2",
        answers,
    )
    assert one.test.statistic == pytest.approx(other.test.statistic, rel=1e-9)
    table = sem.fit("f =~ x1 + l*x2 + x3\nr := (l^2 - 1) / -2 + sqrt(l)*exp(0)", answers).tidy().set_index("label")
    loading = table.loc["l", "est"]
    assert table.loc["r", "est"] == pytest.approx((loading**2 - 1) / -2 + np.sqrt(loading))
    slope = -loading + 0.5 / np.sqrt(loading)
    assert table.loc["r", "se"] == pytest.approx(abs(slope) * table.loc["l", "se"], rel=1e-7)


WORDS = [
    "f",
    "x1",
    "x2",
    "=~",
    "~",
    "~~",
    ":=",
    "==",
    "<",
    "+",
    "*",
    "(",
    ")",
    ",",
    "1",
    "-0.5",
    "NA",
    "c",
    "start",
    "\n",
]


@given(st.lists(st.sampled_from([*WORDS, ";", "a", "^", "/", "?", '"l"', "#", "|", "equal"]), max_size=14))
def test_no_text_breaks_the_parser(words: list[str]) -> None:
    with suppress(errors.ModelSyntaxError):
        parse(" ".join(words))


def test_the_sample_of_a_fit_serves_the_next_model_of_the_same_variables(answers: pd.DataFrame) -> None:
    gaps = answers.assign(x1=answers["x1"].where(answers.index % 7 > 0))
    first = sem.fit(MODEL, gaps, group="school", estimator="MLR", missing="fiml")
    how = {"group_equal": ("loadings",), "estimator": "MLR", "missing": "fiml"}
    again = sem.fit(MODEL, first.task.sample, **how).fit_indices()
    anew = sem.fit(MODEL, gaps, group="school", **how).fit_indices()
    assert again == pytest.approx(anew, rel=1e-12)
    with pytest.raises(
        errors.ArgumentError, match="The sample is one of the continuous variables x1, .*; the model has x1"
    ):
        sem.fit("visual =~ x1 + x2 + x3", first.task.sample)
