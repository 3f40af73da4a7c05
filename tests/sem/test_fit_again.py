"""A fit goes to another process as it is, and its sample serves the next model of the same answers."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

from models import sem

MODEL = "trust =~ t1 + t2 + t3\nuse =~ u1 + u2 + u3"
ANSWERS = sem.simulate("trust =~ t1 + t2 + t3; use =~ u1 + u2 + u3; trust ~~ 0.5*use", 200, seed=1)
GAPS = ANSWERS.mask(np.random.default_rng(2).random(ANSWERS.shape) < 0.05)
GROUPS = ANSWERS.assign(platform=np.arange(len(ANSWERS)) % 2)
CATEGORIES = ANSWERS.apply(lambda item: pd.cut(item, [-np.inf, -0.5, 0.5, np.inf], labels=False))


@pytest.mark.parametrize(
    ("answers", "how"),
    [
        *((ANSWERS, {"estimator": estimator}) for estimator in ("ML", "MLR", "MLM", "GLS", "ULS")),
        (GAPS, {"estimator": "MLR", "missing": "fiml"}),
        (GROUPS, {"estimator": "MLR", "group": "platform", "group_equal": "loadings"}),
        (CATEGORIES, {"estimator": "WLSMV", "ordered": True}),
    ],
    ids=lambda value: "answers" if isinstance(value, pd.DataFrame) else " ".join(map(str, value.values())),
)
def test_a_fit_survives_a_change_of_process_and_its_sample_gives_it_again(answers: pd.DataFrame, how: dict) -> None:
    fit = sem.fit(MODEL, answers, **how)
    fit.fit_indices()
    copy = pickle.loads(pickle.dumps(fit))
    pd.testing.assert_frame_equal(copy.tidy(), fit.tidy())
    assert copy.fit_indices() == fit.fit_indices()
    again = sem.fit(MODEL, fit.task.sample, **{key: value for key, value in how.items() if key != "group"})
    # the same minimum from the same moments; covariances that are scaled there and back differ in the last digit
    np.testing.assert_allclose(again.test.statistic, fit.test.statistic, rtol=1e-9)


def test_the_sample_of_least_squares_serves_maximum_likelihood() -> None:
    sample = sem.fit(MODEL, ANSWERS, estimator="ULS").task.sample
    found, expected = (sem.fit(MODEL, data).test.statistic for data in (sample, ANSWERS))
    # covariances divided by n − 1 and multiplied back
    np.testing.assert_allclose(found, expected, rtol=1e-9)
