"""Diagnostics against plm, brute force and simulated faults."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from models import panel
from models.panel.checks.attrition import leavers, selection_lead
from models.panel.checks.dependence import pesaran_cd
from models.panel.checks.diagnostics import without_periods
from models.panel.checks.heterogeneity import wald
from models.panel.checks.influence import leave_one_out
from models.panel.checks.serial import breusch_godfrey, wooldridge_difference, wooldridge_within
from models.panel.checks.unit_root import dickey_fuller, im_pesaran_shin, maddala_wu

FORMULA = "stickiness ~ value + trust"
KEYS = {"entity": "user", "time": "month"}


def test_unit_root_statistics_equal_plm(fixture_frame, fixture_json):
    frame = fixture_frame("grunfeld").sort_values(["firm", "year"])
    design = panel.fit("inv ~ value", frame, entity="firm", time="year").groups[0].design
    for lags in range(3):
        reference = fixture_json("plm_linear")["unit_root"][f"lags{lags}"]
        adf = [dickey_fuller(g["inv"].to_numpy(dtype=float), lags) for _, g in frame.groupby("firm")]
        # 1e-8: the same regressions
        np.testing.assert_allclose(adf, reference["adf"], rtol=1e-8)
        check = maddala_wu(design, design.y, "inv", lags)
        # 1 %: plm takes MacKinnon's tables of 1996, statsmodels the approximation of 1994 (2010)
        np.testing.assert_allclose(check.statistic, reference["statistic"], rtol=1e-2)


FLAT = {
    "but for its ends": [1, *[0] * 12, 1],
    "but for the second value": [0, 1, *[0] * 12],
    "but for the first two": [1, 2, *[0] * 12],
    "a line": list(range(14)),
    "one geometric decline": [0.5**i for i in range(14)],
}


@pytest.mark.parametrize("flat", FLAT.values(), ids=FLAT)
def test_series_without_a_unit_root_test_are_left_out_and_counted(flat):
    assert np.isnan(dickey_fuller(np.array(flat, dtype=float), 1))
    walks = np.random.default_rng(0).normal(size=(6, 14)).cumsum(axis=1)
    frame = pd.DataFrame({"user": np.repeat(np.arange(9), 14), "t": np.tile(np.arange(14), 9)})
    frame["y"] = np.vstack([walks, [flat] * 3]).ravel()
    frame["x"] = np.random.default_rng(1).normal(size=len(frame))
    all_of_them = panel.fit("y ~ x", frame, entity="user", time="t").groups[0].design
    without = panel.fit("y ~ x", frame[frame["user"] < 6], entity="user", time="t").groups[0].design
    only_flat = panel.fit("y ~ x", frame[frame["user"] > 5], entity="user", time="t", effects="pooled").groups[0].design
    for test in (maddala_wu, im_pesaran_shin):
        check = test(all_of_them, all_of_them.y, "y")
        assert check.note.endswith("; 3 of them left out: constant but for a few values, or fitted exactly")
        assert check.statistic == test(without, without.y, "y").statistic
        assert test(only_flat, only_flat.y, "y").note.startswith("not applicable, because all 3 series are constant")


def test_entities_without_variation_do_not_enter_the_cross_section_test():
    """Three residual series that are zero to rounding have no correlation, whatever the rounding says."""
    frame = pd.DataFrame({"user": np.repeat(np.arange(9), 14), "t": np.tile(np.arange(14), 9)})
    noise = np.random.default_rng(0).normal(size=(9, 14))
    noise[6:] *= 1e-17
    noise[6:] += 0.1
    frame["y"] = noise.ravel()
    frame["x"] = np.random.default_rng(1).normal(size=len(frame))
    design = panel.fit("y ~ x", frame, entity="user", time="t").groups[0].design
    u = noise.ravel()
    moving = design.take(np.flatnonzero(design.entity < 6))
    assert pesaran_cd(design, u).statistic == pytest.approx(pesaran_cd(moving, u[: moving.nobs]).statistic, rel=1e-9)


def test_terms_that_too_few_clusters_judge_are_not_tested_jointly(platforms):
    data = platforms(n_user=60).assign(region=lambda d: d["user"].str[-1].astype(int) % 2)
    fit = panel.fit("stickiness ~ value + trust + participation", data, **KEYS, cluster="region")
    with pytest.raises(panel.PanelError, match="singular: there are too few clusters"):
        wald(fit, ["value", "trust", "participation"])


@pytest.mark.parametrize("sample", ["ips", "ips_unbalanced"])
@pytest.mark.parametrize("lags", [0, 1, 2])
def test_im_pesaran_shin_equals_plm(fixture_frame, fixture_json, sample, lags):
    frame = fixture_frame("grunfeld").sort_values(["firm", "year"])
    if sample == "ips_unbalanced":
        frame = frame[(frame["firm"] > 3) | (frame["year"] >= 1939)]
    design = panel.fit("inv ~ value", frame, entity="firm", time="year").groups[0].design
    check, reference = im_pesaran_shin(design, design.y, "inv", lags), fixture_json("robustness")[sample][f"lags{lags}"]
    # 1e-8: the same regressions and the same table
    np.testing.assert_allclose([check.statistic, check.pvalue], [reference["statistic"], reference["p"]], rtol=1e-8)


def test_leavers_test_equals_r(fixture_frame, fixture_json):
    frame = fixture_frame("empluk")
    fit = panel.fit("log(emp) ~ log(wage) + log(capital)", frame, entity="firm", time="year")
    check, reference = leavers(fit.groups[0].design), fixture_json("robustness")["bglw"]
    # 1e-8: projection on the periods against dummies
    np.testing.assert_allclose(check.statistic, reference["statistic"], rtol=1e-8)
    assert check.df == reference["df"]


def test_leavers_who_start_otherwise_are_noticed(platforms):
    data = platforms(missing=0.0, n_user=300, seed=3)
    code = data["user"].str[1:].astype(int)
    gone = (code % 4 == 0) & (data["month"] > 6)
    even = data[~gone]
    assert leavers(panel.fit(FORMULA, even, **KEYS).groups[0].design).pvalue > 0.01
    odd = even.assign(stickiness=even["stickiness"] + (code % 4 == 0))
    assert leavers(panel.fit(FORMULA, odd, **KEYS).groups[0].design).pvalue < 1e-3


def test_mundlak_slopes_are_the_within_slopes(platforms):
    """Also in unbalanced panels (Wooldridge 2019, doi:10.1016/j.jeconom.2018.12.006)."""
    data = platforms(missing=0.4)
    within = panel.fit(FORMULA, data, effects="entity", **KEYS).tidy()
    mundlak = panel.fit(FORMULA, data, effects="mundlak", **KEYS).tidy()
    # 1e-9: an identity
    np.testing.assert_allclose(mundlak["est"][1:3], within["est"], rtol=1e-9)
    assert list(mundlak["term"]) == ["Intercept", "value", "trust", "mean(value)", "mean(trust)"]


@pytest.mark.parametrize("effects", ["pooled", "entity", "first-difference", "between"])
def test_leave_one_out_is_refitting_without_the_entity(platforms, effects):
    data = platforms(n_user=15)
    full = panel.fit(FORMULA, data, effects=effects, **KEYS).groups[0]
    change = leave_one_out(full)
    for i, user in enumerate(full.design.entity_labels[:5]):
        without = panel.fit(FORMULA, data[data["user"] != user], effects=effects, **KEYS).groups[0]
        # 1e-9: an identity of least squares
        np.testing.assert_allclose(change[i], without.estimate.params - full.estimate.params, rtol=1e-9, atol=1e-12)


def test_breusch_godfrey_by_hand():
    """Two entities, one lag: deviations from the mean of what follows and the auxiliary regression written out."""
    frame = pd.DataFrame({"user": [1] * 5 + [2] * 5, "month": [*range(5)] * 2})
    rng = np.random.default_rng(2)
    frame["x"], frame["y"] = rng.normal(size=10), rng.normal(size=10)
    fit = panel.fit("y ~ x", frame, entity="user", time="month", effects="entity").groups[0]
    ahead = [
        np.sqrt((4 - t) / (5 - t)) * (g.iloc[t] - g.iloc[t + 1 :].mean()) for _, g in by_user(frame) for t in range(4)
    ]
    moved = pd.DataFrame(ahead)
    slope = (moved["x"] @ moved["y"]) / (moved["x"] @ moved["x"])
    np.testing.assert_allclose(slope, fit.estimate.params[0], rtol=1e-10)  # Arellano & Bover: the within estimator
    u = moved["y"] - moved["x"] * slope
    aux = np.column_stack([moved["x"], u.shift().where(np.arange(8) % 4 > 0, 0.0)])
    fitted = aux @ np.linalg.lstsq(aux, u, rcond=None)[0]
    # 1e-10: the same numbers by another route
    np.testing.assert_allclose(breusch_godfrey(fit.design).statistic, 8 * (fitted @ fitted) / (u @ u), rtol=1e-10)


def by_user(frame):
    return frame[["user", "x", "y"]].set_index("user").groupby("user")


def test_tests_of_serial_correlation_keep_their_size_in_short_unbalanced_panels():
    """Independent errors, 3 to 8 periods a user, both effects: no test rejects too often, all find a lag of 0.2."""
    rng = np.random.default_rng(0)
    tests = ["Wooldridge, within residuals", "Wooldridge, first differences", "Breusch–Godfrey, order 1"]
    rejected = {0.0: np.zeros(3), 0.2: np.zeros(3)}
    n, draws = 150, 24
    for _ in range(draws):
        sizes = rng.integers(3, 9, n)
        user = np.repeat(np.arange(n), sizes)
        month = np.concatenate([np.arange(t) for t in sizes])
        noise, x = rng.normal(size=(n, 8)), rng.normal(size=len(user))
        for rho, count in rejected.items():
            e = noise.copy()
            for t in range(1, 8):
                e[:, t] += rho * e[:, t - 1]
            frame = pd.DataFrame({"user": user, "month": month, "x": x, "y": x + month + user / n + e[user, month]})
            free = without_periods(panel.fit("y ~ x", frame, **KEYS).groups[0].design)
            checks = wooldridge_within(free), wooldridge_difference(free), breusch_godfrey(free)
            assert [c.test for c in checks] == tests
            count += [c.pvalue < 0.05 for c in checks]
    assert (rejected[0.0] <= stats.binom.ppf(0.999, draws, 0.06)).all()  # 0.1 % of draws at about the nominal rate
    assert (rejected[0.2] >= 0.8 * draws).all()


def test_no_p_of_cross_section_dependence_after_period_effects(platforms):
    """Independent users: with period effects their mean correlation is −1/(n−1), which is no dependence."""
    data = platforms(n_user=60, missing=0.0)
    cd = {
        e: panel.diagnostics(panel.fit(FORMULA, data, effects=e, **KEYS)).set_index("test")
        for e in ("entity", "twoway")
    }
    assert cd["entity"].loc["Pesaran CD", "pvalue"] < 1e-6  # the season is common to all
    row = cd["twoway"].loc["Pesaran CD"]
    assert row["statistic"] < -1.5  # −√(T n / 2(n−1)) = −2.3 on average
    assert np.isnan(row["pvalue"])
    assert "descriptive: after period effects" in row["note"]


def test_faults_are_found_and_their_absence_too(platforms):
    clean = platforms(n_user=240, missing=0.0).sort_values(["user", "month"])
    noise = np.random.default_rng(5).normal(size=len(clean))
    memory = pd.Series(noise).groupby(clean["user"].to_numpy()).transform(lambda e: e.ewm(alpha=0.4).mean())
    faulty = clean.assign(stickiness=clean["stickiness"] + 3 * memory.to_numpy())
    test = "Wooldridge, within residuals"

    def pvalue(frame, name):
        table = panel.diagnostics(panel.fit(FORMULA, frame, **KEYS)).set_index("test")
        return table.loc[name, "pvalue"]

    assert pvalue(faulty, test) < 1e-6
    assert pvalue(clean, test) > 0.01
    assert pvalue(clean, "Mundlak (robust Hausman)") < 1e-6  # liking drives both regressors and outcome


def test_attrition_that_depends_on_the_outcome_is_found(platforms):
    data = platforms(n_user=400, missing=0.0, seed=2).sort_values(["user", "month"])
    rng = np.random.default_rng(3)
    low = data["stickiness"] - data.groupby("user")["stickiness"].transform("mean") < -1
    for hazard, expected in ((np.where(low, 0.4, 0.02), True), (np.full(len(data), 0.08), False)):
        quits = pd.Series(rng.random(len(data)) < hazard, index=data.index)
        gone = quits.groupby(data["user"]).cumsum().groupby(data["user"]).shift(fill_value=0) > 0
        design = panel.fit(FORMULA, data[~gone], **KEYS).groups[0].design
        assert (selection_lead(design, "twoway").pvalue < 0.01) == expected


def test_a_missing_regressor_is_no_leaving(platforms):
    """Gaps in a regressor that follow the outcome: the users are there, so that there is nobody to test."""
    data = platforms(n_user=200, missing=0.0, seed=2)
    holes = data.assign(trust=data["trust"].where(data["stickiness"] > data["stickiness"].quantile(0.3)))
    design = panel.fit("stickiness ~ lag(trust)", holes, **KEYS).groups[0].design
    for check in (selection_lead(design, "twoway"), leavers(design)):
        assert check.note.startswith("not applicable, because")
    assert "every entity is observed in each next period" in selection_lead(design, "twoway").note
    gone = (holes["user"] < "u00050") & (holes["month"] > 6)
    design = panel.fit("stickiness ~ lag(trust)", holes[~gone], **KEYS).groups[0].design
    here = holes[~gone].set_index(["user", "month"]).index
    keys = zip(design.entity_labels[design.entity], design.period, strict=True)
    assert list(design.stays) == [-1 if month == 10 else int((user, month + 1) in here) for user, month in keys]
    lost = (design.entity_labels < "u00050").sum()
    assert leavers(design).note == f"{lost} of {design.n_entity} entities leave early"


def test_what_does_not_apply_says_why(platforms):
    short = platforms(n_user=60, n_month=2, missing=0.0)
    table = panel.diagnostics(panel.fit(FORMULA, short, **KEYS)).set_index("test")
    assert table.loc["Wooldridge, within residuals", "note"] == ("not applicable, because no entity has three periods")
    assert "every entity is observed in each next period" in table.loc["Attrition (lead of selection)", "note"]
    missing = table["pvalue"].isna() & ~table["note"].str.contains("descriptive")
    assert table.loc[missing, "note"].str.startswith("not applicable, because").all()


def test_moderators_enter_as_interactions(platforms):
    data = platforms(n_user=300, seed=4)
    fit = panel.fit("stickiness ~ value + trust + trust:C(platform_type)", data, **KEYS)
    moderated = [t for t in fit.tidy()["term"] if ":" in t]
    assert len(moderated) == 2
    assert panel.wald(fit, moderated).pvalue < 1e-6
    with pytest.raises(panel.PanelError, match="platform_type.*no variation left.*its interactions may stay"):
        panel.fit("stickiness ~ trust * C(platform_type)", data, **KEYS)


def test_labels_in_notes_and_errors_are_written_as_in_the_data() -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"user": np.repeat(np.arange(1001, 1031), 5), "t": np.tile(np.arange(5), 30)})
    data[["x", "y"]] = rng.normal(size=(150, 2))
    notes = panel.diagnostics(panel.fit("y ~ x", data, entity="user", time="t"))["note"]
    assert notes.str.contains(r"without 10\d\d; descriptive$").sum() == 1
    with pytest.raises(panel.PanelError, match=r"there is one user \(1001\)"):
        panel.fit("y ~ x", data[data["user"] == 1001], entity="user", time="t")
