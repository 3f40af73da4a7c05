"""What other programs and keyboards write differently is said: by an error with the right spelling, or by a remark."""

from __future__ import annotations

import warnings

import pandas as pd
import pytest

from models import sem
from models.sem import errors
from tests.sem.parity import FOLDER

FACTORS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\n"


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "holzinger.csv")


SPELLINGS = [
    ("f ＝~ x1", "FULLWIDTH EQUALS SIGN.*'=~'"),
    ("y 〜 x1", r"WAVE DASH.*Write '~'\."),
    ("y ～ x1", r"FULLWIDTH TILDE.*Write '~'\."),
    ("q ：= a", r"FULLWIDTH COLON.*Write ':'\."),
    ("q := （a + b)", r"FULLWIDTH LEFT PARENTHESIS.*Write '\('\."),
    ("f =~ x1 ＋ x2", r"FULLWIDTH PLUS SIGN.*Write '\+'\."),
    ("q := a − b", r"U\+2212 MINUS SIGN.*Write '-'\."),
    ("f =~ equal(“g=~x1”)*x2", 'LEFT DOUBLE QUOTATION MARK.*Write "'),
    ("f =~ x1\u200b + x2", r"ZERO WIDTH SPACE\) means nothing.*cannot be seen"),
    ("f =~ equal('g=~x1)*x2", "never closed"),
    ("f BY x1 x2", "'BY' is Mplus; write '=~'"),
    ("y ON x1", "'ON' is Mplus; write '~'"),
    ("x1 WITH x2", "'WITH' is Mplus; write '~~'"),
    ("x1@1", r"Mplus's 'x1@1' is written '1\*x1'"),
    ("y -> x1", "'->' is unknown: a path is written 'y ~ x'"),
    ("x1 <-> x2", "a covariance is written 'x ~~ y'"),
    ("y = x1", "'=' is unknown"),
    ("a >= 0", "'>=' is unknown: write '>'"),
    ("f ~= x1", "a factor is written 'f =~ x1"),
    ("group: 1\nf =~ x1", "Blocks such as 'group:'"),
    ("f =~ x1-x3", "ranges such as x1-x3 written out"),
    ("f =~ x1*0.5", "A modifier stands before its variable"),
    ("f =~ a?x1", "A starting value before '\\?' is a number"),
    ("f =~ 1x + x2", "'1x' is no name"),
    ("q := 2a", r"write 2\*a for a product"),
    ("NA ~ x1", "'NA' is a word of R"),
    ("q := TRUE", "'TRUE' is a word of R"),
    ("q := ifelse(a > 0, a, b)", "'>' stands in brackets: conditions"),
    ("q := max(a, b)", "Unknown function 'max'.*no delta method"),
    ("q := a/(1 - 1)", r"'a/\(1-1\)' divides by zero. \(line 1, column 7\)"),
    ("q := log(-2)", r"'log\(-2\)' has no value"),
    ("y ~ `my item`", "Names in backticks are not part"),
    ("f =~ rep(1, 1e9)*x1", "whole number from 1 to 1000"),
    ("f =~ 1e999*x1", "The number 1e999 is too large"),
]


@pytest.mark.parametrize(("text", "message"), SPELLINGS, ids=[text for text, _ in SPELLINGS])
def test_what_others_write_is_refused_with_the_right_spelling(text: str, message: str, answers: pd.DataFrame) -> None:
    with pytest.raises(errors.ModelSyntaxError, match=f"(?s){message}") as error:
        sem.fit(text, answers)
    assert "^" in str(error.value).splitlines()[-1]


def test_the_caret_stands_under_its_place_after_wide_characters(answers: pd.DataFrame) -> None:
    with pytest.raises(errors.ModelSyntaxError) as error:
        sem.fit("信任 =~ x1 & x2", answers)
    source, caret = str(error.value).splitlines()[-2:]
    assert caret.index("^") == source.index("&") + len("信任")


def test_a_label_named_like_a_variable_of_the_model_is_no_product(answers: pd.DataFrame) -> None:
    with pytest.raises(errors.ModelError, match=r"label 'x2' is a variable of the model too.*product to the data"):
        sem.fit("x1 ~ x2*x3 + x2", answers)
    with pytest.warns(sem.ModelWarning, match="label x9 has the name of a column of the data"):
        sem.fit("x1 ~ x9*x3 + x2", answers)


def test_one_label_over_groups_ties_the_parameter_and_says_so(answers: pd.DataFrame) -> None:
    with pytest.warns(sem.ModelWarning, match=r"all 2 groups .* visual ~ textual\..* c\(b1, b2\), or write c\(b, b\)"):
        tied = sem.fit(FACTORS + "visual ~ b*textual", answers, group="school")
    assert tied.remarks
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stated = sem.fit(FACTORS + "visual ~ c(b, b)*textual", answers, group="school")
        free = sem.fit(FACTORS + "visual ~ c(b1, b2)*textual", answers, group="school")
    assert stated.test.statistic == pytest.approx(tied.test.statistic, rel=1e-9)
    assert (tied.df, stated.df, free.df) == (free.df + 1, free.df + 1, free.df)


