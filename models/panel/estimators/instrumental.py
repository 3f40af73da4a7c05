"""Instrumental variables with entity and period effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pandas as pd
from linearmodels.iv import IV2SLS

from models.choices import choices
from models.messages import near_or_all
from models.messages.summary import Summarised
from models.panel.engine.conventions import cluster_factor, cluster_sums
from models.panel.engine.design import FloatArray, check_formula, check_sample, keyed
from models.panel.engine.keys import IntArray
from models.panel.engine.ledger import Ledger, Recorded
from models.panel.engine.reference import check_errors, transform
from models.panel.engine.sample import build_design
from models.panel.engine.transform import check_rank
from models.panel.errors import NotEstimableError, OptionError, check_columns, check_level, check_option
from models.panel.language.grammar import read_factor
from models.panel.options import Absorbed, ClusteredErrors
from models.remarks import Remark, remark
from models.statistics.distributions import chi2_sf, t_quantile, t_two_sided


@dataclass(frozen=True, eq=False, repr=False)
class IVFit(Recorded, Summarised):
    """Two-stage least squares; ``first_stage`` a row an endogenous regressor: term, partial F, p-value, partial R²."""

    names: tuple[str, ...]
    params: FloatArray
    cov: FloatArray
    df: float
    factor: float
    nobs: int
    n_entity: int
    first_stage: pd.DataFrame
    overidentification: float
    overidentification_df: int
    ledger: Ledger

    def tidy(self, level: float = choices.confidence) -> pd.DataFrame:
        """Tabulate the slopes.

        Parameters
        ----------
        level : float
            Coverage of the intervals.

        Returns
        -------
        DataFrame
            ``term group est se statistic pvalue ci_lower ci_upper nobs``, one row a term.

        Raises
        ------
        PanelError
            A level that is no share.
        """
        check_level(level)
        se = np.sqrt(np.diag(self.cov))
        table = pd.DataFrame({"term": self.names, "group": "all", "est": self.params, "se": se})
        table["statistic"] = self.params / se
        table["pvalue"] = t_two_sided(table["statistic"], self.df)
        half = t_quantile(0.5 + level / 2, self.df) * se
        return table.assign(ci_lower=self.params - half, ci_upper=self.params + half, nobs=self.nobs)

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """Why there is no test of overidentification."""
        if self.overidentification_df == 0:
            return (remark("exactly_identified"),)
        return () if np.isfinite(self.overidentification) else (remark("few_clusters_overidentification"),)

    def glance(self) -> pd.DataFrame:
        """Tabulate the fit in one row.

        Returns
        -------
        DataFrame
            Sizes, weakest first-stage F, Hansen's test of overidentification.
        """
        row: dict[str, object] = {"group": "all", "nobs": self.nobs, "n_entity": self.n_entity, "factor": self.factor}
        row["first_stage_F"] = float(self.first_stage["partial_F"].min())
        row["overidentification"], row["overidentification_df"] = self.overidentification, self.overidentification_df
        exact = self.overidentification_df == 0
        row["overidentification_pvalue"] = (
            float("nan") if exact else float(chi2_sf(self.overidentification, self.overidentification_df))
        )
        row["n_dropped"] = self.ledger.lost()
        row["note"] = "; ".join(map(str, self.remarks))
        return pd.DataFrame([row])


def iv(
    formula: str,
    data: pd.DataFrame,
    *,
    endogenous: Sequence[str],
    instruments: Sequence[str],
    entity: str,
    time: str,
    effects: Absorbed = "twoway",
    cluster: str | None = None,
    se_type: ClusteredErrors = "stata",
    freq: str | None = None,
) -> IVFit:
    """Two-stage least squares on variables with the effects taken out (linearmodels), errors clustered.

    First-stage F tests are clustered too; the overidentification test is Hansen's J (1982), doi:10.2307/1912775, of a
    second step with clustered weights.

    Parameters
    ----------
    formula : str
        Outcome and all regressors, as in ``fit``.
    data : DataFrame
        One row an entity and period.
    endogenous : sequence of str
        Terms of the formula that need instruments.
    instruments : sequence of str
        Columns, or lags of columns, that are not in the formula; at least as many.
    entity, time : str
        Key columns.
    effects : {"pooled", "entity", "time", "twoway"}
        Effects taken out before estimation.
    cluster : str, optional
        Column of the clusters; the entity by default.
    se_type : {"stata", "hc0", "hc1"}
        Small-sample convention.
    freq : str, optional
        Length of a period for dates.

    Returns
    -------
    IVFit
        Slopes, first stages and the test of overidentification.

    Raises
    ------
    PanelError
        Too few instruments, unknown columns or options, or a sample that does not identify the slopes.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> log = pd.DataFrame({"user": np.repeat(range(30), 4), "week": np.tile(range(4), 30), "z": rng.normal(size=120)})
    >>> hidden = rng.normal(size=120)
    >>> log["x"] = log["z"] + hidden
    >>> log["y"] = 0.5 * log["x"] + hidden + 0.5 * rng.normal(size=120)
    >>> keys = {"entity": "user", "time": "week"}
    >>> fitted = panel.iv("y ~ x", log, endogenous=["x"], instruments=["z"], **keys)
    >>> fitted.tidy()[["term", "est", "se"]].round(2)
      term   est    se
    0    x  0.55  0.17
    """
    check_option("effects", effects, get_args(Absorbed))
    check_option("se_type", se_type, get_args(ClusteredErrors))
    if not endogenous:
        raise OptionError("endogenous names nothing; name the regressors that instruments stand for")
    if len(instruments) < len(endogenous):
        raise NotEstimableError(remark("few_instruments", m=len(instruments), k=len(endogenous)))
    explained, outside = [read_factor(term) for term in endogenous], [read_factor(z) for z in instruments]
    endogenous, instruments = [f.name for f in explained], [z.name for z in outside]
    for role, names in (("endogenous", endogenous), ("instruments", instruments)):
        if len(set(names)) < len(names):
            raise OptionError(f"{role}={names!r} names a column twice")
    check_columns(data.columns, [("instrument", name) for z in outside for name, _ in z.uses()])
    ledger = Ledger()
    parsed = check_formula(formula, data)
    for instrument in outside:
        if (instrument,) in parsed.terms:
            raise OptionError(
                f"instrument {instrument.name!r} is in the formula; it acts only through what is endogenous"
            )
    parsed = parsed.plus(outside)
    rows = keyed(data, entity, time, None, (cluster,) if cluster else (), ledger)
    design = build_design(
        parsed,
        rows,
        entity=entity,
        time=time,
        clusters=(cluster or entity,),
        intercept=effects == "pooled",
        freq=freq,
        ledger=ledger,
    )
    check_sample(design, effects, time, entity)
    for name in endogenous:
        if name not in design.names:
            raise OptionError(f"endogenous {name!r} is not a term of the formula; {near_or_all(name, design.names)}")
    for z in instruments:
        if z not in design.names:
            raise OptionError(f"instrument {z!r} is no column of numbers; make its categories columns of 0 and 1 first")
    moved = transform(design, effects)
    check_rank(moved.x, design.x, design.names, effects)
    columns = pd.DataFrame(moved.x, columns=list(design.names))
    exogenous = [n for n in design.names if n not in endogenous and n not in instruments]
    codes = moved.clusters[:, 0]
    n, k, g = len(moved.y), len(exogenous) + len(endogenous), int(codes.max()) + 1
    model = IV2SLS(
        moved.y, columns[exogenous] if exogenous else None, columns[list(endogenous)], columns[list(instruments)]
    )
    result: Any = model.fit(cov_type="clustered", clusters=codes, debiased=False)
    check_errors(result.resids.to_numpy(), moved.y, np.asarray(result.cov), tuple(map(str, result.params.index)))
    factor = cluster_factor(se_type, n, k, g)
    first = result.first_stage.diagnostics
    over = 0.0
    if len(instruments) > len(endogenous):
        z = columns[[*exogenous, *instruments]].to_numpy()
        over = hansen(moved.y, columns[[*exogenous, *endogenous]].to_numpy(), z, result.resids.to_numpy(), codes)
    return IVFit(
        names=tuple(map(str, result.params.index)),
        params=result.params.to_numpy(),
        cov=factor * np.asarray(result.cov),
        df={"stata": g - 1.0, "hc0": float("inf"), "hc1": float(n - k)}[se_type],
        factor=factor,
        nobs=n,
        n_entity=design.n_entity,
        first_stage=pd.DataFrame(
            {
                "term": list(endogenous),
                "partial_F": first["f.stat"].to_numpy(dtype=float) / len(instruments),
                "pvalue": first["f.pval"].to_numpy(dtype=float),
                "partial_r2": first["partial.rsquared"].to_numpy(dtype=float),
            }
        ),
        overidentification=over,
        overidentification_df=len(instruments) - len(endogenous),
        ledger=ledger,
    )


def hansen(y: FloatArray, x: FloatArray, z: FloatArray, u: FloatArray, codes: IntArray) -> float:
    r"""Hansen's :math:`J = \hat u'Z S^{-1} Z'\hat u` with :math:`S = \sum_c s_c s_c'`, scores of residuals ``u`` (M,).

    The residuals of J are those of the second step, weighted by S. NaN where clusters are not more than columns of
    ``z`` (M, L), so that S has no inverse.
    """
    z = z / np.linalg.norm(z, axis=0)
    scores = cluster_sums(z * u[:, None], codes)
    if np.linalg.matrix_rank(scores) < z.shape[1]:
        return float("nan")
    weighted = np.linalg.solve(scores.T @ scores, np.column_stack([z.T @ y, z.T @ x]))
    zx = z.T @ x
    slopes = np.linalg.solve(zx.T @ weighted[:, 1:], zx.T @ weighted[:, 0])
    moments = z.T @ (y - x @ slopes)
    return float(moments @ np.linalg.solve(scores.T @ scores, moments))
