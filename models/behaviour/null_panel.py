"""A panel as it would be if no measure had anything to do with another."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from models.panel.engine.transform import demean_twoway


def unrelated(data: pd.DataFrame, measures: Iterable[str], rng: np.random.Generator) -> pd.DataFrame:
    """The panel with the deviations of whole users turned at random, each measure on its own.

    Deviations are those from the effects of user and period. With one sign for all periods of a user each measure keeps
    its own past, its spread, its gaps and what is stable about users, while it goes with no other measure and no
    start of a roll-out within users (Winkler et al. 2014, https://doi.org/10.1016/j.neuroimage.2014.01.060).

    Parameters
    ----------
    data
        One row an entity and period, with `entity` and `time`.
    measures
        Columns that are turned.
    """
    out = data.copy()
    for measure in measures:
        known = data[measure].notna().to_numpy()
        entity, users = pd.factorize(data.loc[known, "entity"])
        if len(users) == 0:
            continue
        time, _ = pd.factorize(data.loc[known, "time"], sort=True)
        values = data.loc[known, measure].to_numpy(float)
        residuals = demean_twoway(values[:, None], entity, time)[:, 0]
        signs = rng.choice([-1.0, 1.0], len(users))
        out[measure] = out[measure].astype(float)
        out.loc[known, measure] = values + (signs[entity] - 1) * residuals
    return out
