"""Bad input: a specific error with the remedy, or a line in the table of dropped rows."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models import panel
from models.panel import errors
from models.panel.engine.conventions import CONVENTIONS
from models.panel.engine.reference import EFFECTS

FORMULA = "stickiness ~ value + trust"
KEYS = {"entity": "user", "time": "month"}


@pytest.fixture(scope="module")
def data(platforms):
    return platforms(n_user=30, n_month=6)


def put(frame, row, column, value):
    frame = frame.copy()
    frame.loc[frame.index[row], column] = value
    return frame


@pytest.mark.parametrize(
    ("change", "options", "error", "message"),
    [
        (lambda d: d, {"entity": "usr"}, errors.ColumnError, "entity 'usr' is not a column.*did you mean 'user'"),
        (lambda d: d, {"time": "moth"}, errors.ColumnError, "time 'moth' is not a column.*did you mean 'month'"),
        (lambda d: d, {"formula": "stickiness ~ trst"}, errors.ColumnError, "'trst' in the formula.*'trust'"),
        (lambda d: d, {"formula": "stickiness + trust"}, errors.FormulaError, "has no '~'"),
        (lambda d: d, {"formula": "stickiness ~ trust +"}, errors.FormulaError, "cannot be read"),
        (lambda d: d, {"formula": "stickiness ~ lagg(trust)"}, errors.FormulaError, "no function 'lagg'.*'lag'"),
        (lambda d: d, {"effects": "two-way"}, errors.OptionError, "effects='two-way' does not exist.*'twoway'"),
        (lambda d: d, {"se_type": "HC0"}, errors.OptionError, "se_type='HC0' does not exist"),
        (lambda d: d, {"cluster": ["user", "month", "value"]}, errors.OptionError, "one or two columns, not 3"),
        (lambda d: d, {"formula": "stickiness ~ lag(trust, 0.5)"}, errors.FormulaError, "whole number of periods"),
        (lambda d: d.iloc[:0], {}, errors.NotEstimableError, "no rows"),
        (lambda d: d[d["month"] == 2], {}, errors.SinglePeriodError, "one period of 'month'"),
        (lambda d: d[d["user"] == "u00001"], {}, errors.NotEstimableError, "one user .u00001.*at least two"),
        (lambda d: d.drop_duplicates("user"), {}, errors.NotEstimableError, "every user has a single row"),
        (lambda d: put(d, 3, "trust", np.inf), {}, errors.InfiniteValueError, "trust is infinite in 1 rows .first: 3"),
        (lambda d: d.assign(trust=1.0), {}, errors.NoWithinVariationError, "trust has no variation left"),
        (lambda d: d.assign(trust=d["month"] + 0.0), {}, errors.NoWithinVariationError, "trust has no variation left"),
        (lambda d: d.assign(trust=2 * d["value"]), {}, errors.CollinearError, "trust is a linear combination of value"),
        (lambda d: d.assign(month=d["month"] * 12), {"formula": "stickiness ~ lag(trust)"}, None, "12 steps apart"),
        (lambda d: d.assign(month=d["month"] + 0.5), {}, errors.TimeFormatError, "no whole periods"),
        (lambda d: d.assign(month="2024-0" + d["month"].astype(str)), {}, None, "text such as '2024.*pd.to_datetime"),
        (lambda d: d.assign(month=np.where(d["month"] > 3, "2024-05-01", "1 May 2024")), {}, None, "mixed formats"),
    ],
)
def test_bad_input_is_refused_with_the_remedy(data, change, options, error, message):
    options = KEYS | {"formula": FORMULA} | options
    before = data.copy()
    with pytest.raises(error or errors.PanelError, match=message):
        panel.fit(data=change(data), **options)
    pd.testing.assert_frame_equal(data, before)


def test_repeated_keys_are_named_with_their_rows(data):
    repeated = pd.concat([data, data.iloc[[4, 9]]], ignore_index=True)
    user, month = data.loc[4, ["user", "month"]]
    with pytest.raises(errors.DuplicateKeyError) as caught:
        panel.fit(FORMULA, repeated, **KEYS)
    assert "4 rows share an entity and period" in str(caught.value)
    assert f"'{user}' in {month} (rows 4, {len(data)})" in str(caught.value)


def test_every_lost_row_is_on_record(data):
    holes = data.astype({"month": float, "user": object}).copy()
    holes.loc[[0, 1, 2], "trust"] = np.nan
    holes.loc[[2, 3], "value"] = np.nan
    holes.loc[5, "user"] = None
    holes.loc[[6, 7], "month"] = np.nan
    fit = panel.fit(FORMULA, holes, **KEYS)
    recorded = fit.dropped.set_index("rule")["rows"].to_dict()
    assert recorded == {
        "entity missing: user": 1,
        "time missing: month": 2,
        "missing: value": 2,
        "missing: trust": 2,  # row 2 is counted once, under value
    }
    assert fit.glance()["nobs"][0] == len(data) - sum(recorded.values())


def test_singletons_are_kept_or_dropped_but_always_counted(data):
    alone = data[data["user"] != "u00003"]
    alone = pd.concat([alone, data[data["user"] == "u00003"].head(1)])
    kept = panel.fit(FORMULA, alone, **KEYS)
    dropped = panel.fit(FORMULA, alone, singletons="drop", **KEYS)
    recorded = [fit.dropped.drop(columns="said").iloc[0].tolist() for fit in (kept, dropped)]
    assert recorded[0] == ["all", "singleton: one row per user", 1, "kept"]
    assert recorded[1] == ["all", "singleton: one row per user", 1, "dropped"]
    np.testing.assert_allclose(kept.tidy()["est"], dropped.tidy()["est"], rtol=1e-12)
    assert kept.glance()["nobs"][0] == dropped.glance()["nobs"][0] + 1


def test_a_group_that_cannot_be_estimated_gives_its_reason(data):
    poor = data.copy()
    poor.loc[poor["platform_type"] == "social", "trust"] = 3.0
    fit = panel.fit(FORMULA, poor, by="platform_type", **KEYS)
    note = fit.glance().set_index("group")["note"]
    assert note["social"].startswith("not estimable, because trust has no variation left")
    assert set(fit.tidy()["group"]) == {"content", "vertical"}
    with pytest.raises(errors.NotEstimableError, match="no group can be estimated: content: not estimable"):
        panel.fit(FORMULA, poor.assign(trust=1.0), by="platform_type", **KEYS)


def test_lags_count_periods_not_rows_and_stay_within_entities():
    frame = pd.DataFrame({"user": ["a"] * 4 + ["b"] * 3, "month": [1, 2, 4, 5, 5, 6, 7], "x": np.arange(7.0)})
    frame["y"] = [0.0, 1, 0, 2, 5, 7, 1]
    design = panel.fit("y ~ lag(x)", frame, entity="user", time="month", effects="pooled").groups[0].design
    assert list(zip(design.rows, design.x[:, 1], strict=True)) == [(1, 0.0), (3, 2.0), (5, 4.0), (6, 5.0)]
    ahead = panel.fit("y ~ lead(x)", frame, entity="user", time="month", effects="pooled").groups[0].design
    assert list(zip(ahead.rows, ahead.x[:, 1], strict=True)) == [(0, 1.0), (2, 3.0), (4, 5.0), (5, 6.0)]


@pytest.mark.parametrize("unit", ["year", "quarter", "month", "week", "day"])
def test_dates_and_periods_are_the_same_as_numbers(data, unit):
    numbered = panel.fit("stickiness ~ lag(trust)", data, **KEYS)
    step = {"year": "Y", "quarter": "Q", "month": "M", "week": "W", "day": "D"}[unit]
    periods = pd.PeriodIndex.from_ordinals(data["month"] + 2500, freq=step)
    dated = data.assign(month=periods.to_timestamp(how="end"))
    fit = panel.fit("stickiness ~ lag(trust)", dated, **KEYS, freq=step)
    assert fit.tidy().equals(numbered.tidy())
    assert fit.glance()["time_unit"][0] == unit
    assert panel.fit("stickiness ~ lag(trust)", data.assign(month=periods), **KEYS).tidy().equals(numbered.tidy())


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    effects=st.sampled_from(EFFECTS),
    se_type=st.sampled_from(sorted(CONVENTIONS)),
    formula=st.sampled_from(["y ~ x", "y ~ x + z", "y ~ x + lag(z)"]),
    cluster=st.sampled_from(["user", "month", ["user", "month"]]),
)
@example(seed=139, effects="pooled", se_type="classical", formula="y ~ x", cluster="user")
@example(seed=5745, effects="first-difference", se_type="classical", formula="y ~ x", cluster="user")
def test_tiny_panels_are_estimated_or_refused_with_a_reason(seed, effects, se_type, formula, cluster):
    """No crash, no NaN: finite estimates and diagnostics, or one of the module's errors."""
    rng = np.random.default_rng(seed)
    n_user, n_month = rng.integers(1, 7, size=2)
    frame = pd.DataFrame({"user": np.repeat(np.arange(n_user), n_month), "month": np.tile(np.arange(n_month), n_user)})
    frame = frame[rng.random(len(frame)) < rng.choice([0.5, 0.8, 1.0])]
    for name in "yxz":
        lumpy = rng.random() < 0.4
        frame[name] = rng.integers(0, 4, len(frame)).astype(float) if lumpy else rng.normal(size=len(frame))
    frame.loc[rng.random(len(frame)) < 0.1, "x"] = np.nan
    try:
        fit = panel.fit(formula, frame, effects=effects, se_type=se_type, cluster=cluster, **KEYS)
    except errors.PanelError:
        return
    assert np.isfinite(fit.tidy().iloc[:, 2:].astype(float)).all().all()
    assert (fit.tidy()["se"] > 0).all()
    table = panel.diagnostics(fit)
    assert (table["statistic"].notna() | table["note"].str.startswith("not applicable, because")).all()


def test_repeated_row_labels_change_nothing(data):
    doubled = data.set_index(data.index // 2)
    assert panel.fit(FORMULA, doubled, **KEYS).tidy().equals(panel.fit(FORMULA, data, **KEYS).tidy())
