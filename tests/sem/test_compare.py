"""Nested models are compared as lavaan compares them, and only where the comparison means something."""

from __future__ import annotations

import numpy as np
import pytest

from models import sem
from models.sem.errors import ArgumentError, DifferentDataError, NotAvailableError, NotNestedError

from .cases import content, data, fit

METHODS = {"default": "standard"} | {
    name: name.replace(".", "_") for name in ("satorra.bentler.2001", "satorra.bentler.2010", "satorra.2000")
}
THREE = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"


@pytest.mark.parametrize("case", range(8))
def test_difference_tests_agree_with_lavaan(case: int) -> None:
    pair = content("comparisons")["comparisons"][case]
    restricted, free = fit(pair["restricted"]), fit(pair["free"])
    for test in pair["tests"]:
        result = sem.compare(restricted, free, METHODS[test["method"]])
        assert result.df == test["df_diff"]
        # Both optima are polished, those with ordinal items (the last case) are not.
        tolerance = 1e-7 if case < 7 else 1e-4
        assert result.statistic == pytest.approx(test["chisq_diff"], rel=tolerance)
        assert result.pvalue == pytest.approx(test["pvalue"], rel=10 * tolerance)


def test_order_of_the_fits_does_not_matter_and_the_default_follows_the_estimator() -> None:
    orthogonal, free = (sem.fit(THREE, data("holzinger.csv"), orthogonal=o, estimator="MLM") for o in (True, False))
    one, other = sem.compare(orthogonal, free), sem.compare(free, orthogonal)
    assert (one.statistic, one.method) == (other.statistic, "satorra_bentler_2001")
    frame = one.tidy()
    assert list(frame["df"]) == [24, 27]
    assert frame["chisq_diff"].isna().tolist() == [True, False]
    assert frame["cfi_diff"].iloc[1] == pytest.approx(frame["cfi"].iloc[1] - frame["cfi"].iloc[0])


def test_the_scaled_difference_of_2010_uses_the_moments_that_the_restricted_model_implies() -> None:
    """Metric against scalar: the parameters of one do not fit into the other, the implied moments do."""
    case = content("comparisons")["comparisons"][1]
    scalar, metric = fit(case["restricted"], estimator="MLR"), fit(case["free"], estimator="MLR")
    strict = sem.compare(scalar, metric, "satorra_bentler_2010")
    direct = sem.compare(scalar, metric, "satorra_2000")
    # The two tests estimate the same quantity; at a clearly misfitting model they stay within a few percent.
    assert strict.statistic == pytest.approx(direct.statistic, rel=0.1)


def test_wald_agrees_with_lavaan() -> None:
    case = content("comparisons")["wald"]
    result = sem.wald(fit(case), case["restrictions"])
    assert result.df == case["test"]["df"]
    # lavaan's information is at its polished optimum too.
    assert result.statistic == pytest.approx(case["test"]["stat"], rel=1e-8)


def test_models_that_are_not_nested_are_refused() -> None:
    frame = data("holzinger.csv")
    base = sem.fit(THREE, frame)
    with pytest.raises(NotNestedError, match="cannot reproduce what the restricted one implies"):
        sem.compare(
            sem.fit("a =~ x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9", frame, orthogonal=False),
            sem.fit("a =~ x1 + x4 + x7\nb =~ x2 + x5 + x8\nc =~ x3 + x6 + x9\na ~~ 0*b", frame),
        )
    with pytest.raises(NotNestedError, match="Both models have 24 degrees of freedom"):
        sem.compare(base, sem.fit(THREE.replace("visual", "sight"), frame))


def test_models_of_different_data_are_refused() -> None:
    frame = data("holzinger.csv")
    base = sem.fit(THREE, frame)
    cases = (
        (sem.fit(THREE, frame.head(250)), "301 and 250 respondents"),
        (sem.fit(THREE.rsplit(" + ", 1)[0], frame), "x9 is in one model only"),
        (sem.fit(THREE, frame, estimator="MLM"), "differ in estimator"),
        (sem.fit(THREE, frame, meanstructure=True), "Only one of the models has a mean structure"),
        (sem.fit(THREE, frame.assign(x1=frame["x1"] + frame["x2"])), "different answers"),
        (sem.fit(THREE, frame, group="school"), "mean structure|different groups"),
    )
    for other, message in cases:
        with pytest.raises(DifferentDataError, match=message):
            sem.compare(base, other)


def test_what_a_comparison_cannot_do_is_said() -> None:
    frame = data("holzinger.csv")
    free, restricted = sem.fit(THREE, frame), sem.fit(THREE, frame, orthogonal=True)
    with pytest.raises(NotAvailableError, match="with 'MLM' or 'MLR'"):
        sem.compare(free, restricted, "satorra_bentler_2001")
    with pytest.raises(ArgumentError, match="Did you mean 'satorra_2000'"):
        sem.compare(free, restricted, "satora_2000")
    table = sem.information_criteria(free, restricted)
    assert np.all(np.diff(table["aic"]) > 0)
