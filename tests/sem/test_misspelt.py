"""A misspelt word is refused with the words that there are, and never gives a number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from models import sem
from models.sem.errors import ArgumentError


@pytest.fixture(scope="module")
def fit() -> sem.Fit:
    rng = np.random.default_rng(1)
    answers = pd.DataFrame({"x": rng.normal(size=50)})
    answers["y"] = 0.5 * answers["x"] + rng.normal(size=50)
    return sem.fit("y ~ b*x; twice := 2*b", answers, fixed_x=False)


TWO = "F =~ 0.8*a + 0.7*b + 0.6*c; G =~ 0.8*d + 0.7*e + 0.6*f; F ~~ 0.5*G"
ASKED: dict[str, tuple[Callable, str, str]] = {
    "influences": (sem.influences, "estt", "'est'"),
    "resampled": (lambda fit, word: sem.resampled(fit, np.ones((1, 50), dtype=int), word), "std_al", "'std_all'"),
    "standardised": (sem.Fit.standardised, "std_al", "'std_all'"),
    "slopes": (sem.Fit.slopes, "std_noxx", "'std_nox'"),
    "defined": (lambda fit, word: fit.defined_standardised(fit.theta, word), "std_lw", "'std_lv'"),
    "standardised solution": (sem.Fit.standardised_solution, "est", "possible are std_lv, std_all, std_nox"),
    "residuals": (sem.Fit.residuals, "normalised", "'normalized'"),
    "modification indices": (sem.modification_indices, "=", "possible are =~, ~, ~~, ~1"),
    "several of these": (lambda fit, word: sem.modification_indices(fit, ["~~", word]), "~=", "possible are"),
}


@pytest.mark.parametrize(("ask", "word", "said"), ASKED.values(), ids=ASKED)
def test_a_misspelt_word_is_refused_with_what_is_possible(fit: sem.Fit, ask: Callable, word: str, said: str) -> None:
    with pytest.raises(ArgumentError, match=f"{word!r} is unknown") as found:
        ask(fit, word)
    assert said in str(found.value)


def test_what_has_another_length_than_the_model_is_refused(fit: sem.Fit) -> None:
    with pytest.raises(ArgumentError, match=r"counts of shape \(2, 49\) must have .* each of 50 respondents"):
        sem.resampled(fit, np.ones((2, 49), dtype=int))
    with pytest.raises(ArgumentError, match="must name the 2 factors of a linear growth model"):
        sem.growth(["a", "b", "c"], names=["level"])
    with pytest.raises(ArgumentError, match="no variable 'xx'. Did you mean 'x'"):
        sem.simple_slopes(fit, "y", "x", "xx", "x")


def test_cutoffs_say_which_index_they_lack() -> None:
    model = sem.fit("F =~ a + b + c; G =~ d + e + f", sem.simulate(TWO, 200, seed=1))
    with pytest.raises(ArgumentError, match=r"indices have no '\w+'; take those of Fit.fit_indices"):
        sem.large_sample_cutoffs(model).beyond({"cfii": 0.95}, level=1)
