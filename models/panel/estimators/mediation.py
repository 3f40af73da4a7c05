"""Does a cause act through a mediator? Products of lagged within slopes from two fits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.choices import choices
from models.messages import near_or_all
from models.messages.summary import Summarised
from models.panel.engine.joint import joint_covariance
from models.panel.engine.results import GroupFit, PanelFit
from models.panel.errors import ColumnError, NotEstimableError, OptionError, check_draws, check_level
from models.remarks import remark


@dataclass(frozen=True, repr=False)
class Mediation(Summarised):
    """Indirect effect a·b with its delta-method error and Monte Carlo interval, and the two paths."""

    group: str
    cause: str
    mediator: str
    a: float
    b: float
    indirect: float
    se: float
    pvalue: float
    ci_lower: float
    ci_upper: float
    draws: int
    nobs: int
    n_entity: int
    se_type: str

    def tidy(self) -> pd.DataFrame:
        """Tabulate the effect.

        Returns
        -------
        DataFrame
            ``term group cause mediator a b est se pvalue ci_lower ci_upper``, one row; `est` is the indirect effect.
        """
        row: dict[str, object] = {
            "term": "indirect",
            "group": self.group,
            "cause": self.cause,
            "mediator": self.mediator,
        }
        row |= {"a": self.a, "b": self.b, "est": self.indirect, "se": self.se, "pvalue": self.pvalue}
        return pd.DataFrame([row | {"ci_lower": self.ci_lower, "ci_upper": self.ci_upper}])

    def glance(self) -> pd.DataFrame:
        """Tabulate the sample in one row.

        Returns
        -------
        DataFrame
            Sizes of the fit of the outcome, convention of the errors, draws behind the interval.
        """
        row: dict[str, object] = {"group": self.group, "nobs": self.nobs, "n_entity": self.n_entity}
        return pd.DataFrame([row | {"se_type": self.se_type, "draws": self.draws}])


def mediation(
    to_mediator: PanelFit,
    to_outcome: PanelFit,
    cause: str,
    mediator: str,
    *,
    group: str = "all",
    level: float = choices.confidence,
    draws: int = choices.mediation_draws,
    seed: int = 0,
) -> Mediation:
    r"""Indirect effect of ``cause`` (a term of the first fit) through ``mediator`` (a term of the second).

    For time order, let the mediator follow the cause and the outcome the mediator: ``"m ~ lag(x) + lag(m)"`` and
    ``"y ~ lag(m) + lag(x, 2) + lag(y)"``. The two slopes' covariance comes from the clusters (or, with
    Driscoll–Kraay errors, the periods) that both fits share; the
    interval is that of the product of bivariate normal draws; the p-value is twice the smaller tail.

    Parameters
    ----------
    to_mediator, to_outcome : PanelFit
        Fits of the mediator and of the outcome, with the same clusters and convention.
    cause, mediator : str
        Terms of the first and of the second fit.
    group : str
        Group of both fits.
    level : float
        Coverage of the interval.
    draws : int
        Draws of the two slopes.
    seed : int
        Seed of the draws.

    Returns
    -------
    Mediation
        Both slopes, their product, its delta-method error, p-value and interval.

    Raises
    ------
    OptionError
        An unknown term or group, or fits whose errors are of two kinds.
    NotEstimableError
        A fit whose rows were streamed from pieces.

    Notes
    -----
    Cole & Maxwell (2003), doi:10.1037/0021-843X.112.4.558; Preacher & Selig (2012), doi:10.1080/19312458.2012.679848.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> log = pd.DataFrame({"user": np.repeat(range(30), 4), "week": np.tile(range(4), 30), "x": rng.normal(size=120)})
    >>> log["m"] = 0.5 * log["x"] + rng.normal(size=120)
    >>> log["y"] = 0.5 * log["m"] + rng.normal(size=120)
    >>> to_mediator = panel.fit("m ~ x", log, entity="user", time="week")
    >>> to_outcome = panel.fit("y ~ m + x", log, entity="user", time="week")
    >>> found = panel.mediation(to_mediator, to_outcome, "x", "m", draws=1000)
    >>> round(found.a, 2), round(found.b, 2), round(found.indirect, 2)
    (0.5, 0.64, 0.32)
    """
    check_level(level)
    check_draws(draws)
    specs = [(s.cluster, s.se_type, s.bandwidth) for s in (to_mediator.spec, to_outcome.spec)]
    if specs[0] != specs[1]:
        raise OptionError("both fits must have the same cluster and se_type, and one bandwidth")
    first, second = to_mediator[group], to_outcome[group]
    if first.design is None or second.design is None:
        raise NotEstimableError(remark("clusters_unmatched"), "use fit, not fit_stream")
    i, j = _place(first, cause), _place(second, mediator)
    a, b = float(first.estimate.params[i]), float(second.estimate.params[j])
    (own, cross), (_, other) = joint_covariance([first, second], to_mediator.spec)
    cov = np.array([[own[i, i], cross[i, j]], [cross[i, j], other[j, j]]])
    gradient = np.array([b, a])
    product = np.random.default_rng(seed).multivariate_normal([a, b], cov, size=draws).prod(axis=1)
    lower, upper = np.quantile(product, [0.5 - level / 2, 0.5 + level / 2])
    tail = min(np.mean(product <= 0), np.mean(product >= 0))
    se = float(np.sqrt(gradient @ cov @ gradient))
    pvalue = min(1.0, 2 * max(float(tail), 1 / draws))
    return Mediation(
        group=group,
        cause=cause,
        mediator=mediator,
        a=a,
        b=b,
        indirect=a * b,
        se=se,
        pvalue=pvalue,
        ci_lower=float(lower),
        ci_upper=float(upper),
        draws=draws,
        nobs=second.estimate.nobs,
        n_entity=second.n_entity,
        se_type=to_outcome.spec.se_type,
    )


def _place(fitted: GroupFit, term: str) -> int:
    if term not in fitted.estimate.names:
        raise ColumnError(f"{term!r} is not a term of the model; {near_or_all(term, fitted.estimate.names)}")
    return fitted.estimate.names.index(term)
