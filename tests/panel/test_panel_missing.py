"""A row without a category is a row without a value: every model, every kind of missing value, one answer."""

import ibis
import numpy as np
import pandas as pd
import pytest

from models import panel
from models.panel.engine import reference
from models.panel.errors import NotEstimableError

KEYS = {"entity": "id", "time": "t"}


def world():
    """Users with a region that changes, an event, spells and a start of treatment; a third of the regions is gone."""
    rng = np.random.default_rng(8)
    n, periods = 90, 8
    frame = pd.DataFrame({"id": np.repeat(np.arange(n), periods), "t": np.tile(np.arange(periods), n)})
    size = len(frame)
    frame["region"] = rng.choice(["north", "south", "west"], size)
    frame["x"], frame["z"] = rng.normal(size=(2, size))
    frame["x"] += frame["z"]
    frame["y"] = frame["x"] + frame["region"].map({"north": 0, "south": 2, "west": -1}) + rng.normal(size=size) / 2
    frame["y"] += 0.3 * frame["id"].map(dict(enumerate(rng.normal(size=n)))) * frame["x"]
    frame["event"] = (rng.random(size) < 0.15).astype(int)
    frame["duration"], frame["start"] = rng.exponential(1, size) + 0.1, np.where(frame["id"] < n / 2, 4.0, np.nan)
    gone = rng.random(size) < 0.3
    frame.loc[gone, "region"] = "never"  # a level that only rows without one have
    return frame, gone


FRAME, GONE = world()
CODES = FRAME["region"].map({"north": 1, "south": 2, "west": 3, "never": 0})
FLAG = FRAME["region"] == "south"

MISSING = {
    "text, None": FRAME["region"].astype(object).where(~GONE, None),
    "text, NaN": FRAME["region"].astype(object).where(~GONE, np.nan),
    "text, NA": FRAME["region"].astype(object).where(~GONE, pd.NA),
    "str": FRAME["region"].where(~GONE),
    "string": FRAME["region"].astype("string").mask(GONE),
    "arrow": FRAME["region"].astype("string[pyarrow]").mask(GONE),
    "category, an unused level": FRAME["region"].astype("category").where(~GONE),
    "floats": CODES.astype(float).where(~GONE),
    "Int64": CODES.astype("Int64").mask(GONE),
    "Float64": CODES.astype("Float64").mask(GONE),
    "arrow integers": CODES.astype("int64[pyarrow]").mask(GONE),
    "boolean": FLAG.astype("boolean").mask(GONE),
    "true, false, None": FLAG.astype(object).where(~GONE, None),
}


def doors(x, region):
    """Each model's estimates with standard errors."""
    both = f"x + {region}"
    options = KEYS | {"data": x}
    fits = {
        **{e: lambda e=e: panel.fit(f"y ~ {both}", effects=e, **options) for e in reference.EFFECTS},
        "interaction": lambda: panel.fit(f"y ~ x*{region}", **options),
        "by": lambda: panel.fit(f"y ~ {both}", by="half", **options),
        "streaming": lambda: panel.fit(f"y ~ {both}", engine="streaming", **options),
        "iv": lambda: panel.iv(f"y ~ {both}", endogenous=["x"], instruments=["z"], **options),
        "gmm": lambda: panel.gmm(f"y ~ x + {region}", instruments={"x": (2, 3)}, collapse=True, **options),
        "event study": lambda: panel.event_study(f"y ~ {region}", start="start", **options),
        "interaction weighted": lambda: panel.interaction_weighted(f"y ~ {region}", start="start", **options),
        "cox": lambda: panel.cox(f"duration ~ {region}", x, event="event"),
        "proportional hazards": lambda: Table(panel.proportional_hazards(f"duration ~ {region}", x, event="event")),
        "discrete hazard": lambda: panel.discrete_hazard(f"event ~ {region}", **options),
        "random slopes": lambda: panel.random_slopes(f"y ~ {both}", slope="x", **options),
        "jackknife": lambda: panel.half_panel_jackknife(panel.fit(f"y ~ {both}", **options)),
        "mediation": lambda: panel.mediation(
            panel.fit(f"x ~ z + {region}", **options), panel.fit(f"y ~ {both}", **options), "z", "x", draws=99
        ),
        "pieces": lambda: panel.fit_stream(f"y ~ {both}", lambda: [x.iloc[:301], x.iloc[301:]], **KEYS),
        "a database": lambda: panel.fit_stream(f"y ~ {both}", ibis.memtable(x), **KEYS),
    }
    return fits


