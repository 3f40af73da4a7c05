"""Do slopes differ between entities? The random-slope model, a sensitivity check of a common slope."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.choices import choices
from models.messages import near_or_all
from models.messages.summary import Summarised
from models.panel.engine.design import FloatArray, check_formula, check_sample, keyed
from models.panel.engine.large_sample import tidy_normal
from models.panel.engine.ledger import Ledger, Recorded
from models.panel.engine.sample import build_design
from models.panel.engine.transform import check_independent
from models.panel.errors import NotEstimableError, OptionError
from models.panel.estimators.restricted_likelihood import restricted_likelihood
from models.remarks import remark


@dataclass(frozen=True, eq=False, repr=False)
class RandomSlopes(Recorded, Summarised):
    """REML fixed slopes, errors by generalised least squares; ``spread``: deviations of intercept and slope."""

    names: tuple[str, ...]
    params: FloatArray
    cov: FloatArray
    spread: dict[str, float]
    correlation: float
    residual: float
    log_likelihood: float
    nobs: int
    n_entity: int
    ledger: Ledger

    def tidy(self, level: float = choices.confidence) -> pd.DataFrame:
        """Tabulate the slopes and how far they spread.

        Parameters
        ----------
        level : float
            Coverage of the intervals.

        Returns
        -------
        DataFrame
            ``term group est se statistic pvalue ci_lower ci_upper nobs``, one row a term, then one a spread.

        Raises
        ------
        PanelError
            A level that is no share.
        """
        table = tidy_normal(self.names, self.params, np.sqrt(np.diag(self.cov)), level)
        table.insert(1, "group", "all")
        spread = pd.DataFrame({"term": [f"sd({n})" for n in self.spread], "group": "all", "est": self.spread.values()})
        return pd.concat([table, spread], ignore_index=True).assign(nobs=self.nobs)

    def glance(self) -> pd.DataFrame:
        """Tabulate the fit in one row.

        Returns
        -------
        DataFrame
            Sizes, correlation of intercept and slope, deviation of the residuals, log likelihood.
        """
        row: dict[str, object] = {
            "group": "all",
            "nobs": self.nobs,
            "n_entity": self.n_entity,
            "effects": "random slopes",
        }
        row |= {"correlation": self.correlation, "residual": self.residual, "log_likelihood": self.log_likelihood}
        return pd.DataFrame([row | {"n_dropped": self.ledger.lost()}])


def random_slopes(
    formula: str, data: pd.DataFrame, *, entity: str, time: str, slope: str, freq: str | None = None
) -> RandomSlopes:
    """Random intercept and one random ``slope`` by entity, correlated, by REML.

    Parameters
    ----------
    formula : str
        ``"y ~ x"``; add ``C(time)`` for period effects and entity means for a within slope.
    data : DataFrame
        One row an entity and period.
    entity, time : str
        Key columns.
    slope : str
        The term that has a slope of its own in each entity.
    freq : str, optional
        Length of a period for dates.

    Returns
    -------
    RandomSlopes
        Mean slopes, and the spread of intercept and slope over entities.

    Raises
    ------
    PanelError
        Unknown columns or terms, or slopes that do not differ between entities.

    Notes
    -----
    Laird & Ware (1982), doi:10.2307/2529876.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> log = pd.DataFrame({"user": np.repeat(range(30), 4), "week": np.tile(range(4), 30), "x": rng.normal(size=120)})
    >>> level, slope = rng.normal(size=(2, 30))[:, log["user"]]
    >>> log["y"] = level + (1 + slope) * log["x"] + 0.5 * rng.normal(size=120)
    >>> fitted = panel.random_slopes("y ~ x", log, entity="user", time="week", slope="x")
    >>> fitted.tidy()[["term", "est"]].round(1)
                term  est
    0      Intercept -0.2
    1              x  0.9
    2  sd(Intercept)  1.0
    3          sd(x)  0.9
    """
    ledger = Ledger()
    parsed = check_formula(formula, data)
    rows = keyed(data, entity, time, None, (), ledger)
    design = build_design(parsed, rows, entity=entity, time=time, intercept=True, freq=freq, ledger=ledger)
    check_sample(design, "random", time, entity)
    if slope not in design.names:
        raise OptionError(f"slope={slope!r} is not a term of the formula; {near_or_all(slope, design.names)}")
    check_independent(design.x, design.names)
    place = design.names.index(slope)
    random = np.column_stack([np.ones(design.nobs), design.x[:, place]])
    found = restricted_likelihood(design.y, design.x, random, design.entity)
    if found is None:
        raise NotEstimableError(remark("slopes_alike", entity=entity, slope=slope))
    sd = np.sqrt(np.diag(found.cov_random))
    return RandomSlopes(
        names=design.names,
        params=found.params,
        cov=found.cov,
        spread={"Intercept": float(sd[0]), slope: float(sd[1])},
        correlation=float(found.cov_random[0, 1] / (sd[0] * sd[1])) if sd.all() else float("nan"),
        residual=float(np.sqrt(found.residual)),
        log_likelihood=found.log_likelihood,
        nobs=design.nobs,
        n_entity=design.n_entity,
        ledger=ledger,
    )
