"""The reference engine: linearmodels' panel estimators, or its errors of transformed rows, under a named convention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pandas as pd
from linearmodels.panel import BetweenOLS, PanelOLS, PooledOLS, RandomEffects
from linearmodels.panel.utility import AbsorbingEffectError, check_absorbed

from models.panel.engine.conventions import CONVENTIONS, cluster_factor, cluster_meats, cluster_sums
from models.panel.engine.design import Design, FloatArray
from models.panel.engine.keys import IntArray
from models.panel.engine.least_squares import UNCOUNTED, least_squares
from models.panel.engine.transform import check_rank, demean, demean_twoway, first_difference, group_means
from models.panel.errors import NotEstimableError, NoWithinVariationError, OptionError, effects_said
from models.panel.options import Effects
from models.remarks import remark

EFFECTS = get_args(Effects)
WITHIN = ("entity", "time", "twoway")
# Effects that least squares on transformed rows takes in.
ABSORBING = (*WITHIN, "pooled", "first-difference")


@dataclass(frozen=True, eq=False)
class Transformed:
    """Least squares of ``y`` (M,) on ``x`` (M, k) is the estimator; ``rows`` (M,) or (M by entity) index the design."""

    y: FloatArray
    x: FloatArray
    names: tuple[str, ...]
    clusters: IntArray
    rows: IntArray


@dataclass(frozen=True, eq=False)
class Estimate:
    """Slopes (k,), covariance (k, k) and what they rest on; ``u`` (M,) are residuals of the transformed regression."""

    params: FloatArray
    cov: FloatArray
    names: tuple[str, ...]
    df: float
    nobs: int
    n_clusters: tuple[int, ...]
    factor: float
    factor_formula: str
    r2_within: float
    r2_between: float
    r2_overall: float
    engine: str
    transformed: Transformed | None
    u: FloatArray | None

    @property
    def regressors(self) -> list[str]:
        """Names of the slopes: all but the intercept, which models without effects have."""
        return [name for name in self.names if name != "Intercept"]


def estimate(design: Design, effects: str, se_type: str, bandwidth: int | None = None) -> Estimate:
    """Estimate one sample with linearmodels."""
    names, x = design.names, design.x
    _check_inference(design, effects, se_type)
    if effects == "mundlak":
        names, x = with_means(design)
    quasi = effects in ("random", "mundlak")
    if quasi:
        check_rank(x, x, names, "random")
    else:
        transformed = transform(design, effects)
        check_rank(transformed.x, x, names, effects)
    df_resid = s2 = np.nan
    try:
        if effects in ABSORBING and se_type in UNCOUNTED:
            if effects in WITHIN:
                check_absorbed(transformed.x, list(names), x - x.mean(0))
            rows = transformed.y, transformed.x, transformed.clusters, design.period[transformed.rows]
            params, cov = least_squares(*rows, se_type, _bandwidth(design, bandwidth))
        else:
            result = _fitted(design, x, transformed if not quasi else None, effects, se_type, bandwidth)
            params, cov = result.params.to_numpy(dtype=float), np.asarray(result.cov, dtype=float)
            df_resid, s2 = float(result.df_resid), float(result.s2)
    except AbsorbingEffectError as error:
        raise NoWithinVariationError(
            remark("level_beyond_variation", terms=list(names), effects=effects_said(effects)),
            "subtract the level or change the unit",
        ) from error
    except (ValueError, ZeroDivisionError, np.linalg.LinAlgError) as error:
        raise NotEstimableError(remark("linearmodels_finds", text=" ".join(str(error).split()))) from error
    if quasi:
        transformed = quasi_demean(design, x, names, result.theta["theta"].to_numpy(dtype=float))
    u = transformed.y - transformed.x @ params
    clustered = transformed.clusters.shape[1] and se_type not in ("classical", "driscoll-kraay")
    counts = tuple(int(len(np.unique(c))) for c in transformed.clusters.T) if clustered else ()
    check_errors(u, transformed.y, cov, names)
    values = np.column_stack([design.y, x @ params])
    factor, text = _factor(se_type, transformed, u, cov, counts, s2)
    return Estimate(
        params=params,
        cov=cov,
        names=names,
        df=_reference_df(se_type, counts, len(u), len(params), design.n_time, df_resid),
        nobs=len(u),
        n_clusters=counts,
        factor=factor,
        factor_formula=text,
        r2_within=squared_correlation(demean(values, design.entity)),
        r2_between=squared_correlation(group_means(values, design.entity)),
        r2_overall=squared_correlation(values),
        engine="linearmodels",
        transformed=transformed,
        u=u,
    )


def _fitted(
    design: Design, x: FloatArray, changed: Transformed | None, effects: str, se_type: str, bandwidth: int | None
) -> Any:
    """Return the result of linearmodels' own model, for weighted rows and conventions that count the effects."""
    index = pd.MultiIndex.from_arrays([design.entity, design.period], names=["entity", "time"])
    y, clusters = design.y, design.clusters
    if effects == "first-difference":
        assert changed is not None
        index, y, x, clusters = index[changed.rows], changed.y, changed.x, changed.clusters
    elif effects in WITHIN:  # they absorb any level; without it a small variation on a large level stays visible
        y, x = y - y.mean(), x - x.mean(0)
    exog = pd.DataFrame(x, index=index, columns=[f"x{j}" for j in range(x.shape[1])])
    options = _options(se_type, effects, clusters, index, bandwidth, design)
    return _model(effects, pd.Series(y, index=index, name="y"), exog).fit(**options)


