"""What one estimator refuses its twin refuses: a table of checks by estimators, each cell tried or with its reason."""

import numpy as np
import pandas as pd
import pytest

from models import panel
from models.panel import errors

E = errors
KEYS = {"entity": "user", "time": "t"}
NO_KEYS = "spells have no entity and time"
NO_CLUSTER = "errors are by entity, or no clusters are asked for"
NO_LAGS = "lags are not among what streams"


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(1)
    n, T = 30, 8
    frame = pd.DataFrame({"user": np.repeat(np.arange(n), T), "t": np.tile(np.arange(1, T + 1), n)})
    frame["x"], frame["w"] = rng.normal(size=(2, len(frame)))
    frame["z"] = frame["x"] + rng.normal(size=len(frame))
    frame["region"] = frame["user"] % 12
    own = rng.normal(size=(2, n))[:, frame["user"]]
    frame["y"] = own[0] + (0.5 + 0.5 * own[1]) * frame["x"] + rng.normal(size=len(frame))
    frame["start"] = np.where(frame["user"] % 3 == 0, np.nan, 3.0 + frame["user"] % 3)
    frame["stop"] = (rng.random(len(frame)) < 0.15).astype(int)
    frame["age"] = rng.exponential(10, len(frame)) + 0.1
    frame["entry"] = frame["age"] * rng.uniform(0, 0.5, len(frame))
    frame["gone"] = (rng.random(len(frame)) < 0.6).astype(int)
    return frame


def halves(frame):
    cut = len(frame) // 2 // 8 * 8  # between two users
    return lambda: [frame.iloc[:cut], frame.iloc[cut:]]


CLUSTERED = KEYS | {"cluster": "region"}
ESTIMATORS = {
    "fit": ("y", lambda f, m, k: panel.fit(f"y ~ {m}", f, **CLUSTERED | k)),
    "fit_stream": ("y", lambda f, m, k: panel.fit_stream(f"y ~ {m}", halves(f), **CLUSTERED | k)),
    "iv": ("y", lambda f, m, k: panel.iv(f"y ~ {m}", f, endogenous=["x"], instruments=["z"], **CLUSTERED | k)),
    "gmm": (
        "y",
        lambda f, m, k: panel.gmm(f"y ~ lag(y) + {m}", f, instruments={"y": (2, 3)}, collapse=True, **KEYS | k),
    ),
    "event_study": ("y", lambda f, m, k: panel.event_study(f"y ~ {m}", f, start="start", **CLUSTERED | k)),
    "interaction_weighted": (
        "y",
        lambda f, m, k: panel.interaction_weighted(f"y ~ {m}", f, start="start", **CLUSTERED | k),
    ),
    "random_slopes": ("y", lambda f, m, k: panel.random_slopes(f"y ~ {m}", f, slope="x", **KEYS | k)),
    "discrete_hazard": ("stop", lambda f, m, k: panel.discrete_hazard(f"stop ~ {m}", f, **KEYS | k)),
    "cox": (
        "age",
        lambda f, m, k: panel.cox(f"age ~ {m}", f, **{"event": "gone", "entry": "entry", "cluster": "region"} | k),
    ),
    "proportional_hazards": ("age", lambda f, m, k: panel.proportional_hazards(f"age ~ {m}", f, event="gone", **k)),
}
SPELLS = ("cox", "proportional_hazards")
PANELS = tuple(name for name in ESTIMATORS if name not in SPELLS)
UNCLUSTERED = ("gmm", "random_slopes", "discrete_hazard", "proportional_hazards")


def put(column, value, rows=(3, 4)):
    def change(frame, outcome):
        name = outcome if column == "outcome" else column
        values = frame[name].astype(float if isinstance(value, (int, float)) else object)
        values.iloc[list(rows)] = value
        return frame.assign(**{name: values})

    return change


def as_text(column):
    return lambda f, y: f.assign(
        **{(y if column == "outcome" else column): f[y if column == "outcome" else column].astype(str)}
    )


def twice(column):
    return lambda f, y: pd.concat([f, f[[y if column == "outcome" else column]] * 2], axis=1)


