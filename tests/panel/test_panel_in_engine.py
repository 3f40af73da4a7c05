"""The same sums as Ibis expressions: DuckDB, Spark, blocks and linearmodels agree, and it is said where they cannot."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models import panel
from models.panel.errors import ColumnError, DuplicateKeyError, InfiniteValueError
from models.panel.streaming.blocks import NotStreamableError
from tests import spark

FORMULA = "stickiness ~ value + trust + participation + value:trust"
KEYS = {"entity": "user", "time": "month"}


@pytest.fixture(scope="module")
def data(platforms):
    """Users of one row, blanks, a month that only one group has; in no order."""
    frame = platforms()
    frame["city"] = frame["user"].str[-1]
    frame.loc[::29, "trust"] = np.nan
    alone = frame.drop_duplicates("user").head(7)
    frame = pd.concat([frame[~frame["user"].isin(alone["user"])], alone]).sample(frac=1, random_state=1)
    last = frame["month"].max()
    return frame[(frame["month"] < last) | (frame["platform_type"] == frame["platform_type"].iloc[0])]


def connect(engine):
    return ibis.duckdb.connect() if engine == "duckdb" else ibis.pyspark.connect(spark.session())


@pytest.fixture(scope="module", params=["duckdb", pytest.param("spark", marks=spark.NEEDED)])
def table_of(request, tmp_path_factory):
    connection, folder = connect(request.param), tmp_path_factory.mktemp("rows")

    def table(frame):
        path = folder / f"{len(list(folder.iterdir()))}.parquet"
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path)
        return connection.read_parquet(str(path))

    return table


# Spark's way with effects and clusters at once; with either alone it is among the long tests.
@pytest.mark.parametrize(
    ("table_of", "effects", "cluster"),
    [
        ("duckdb", "twoway", None),
        ("duckdb", "twoway", "city"),
        ("duckdb", "entity", None),
        pytest.param("spark", "twoway", "city", marks=spark.NEEDED),
        pytest.param("spark", "twoway", None, marks=[spark.NEEDED, pytest.mark.slow]),
        pytest.param("spark", "entity", None, marks=[spark.NEEDED, pytest.mark.slow]),
    ],
    indirect=["table_of"],
)
def test_slopes_and_errors_equal_streaming_and_linearmodels(data, table_of, effects, cluster):
    options = KEYS | {"by": "platform_type", "effects": effects, "cluster": cluster}
    inside = panel.fit_stream(FORMULA, table_of(data), fallback=False, **options)
    ordered = data.sort_values(["user", "month"])
    streamed = panel.fit_stream(FORMULA, lambda: [ordered], fallback=False, **options)
    reference = panel.fit(FORMULA, ordered, engine="linearmodels", **options)
    for other in (streamed, reference):
        found, expected = inside.tidy(), other.tidy()
        assert found[["term", "group"]].equals(expected[["term", "group"]])
        numbers = [t.iloc[:, 2:].astype(float) for t in (found, expected)]
        np.testing.assert_allclose(*numbers, rtol=1e-10, atol=1e-13)  # exact algebra, another order of summation
        sizes = ["group", "nobs", "n_entity", "n_time", "n_clusters", "n_dropped"]
        assert inside.glance()[sizes].equals(other.glance()[sizes])
        fits = [f.glance()[["r2_within", "r2_between", "r2_overall"]] for f in (inside, other)]
        np.testing.assert_allclose(*fits, rtol=1e-8)
        pd.testing.assert_frame_equal(inside.dropped, other.dropped)
        equal = [panel.wald_equal(f, "trust").statistic for f in (inside, other)]
        np.testing.assert_allclose(*equal, rtol=1e-8)
    assert inside.glance()["engine"].str.match("inside (duckdb|pyspark)").all()


@pytest.mark.parametrize(
    ("change", "options", "error", "reason"),
    [
        (lambda d: d, {"cluster": "month"}, NotStreamableError, "the cluster changes within user, for"),
        (lambda d: d.assign(trust=d["platform_type"]), {}, NotStreamableError, "trust holds string, not numbers"),
        (lambda d: d.assign(city=d["month"] % 2), {"by": "city"}, NotStreamableError, "the group changes within user"),
        (lambda d: d.assign(user=d["user"].where(d["month"] > 1)), {}, NotStreamableError, "entity has missing values"),
        (lambda d: d.assign(month=pd.Timestamp("2024-01-01")), {}, NotStreamableError, "whole numbers stay in the"),
        (lambda d: d.assign(trust=d["trust"].where(d["month"] > 1, np.inf)), {}, InfiniteValueError, "trust is infin"),
        (lambda d: pd.concat([d, d.iloc[[5]]]), {}, DuplicateKeyError, r"1 entities \(user\) have two rows in a peri"),
        (lambda d: d.drop(columns="trust"), {}, ColumnError, "variable 'trust' is not a column of the data"),
    ],
)
def test_where_the_engine_cannot_it_says_why(data, table_of, change, options, error, reason):
    with pytest.raises(error, match=reason):
        panel.fit_stream("stickiness ~ trust", table_of(change(data)), fallback=False, **KEYS | options)


def test_the_fallback_reads_the_table_and_gives_the_reason(data, table_of):
    fallen = panel.fit_stream("stickiness ~ trust", table_of(data), cluster="month", **KEYS)
    expected = panel.fit("stickiness ~ trust", data, cluster="month", **KEYS)
    # rows come back in the engine's order
    np.testing.assert_allclose(fallen.tidy().iloc[:, 2:].astype(float), expected.tidy().iloc[:, 2:].astype(float))
    assert fallen.glance()["note"][0].startswith("read into memory, because the cluster changes within user")


def test_what_the_sums_cannot_identify_is_an_error(data, table_of):
    born = table_of(data.assign(born=data["user"].str[-2:].astype(float)))
    with pytest.raises(panel.PanelError, match="born has no variation left once the twoway effects are taken out"):
        panel.fit_stream("stickiness ~ trust + born", born, **KEYS)