def _model(effects: str, dependent: pd.Series, exog: pd.DataFrame) -> Any:
    if effects in WITHIN:
        return PanelOLS(dependent, exog, entity_effects=effects != "time", time_effects=effects != "entity")
    plain = {"pooled": PooledOLS, "first-difference": PooledOLS, "between": BetweenOLS}
    return plain.get(effects, RandomEffects)(dependent, exog)


def squared_correlation(values: FloatArray) -> float:
    """R² as the squared correlation of y and xβ, the columns of ``values`` (n, 2): comparable over estimators."""
    y, fitted = (values - values.mean(0)).T
    spread = float((y @ y) * (fitted @ fitted))
    return float((y @ fitted) ** 2 / spread) if spread > 1e-20 * float((values**2).sum()) else float("nan")


def transform(design: Design, effects: str) -> Transformed:
    """Return the pooled, between, within or differenced form of a design."""
    if effects == "first-difference":
        changes, rows = first_difference(np.column_stack([design.y, design.x]), design.entity, design.period)
        return Transformed(changes[:, 0], changes[:, 1:], design.names, design.clusters[rows], rows)
    values = np.column_stack([design.y, design.x])
    if effects in WITHIN:
        values = values - values.mean(0)
    rows = np.arange(design.nobs)
    clusters = design.clusters
    if effects == "entity":
        values = demean(values, design.entity)
    elif effects == "time":
        values = demean(values, design.time)
    elif effects == "twoway":
        values = demean_twoway(values, design.entity, design.time)
    elif effects == "between":
        values = group_means(values, design.entity)
        rows = np.unique(design.entity, return_index=True)[1]
        clusters = clusters[rows]
    return Transformed(values[:, 0], values[:, 1:], design.names, clusters, rows)


def quasi_demean(design: Design, x: FloatArray, names: tuple[str, ...], theta: FloatArray) -> Transformed:
    """Random effects as least squares: each value less θ_i times its entity mean."""
    values = np.column_stack([design.y, x])
    weights = np.broadcast_to(theta, design.n_entity) if theta.size == 1 else theta
    values = values - weights[design.entity][:, None] * group_means(values, design.entity)[design.entity]
    return Transformed(values[:, 0], values[:, 1:], names, design.clusters, np.arange(design.nobs))


def with_means(design: Design) -> tuple[tuple[str, ...], FloatArray]:
    """Mundlak's device: entity means of the regressors that vary within entities join the regressors."""
    means = group_means(design.x, design.entity)[design.entity]
    scale = np.linalg.norm(design.x, axis=0)
    varies = np.linalg.norm(design.x - means, axis=0) > 1e-9 * np.maximum(scale, 1e-300)
    names = design.names + tuple(f"mean({n})" for n, v in zip(design.names, varies, strict=True) if v)
    return names, np.column_stack([design.x, means[:, varies]])