def test_moments_of_a_covariate_in_the_text_make_it_random_and_say_so(answers: pd.DataFrame) -> None:
    with pytest.warns(sem.ModelWarning) as said:
        fit = sem.fit("x1 ~ x2 + x3 + x4\nx2 ~~ x3", answers)
    texts = [str(one.message) for one in said]
    assert "covariance or intercept of x2, x3: no longer fixed" in texts[0]
    assert "zero: x2 with x4, x3 with x4" in texts[1]
    assert fit.task.fixed_covariates == [fit.task.sample.names.index("x4")]


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"group_equal": True}, "group_equal=True must be a name or a list of names"),
        ({"bootstrap": True}, "bootstrap=True must be a number of samples"),
        ({"cluster": ["school"]}, r"cluster=\['school'\] must be the name of one column"),
        ({"std_lv": "yes"}, "std_lv='yes' must be True or False"),
        ({"seed": 1.5}, "seed=1.5 must be a whole number"),
        ({"ordered": 3}, "ordered=3 must be a name"),
        ({"estimator": None}, "estimator=None is unknown"),
    ],
    ids=str,
)
def test_arguments_of_the_wrong_kind_are_refused(how: dict, message: str, answers: pd.DataFrame) -> None:
    with pytest.raises(errors.ArgumentError, match=message):
        sem.fit(FACTORS, answers, **how)


def test_ordered_can_be_true_false_or_none_as_in_lavaan() -> None:
    answers = pd.read_csv(FOLDER / "holzinger_ordinal.csv")
    named = sem.fit(FACTORS, answers, ordered=[f"x{k}" for k in range(1, 7)])
    assert sem.fit(FACTORS, answers, ordered=True).test.statistic == named.test.statistic
    plain = sem.fit(FACTORS, answers).test.statistic
    for nothing in (False, None):
        assert sem.fit(FACTORS, answers, ordered=nothing, group_partial=None).test.statistic == plain


def test_definitions_are_named_once_and_have_a_value(answers: pd.DataFrame) -> None:
    model = FACTORS.replace("x2", "a*x2").replace("x5", "b*x5")
    for text, message in (
        ("q := a\nq := b", r"'q' is defined twice, first in line 3.*\(line 4, column 1\)"),
        ("a := b^2", r"'a' is the label of a parameter already.*\(line 3, column 1\)"),
        ("p := q\nq := r\nr := p", r"defined by itself: (p → q → r → p|q → r → p → q|r → p → q → r)\."),
        ("a == b\nq := 1/(a - b)", r"'1/\(a-b\)' divides by zero at every value.*\(line 4, column 7\)"),
        ("z := a - a\nq := b/z", r"'b/z' divides by zero at every value"),
        ("a == 0\nq := log(a)", r"'log\(a\)' has no value at every value"),
    ):
        with pytest.raises(errors.ConstraintError, match=message):
            sem.fit(model + text, answers)
    fit = sem.fit(model + "q := sqrt(-a)\nr := q + 1\ns := a + 1", answers)
    table = fit.tidy().set_index("label")
    assert table.loc[["q", "r"], ["est", "se", "std_all"]].isna().to_numpy().all()
    assert table.loc["s", "est"] == pytest.approx(table.loc["a", "est"] + 1)
    assert any("q := sqrt(-a) has no value: sqrt(-a) has none at a = " in str(problem) for problem in fit.improper)


def test_definitions_out_of_order_have_the_values_and_errors_of_those_in_order(answers: pd.DataFrame) -> None:
    model = FACTORS.replace("x2", "a*x2").replace("x5", "b*x5") + "two := 2\n"
    lines = ["s := a + b", "mean := s / two", "square := mean^2"]
    forth, back = (sem.fit(model + "\n".join(text), answers) for text in (lines, lines[::-1]))
    for kind in (lambda fit: fit.tidy(), lambda fit: fit.standardised_solution(), lambda fit: _drawn(fit)):
        one, other = (kind(fit).set_index("label").loc[["s", "mean", "square"]] for fit in (forth, back))
        pd.testing.assert_frame_equal(one, other)
    tests = [fit.wald("square == 1").statistic for fit in (forth, back)]
    assert tests[0] == pytest.approx(tests[1])
    restricted = [sem.fit(model + "\n".join(text) + "\nsquare == 1", answers) for text in (lines, lines[::-1])]
    assert restricted[0].test.statistic == pytest.approx(restricted[1].test.statistic, rel=1e-8)
    assert sem.compare(forth, restricted[1]).df == 1


def _drawn(fit: sem.Fit) -> pd.DataFrame:
    return sem.bootstrap(fit, 10, seed=1).tidy()
