"""Modification indices of the measurement model are those of lavaan."""

import pytest

from models import measurement
from models.measurement.errors import ScaleError


def test_cross_loadings_and_residual_covariances_are_those_of_lavaan(hs, hs_scales, reference):
    expected = reference("scales")["misfit"]
    table = measurement.misfit(hs, hs_scales)
    assert len(table) == len(expected)
    for row, lavaan in zip(table.itertuples(), expected, strict=True):
        assert row.mi == pytest.approx(lavaan["mi"], rel=1e-4)  # lavaan's optimiser
        assert row.epc == pytest.approx(lavaan["epc"], rel=1e-3)
        assert row.sepc_all == pytest.approx(lavaan["sepc.all"], rel=1e-3)
        pair = (row.item, row.other) if row.kind == "residual_covariance" else (row.other, row.item)
        assert pair == (lavaan["lhs"], lavaan["rhs"])
    assert table.iloc[0][["kind", "item", "construct", "other"]].tolist() == ["cross_loading", "x9", "speed", "visual"]


def test_one_scale_has_no_cross_loadings(hs):
    with pytest.raises(ScaleError, match="cross-loadings need at least two scales"):
        measurement.misfit(hs, {"visual": ["x1", "x2", "x3"]})