def _options(
    se_type: str, effects: str, clusters: IntArray, index: pd.Index, bandwidth: int | None, design: Design
) -> dict[str, Any]:
    options: dict[str, Any] = dict(CONVENTIONS[se_type].options)
    if effects in WITHIN and se_type not in ("linearmodels", "classical"):
        options |= {"auto_df": False, "count_effects": False}
    if effects in ("random", "mundlak"):
        options["small_sample"] = True
    if se_type == "classical":
        return options | {"cov_type": "unadjusted"}
    if se_type == "driscoll-kraay":
        return options | {"cov_type": "kernel", "kernel": "bartlett", "bandwidth": _bandwidth(design, bandwidth)}
    if clusters.shape[1] == 0:
        options.pop("group_debias", None)
        return options | {"cov_type": "robust"}
    frame = pd.DataFrame(clusters, index=index, columns=[f"c{j}" for j in range(clusters.shape[1])])
    return options | {"cov_type": "clustered", "clusters": frame}


def _bandwidth(design: Design, asked: int | None) -> int:
    return int(design.n_time**0.25) if asked is None else asked


def _check_inference(design: Design, effects: str, se_type: str) -> None:
    if effects != "between":
        return
    if se_type == "driscoll-kraay":
        raise OptionError("driscoll-kraay needs several periods; between effects have one mean an entity: take 'stata'")
    for codes in design.clusters.T:
        pairs = len(np.unique(np.column_stack([design.entity, codes]), axis=0))
        if pairs > design.n_entity:
            raise OptionError("between effects: a cluster varies within an entity; cluster by the entity or above it")


def check_errors(u: FloatArray, y: FloatArray, cov: FloatArray, names: tuple[str, ...]) -> None:
    """Raise where residuals ``u`` (M,) of ``y`` (M,) are zero, or a slope's variance is not positive."""
    if u @ u <= 1e-20 * (y @ y) or y @ y == 0:
        raise NotEstimableError(remark("exact_fit"))
    lost = [n for n, v in zip(names, np.diag(cov), strict=True) if not v > 0]
    if lost:
        raise NotEstimableError(
            remark("few_clusters_variance", terms=lost), "cluster by one column, or by one with more values"
        )


def _factor(
    se_type: str, transformed: Transformed, u: FloatArray, cov: FloatArray, counts: tuple[int, ...], s2: float
) -> tuple[float, str]:
    formula = CONVENTIONS[se_type].formula
    nobs, k = transformed.x.shape
    if se_type == "driscoll-kraay":
        return 1.0, formula
    if se_type == "classical":
        return s2 * nobs / float(u @ u), f"{formula} (factor on RSS/N)"
    if se_type == "linearmodels":
        codes = cluster_meats(transformed.clusters) if counts else [(1, np.arange(nobs))]
        bread = np.linalg.inv(transformed.x.T @ transformed.x)
        sums = [(sign, cluster_sums(transformed.x * u[:, None], c)) for sign, c in codes]
        plain = bread @ sum(sign * s.T @ s for sign, s in sums) @ bread
        return float(cov[0, 0] / plain[0, 0]), formula
    if not counts:
        return nobs / (nobs - k) if se_type in ("stata", "hc1") else 1.0, "N/(N-k)" if se_type != "hc0" else "1"
    shown = [cluster_factor(se_type, nobs, k, g) for g in counts]
    text = formula if len(counts) == 1 else formula + " = " + ", ".join(f"{f:.6g}" for f in shown) + " by dimension"
    return shown[0] if len(counts) == 1 else float("nan"), text


def _reference_df(se_type: str, counts: tuple[int, ...], nobs: int, k: int, n_time: int, df_resid: float) -> float:
    if se_type == "hc0":
        return float("inf")
    if se_type == "driscoll-kraay":
        return n_time - 1.0
    if se_type == "stata" and counts:
        return min(counts) - 1.0
    if se_type in ("stata", "hc1"):
        return float(nobs - k)
    return df_resid
