"""What a row says of how its slope was estimated: the definition for the effects and clusters of the fit."""

from __future__ import annotations

from models import results
from models.panel.engine.results import PanelFit


def defined(key: str, fit: PanelFit) -> str:
    """Key of a definition for the effects that a fit takes out and the clusters of its errors.

    Parameters
    ----------
    key
        The definition, under its name in `reports/definitions.yaml`.
    fit
        A fit with clustered errors.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> log = pd.DataFrame({"user": np.repeat(range(30), 4), "week": np.tile(range(4), 30), "x": rng.normal(size=120)})
    >>> log["entity"], log["y"] = log["user"], 0.5 * log["x"] + rng.normal(size=120)
    >>> fitted = panel.fit("y ~ x", log, entity="entity", time="week", effects="time", cluster="entity")
    >>> defined("two_way_clustered", fitted)
    'slope_period_effects'
    """
    (cluster,) = fit.spec.cluster
    return results.defined(key, effects=fit.spec.effects, cluster=cluster)
