"""How strong would an unmeasured confounder have to be? Oster's δ, E-values, negative controls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd

from models.choices import choices
from models.messages import near_or_all
from models.messages.summary import Summarised
from models.panel.engine.design import FloatArray
from models.panel.engine.results import PanelFit
from models.panel.errors import ColumnError, NotEstimableError, OptionError, check_level, check_option
from models.panel.estimators import estimation
from models.panel.language.editing import explaining
from models.panel.options import Baseline
from models.remarks import remark
from models.statistics.distributions import normal_quantile


@dataclass(frozen=True, repr=False)
class Oster(Summarised):
    """Selection on unobservables relative to observables.

    ``delta`` is how much stronger it must be to make the slope zero, ``bias_adjusted`` the slope at δ = 1.
    """

    term: str
    group: str
    uncontrolled: float
    controlled: float
    r2_uncontrolled: float
    r2_controlled: float
    r2_max: float
    delta: float
    bias_adjusted: float

    def tidy(self) -> pd.DataFrame:
        """Tabulate the result.

        Returns
        -------
        DataFrame
            One row with all attributes.
        """
        return pd.DataFrame([vars(self)])


def oster(
    fit: PanelFit,
    term: str,
    group: str = "all",
    r2_max: float | None = None,
    baseline: Baseline = "effects",
    r2_ratio: float = choices.oster_r2_ratio,
) -> Oster:
    r"""Oster's bound for a slope.

    With slope and R² without (:math:`\mathring\beta, \mathring R`) and with (:math:`\tilde\beta, \tilde R`) controls,
    variances of outcome, treatment and treatment given controls :math:`\sigma_y^2, \sigma_x^2, \tau_x`, the bias at
    δ = 1 is a root of a quadratic (the one with the sign of the movement :math:`\mathring\beta - \tilde\beta`), and
    ``delta`` makes the slope less the bias zero. R²_max is a multiple of R̃ where it is not given.

    Parameters
    ----------
    fit : PanelFit
        A fit with controls, whose rows are in memory.
    term : str
        The slope to bound.
    group : str
        Group of the fit.
    r2_max : float, optional
        R² of a regression on everything that matters; `r2_ratio` times R̃ by default, at most 1.
    baseline : {"effects", "pooled"}
        What the slope without controls has: the model's effects, in both regressions (R² net of them), or nothing, so
        that the effects count among the controls.
    r2_ratio : float
        R²_max over R̃ where `r2_max` is not given.

    Returns
    -------
    Oster
        Both slopes and R², ``delta`` and the slope less the bias.

    Raises
    ------
    PanelError
        An unknown term or option, a term without controls, an impossible `r2_max`, or a fit whose rows were streamed.

    Notes
    -----
    Oster (2019), doi:10.1080/07350015.2016.1227711, propositions 2 and 3.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> log = pd.DataFrame({"user": np.repeat(range(30), 4), "week": np.tile(range(4), 30), "x": rng.normal(size=120)})
    >>> log["z"] = log["x"] + rng.normal(size=120)
    >>> log["y"] = 0.5 * log["x"] + 0.3 * log["z"] + rng.normal(size=120)
    >>> fitted = panel.fit("y ~ x + z", log, entity="user", time="week")
    >>> bound = panel.oster(fitted, "x")
    >>> round(bound.uncontrolled, 2), round(bound.controlled, 2), round(bound.bias_adjusted, 2)
    (0.89, 0.45, -0.06)
    """
    check_option("baseline", baseline, get_args(Baseline))
    fitted = fit[group]
    transformed, design = fitted.estimate.transformed, fitted.design
    if transformed is None or design is None:
        raise NotEstimableError(remark("rows_streamed"), "fit a sample with engine='linearmodels'")
    names = [n for n in transformed.names if n != "Intercept"]
    if term not in names:
        raise ColumnError(f"{term!r} is not a term of the model; {near_or_all(term, names)}")
    if len(names) == 1 and baseline == "effects":
        raise NotEstimableError(remark("only_regressor", term=term))
    place = {n: j for j, n in enumerate(transformed.names)}
    y, x = _centred(transformed.y), _centred(transformed.x[:, place[term]])
    controls = transformed.x[:, [place[n] for n in names if n != term]]
    controls = controls - controls.mean(axis=0)
    both = np.column_stack([x, controls])
    slopes = np.linalg.lstsq(both, y, rcond=None)[0]
    rest = float(np.sum((y - both @ slopes) ** 2))
    left = x - controls @ np.linalg.lstsq(controls, x, rcond=None)[0]
    if baseline == "pooled":
        y, x = _centred(design.y), _centred(design.x[:, design.names.index(term)])
    short, r2_short = float(x @ y / (x @ x)), float((x @ y) ** 2 / ((x @ x) * (y @ y)))
    long, r2_long = float(slopes[0]), 1 - rest / float(y @ y)
    limit = min(1.0, r2_ratio * r2_long) if r2_max is None else r2_max
    if not r2_long < limit <= 1:
        raise OptionError(remark("r2_max_out_of_range", limit=limit, r2=r2_long))
    var_y, var_x, tau = float(y @ y) / len(y), float(x @ x) / len(y), float(left @ left) / len(y)
    gain, room = (r2_long - r2_short) * var_y, (limit - r2_long) * var_y
    shift = short - long
    top = long * gain * tau + long * var_x * tau * shift**2 + 2 * long**2 * tau * shift * var_x
    top += long**3 * (tau * var_x - tau**2)
    bottom = room * shift * var_x + long * room * (var_x - tau) + long**2 * tau * shift * var_x
    bottom += long**3 * (tau * var_x - tau**2)
    theta = room * (var_x - tau) - gain * tau - var_x * tau * shift**2
    roots = np.roots([-tau * shift * var_x, theta, room * shift * var_x])
    bias = float(roots[np.sign(roots) == np.sign(shift)][0])
    return Oster(term, group, short, long, r2_short, r2_long, limit, top / bottom, long - bias)


def _centred(values: FloatArray) -> FloatArray:
    return values - values.mean()


def e_value(
    fit: PanelFit,
    term: str,
    group: str = "all",
    level: float = choices.confidence,
    interval: tuple[float, float] | None = None,
) -> pd.DataFrame:
    r"""Compute the E-values of a slope and of the end of its interval that is nearer to zero.

    The slope in standard deviations d gives an approximate risk ratio :math:`RR = e^{0.91 d}` and
    :math:`E = RR + \sqrt{RR(RR-1)}`: how strongly a confounder must be tied to both sides to explain it away.

    Parameters
    ----------
    fit : PanelFit
        A fit whose rows are in memory.
    term : str
        The slope.
    group : str
        Group of the fit.
    level : float
        Coverage of the interval.
    interval : (float, float), optional
        Ends of the slope's interval, as a bootstrap gives them; by default those of its standard error.

    Returns
    -------
    DataFrame
        One row: ``term group risk_ratio e_value e_value_bound``.

    Raises
    ------
    PanelError
        An unknown term, or a fit whose rows were streamed.

    Notes
    -----
    VanderWeele & Ding (2017), doi:10.7326/M16-2607; standard deviations net of the model's effects.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> log = pd.DataFrame({"user": np.repeat(range(30), 4), "week": np.tile(range(4), 30), "x": rng.normal(size=120)})
    >>> log["y"] = 0.5 * log["x"] + rng.normal(size=120)
    >>> fitted = panel.fit("y ~ x", log, entity="user", time="week")
    >>> panel.e_value(fitted, "x").round(2)
      term group  risk_ratio  e_value  e_value_bound
    0    x   all        1.42     2.19            1.6
    """
    check_level(level)
    fitted = fit[group]
    e, transformed = fitted.estimate, fitted.estimate.transformed
    if transformed is None:
        raise NotEstimableError(remark("rows_streamed"), "fit a sample with engine='linearmodels'")
    if term not in e.names:
        raise ColumnError(f"{term!r} is not a term of the model; {near_or_all(term, e.names)}")
    j = e.names.index(term)
    scale = float(transformed.x[:, j].std() / transformed.y.std())
    d, se = abs(float(e.params[j])) * scale, float(np.sqrt(e.cov[j, j])) * scale
    near = d - normal_quantile(0.5 + level / 2) * se
    if interval is not None:
        near = scale * (interval[0] if e.params[j] > 0 else -interval[1])
    bound = max(near, 0.0)
    ratios = np.exp(0.91 * np.array([d, bound]))
    values = ratios + np.sqrt(ratios * (ratios - 1))
    row = {"term": term, "group": group, "risk_ratio": ratios[0], "e_value": values[0], "e_value_bound": values[1]}
    return pd.DataFrame([row])


def negative_control(fit: PanelFit, data: pd.DataFrame, outcome: str) -> PanelFit:
    """Fit the same model on an outcome that the regressors cannot affect: slopes away from zero point to confounding.

    Parameters
    ----------
    fit : PanelFit
        The model.
    data : DataFrame
        What it was fitted to.
    outcome : str
        Column that the regressors cannot affect.

    Returns
    -------
    PanelFit
        The fit of that outcome.

    Raises
    ------
    PanelError
        As `fit` raises them.

    Notes
    -----
    Lipsitch, Tchetgen Tchetgen & Cohen (2010), doi:10.1097/EDE.0b013e3181d61eeb.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> log = pd.DataFrame({"user": np.repeat(range(30), 4), "week": np.tile(range(4), 30), "x": rng.normal(size=120)})
    >>> log["y"] = 0.5 * log["x"] + rng.normal(size=120)
    >>> log["birthdays"] = rng.normal(size=120)
    >>> fitted = panel.fit("y ~ x", log, entity="user", time="week")
    >>> panel.negative_control(fitted, log, "birthdays").tidy()[["term", "est", "se"]].round(2)
      term   est    se
    0    x  0.09  0.15
    """
    spec = fit.spec
    return estimation.fit(
        explaining(outcome, spec.formula),
        data,
        entity=spec.entity,
        time=spec.time,
        effects=spec.effects,
        cluster=spec.cluster,
        by=spec.by,
        se_type=spec.se_type,
        bandwidth=spec.bandwidth,
        freq=spec.freq,
        singletons=spec.singletons,
    )
