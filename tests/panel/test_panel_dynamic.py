"""Dynamic panels: GMM against plm and Stata's published output, corrections against simulated truth."""

import numpy as np
import pandas as pd
import pytest

from models import panel

KEYS = {"entity": "firm", "time": "year"}
LAGGED = "log(emp) ~ lag(log(emp)) + lag(log(emp), 2) + log(wage) + lag(log(wage)) + log(capital)"
AB = f"{LAGGED} + log(output) + lag(log(output))"
A1 = f"{AB} + lag(log(capital)) + lag(log(capital), 2) + lag(log(output), 2)"
BB = "log(emp) ~ lag(log(emp)) + log(wage) + lag(log(wage)) + log(capital) + lag(log(capital))"
DEEP = (2, None)
CASES = {
    "ab_onestep": (AB, {"log(emp)": DEEP}, {"steps": 1}),
    "ab_twosteps": (AB, {"log(emp)": DEEP}, {}),
    "ab_collapsed": (AB, {"log(emp)": DEEP}, {"collapse": True}),
    "ab_no_time": (AB, {"log(emp)": DEEP}, {"time_effects": False}),
    "bb_onestep": (BB, {"log(emp)": DEEP, "log(wage)": DEEP, "log(capital)": DEEP}, {"steps": 1, "system": True}),
    "bb_twosteps": (BB, {"log(emp)": DEEP, "log(wage)": DEEP, "log(capital)": DEEP}, {"system": True}),
}


@pytest.mark.parametrize("case", CASES)
def test_gmm_equals_plm(fixture_frame, fixture_json, case):
    reference = fixture_json("plm_dynamic")[case]
    formula, instruments, options = CASES[case]
    fit = panel.gmm(formula, fixture_frame("empluk"), instruments=instruments, **KEYS, **options)
    k = formula.count("+") + 1
    est, se, plain = (
        np.array(list(reference[kind][what].values()))[:k]
        for kind, what in (("robust", "est"), ("robust", "se"), ("plain", "se"))
    )
    # 1e-8: the same estimator; period dummies are parametrised differently and left out
    np.testing.assert_allclose(fit.params[:k], est, rtol=1e-8)
    np.testing.assert_allclose(fit.tidy()["se"][:k], se, rtol=1e-8)
    assert fit.n_instruments == reference["robust"]["n_instruments"]
    if fit.steps == 2:
        np.testing.assert_allclose(np.sqrt(np.diag(fit.cov_uncorrected))[:k], plain, rtol=1e-8)
        np.testing.assert_allclose(fit.hansen, reference["robust"]["sargan"]["statistic"], rtol=1e-8)
        assert fit.hansen_df == reference["robust"]["sargan"]["df"]


def test_gmm_equals_the_stata_manual(fixture_frame):
    """Entry xtabond: n l(0/1).w l(0/2).(k ys) yr1980-yr1984, lags(2) vce(robust), with estat abond.

    The same model is table 4, columns (a1) and (a2), of Arellano & Bond (1991).
    """
    fits = [
        panel.gmm(A1, fixture_frame("empluk"), instruments={"log(emp)": DEEP}, steps=steps, **KEYS) for steps in (1, 2)
    ]
    # 1e-6: Stata's copy of the data holds the logarithms in single precision
    one = fits[0].tidy()
    np.testing.assert_allclose(one["est"][:4], [0.6862261, -0.0853582, -0.6078208, 0.3926237], atol=1e-6)
    np.testing.assert_allclose(one["se"][:4], [0.1445943, 0.0560155, 0.1782055, 0.1679931], atol=1e-6)
    np.testing.assert_allclose(fits[0].ar, [-3.5996, -0.51603], atol=5e-5)
    two = fits[1].tidy()
    np.testing.assert_allclose([two["est"][0], two["se"][0]], [0.6287089, 0.1934138], atol=1e-6)
    np.testing.assert_allclose(fits[1].ar, [-2.1255, -0.35166], atol=5e-5)
    np.testing.assert_allclose(fits[1].hansen, 31.38143, atol=1e-4)
    assert fits[0].nobs == 611
    assert fits[0].n_entity == 140


