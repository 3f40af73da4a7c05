"""Any time column and any column of starts: the right periods, or an error of ours."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import example, given
from hypothesis import strategies as st

from models import panel
from models.panel.engine.keys import period_numbers
from models.panel.errors import PanelError
from tests.properties.limits import only, runs, tried

LENGTHS = {"M": "%Y%m", "W": "%G%V", "D": "%Y%m%d"}
CODES = st.sampled_from([0, -1, -99, np.inf, np.nan, 999, 10000, 999999, 99991231, 2.5, 1e300])
ODD = st.one_of(CODES, st.integers(-(2**63), 2**63 - 1), st.floats(), st.integers(180_000, 220_000))


def months(first: int, steps: list[int]) -> pd.PeriodIndex:
    return pd.PeriodIndex.from_ordinals(first + np.cumsum([0, *steps]), freq="M")


@runs
def test_numbers_that_write_periods_are_refused_or_read_as_what_they_write(examples: int) -> None:
    @tried(examples)
    @given(
        st.sampled_from(list(LENGTHS)), st.integers(-1500, 15000), st.lists(st.integers(1, 3), min_size=1, max_size=30)
    )
    @example("W", 2609, [1] * 10)
    def holds(freq: str, first: int, steps: list[int]) -> None:
        ordinals = min(first, 2700) + np.cumsum([0, *steps])
        periods = pd.PeriodIndex.from_ordinals(ordinals, freq=freq)
        written = pd.Series([int(f"{p.start_time:{LENGTHS[freq]}}") for p in periods], name="t")
        assert period_numbers(written, freq).number.tolist() == ordinals.tolist()
        with only(PanelError):
            counted = period_numbers(written).number
            raise AssertionError(f"{written.tolist()} counted as {counted.tolist()}")

    holds()


@runs
def test_counts_of_periods_are_taken_as_they_are(examples: int) -> None:
    @tried(examples)
    @given(st.integers(-1000, 1700), st.lists(st.integers(1, 2), min_size=1, max_size=60))
    def holds(first: int, steps: list[int]) -> None:
        counted = first + np.cumsum([0, *steps])
        assert period_numbers(pd.Series(counted)).number.tolist() == counted.tolist()

    holds()


@runs
def test_any_times_and_starts_give_a_study_or_an_error_of_ours(examples: int) -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(8, 12))

    @tried(examples)
    @given(
        st.sampled_from(["count", "date", "period", "yyyymm"]),
        st.sampled_from(["count", "date", "period", "yyyymm", "text"]),
        st.sampled_from([None, "M", "Q", "D", "W", "Y"]),
        st.lists(st.integers(1, 3), min_size=3, max_size=11),
        st.lists(st.integers(-3, 16), min_size=8, max_size=8),
        st.lists(st.tuples(st.integers(0, 7), ODD), max_size=2),
        st.lists(st.tuples(st.integers(0, 30), ODD), max_size=1),
    )
    def holds(kind, other, freq, steps, starts, odd_starts, odd_times):  # type: ignore[no-untyped-def]
        at = months(595, steps)
        forms = {"date": lambda p: p.to_timestamp(), "period": lambda p: p, "count": lambda p: p.asi8 - 590}
        forms["yyyymm"] = lambda p: (p.year * 100 + p.month).to_numpy()
        forms["text"] = lambda p: p.strftime("%Y-%m")
        frame = pd.DataFrame({"user": np.repeat(np.arange(8), len(at)), "t": np.tile(forms[kind](at), 8)})
        frame["y"] = noise[:, : len(at)].ravel()
        own = pd.Series(forms[other](pd.PeriodIndex.from_ordinals(595 + np.array(starts), freq="M")))
        if other in ("count", "yyyymm"):
            own = own.astype(float)
            for user, value in odd_starts:
                own[user] = value
        own[0] = None
        frame["start"] = own.reindex(frame["user"]).to_numpy() if other != "period" else own[frame["user"]].array
        if kind in ("count", "yyyymm"):
            frame["t"] = frame["t"].astype(float)
            for row, value in odd_times:
                frame.loc[row, "t"] = value
        for estimator in (panel.event_study, panel.interaction_weighted):
            with only(PanelError):
                study = estimator("y ~ 1", frame, entity="user", time="t", start="start", freq=freq)
                assert np.isfinite(study.params).all()

    holds()
