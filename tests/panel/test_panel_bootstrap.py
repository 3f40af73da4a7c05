"""The wild cluster bootstrap against brute force and its own size."""

from itertools import product

import numpy as np
import pytest

from models import panel
from models.panel.engine.conventions import sandwich
from models.panel.engine.transform import demean_twoway

KEYS = {"entity": "user", "time": "month"}


@pytest.fixture(scope="module")
def data(platforms):
    frame = platforms(n_user=40, n_month=5)
    return frame.assign(city=frame["user"].str[-2:].astype(int) % 6)


def test_all_sign_changes_by_brute_force(data):
    fit = panel.fit("stickiness ~ value + trust", data, cluster="city", **KEYS)
    result = panel.wild_cluster_bootstrap(fit, "trust", null=0.2, weights="rademacher")
    assert result.draws == 2**6
    design = fit.groups[0].design
    city = design.clusters[:, 0]
    x = demean_twoway(design.x, design.entity, design.time)
    y = demean_twoway(design.y[:, None], design.entity, design.time)[:, 0]

    def t(outcome):
        outcome = demean_twoway(outcome[:, None], design.entity, design.time)[:, 0]
        slopes = np.linalg.lstsq(x, outcome, rcond=None)[0]
        return (slopes[1] - 0.2) / np.sqrt(sandwich(x, outcome - x @ slopes, city[:, None], "hc0")[1, 1])

    other = np.linalg.lstsq(x[:, :1], y - 0.2 * x[:, 1], rcond=None)[0]
    fitted = 0.2 * x[:, 1] + x[:, :1] @ other
    drawn = [t(fitted + np.array(signs)[city] * (y - fitted)) for signs in product([-1, 1], repeat=6)]
    # 1e-10: the same algebra, projected draw by draw
    np.testing.assert_allclose(result.statistic, t(y), rtol=1e-10)
    assert result.pvalue == np.mean(np.abs(drawn) >= abs(t(y)) * (1 - 1e-10))


def test_the_interval_holds_exactly_the_nulls_that_are_not_rejected(data):
    fit = panel.fit("stickiness ~ value + trust", data, cluster="city", effects="entity", **KEYS)
    result = panel.wild_cluster_bootstrap(fit, "value", draws=399)
    se = fit.tidy()["se"][0]
    for bound, outward in ((result.ci_lower, -1), (result.ci_upper, 1)):
        inside, outside = (
            panel.wild_cluster_bootstrap(fit, "value", draws=399, null=bound + s * outward * 0.02 * se).pvalue
            for s in (-1, 1)
        )
        assert inside > 0.05 >= outside


def test_it_refuses_what_it_cannot_do(data):
    two = panel.fit("stickiness ~ value", data, cluster=["city", "month"], **KEYS)
    with pytest.raises(panel.PanelError, match="needs one cluster column"):
        panel.wild_cluster_bootstrap(two, "value")
    with pytest.raises(panel.PanelError, match="weights='web' does not exist; did you mean 'webb'"):
        panel.wild_cluster_bootstrap(two, "value", weights="web")


@pytest.mark.slow
def test_with_six_clusters_the_bootstrap_keeps_its_size_where_normal_errors_do_not(platforms):
    rng, normal, wild = np.random.default_rng(0), 0, 0
    for seed in range(200):
        frame = platforms(n_user=24, n_month=4, seed=seed, missing=0.0)
        frame = frame.assign(city=frame["user"].str[-2:].astype(int) % 6)
        shock = rng.normal(size=(6, 5))
        frame["policy"] = shock[frame["city"], frame["month"]] + rng.normal(size=len(frame)) * 0.3
        frame["stickiness"] += 2 * rng.normal(size=(6, 5))[frame["city"], frame["month"]]
        fit = panel.fit("stickiness ~ policy", frame, cluster="city", se_type="hc0", **KEYS)
        normal += fit.tidy()["pvalue"][0] < 0.05
        wild += panel.wild_cluster_bootstrap(fit, "policy", draws=199, level=0.5, seed=seed).pvalue < 0.05
    assert normal > 25
    assert wild <= 20
