"""One door to the panel models: a formula in, an immutable result out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from models.panel.conventions import CONVENTIONS
from models.panel.design import Design, Ledger, build_design, check_formula, check_sample, keyed
from models.panel.errors import NotEstimableError, OptionError, check_option
from models.panel.reference import EFFECTS, Estimate, estimate


@dataclass(frozen=True)
class Spec:
    """What was asked for."""

    formula: str
    entity: str
    time: str
    effects: str
    cluster: tuple[str, ...]
    by: str | None
    se_type: str
    bandwidth: int | None
    freq: str | None
    singletons: str


@dataclass(frozen=True)
class GroupFit:
    """One group's estimate with the sample that it rests on (None where the rows were streamed)."""

    group: str
    estimate: Estimate
    design: Design | None
    n_entity: int
    n_time: int
    time_unit: str


@dataclass(frozen=True)
class PanelFit:
    """Fitted panel model, one estimate a group.

    ``not_estimable`` maps a group to the reason; ``dropped`` is the table of group, rule, rows, action of every row
    that a rule removed (or flagged: action "kept").
    """

    spec: Spec
    groups: tuple[GroupFit, ...]
    not_estimable: dict[str, str]
    dropped: pd.DataFrame
    note: str = ""

    def __getitem__(self, group: str) -> GroupFit:
        for g in self.groups:
            if g.group == str(group):
                return g
        reason = self.not_estimable.get(str(group))
        raise OptionError(reason or f"no group {group!r}; there are {', '.join(g.group for g in self.groups)}")

    def tidy(self, level: float = 0.95) -> pd.DataFrame:
        """A row a term and group: term group est se statistic pvalue ci_lower ci_upper nobs."""
        rows = [tidy_terms(g.estimate, level).assign(group=g.group, nobs=g.estimate.nobs) for g in self.groups]
        order = ["term", "group", "est", "se", "statistic", "pvalue", "ci_lower", "ci_upper", "nobs"]
        return pd.concat(rows, ignore_index=True)[order]

    def glance(self) -> pd.DataFrame:
        """A row a group: sizes, fit, the convention of the errors with its factor, the engine, reasons."""
        lost = self.dropped[self.dropped["action"] == "dropped"].groupby("group")["rows"].sum()
        rows: list[dict[str, object]] = []
        for g in self.groups:
            e = g.estimate
            rows.append(
                {
                    "group": g.group,
                    "nobs": e.nobs,
                    "n_entity": g.n_entity,
                    "n_time": g.n_time,
                    "r2_within": e.r2_within,
                    "r2_between": e.r2_between,
                    "r2_overall": e.r2_overall,
                    "effects": self.spec.effects,
                    "cluster": " + ".join(self.spec.cluster),
                    "n_clusters": min(e.n_clusters) if e.n_clusters else e.nobs,
                    "se_type": self.spec.se_type,
                    "factor": e.factor,
                    "factor_formula": e.factor_formula,
                    "df": e.df,
                    "engine": e.engine,
                    "time_unit": g.time_unit,
                    "n_dropped": int(lost.get(g.group, 0)),
                    "note": self.note,
                }
            )
        for group, reason in self.not_estimable.items():
            rows.append(
                {
                    "group": group,
                    "nobs": 0,
                    "effects": self.spec.effects,
                    "se_type": self.spec.se_type,
                    "n_dropped": int(lost.get(group, 0)),
                    "note": reason,
                }
            )
        return pd.DataFrame(rows)


def tidy_terms(e: Estimate, level: float = 0.95) -> pd.DataFrame:
    """Estimates with t (or, for infinite df, normal) inference."""
    se = np.sqrt(np.diag(e.cov))
    statistic = e.params / se
    reference = stats.t(e.df) if np.isfinite(e.df) else stats.norm()
    half = reference.ppf(0.5 + level / 2) * se
    return pd.DataFrame(
        {
            "term": list(e.names),
            "est": e.params,
            "se": se,
            "statistic": statistic,
            "pvalue": 2 * reference.sf(np.abs(statistic)),
            "ci_lower": e.params - half,
            "ci_upper": e.params + half,
        }
    )