# check: (how the data go wrong, what every estimator raises, {estimator: why the check does not apply})
REFUSED = {
    "no rows": (lambda f, y: f.iloc[:0], E.NotEstimableError, {}),
    "outcome never known": (put("outcome", np.nan, range(240)), E.NotEstimableError, {}),
    "two columns of the outcome's name": (twice("outcome"), E.ColumnError, {}),
    "two columns of a regressor's name": (twice("x"), E.ColumnError, {}),
    "two columns of the entity's name": (twice("user"), E.ColumnError, dict.fromkeys(SPELLS, NO_KEYS)),
    "two columns of the time's name": (twice("t"), E.ColumnError, dict.fromkeys(SPELLS, NO_KEYS)),
    "two columns of the cluster's name": (twice("region"), E.ColumnError, dict.fromkeys(UNCLUSTERED, NO_CLUSTER)),
    "a key twice": (
        lambda f, y: pd.concat([f.iloc[:2], f]),
        E.DuplicateKeyError,
        dict.fromkeys(SPELLS, NO_KEYS),
    ),
    "infinite outcome": (put("outcome", np.inf), E.InfiniteValueError, {}),
    "infinite regressor": (put("x", np.inf), E.InfiniteValueError, {}),
    "collinear regressors": (lambda f, y: f.assign(w=2 * f["x"]), E.NotEstimableError, {}),
    "constant regressor": (lambda f, y: f.assign(w=3.0), E.NotEstimableError, {}),
    "regressor without variation within": (
        lambda f, y: f.assign(w=f["user"] % 7 * 1.0),
        E.NotEstimableError,
        dict.fromkeys(("random_slopes", "discrete_hazard", *SPELLS), "no entity effects take it out"),
    ),
    "constant outcome": (
        lambda f, y: f.assign(**{y: 1.0}, entry=0.0),
        E.NotEstimableError,
        {"cox": "all events are tied at one time: whom they reach still tells"},
    ),
    "one cluster": (lambda f, y: f.assign(region=1), E.NotEstimableError, dict.fromkeys(UNCLUSTERED, NO_CLUSTER)),
    "no cluster at all": (
        lambda f, y: f.assign(region=np.nan),
        E.NotEstimableError,
        dict.fromkeys(UNCLUSTERED, NO_CLUSTER),
    ),
    "one period": (
        lambda f, y: f[f["t"] == 5],
        E.NotEstimableError,
        {"discrete_hazard": "one period is a binary regression"} | dict.fromkeys(SPELLS, NO_KEYS),
    ),
    "one entity": (lambda f, y: f[f["user"] == 4], E.NotEstimableError, {"proportional_hazards": NO_KEYS}),
    "regressor as text": (as_text("x"), E.FormulaError, {}),
    "outcome as text": (as_text("outcome"), E.FormulaError, {}),
    "time as text": (as_text("t"), E.TimeFormatError, dict.fromkeys(SPELLS, NO_KEYS)),
    "time true or false": (lambda f, y: f.assign(t=f["t"] > 4), E.TimeFormatError, dict.fromkeys(SPELLS, NO_KEYS)),
    "time in fractions": (lambda f, y: f.assign(t=f["t"] / 2), E.TimeFormatError, dict.fromkeys(SPELLS, NO_KEYS)),
    "time infinite": (put("t", np.inf), E.TimeFormatError, dict.fromkeys(SPELLS, NO_KEYS)),
    "entities of numbers and text": (
        lambda f, y: f.assign(user=f["user"].astype(object).where(f["t"] > 3, f["user"].astype(str))),
        E.ColumnError,
        dict.fromkeys(SPELLS, NO_KEYS),
    ),
    "unknown column": (lambda f, y: f.drop(columns="w"), E.ColumnError, {}),
}


def cells(table):
    return [pytest.param(check, name, id=f"{check}-{name}") for check in table for name in ESTIMATORS]


@pytest.mark.parametrize(("check", "name"), cells(REFUSED))
def test_what_no_estimator_takes(data, check, name):
    change, expected, exceptions = REFUSED[check]
    outcome, estimator = ESTIMATORS[name]
    expected = exceptions.get(name, expected)
    wrong = change(data.copy(), outcome)
    if isinstance(expected, str):
        estimator(wrong, "x + w", {})  # the check does not apply, so the data are taken
        return
    with pytest.raises(expected) as caught:
        estimator(wrong, "x + w", {})
    assert "[0;" not in str(caught.value)
    assert "np." not in str(caught.value)


