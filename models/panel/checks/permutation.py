r"""Draws of a slope in which it is zero: residuals of the model without the regressor, signs turned by entity.

The residuals :math:`\tilde e` of the restricted within regression are exchanged in sign, one sign an entity, and put
back on what the other regressors explain (Freedman & Lane 1983, https://doi.org/10.2307/1391660; signs of whole blocks
keep what goes on within an entity and need no entities of equal length, Winkler et al. 2014,
https://doi.org/10.1016/j.neuroimage.2014.01.060). With :math:`\tilde x` the regressor less effects and other
regressors, and the scores :math:`a_i = \tilde x_i'\tilde e_i`, the slope of a draw is
:math:`\sum_i s_i a_i / \tilde x'\tilde x`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.messages import near_or_all
from models.messages.summary import Summarised
from models.panel.engine.design import FloatArray
from models.panel.engine.results import PanelFit
from models.panel.errors import ColumnError, NotEstimableError
from models.remarks import remark


@dataclass(frozen=True, eq=False, repr=False)
class Turned(Summarised):
    """A slope in draws without its effect (B,), and over the standard error of each draw."""

    slope: FloatArray
    statistic: FloatArray

    def tidy(self) -> pd.DataFrame:
        """Tabulate the draws.

        Returns
        -------
        DataFrame
            ``slope statistic``, one row a draw.
        """
        return pd.DataFrame({"slope": self.slope, "statistic": self.statistic})


def sign_flips(fit: PanelFit, term: str, signs: pd.DataFrame, group: str = "all") -> Turned:
    """Slopes of a regressor in draws in which it has no effect.

    Parameters
    ----------
    fit : PanelFit
        Within or pooled estimates of one sample.
    term : str
        The slope.
    signs : DataFrame
        A column an entity, a row a draw; 1 or −1. Models that share it are drawn together.
    group : str
        Group of the fit.

    Returns
    -------
    Turned
        Slopes and statistics. The errors are summed by entity and then scaled to those of the fit, so that a statistic
        is on the footing of the one in ``fit.tidy()``.

    Raises
    ------
    PanelError
        For an unknown term, an entity without signs, or rows that were streamed.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> log = pd.DataFrame({"user": np.repeat(range(30), 4), "week": np.tile(range(4), 30), "x": rng.normal(size=120)})
    >>> log["y"] = 0.5 * log["x"] + rng.normal(size=120)
    >>> fitted = panel.fit("y ~ x", log, entity="user", time="week", cluster="user")
    >>> signs = pd.DataFrame(rng.choice([-1.0, 1.0], (199, 30)), columns=range(30))
    >>> drawn = panel.sign_flips(fitted, "x", signs)
    >>> bool((np.abs(drawn.statistic) >= abs(fitted.tidy()["statistic"][0])).mean() < 0.05)
    True
    """
    fitted = fit[group]
    transformed, design, estimate = fitted.estimate.transformed, fitted.design, fitted.estimate
    if transformed is None or design is None or estimate.u is None:
        raise NotEstimableError(remark("rows_streamed"), "fit a sample with engine='linearmodels'")
    if term not in estimate.names:
        raise ColumnError(f"{term!r} is not a term of the model; {near_or_all(term, estimate.names)}")
    j = estimate.names.index(term)
    others = np.delete(transformed.x, j, axis=1)
    x, e = _less(transformed.x[:, j], others), _less(transformed.y, others)
    codes, n = design.entity[transformed.rows], design.n_entity
    scores, squares = np.bincount(codes, x * e, minlength=n), np.bincount(codes, x * x, minlength=n)
    if absent := [label for label in design.entity_labels if label not in signs]:
        raise ColumnError(f"signs have no column for {len(absent)} of {n} entities, among them {absent[0]!r}")
    s = signs[design.entity_labels].to_numpy(dtype=float)
    slope = s @ scores / squares.sum()
    errors = np.linalg.norm(s * scores - slope[:, None] * squares, axis=1)
    own = np.linalg.norm(np.bincount(codes, x * estimate.u, minlength=n))
    usual = np.sqrt(estimate.cov[j, j]) * squares.sum()
    return Turned(slope, slope * squares.sum() / errors * own / usual)


def _less(column: FloatArray, others: FloatArray) -> FloatArray:
    """Return what other columns leave of one."""
    return column - others @ np.linalg.lstsq(others, column, rcond=None)[0] if others.shape[1] else column
