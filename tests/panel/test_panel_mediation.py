"""Lagged mediation: recovery, and the joint covariance of two fits on the same users."""

import numpy as np
import pandas as pd
import pytest

from models import panel

KEYS = {"entity": "user", "time": "month"}


def chain(n_user=400, n_month=8, a=0.5, b=0.4, direct=0.0, seed=0):
    rng = np.random.default_rng(seed)
    liking = rng.normal(size=(n_user, 1))
    x, m, y = (rng.normal(size=(n_user, n_month)) + liking for _ in range(3))
    m[:, 1:] += a * x[:, :-1]
    y[:, 2:] += b * m[:, 1:-1] + direct * x[:, :-2]
    frame = pd.DataFrame({"user": np.repeat(np.arange(n_user), n_month), "month": np.tile(np.arange(n_month), n_user)})
    return frame.assign(x=x.ravel(), m=m.ravel(), y=y.ravel())


def test_the_indirect_effect_is_found_and_its_absence_too():
    for b, expected in ((0.4, True), (0.0, False)):
        data = chain(b=b)
        result = panel.mediation(
            panel.fit("m ~ lag(x)", data, **KEYS), panel.fit("y ~ lag(m) + lag(x, 2)", data, **KEYS), "lag(x)", "lag(m)"
        )
        assert abs(result.indirect - 0.5 * b) < 3.5 * result.se  # 3.5 standard errors
        assert (result.ci_lower > 0) == expected
        assert (result.pvalue < 0.01) == expected
        again = panel.mediation(
            panel.fit("m ~ lag(x)", data, **KEYS), panel.fit("y ~ lag(m) + lag(x, 2)", data, **KEYS), "lag(x)", "lag(m)"
        )
        assert again == result


def test_the_same_fit_twice_has_the_covariance_of_one():
    """With a = b from one fit, Var(ab) is that of a square: (2a)² Var(a)."""
    fit = panel.fit("m ~ lag(x)", chain(), **KEYS)
    result = panel.mediation(fit, fit, "lag(x)", "lag(x)")
    np.testing.assert_allclose(result.se, 2 * result.a * fit.tidy()["se"][0], rtol=1e-9)  # an identity


def test_streamed_fits_mediate_alike_or_say_why_not():
    data = chain(n_user=60).assign(x1=lambda d: d.groupby("user")["x"].shift())
    one, streamed = (panel.fit("m ~ lag(x)", data, engine=e, **KEYS) for e in ("linearmodels", "streaming"))
    ses = [panel.mediation(f, f, "lag(x)", "lag(x)").se for f in (one, streamed)]
    np.testing.assert_allclose(*ses, rtol=1e-8)  # the same sums in another order
    pieces = panel.fit_stream("m ~ x1", lambda: [data], fallback=False, **KEYS)
    with pytest.raises(panel.PanelError, match="streamed from pieces and clusters cannot be matched"):
        panel.mediation(pieces, pieces, "x1", "x1")


def test_fits_must_match():
    data = chain(n_user=30)
    one, other = panel.fit("m ~ lag(x)", data, **KEYS), panel.fit("y ~ lag(m)", data, se_type="hc0", **KEYS)
    with pytest.raises(panel.PanelError, match="differ in the clusters of their errors"):
        panel.mediation(one, other, "lag(x)", "lag(m)")
