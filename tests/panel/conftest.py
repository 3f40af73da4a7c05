import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

FIXTURES = Path(__file__).parents[1] / "fixtures" / "panel"


@pytest.fixture(scope="session")
def fixture_frame():
    return lambda name: pd.read_csv(FIXTURES / f"{name}.csv")


@pytest.fixture(scope="session")
def fixture_json():
    return lambda name: json.loads((FIXTURES / f"{name}.json").read_text())


@pytest.fixture(scope="session")
def platforms():
    """Users on three platform types; trust has no effect on content platforms."""

    def simulate(n_user=120, n_month=10, missing=0.15, seed=0, slopes=None):
        slopes = slopes or {"content": 0.0, "social": 0.5, "vertical": 0.3}
        rng = np.random.default_rng(seed)
        kinds = np.array(list(slopes))
        user, month = np.repeat(np.arange(n_user), n_month), np.tile(np.arange(n_month), n_user)
        kind = kinds[user % len(kinds)]
        liking, season = rng.normal(size=n_user)[user], rng.normal(size=n_month)[month]
        frame = pd.DataFrame({"user": [f"u{i:05d}" for i in user], "month": month + 1, "platform_type": kind})
        for name in ("value", "trust", "participation"):
            frame[name] = rng.normal(size=len(user)) + 0.6 * liking + 0.3 * season
        shock = rng.normal(size=len(user)) * np.exp(0.2 * liking)
        effect = pd.Series(kind).map(slopes).to_numpy(dtype=float)
        frame["stickiness"] = 0.3 * frame["value"] + effect * frame["trust"] + 0.2 * frame["participation"]
        frame["stickiness"] += liking + season + shock
        return frame[rng.random(len(user)) >= missing].sample(frac=1, random_state=seed).reset_index(drop=True)

    return simulate