def fit(
    formula: str,
    data: pd.DataFrame,
    *,
    entity: str,
    time: str,
    effects: str = "twoway",
    cluster: str | Sequence[str] | None = None,
    by: str | None = None,
    se_type: str = "stata",
    bandwidth: int | None = None,
    freq: str | None = None,
    singletons: str = "keep",
) -> PanelFit:
    """Estimate a linear panel model, separately for each group of ``by``.

    Parameters
    ----------
    formula : str
        ``"y ~ a + b + a:c + C(d) + lag(e, 2)"``. Lags and leads look up the same entity that many *periods* away.
    data : DataFrame
        One row an entity and period (within a group).
    entity, time : str
        Key columns. Time is a whole number, a date or a pandas period.
    effects : {"pooled", "between", "random", "entity", "time", "twoway", "first-difference", "mundlak"}
        ``mundlak`` is random effects with the entity means of the regressors; its slopes are the within slopes.
    cluster : str or sequence of str, optional
        One or two columns; the entity by default. An empty sequence gives heteroskedasticity-robust errors.
    by : str, optional
        Groups with their own slopes, effects and sample.
    se_type : {"stata", "hc0", "hc1", "linearmodels", "classical", "driscoll-kraay"}
        Small-sample convention; ``stata`` is plm's ``sss``. The factor is shown by ``glance()``.
    bandwidth : int, optional
        Lags of the Driscoll–Kraay kernel; ⌊T^(1/4)⌋ by default.
    freq : str, optional
        Length of a period for dates (``"M"``, ``"W"`` …); read off the dates by default.
    singletons : {"keep", "drop"}
        Entities with a single row are kept and counted, as Stata's ``xtreg`` and plm do, or dropped and counted.

    Returns
    -------
    PanelFit
        With ``tidy()``, ``glance()``, ``dropped`` and ``not_estimable``.

    Raises
    ------
    PanelError
        A subclass says what was found, what was expected and what to do.
    """
    spec = make_spec(formula, entity, time, effects, cluster, by, se_type, bandwidth, freq, singletons)
    parsed = check_formula(formula, data)
    ledger = Ledger()
    rows = keyed(data, entity, time, by, spec.cluster, ledger)
    parts = [("all", rows)] if by is None else [(str(g), part) for g, part in rows.groupby(by, observed=True)]
    groups: list[GroupFit] = []
    failed: dict[str, str] = {}
    for name, part in parts:
        try:
            design = build_design(
                parsed,
                part,
                entity=entity,
                time=time,
                clusters=spec.cluster,
                intercept=effects in ("pooled", "between", "random", "mundlak"),
                freq=freq,
                singletons=singletons,
                group=name,
                ledger=ledger,
            )
            check_sample(design, effects, time, entity)
            result = estimate(design, effects, se_type, bandwidth)
        except NotEstimableError as error:
            if by is None:
                raise
            failed[name] = f"not estimable, because {error}"
            continue
        groups.append(GroupFit(name, result, design, design.n_entity, design.n_time, design.time_unit))
    if not groups:
        raise NotEstimableError("no group can be estimated: " + "; ".join(f"{g}: {r}" for g, r in failed.items()))
    if by is not None:
        shared = rows.groupby(entity)[by].nunique()
        several = shared.index[shared > 1]
        note = f"{entity} in several groups of {by}: {len(several)} (their common errors enter comparisons of groups)"
        ledger.add("all", note, int(rows[entity].isin(several).sum()), "kept")
    return PanelFit(spec, tuple(groups), failed, ledger.table())


def make_spec(
    formula: str,
    entity: str,
    time: str,
    effects: str,
    cluster: str | Sequence[str] | None,
    by: str | None,
    se_type: str,
    bandwidth: int | None,
    freq: str | None,
    singletons: str,
) -> Spec:
    """Check the options before anything is computed."""
    check_option("effects", effects, EFFECTS)
    check_option("se_type", se_type, CONVENTIONS)
    check_option("singletons", singletons, ("keep", "drop"))
    names = (entity,) if cluster is None else (cluster,) if isinstance(cluster, str) else tuple(cluster)
    if len(names) > 2:
        raise OptionError(f"cluster: one or two columns, not {len(names)} ({', '.join(names)})")
    if entity == time:
        raise OptionError(f"entity and time are both {entity!r}; they must be two columns")
    if by is not None and by in (entity, time):
        raise OptionError(f"by={by!r} is the {'entity' if by == entity else 'time'} column; name a column of groups")
    return Spec(formula, entity, time, effects, names, by, se_type, bandwidth, freq, singletons)
