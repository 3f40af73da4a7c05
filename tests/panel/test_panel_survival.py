"""Survival curves and the test of proportional hazards against R's survival; drift that is there is found."""

import numpy as np
import pandas as pd
import pytest

from models import panel


def spells(fixture_frame, unit):
    lung = fixture_frame("lung")
    return lung.assign(month=np.ceil(lung["time"] / 30)).assign(duration=lambda d: d[unit])


@pytest.mark.parametrize("unit", ["time", "month"])
def test_curves_equal_survfit(fixture_frame, fixture_json, unit):
    data, reference = spells(fixture_frame, unit), fixture_json("survival")[f"curve_{unit}"]
    curve = panel.survival_curve(data["duration"], data["status"], reference["times"]).tidy()
    assert curve["at_risk"].tolist() == reference["at_risk"]
    for ours, theirs in (("survival", "surv"), ("ci_lower", "lower"), ("ci_upper", "upper")):
        # 1e-12: the same products and sums
        np.testing.assert_allclose(curve[ours], reference[theirs], rtol=1e-12)


@pytest.mark.parametrize("unit", ["time", "month"])
@pytest.mark.parametrize("transform", ["km", "identity"])
def test_the_test_of_proportional_hazards_equals_cox_zph(fixture_frame, fixture_json, unit, transform):
    data, reference = spells(fixture_frame, unit), fixture_json("survival")[f"cox_{unit}"]
    fit = panel.cox("duration ~ age + sex + ecog", data, event="status")
    # 1e-6: both stop Newton's method at a relative likelihood change of about 1e-9
    np.testing.assert_allclose(fit.params, list(reference["est"].values()), rtol=1e-6)
    table = panel.proportional_hazards("duration ~ age + sex + ecog", data, event="status", transform=transform)
    np.testing.assert_allclose(table["statistic"], reference[transform]["statistic"], rtol=1e-6)
    np.testing.assert_allclose(table["pvalue"], reference[transform]["pvalue"], rtol=1e-6)
    assert table["df"].tolist() == reference[transform]["df"]


def test_what_only_one_time_tells_of_is_not_tested_for_drift():
    """`early` is zero for whoever is still there at the second event."""
    rng = np.random.default_rng(3)
    n = 60
    x = rng.normal(size=n)
    early = np.where(np.arange(n) < 20, rng.normal(size=n), 0.0)
    duration = np.where(np.arange(n) < 20, 1.0, np.where(np.arange(n) < 40, 1.0, 5.0 + np.arange(n) % 3))
    data = pd.DataFrame({"duration": duration, "x": x, "early": early, "event": 1.0})
    table = panel.proportional_hazards("duration ~ x + early", data, event="event").set_index("term")
    assert table.loc["x", "statistic"] > 0
    assert table.loc[["early", "all together"], ["statistic", "pvalue"]].isna().all(axis=None)


@pytest.mark.slow
@pytest.mark.parametrize("later", [0.8, 0.0])
def test_a_hazard_ratio_that_fades_is_found_and_one_that_stays_is_not(later):
    rng = np.random.default_rng(5)
    x = rng.normal(size=4000)
    early = rng.exponential(np.exp(-0.8 * x))
    late = 1 + rng.exponential(np.exp(-later * x))
    data = pd.DataFrame({"duration": np.where(early < 1, early, late), "x": x})
    data["event"] = (data["duration"] < 3).astype(float)
    pvalue = panel.proportional_hazards("duration ~ x", data, event="event")["pvalue"][0]
    assert pvalue > 0.001 if later else pvalue < 1e-12


def test_curves_refuse_what_is_no_spell():
    with pytest.raises(panel.PanelError, match="durations must be positive; 1 are not, or are missing"):
        panel.survival_curve([1.0, 0.0], [1.0, 0.0], [1.0])
    with pytest.raises(panel.PanelError, match="event must be 1 for an event and 0 for censoring"):
        panel.survival_curve([1.0, 2.0], [1.0, 2.0], [1.0])
    with pytest.raises(panel.PanelError, match="there are no spells"):
        panel.survival_curve([], [], [1.0])
    with pytest.raises(panel.PanelError, match=r"transform='rank' does not exist.*km, identity"):
        panel.proportional_hazards("d ~ x", pd.DataFrame(), event="e", transform="rank")
