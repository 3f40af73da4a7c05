"""What a sample could have found is said beside the verdict, with the number of cases that would find it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from models import evidence, results, theory
from models.evidence.power_of_tests import detectable, needed
from models.remarks import remark, unpacked
from tests.test_verdicts import EVERYTHING, row

RULES = {key: theory.hypotheses()[key].survey for key in ("H5a", "H12")}


def test_what_is_detectable_is_found_with_the_declared_power() -> None:
    se = 0.07
    for key in RULES:
        half = stats.norm.ppf(0.95) * se
        found = detectable(RULES[key], -half, half)
        if key == "H5a":
            power = stats.norm.sf(1.96 - found / se) + stats.norm.cdf(-1.96 - found / se)
        else:
            power = 1 - 4 * 2 * stats.norm.sf(found / se - stats.norm.ppf(0.95))
        assert power == pytest.approx(0.8, abs=1e-4), "of four paths, all of which must be shown to be alike"


def test_four_times_the_cases_halve_what_is_detectable() -> None:
    assert needed(0.2, 0.1, 500) == 2000
    assert needed(0.1, 0.1, 500) == 500
    assert needed(0.31, 0.1, 100) == 970, "961, two digits, never too few"
    assert np.isnan(needed(np.nan, 0.1, 100))


def countries(se: float) -> pd.DataFrame:
    """Differences of the paths between two countries that are truly zero."""
    test, half = RULES["H12"], stats.norm.ppf(0.95) * se
    common = {"table": "contrast", "group": "a − b", "quantity": "decisive", "ci_lower": -half, "ci_upper": half}
    p = float(stats.norm.sf(0.2 / se))
    rows = [row("H12", 0.0, p, term=term, **common | {"n": 400}) for term in test.members]
    return results.whole(pd.DataFrame(rows))


def test_too_few_people_to_show_that_countries_are_alike_are_said_with_the_number_that_would() -> None:
    rows = countries(0.14)
    found = evidence.verdicts(rows, EVERYTHING)
    verdict = found.set_index(["hypothesis", "kind"]).loc[("H12", "survey")]
    assert verdict["verdict"] == "inconclusive"
    power = evidence.power(found).set_index("quantity")["estimate"]
    assert power["detectable"] == pytest.approx(0.14 * (1.645 + 1.96), abs=1e-3)
    assert power["needed"] == 2600, "400 × (.505 / .2)² = 2547"
    assert remark("needs_more_people", smallest=0.2, power=0.8, needed=2600, n=400) in unpacked(verdict["detail"])
    exposed = evidence.exposure(pd.concat([rows, results.whole(evidence.power(found).assign(sample="survey"))]), found)
    assert exposed.set_index("term").loc["little_power", "estimate"] == 1


def test_people_enough_are_no_threat() -> None:
    rows = countries(0.05)
    found = evidence.verdicts(rows, EVERYTHING)
    verdict = found.set_index(["hypothesis", "kind"]).loc[("H12", "survey")]
    assert verdict["verdict"] == "supported"
    assert verdict["detail"] == ""
    exposed = evidence.exposure(pd.concat([rows, results.whole(evidence.power(found).assign(sample="survey"))]), found)
    assert exposed.set_index("term").loc["little_power", "estimate"] == 0
