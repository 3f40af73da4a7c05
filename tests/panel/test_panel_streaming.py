"""Sums over users streamed in blocks give the numbers of linearmodels, and say when they cannot."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import panel
from models.panel.errors import DuplicateKeyError
from models.panel.estimators import estimation
from models.panel.streaming.blocks import NotStreamableError

FORMULA = "stickiness ~ value + trust + participation + value:trust"
KEYS = {"entity": "user", "time": "month"}


@pytest.fixture(scope="module")
def data(platforms):
    frame = platforms()
    frame["city"] = frame["user"].str[-1]
    frame.loc[::29, "trust"] = np.nan
    alone = frame.drop_duplicates("user").head(7)
    return pd.concat([frame[~frame["user"].isin(alone["user"])], alone]).sort_values(["user", "month"])


def in_pieces(frame, size):
    return lambda: [frame.iloc[i : i + size] for i in range(0, len(frame), size)]


def assert_same(one, other):
    assert one[["term", "group"]].equals(other[["term", "group"]])
    # 1e-10: exact algebra in another order of summation
    np.testing.assert_allclose(one.iloc[:, 2:].astype(float), other.iloc[:, 2:].astype(float), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("cluster", [None, "city"])
@pytest.mark.parametrize("effects", ["twoway", "entity"])
@pytest.mark.parametrize("se_type", ["stata", "hc0", "hc1"])
def test_streamed_slopes_and_errors_equal_linearmodels(data, effects, se_type, cluster):
    options = KEYS | {"by": "platform_type", "effects": effects, "se_type": se_type, "cluster": cluster}
    reference = panel.fit(FORMULA, data, engine="linearmodels", **options)
    streamed = panel.fit_stream(FORMULA, in_pieces(data, 97), fallback=False, **options)
    assert_same(streamed.tidy(), reference.tidy())
    sizes = ["group", "nobs", "n_entity", "n_time", "n_clusters", "n_dropped"]
    assert streamed.glance()[sizes].equals(reference.glance()[sizes])
    pd.testing.assert_frame_equal(streamed.dropped, reference.dropped)
    equal = panel.wald_equal(streamed, "trust").statistic
    np.testing.assert_allclose(equal, panel.wald_equal(reference, "trust").statistic, rtol=1e-8)


@settings(max_examples=20, deadline=None)
@given(size=st.integers(1, 400), seed=st.integers(0, 5), missing=st.floats(0, 0.6))
def test_how_the_rows_are_cut_into_pieces_does_not_matter(platforms, size, seed, missing):
    frame = platforms(n_user=30, n_month=6, seed=seed, missing=missing).sort_values(["user", "month"])
    arrow = pa.Table.from_pandas(frame)
    one = panel.fit_stream("stickiness ~ value + trust", lambda: arrow.to_batches(size), fallback=False, **KEYS)
    assert_same(one.tidy(), panel.fit("stickiness ~ value + trust", frame, **KEYS).tidy())


def test_a_large_sample_in_memory_is_streamed_and_says_so(data, monkeypatch):
    monkeypatch.setattr(estimation, "STREAM_ROWS", 100)
    streamed = panel.fit(FORMULA, data, **KEYS)
    assert streamed.glance()["engine"][0].startswith("streaming")
    assert_same(streamed.tidy(), panel.fit(FORMULA, data, engine="linearmodels", **KEYS).tidy())
    other = panel.fit(FORMULA, data, cluster=["user", "month"], **KEYS).glance()
    assert other["engine"][0] == "linearmodels"
    assert "because errors stream with one cluster column" in other["note"][0]


@pytest.mark.parametrize(
    ("change", "options", "reason"),
    [
        (lambda d: d, {"formula": "stickiness ~ lag(trust)"}, "is not a column; compute it as a column first"),
        (lambda d: d, {"effects": "random"}, "random effects do not stream"),
        (lambda d: d, {"cluster": "month"}, "month changes within user"),
        (lambda d: d.sort_values("month", kind="stable"), {}, "not sorted by user: 'u00"),
        (lambda d: d.assign(month=d["month"] * 997), {}, "periods span more than 1,000"),
        (lambda d: d.assign(trust=d["platform_type"]), {}, "trust holds object, not numbers"),
        (lambda d: d.assign(platform_type=d["month"] % 2), {"by": "platform_type"}, "platform_type changes within"),
    ],
)
def test_where_streaming_does_not_apply_it_says_why(data, change, options, reason):
    options = KEYS | {"formula": "stickiness ~ trust"} | options
    with pytest.raises(NotStreamableError, match=reason):
        panel.fit_stream(data=in_pieces(change(data), 200), fallback=False, **options)


def test_the_fallback_reads_all_rows_and_gives_the_reason(data):
    options = KEYS | {"effects": "random"}
    fallen = panel.fit_stream("stickiness ~ trust", in_pieces(data, 200), **options)
    assert fallen.tidy().equals(panel.fit("stickiness ~ trust", data, **options).tidy())
    assert fallen.glance()["note"][0] == (
        "read into memory, because random effects do not stream; twoway and entity effects do"
    )


def test_streams_refuse_repeated_keys_and_lost_variation(data):
    repeated = pd.concat([data, data.iloc[[5]]]).sort_values("user")
    with pytest.raises(DuplicateKeyError, match="two rows in period"):
        panel.fit_stream("stickiness ~ trust", in_pieces(repeated, 50), **KEYS)
    born = data.assign(born=data["user"].str[-2:].astype(float))
    with pytest.raises(panel.PanelError, match="born has no variation left once the twoway effects are taken out"):
        panel.fit_stream("stickiness ~ trust + born", in_pieces(born, 50), **KEYS)
    twin = data.assign(twin=2 * data["trust"] + data["month"])
    with pytest.raises(panel.PanelError, match="trust, twin are collinear given the twoway effects"):
        panel.fit_stream("stickiness ~ trust + twin", in_pieces(twin, 50), **KEYS)
