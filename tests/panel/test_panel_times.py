"""Whole numbers that write dates are read with a frequency or refused; starts are read on the scale of time."""

import ibis
import numpy as np
import pandas as pd
import pytest

from models import panel
from models.panel import errors
from models.panel.engine.calendars import calendar_form, read_calendar
from models.panel.engine.keys import period_numbers

N, T = 40, 18
FIRST_DAYS = pd.period_range("2019-07", periods=T, freq="M").to_timestamp()


@pytest.fixture(scope="module")
def data():
    """Users × months; the same month as a count, a date, a period and numbers that write it."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"user": np.repeat(np.arange(N), T), "count": np.tile(np.arange(1, T + 1), N)})
    frame["date"] = np.tile(FIRST_DAYS, N)
    frame["period"] = frame["date"].dt.to_period("M")
    frame["yyyymm"] = frame["date"].dt.strftime("%Y%m").astype(int)
    frame["yyyymmdd"] = frame["date"].dt.strftime("%Y%m%d").astype(int)
    for name in ("x", "w", "z", "y"):
        frame[name] = rng.normal(size=len(frame)) + 0.5 * rng.normal(size=N)[frame["user"]]
    frame["z"] += frame["x"]
    frame["y"] += frame["x"] * (0.5 + 0.3 * rng.normal(size=N))[frame["user"]]
    frame["stop"] = (rng.random(len(frame)) < 0.12).astype(int)
    began = np.where(frame["user"] % 3 == 0, np.nan, 8 + 2 * (frame["user"] % 3))
    frame["from_count"] = began
    place = np.where(np.isnan(began), 1, began).astype(int) - 1
    frame["from_date"] = pd.Series(FIRST_DAYS[place]).where(~np.isnan(began))
    frame["from_yyyymm"] = np.where(np.isnan(began), np.nan, frame["from_date"].dt.strftime("%Y%m").astype(float))
    return frame


def stream(formula, frame, **keys):
    return panel.fit_stream(formula, lambda: [frame.iloc[:200], frame.iloc[200:]], **keys)


def engine(formula, frame, **keys):
    columns = frame.select_dtypes("number")
    return panel.fit_stream(formula, ibis.memtable(columns), **keys)


STARTS = {"count": "from_count", "yyyymm": "from_yyyymm", "yyyymmdd": "from_yyyymm"}
DOORS = {
    "fit": lambda f, **k: panel.fit("y ~ x + lag(w)", f, **k),
    "first differences": lambda f, **k: panel.fit("y ~ x", f, effects="first-difference", **k),
    "stream": lambda f, **k: stream("y ~ x + w", f, **k),
    "engine": lambda f, **k: engine("y ~ x + w", f, **k),
    "iv": lambda f, **k: panel.iv("y ~ x + lag(w)", f, endogenous=["x"], instruments=["lag(z)", "z"], **k),
    "gmm": lambda f, **k: panel.gmm("y ~ lag(y) + x", f, instruments={"y": (2, 3)}, collapse=True, **k),
    "event study": lambda f, **k: panel.event_study("y ~ w", f, start=STARTS[k["time"]], **k),
    "Sun-Abraham": lambda f, **k: panel.interaction_weighted("y ~ 1", f, start=STARTS[k["time"]], **k),
    "hazard": lambda f, **k: panel.discrete_hazard("stop ~ x + lag(w)", f, baseline=False, **k),
    "random slopes": lambda f, **k: panel.random_slopes("y ~ x + lag(w)", f, slope="x", **k),
    "jackknife": lambda f, **k: panel.half_panel_jackknife(panel.fit("y ~ lag(y)", f, **k)),
}


@pytest.mark.parametrize("door", DOORS)
def test_every_door_reads_months_with_freq_and_refuses_them_without(data, door):
    counted = DOORS[door](data, entity="user", time="count").tidy()
    read = DOORS[door](data, entity="user", time="yyyymm", freq="M").tidy()
    pd.testing.assert_frame_equal(read[["est", "se"]], counted[["est", "se"]], rtol=1e-9)
    with pytest.raises(errors.TimeFormatError, match=r"YYYYMM.*201907.*freq='M'"):
        DOORS[door](data, entity="user", time="yyyymm")
    with pytest.raises(errors.TimeFormatError, match="YYYYMMDD"):
        DOORS[door](data, entity="user", time="yyyymmdd")


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (range(1, 25), ""),
        (range(1999, 2025), ""),
        ([2000, 2002, 2004], ""),
        (range(-5, 6), ""),
        ([202003], ""),
        (range(202001, 202401), ""),
        (range(202001, 202057), ""),
        (range(20200, 20212), ""),
        (range(24240, 24300), ""),
        ([201901, 201906, 201912], "YYYYMM"),
        ([201912, 202013, *range(202001, 202013)], "YYYYMM"),
        ([202001, 202053, 202101], "YYYYWW"),
        ([20201, 20202, 20204, 20211], "YYYYQ"),
        ([20191231, 20200101], "YYYYMMDD"),
        ([20200230, *range(20200101, 20200131)], "YYYYMMDD"),
        ([2019365, 2020001], "YYYYDDD"),
        ([250101, 250131, 250201], "YYMMDD"),
        ([1911, 1912, 2001, 2002], "YYMM"),
        ([122019, 12020, 22020], "DDMMYYYY or MMYYYY"),
        ([31122019, 1012020], "DDMMYYYY or MMYYYY"),
        ([1577836800, 1580515200], "seconds, or dates with hours"),
        ([43831, 43862, 43891], "days since 1899-12-30 that are a month or more apart"),
    ],
)
def test_what_counts_and_what_writes_dates(values, form):
    assert calendar_form(list(values)) == form


@pytest.mark.parametrize(
    ("values", "freq", "periods"),
    [
        ([201912, 202001], "M", ["2019-12", "2020-01"]),
        ([20191231, 20200101], "M", ["2019-12", "2020-01"]),
        ([202053, 202101], "W", ["2020-12-28/2021-01-03", "2021-01-04/2021-01-10"]),
        ([20204, 20211], "Q", ["2020Q4", "2021Q1"]),
        ([2019, 2020], "Y", ["2019", "2020"]),
        ([2019365, 2020001], "D", ["2019-12-31", "2020-01-01"]),
    ],
)
def test_numbers_that_write_dates_follow_one_another(values, freq, periods):
    assert [str(p) for p in read_calendar(values, freq, "t")] == periods
    assert np.diff(period_numbers(pd.Series(values, name="t"), freq).number).tolist() == [1]


@pytest.mark.parametrize(
    ("values", "freq", "message"),
    [
        ([202013], "M", "202013 is no date of the form YYYYMM"),
        ([202153], "W", "202153 is no date of the form YYYYWW"),
        ([202001, 202004], "Q", "with freq='Q' expected numbers of the form"),
        ([1, 2, 3], "M", "leave freq out"),
        ([2019, 2020], "M", "leave freq out"),
        (pd.period_range("2020", periods=3, freq="2M"), None, "2M.*single unit"),
        (pd.period_range("2020", periods=3, freq="M"), "D", "none is a single day"),
    ],
)
def test_numbers_and_periods_that_are_no_such_period_are_refused(values, freq, message):
    with pytest.raises(errors.TimeFormatError, match=message):
        period_numbers(pd.Series(values, name="t"), freq)


@pytest.mark.parametrize("freq", ["ME", "2M", "month", 5])
def test_a_frequency_that_is_no_period_is_refused(data, freq):
    with pytest.raises(errors.OptionError, match="is no period; one of Y"):
        panel.fit("y ~ x", data, entity="user", time="date", freq=freq)


def test_groups_share_one_length_of_period(data):
    """Of one group only each quarter is left: its lag is still the month before, which is not there."""
    data = data.assign(kind=np.where(data["user"] % 2, "monthly", "quarterly"))
    thin = data[(data["user"] % 2 == 1) | (data["date"].dt.month % 3 == 1)]
    fit = panel.fit("y ~ lag(x)", thin, entity="user", time="date", by="kind")
    assert fit["monthly"].time_unit == "month"
    assert "the closest periods are 3 steps apart" in str(fit.not_estimable["quarterly"])


@pytest.mark.parametrize("estimator", [panel.event_study, panel.interaction_weighted])
def test_starts_are_read_on_the_scale_of_time(data, estimator):
    def of(time, start, **options):
        return estimator("y ~ 1", data.assign(start=start), entity="user", time=time, start="start", **options).tidy()

    counted = of("count", data["from_count"])
    inside = data["from_date"] + pd.Timedelta(days=20)
    for time, start, options in (
        ("date", data["from_date"], {}),
        ("date", inside, {}),
        ("date", inside.dt.tz_localize("Asia/Shanghai"), {}),
        ("date", data["from_yyyymm"], {}),
        ("date", inside.dt.to_period("M"), {}),
        ("period", inside.dt.to_period("D"), {}),
        ("period", inside, {}),
        ("yyyymm", data["from_yyyymm"], {"freq": "M"}),
        ("yyyymm", inside, {"freq": "M"}),
        ("yyyymmdd", data["from_yyyymm"].astype("Int64"), {"freq": "M"}),
    ):
        pd.testing.assert_frame_equal(of(time, start, **options), counted)


@pytest.mark.parametrize("estimator", [panel.event_study, panel.interaction_weighted])
@pytest.mark.parametrize("code", [0, -1, -99, np.inf, -np.inf, 10000, 999, 8.5])
def test_codes_for_never_and_fractions_are_refused_where_time_is_counted(data, estimator, code):
    start = data["from_count"].fillna(code)
    with pytest.raises(errors.OptionError, match=r"blank \(missing\)|fractions"):
        estimator("y ~ 1", data.assign(start=start), entity="user", time="count", start="start")


@pytest.mark.parametrize("code", [0, -1, np.inf, 10000, 999912, "9999-12-31", "1900-01-01", "1970-01-01"])
def test_codes_for_never_are_refused_where_time_is_dated(data, code):
    if isinstance(code, str):
        time, start = "date", data["from_date"].fillna(pd.Timestamp(code))
    else:
        time, start = "yyyymm", data["from_yyyymm"].fillna(code)
    with pytest.raises(errors.OptionError, match=r"blank \(missing\)"):
        panel.event_study("y ~ 1", data.assign(start=start), entity="user", time=time, start="start", freq="M")


@pytest.mark.parametrize(
    ("time", "start"),
    [("count", "from_date"), ("count", "text"), ("date", "from_count"), ("count", "flag")],
)
def test_starts_on_another_scale_are_refused(data, time, start):
    data = data.assign(text=data["from_count"].astype(str), flag=data["user"] % 2 == 0)
    with pytest.raises(errors.OptionError, match="start|from_|text|flag"):
        panel.event_study("y ~ 1", data, entity="user", time=time, start=start)


def test_starts_after_the_window_are_not_yet_treated(data):
    never = data["from_count"]
    later = never.fillna(T + 3)
    result = panel.event_study("y ~ 1", data.assign(start=later), entity="user", time="count", start="start")
    blank = panel.event_study("y ~ 1", data.assign(start=never), entity="user", time="count", start="start")
    np.testing.assert_allclose(result.params, blank.params)
    assert (result.n_never, blank.n_never) == (0, 14)


def test_a_start_in_a_period_that_nobody_is_observed_in_counts_from_there(data):
    """Every second month is observed; who starts in a month between is treated one month at the next visit."""
    seen = data[data["count"] % 2 == 0].assign(start=data["from_count"] - 1)
    result = panel.event_study("y ~ 1", seen, entity="user", time="count", start="start")
    assert result.horizons == (1, 3, 5, 7, 9)


def test_mixed_entity_codes_are_refused(data):
    mixed = data.assign(user=data["user"].astype(object).where(data["count"] > 3, data["user"].astype(str)))
    with pytest.raises(errors.ColumnError, match="mixes numbers and text"):
        panel.fit("y ~ x", mixed, entity="user", time="count")