class Table:
    def __init__(self, table):
        self.tidy = lambda: table


def with_region(region):
    return FRAME.assign(region=region, half=np.where(FRAME["id"] % 2, "odd", "even"))


@pytest.fixture(scope="module")
def right():
    """Numbers of each model where no region is missing; GMM, which takes instruments from such rows, has no y there."""
    known = {}

    def on(door, name, term):
        frame = with_region({"text": FRAME["region"], "codes": CODES, "flag": FLAG}[name])
        frame = frame.assign(y=frame["y"].where(~GONE)) if door == "gmm" else frame[~GONE]
        if (door, name) not in known:
            known[door, name] = numbers(doors(frame, term)[door]())
        return known[door, name]

    return on


def numbers(fit):
    return fit.tidy().select_dtypes("number").to_numpy(float)


FEW = ("text, None", "category, an unused level", "floats", "boolean")
EVERY = ("twoway", "pieces", "a database")
SLOW = ("random slopes",)
TABLE = [(d, k) for d in doors(FRAME, "region") for k in (MISSING if d in EVERY else FEW[::3] if d in SLOW else FEW)]


@pytest.mark.parametrize(("door", "kind"), TABLE)
def test_every_model_leaves_rows_without_a_category_out(right, door, kind):
    values = MISSING[kind].dropna().iloc[0]
    name = "text" if isinstance(values, str) else "flag" if isinstance(values, (bool, np.bool_)) else "codes"
    term = "C(region)" if name == "codes" else "region"
    fit = doors(with_region(MISSING[kind]), term)[door]()
    # 1e-9: the same sums over the same rows in another order
    np.testing.assert_allclose(numbers(fit), right(door, name, term), rtol=1e-9, atol=1e-12)
    if hasattr(fit, "dropped"):
        assert fit.dropped[fit.dropped["rule"] == "missing: region"]["rows"].sum() == GONE.sum()


def test_a_lag_sees_the_row_before_also_where_its_category_is_missing():
    """Rows leave after lags are looked up: the outcome of a row without a region is known and lags it."""
    gaps = FRAME.assign(region=FRAME["region"].where(~GONE))
    dummies = {r: (FRAME["region"] == r).astype(float).where(~GONE) for r in ("south", "west")}
    for fit in (panel.fit, lambda f, d, **k: panel.gmm(f, d, instruments={"y": (2, 3)}, collapse=True, **k)):
        coded = fit("y ~ lag(y) + region", gaps, **KEYS).tidy()
        by_hand = fit("y ~ lag(y) + south + west", FRAME.assign(**dummies), **KEYS).tidy()
        np.testing.assert_allclose(coded["est"], by_hand["est"], rtol=1e-9)
        np.testing.assert_allclose(coded["se"], by_hand["se"], rtol=1e-9)


def test_the_lag_of_a_category_is_the_category_of_the_period_before():
    gaps = FRAME.assign(region=FRAME["region"].astype("category").where(~GONE), flag=FLAG.astype("boolean").mask(GONE))
    before = gaps.groupby("id")[["region", "flag"]].shift()
    by_hand = gaps.assign(before=before["region"], flagged=before["flag"].astype(float))
    expected = panel.fit("y ~ x + before + flagged:x", by_hand, **KEYS)
    for lagged in ("lag(region)", "C(lag(region))", "lag(C(region))"):
        found = panel.fit(f"y ~ x + {lagged} + lag(flag):x", gaps, **KEYS)
        np.testing.assert_allclose(found.tidy()["est"], expected.tidy()["est"], rtol=1e-9)
        assert found.dropped["rule"].tolist()[0] == f"missing: {lagged}"