def autoregressive(n_user, n_month, rho, seed):
    rng = np.random.default_rng(seed)
    liking, x = rng.normal(size=n_user), rng.normal(size=(n_user, n_month + 20))
    y = np.zeros((n_user, n_month + 20))
    for t in range(1, n_month + 20):
        y[:, t] = rho * y[:, t - 1] + 0.5 * x[:, t] + liking + rng.normal(size=n_user)
    frame = pd.DataFrame({"user": np.repeat(np.arange(n_user), n_month), "month": np.tile(np.arange(n_month), n_user)})
    return frame.assign(y=y[:, 20:].ravel(), x=x[:, 20:].ravel())


def test_gmm_and_the_jackknife_remove_the_bias_of_fixed_effects():
    data = autoregressive(600, 8, 0.5, 0)
    keys = {"entity": "user", "time": "month"}
    fixed = panel.fit("y ~ lag(y) + x", data, **keys)
    jack = panel.half_panel_jackknife(fixed).tidy()
    gmm = panel.gmm("y ~ lag(y) + x", data, instruments={"y": (2, 4)}, collapse=True, **keys)
    assert fixed.tidy()["est"][0] < 0.5 - 5 * fixed.tidy()["se"][0]  # Nickell's bias
    assert jack["uncorrected"][0] == fixed.tidy()["est"][0]
    assert abs(jack["est"][0] - 0.5) < 0.4 * abs(fixed.tidy()["est"][0] - 0.5)
    assert abs(gmm.params[0] - 0.5) < 3.5 * gmm.tidy()["se"][0]  # 3.5 standard errors
    glance = gmm.glance().iloc[0]
    assert glance["ar1_pvalue"] < 1e-6
    assert glance["ar2_pvalue"] > 0.01
    assert glance["hansen_pvalue"] > 0.01


def test_more_instruments_than_entities_are_pointed_out(fixture_frame):
    few = fixture_frame("empluk").query("firm <= 30")
    note = panel.gmm(BB, few, instruments=CASES["bb_twosteps"][1], system=True, **KEYS).glance()["note"][0]
    assert note.startswith("more instruments than entities: collapse them")


def test_dynamic_models_refuse_what_they_cannot_do(fixture_frame):
    data = fixture_frame("empluk")
    with pytest.raises(panel.PanelError, match="'em' in the instruments is not a column; did you mean 'emp'"):
        panel.gmm(AB, data, instruments={"log(em)": DEEP}, **KEYS)
    with pytest.raises(panel.PanelError, match="lags of 'log.emp.' are .0, 3.; the first must be 1 or more"):
        panel.gmm(AB, data, instruments={"log(emp)": (0, 3)}, **KEYS)
    with pytest.raises(panel.PanelError, match="12 instruments, fewer than 13 slopes, identify nothing"):
        panel.gmm(AB, data, instruments={"log(emp)": (2, 2)}, collapse=True, **KEYS)
    with pytest.raises(panel.PanelError, match="instruments begin at lag 20, but the panel spans 9 periods"):
        panel.gmm(AB, data, instruments={"log(emp)": (20, 30)}, **KEYS)
    with pytest.raises(panel.PanelError, match="the lags of 'log.emp.' are 2; expected the first and the last"):
        panel.gmm(AB, data, instruments={"log(emp)": 2}, **KEYS)
    fixed = data.assign(twice=2 * data["wage"], one=1.0)
    with pytest.raises(panel.PanelError, match="twice is a linear combination of wage once it is differenced"):
        panel.gmm("log(emp) ~ lag(log(emp)) + wage + twice", fixed, instruments={"log(emp)": DEEP}, **KEYS)
    with pytest.raises(panel.PanelError, match="one has no variation"):
        panel.gmm("log(emp) ~ lag(log(emp)) + one", fixed, instruments={"log(emp)": DEEP}, **KEYS)
    with pytest.raises(panel.PanelError, match="no entity has two consecutive complete rows"):
        panel.gmm(AB, data.query("year % 2 == 0"), instruments={"log(emp)": DEEP}, **KEYS)
    with pytest.raises(panel.PanelError, match="corrects entity and two-way effects, not pooled"):
        panel.half_panel_jackknife(panel.fit("emp ~ wage", data, effects="pooled", **KEYS))
