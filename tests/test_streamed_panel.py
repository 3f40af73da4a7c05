"""A panel that is not loaded gives the slopes of one that is; what needs whole users sees a stated sample of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models import behaviour, specs
from models.behaviour.panel_models import with_mechanisms
from models.behaviour.streamed import streams
from models.benchmark import Design
from models.benchmark.behaviour import draw
from models.remarks import remark
from pipeline.cleaning import panel_file
from pipeline.core import paths, results
from pipeline.stages import acquire, clean
from pipeline.stages import panel as panel_stage
from tests.conftest import Project, text, words, zero

OFFERED = ("value_functional", "value_social", "trust", "participation", "identification", "stickiness")
GROUPS = ("platform_type", "generation")
STREAMED = ["slopes", "panel_fit", "dropped", "equality", "pairs", "contrast"]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Entities straddle the row groups, some periods and groups are missing."""
    data = draw(Design.of({"users": 240, "months": 8}), np.random.default_rng(2)).panel
    data = data.sort_values(["entity", "time"])[["entity", "time", *GROUPS, *OFFERED]].drop(index=data.index[5::37])
    entities = data["entity"].unique()
    data["generation"] = data["generation"].astype(object).where(~data["entity"].isin(entities[::9]))
    target = tmp_path_factory.mktemp("panel") / "panel.parquet"
    pq.write_table(pa.Table.from_pandas(data, preserve_index=False), target, row_group_size=701)
    return target


def test_streamed_rows_equal_the_rows_in_memory(path: Path) -> None:
    stream = behaviour.Stream(panel_file.reader(path), OFFERED, GROUPS)
    data, _ = with_mechanisms(pd.read_parquet(path), OFFERED)
    parts = []
    for name in ("identification_next", "stickiness_next"):
        parts.append(behaviour.slopes(name, data, stream.measures, zero)[0])
        parts += [behaviour.slopes_by(name, data, stream.measures, group) for group in GROUPS]
    loaded = pd.concat(parts, ignore_index=True)
    streamed = behaviour.with_streamed(loaded.iloc[:0], stream, remark("users_sampled", n=7, all=9), zero)
    keys = ["model", "table", "group", "term", "quantity"]
    loaded = loaded[loaded["table"].isin(STREAMED)].set_index(keys).sort_index()
    found = streamed[streamed["table"].isin(STREAMED)].set_index(keys).sort_index()
    assert list(found.index) == list(loaded.index)
    numbers = ["estimate", "se", "statistic", "df", "pvalue", "ci_lower", "ci_upper", "n"]
    values = [rows[numbers].astype(float) for rows in (found, loaded)]
    np.testing.assert_allclose(*values, rtol=1e-10, atol=1e-12)  # two engines, the same algebra
    assert found["hypothesis"].fillna("").tolist() == loaded["hypothesis"].fillna("").tolist()
    assert found["note"].fillna("").map(words).str.contains("streaming").any()
    remarks = streamed[streamed["quantity"] == "sampled"].set_index("model")["note"]
    assert "not streamed, because the estimator gmm" in words(remarks["value_cross_lags"])


@pytest.mark.parametrize("entry", ["centre", "centre_users"])
def test_deviations_from_users_do_not_stream(entry: str) -> None:
    spec = replace(specs.panel_specs()["price_shock"], centre=(), centre_users=())
    assert streams(spec, spec.formula) is None
    assert streams(replace(spec, **{entry: ("rival_price",)}), spec.formula) == remark("deviations_need_passes")


def test_a_panel_above_the_limit_is_sampled_by_whole_users(path: Path) -> None:
    whole, said = panel_file.load(path, 10**6, lambda: 1)
    assert said is None
    part, said = panel_file.load(path, 900, lambda: 1)
    n = part["entity"].nunique()
    assert str(said) == f"{n} randomly drawn of {whole['entity'].nunique()} users"
    assert len(part) == pytest.approx(900, rel=0.1)
    pd.testing.assert_frame_equal(part, whole[whole["entity"].isin(part["entity"])].reset_index(drop=True))
    other, _ = panel_file.load(path, 900, lambda: 2)
    assert set(other["entity"]) != set(part["entity"])


def test_the_stage_streams_above_the_limit_and_says_so(project: Project) -> None:
    rng = np.random.default_rng(4)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(300, size=3000), "D")
    kinds = rng.choice(["like", "visit"], size=3000)
    rows = [f"{u},{d:%Y-%m-%d},{k},1" for u, d, k in zip(rng.integers(45, size=3000), days, kinds, strict=True)]
    counted = {"identification": "like", "stickiness": "visit"}
    measures = {name: {"label": text(name), "agg": "count", "where": {"kind": kind}} for name, kind in counted.items()}
    project.log("demo", "user,when,kind,amount\n" + "\n".join(rows) + "\n", measures=measures)
    found = []
    for stage in (acquire, clean):
        stage.run("demo")
    for limit in (10**6, 200):
        project.parameters(data_sets=["demo"], panel={"rows_in_memory": limit})
        panel_stage.run("demo")
        found.append(results.read(paths.of("demo", "panel.csv")))
    slopes = [rows[(rows["table"] == "slopes") & (rows["model"] == "stickiness_next")] for rows in found]
    columns = ["term", "quantity", "estimate", "se", "pvalue", "n"]
    assert len(slopes[0]) == 2
    pd.testing.assert_frame_equal(*(rows[columns].reset_index(drop=True) for rows in slopes))
    assert (
        found[1]
        .query("quantity == 'sampled'")["note"]
        .map(words)
        .str.contains(r"^\d+ randomly drawn of 45 users")
        .any()
    )