def test_each_lost_row_is_counted_once_under_the_first_variable_that_it_lacks():
    gaps = FRAME.assign(region=FRAME["region"].where(~GONE), x=FRAME["x"].where(FRAME.index > 9))
    fit = panel.fit("y ~ log(exp(x)) + C(region) + lag(z)", gaps, **KEYS)
    lost = fit.dropped[fit.dropped["action"] == "dropped"].set_index("rule")["rows"]
    assert lost.index.tolist() == ["missing: x", "missing: region", "missing: lag(z)"]
    assert lost["missing: region"] == (GONE & (FRAME.index > 9)).sum()
    assert lost.sum() == len(FRAME) - fit.tidy()["nobs"][0]


def test_the_reference_is_the_first_category_left_and_the_same_in_all_groups():
    ordered = pd.CategoricalDtype(["never", "west", "south", "north"])
    frame = FRAME.assign(region=FRAME["region"].where(~GONE).astype(ordered))
    assert panel.fit("y ~ region", frame, **KEYS).tidy()["term"].tolist() == ["region[T.south]", "region[T.north]"]

    frame = FRAME[~GONE].assign(half=lambda d: np.where(d["id"] % 2, "odd", "even"))
    frame = frame[(frame["half"] == "even") | (frame["region"] != "north")]
    fit = panel.fit("y ~ region", frame, by="half", **KEYS).tidy().set_index(["group", "term"])["est"]
    assert set(fit.index) == {("even", "region[T.north]"), ("even", "region[T.west]"), ("odd", "region[T.west]")}
    for half in ("even", "odd"):
        assert abs(fit[half, "region[T.west]"] + 3) < 1, "west against south, three apart; against north it is one"

    nested = frame.assign(region=frame["half"] + " " + frame["region"])
    assert len(panel.fit("y ~ region", nested, by="half", **KEYS).tidy()) == 3
    pairs = {"a": ["north", "south"], "b": ["south", "west"], "c": ["west", "north"]}
    circle = pd.concat([FRAME[FRAME["region"].isin(two)].assign(part=part) for part, two in pairs.items()])
    with pytest.raises(NotEstimableError, match="no category of region occurs in every group"):
        panel.fit("y ~ region", circle, by="part", **KEYS)


def test_a_category_that_only_left_out_rows_have_makes_no_column():
    hazard = FRAME.assign(region=FRAME["region"].where(~GONE))
    hazard.loc[(hazard["event"].groupby(hazard["id"]).cumsum() - hazard["event"]) > 0, "region"] = "afterwards"
    terms = panel.discrete_hazard("event ~ region", hazard, **KEYS).tidy()["term"]
    assert "region[T.south]" in terms.tolist()
    assert not terms.str.contains("afterwards").any()
    treated = FRAME.assign(region=np.where(FRAME["t"] >= FRAME["start"], "treated", FRAME["region"]))
    placebo = panel.event_study("y ~ region", treated, start="start", placebo=2, **KEYS)
    before = treated[~(treated["t"] >= treated["start"])]
    assert (
        placebo.tidy()["est"].tolist()
        == panel.event_study("y ~ region", before.assign(start=before["start"] - 2), start="start", **KEYS)
        .tidy()["est"]
        .tolist()
    )
    with pytest.raises(NotEstimableError, match="region.T.treated. has no variation"):
        panel.event_study("y ~ region", treated, start="start", **KEYS)


def test_a_category_an_observation_is_refused_before_it_fills_the_memory():
    many = FRAME.assign(number=np.arange(len(FRAME)) / 7)
    for formula in ("y ~ C(number):C(x)", "y ~ x + C(number):C(t)"):
        with pytest.raises(NotEstimableError, match="too many to give each a slope"):
            panel.fit(formula, many, **KEYS)