def without(frame, column, rows=(10, 11, 30)):
    values = frame[column].astype(object)
    values.iloc[list(rows)] = None
    return frame.assign(**{column: values.infer_objects()})


# check: (column whose values go missing, line of the ledger, {estimator: why it does not apply})
COUNTED = {
    "entity": ("user", "entity missing: user", dict.fromkeys(SPELLS, NO_KEYS)),
    "time": ("t", "time missing: t", dict.fromkeys(SPELLS, NO_KEYS)),
    "cluster": ("region", "cluster missing: region", dict.fromkeys(UNCLUSTERED, NO_CLUSTER)),
    "regressor": ("x", "missing: x", {"gmm": "one line for outcome, regressor and lags"}),
    "entry": ("entry", "entry missing: entry", dict.fromkeys((*PANELS, "proportional_hazards"), "no entry")),
}
HAS_NO_LEDGER = ("proportional_hazards",)


@pytest.mark.parametrize(("check", "name"), cells(COUNTED))
def test_rows_without_a_value_leave_and_are_counted(data, check, name):
    column, rule, exceptions = COUNTED[check]
    if name in exceptions or name in HAS_NO_LEDGER:
        pytest.skip(exceptions.get(name, "a test has no ledger; that of cox has the rows"))
    fit = ESTIMATORS[name][1](without(data, column).sort_values("user", kind="stable"), "x + w", {})
    lost = fit.dropped[fit.dropped["rule"] == rule]
    assert lost["rows"].tolist() == [3]


LAGGED = {
    name: NO_LAGS if name == "fit_stream" else NO_KEYS if name in SPELLS else NO_CLUSTER if name in UNCLUSTERED else ""
    for name in ESTIMATORS
}


@pytest.mark.parametrize("name", LAGGED)
def test_lags_are_looked_up_before_rows_without_a_cluster_leave(data, name):
    """The lag of the row after one without a cluster is the value in that row, not missing."""
    if LAGGED[name]:
        pytest.skip(LAGGED[name])
    estimator = ESTIMATORS[name][1]
    data = data.assign(before=data.groupby("user")["w"].shift(1))
    holes = without(data, "region")
    looked_up, stated = (estimator(holes, f"x + {term}", {}) for term in ("lag(w)", "before"))
    assert looked_up.nobs == stated.nobs if hasattr(stated, "nobs") else looked_up.glance()["nobs"][0] == 207
    np.testing.assert_allclose(looked_up.tidy()["est"], stated.tidy()["est"], rtol=1e-9)


def test_lags_are_looked_up_in_rows_without_a_group(data):
    data = data.assign(kind=np.where(data["user"] % 2, "a", "b"), before=data.groupby("user")["w"].shift(1))
    holes = without(data, "kind")
    looked_up, stated = (panel.fit(f"y ~ x + {term}", holes, by="kind", **KEYS) for term in ("lag(w)", "before"))
    np.testing.assert_allclose(looked_up.tidy()["est"], stated.tidy()["est"], rtol=1e-9)
    assert looked_up.dropped.drop(columns="said").iloc[0].tolist() == ["all", "by missing: kind", 3, "dropped"]


UNKNOWN = [
    ("fit", {"effects": "two-way"}),
    ("fit", {"se_type": "HC0"}),
    ("fit", {"singletons": "leave"}),
    ("fit", {"engine": "spark"}),
    ("fit_stream", {"effects": "two-way"}),
    ("fit_stream", {"se_type": "HC0"}),
    ("iv", {"effects": "two-way"}),
    ("iv", {"se_type": "HC0"}),
    ("gmm", {"steps": 3}),
    ("event_study", {"leads": -1}),
    ("event_study", {"placebo": -1}),
    ("random_slopes", {"slope": "q"}),
    ("discrete_hazard", {"link": "probit"}),
    ("cox", {"ties": "exact"}),
    ("proportional_hazards", {"transform": "log"}),
    *((name, {"freq": "ME"}) for name in PANELS),
]


