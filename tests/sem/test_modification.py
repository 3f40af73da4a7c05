"""What freeing a parameter or releasing an equality would gain, as lavaan has it and as refitting shows it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import sem
from models.sem.errors import ArgumentError

from .cases import content, data, fit


def _keyed(frame: pd.DataFrame) -> pd.DataFrame:
    ends = [
        sorted(pair) if op == "~~" else pair for op, *pair in zip(frame["op"], frame["lhs"], frame["rhs"], strict=True)
    ]
    frame = frame.assign(a=[a for a, _ in ends], b=[b for _, b in ends])
    return frame.set_index(["a", "op", "b", "group"]).sort_index()


@pytest.mark.parametrize(
    ("case", "tolerance"),
    # The first four optima are polished; lavaan's own ordinal optimum and weights are not.
    [(0, 1e-6), (1, 1e-6), (2, 1e-6), (3, 1e-6), (4, 2e-3)],
    ids=["one group", "regressions", "scalar invariance", "missing answers", "ordinal"],
)
def test_indices_agree_with_lavaan(case: int, tolerance: float) -> None:
    expected = content("comparisons")["modification"][case]
    fitted = fit(expected)
    own = _keyed(sem.modification_indices(fitted, delta=0.2))
    table = pd.DataFrame(expected["indices"])
    table["group"] = [fitted.table.options.groups[g - 1] for g in table["group"]] if "group" in table else 1
    table = _keyed(table)
    assert list(own.index) == list(table.index)
    for column in ("mi", "epc", "sepc_lv", "sepc_all", "power"):
        # Indices near zero are differences of much larger numbers.
        np.testing.assert_allclose(own[column], table[column], rtol=tolerance, atol=tolerance / 100, err_msg=column)


def test_a_modification_index_predicts_what_freeing_the_parameter_gains() -> None:
    syntax = "f =~ a + b + c + d\nb ~~ 0*c"
    truth = "f =~ 1*a + 0.9*b + 0.8*c + 0.7*d\nb ~~ 0.1*c"
    fitted = sem.fit(syntax, sem.simulate(truth, 4000, seed=3))
    top = sem.modification_indices(fitted, op="~~").query("lhs == 'b' and rhs == 'c'").iloc[0]
    freed = sem.fit(syntax.replace("0*", ""), sem.simulate(truth, 4000, seed=3))
    # The score test and the difference test are asymptotically the same; 4,000 respondents bring them within 5 %.
    assert top["mi"] == pytest.approx(fitted.test.statistic - freed.test.statistic, rel=0.05)
    gain = freed.tidy().query("lhs == 'b' and rhs == 'c'")["est"].iloc[0]
    assert top["epc"] == pytest.approx(gain, rel=0.1)


@pytest.mark.parametrize("case", range(2), ids=["group_equal", "written constraints"])
def test_released_equalities_agree_with_lavaan(case: int) -> None:
    expected = content("comparisons")["score"][case]
    result = sem.score_test(fit(expected))
    assert result.df == expected["total"]["df"]
    # lavaan inverts the bordered information, here its eigenvalues are used: rounding differs.
    assert result.statistic == pytest.approx(expected["total"]["X2"], rel=1e-7)
    np.testing.assert_allclose(result.each["statistic"], expected["each"], rtol=1e-6)


def test_decisions_follow_significance_and_power() -> None:
    fitted = sem.fit("visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9", data("holzinger.csv"))
    table = sem.modification_indices(fitted, delta=0.2)
    weak = table[(table["mi"] < 3.84) & (table["power"] < 0.75)]
    assert (weak["decision"] == "inconclusive").all()
    assert table["mi"].is_monotonic_decreasing
    assert (sem.modification_indices(fitted, op="~~", minimum=10)["op"] == "~~").all()
    with pytest.raises(ArgumentError, match="delta=-1 must be a positive change"):
        sem.modification_indices(fitted, delta=-1)
    with pytest.raises(ArgumentError, match="no equality constraints"):
        sem.score_test(fitted)