@pytest.mark.parametrize(("name", "options"), UNKNOWN, ids=str)
def test_unknown_options_are_refused(data, name, options):
    if options == {"slope": "q"}:
        with pytest.raises(errors.OptionError, match="slope='q'"):
            panel.random_slopes("y ~ x", data, slope="q", **KEYS)
        return
    with pytest.raises(errors.OptionError):
        ESTIMATORS[name][1](data, "x + w", options)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_true_or_false_outcome_is_0_and_1(data, name):
    outcome, estimator = ESTIMATORS[name]
    flag = data.assign(**{outcome: data[outcome] > data[outcome].median()})
    if name in SPELLS:
        with pytest.raises(errors.OptionError, match="must be positive"):
            estimator(flag, "x + w", {})
        return
    number = flag.assign(**{outcome: flag[outcome].astype(float)})
    np.testing.assert_allclose(*(estimator(f, "x + w", {}).tidy()["est"] for f in (flag, number)))


SPELL_FAULTS = {
    "negative duration": (put("age", -1.0), "age must be positive"),
    "duration of zero": (put("age", 0.0), "age must be positive"),
    "duration that is a date": (lambda f, y: f.assign(age=202001 + f["t"]), "has dates .YYYYMM"),
    "unknown end": (put("gone", np.nan), "gone must be 1 .* or is missing"),
    "end as text": (as_text("gone"), "expected numbers"),
    "end coded 1 and 2": (lambda f, y: f.assign(gone=f["gone"] + 1), "gone must be 1"),
    "no event": (lambda f, y: f.assign(gone=0), "gone is 0 in all spells"),
}
ENTRY_FAULTS = {
    "negative": (put("entry", -1.0), "negative or infinite in 2 spells"),
    "infinite": (put("entry", np.inf), "negative or infinite in 2 spells"),
    "at exit": (lambda f, y: f.assign(entry=f["age"].where(f.index == 3, 0)), "not below age in 1 spells"),
    "after exit": (put("entry", 1e4), "not below age in 2 spells"),
    "as text": (as_text("entry"), "expected numbers"),
}


@pytest.mark.parametrize("name", SPELLS)
@pytest.mark.parametrize("fault", SPELL_FAULTS)
def test_spells_that_cannot_be(data, name, fault):
    change, message = SPELL_FAULTS[fault]
    with pytest.raises(errors.PanelError, match=message):
        ESTIMATORS[name][1](change(data, "age").assign(entry=0.0), "x + w", {})


@pytest.mark.parametrize("fault", ENTRY_FAULTS)
def test_entries_that_cannot_be(data, fault):
    change, message = ENTRY_FAULTS[fault]
    with pytest.raises(errors.OptionError, match=message):
        panel.cox("age ~ x + w", change(data, "age"), event="gone", entry="entry")


SEPARATORS = {
    "discrete_hazard": {"the event itself": lambda f: f["stop"] * 1.0},
    "cox": {"never with an event": lambda f: 1.0 - f["gone"], "in the order of events": lambda f: -f["age"].rank()},
}
SEPARATORS["proportional_hazards"] = SEPARATORS["cox"]


# What is refused of hazards, asked of them by a second door: once in a while.
RARELY = {("proportional_hazards", "never with an event"), ("proportional_hazards", "in the order of events")}


@pytest.mark.parametrize(
    ("name", "how"),
    [
        pytest.param(name, how, marks=[pytest.mark.slow] if (name, how) in RARELY else [])
        for name, hows in SEPARATORS.items()
        for how in hows
    ],
)
def test_a_likelihood_without_a_maximum_is_refused(data, name, how):
    wrong = data.assign(w=SEPARATORS[name][how](data))
    with pytest.raises(errors.NotEstimableError, match="w.* (separates|orders) .*finite slope"):
        ESTIMATORS[name][1](wrong, "x + w", {})


def test_a_large_finite_cox_slope_is_an_estimate():
    rng = np.random.default_rng(0)
    x = rng.normal(size=400)
    frame = pd.DataFrame({"age": rng.exponential(1.0, 400) * np.exp(-4 * x), "x": x, "gone": 1})
    assert panel.cox("age ~ x", frame, event="gone").params[0] == pytest.approx(4, abs=0.4)
