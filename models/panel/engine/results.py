"""What a panel model returns: immutable, tidy, with its sample, its convention and its reasons."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from models.choices import choices
from models.messages.summary import Summarised, Summary, rows_left_out
from models.panel.engine.design import Design, FloatArray
from models.panel.engine.ledger import Ledger, Recorded
from models.panel.engine.reference import Estimate
from models.panel.errors import OptionError, check_level
from models.panel.options import Effects, Errors, Singletons
from models.remarks import Remark
from models.statistics.distributions import t_quantile, t_two_sided


@dataclass(frozen=True)
class Spec:
    """What was asked for."""

    formula: str
    entity: str
    time: str
    effects: Effects
    cluster: tuple[str, ...]
    by: str | None
    se_type: Errors
    bandwidth: int | None
    freq: str | None
    singletons: Singletons


@dataclass(frozen=True, eq=False, repr=False)
class GroupFit(Summarised):
    """One group's estimate with the sample that it rests on (None where the rows were streamed from pieces).

    ``contributions``, of streamed groups whose clusters may have rows in other groups: labels (G,) and scores times
    bread (G, k), which multiply up to the covariance.
    """

    group: str
    estimate: Estimate
    design: Design | None
    n_entity: int
    n_time: int
    time_unit: str
    note: str = ""
    contributions: tuple[np.ndarray, FloatArray] | None = None


@dataclass(frozen=True, eq=False, repr=False)
class PanelFit(Recorded, Summarised):
    """Fitted panel model, one estimate a group.

    ``not_estimable`` maps a group to the reason; ``ledger`` has every row that a rule removed or flagged,
    which ``dropped`` tabulates.
    """

    spec: Spec
    groups: tuple[GroupFit, ...]
    not_estimable: dict[str, Remark]
    ledger: Ledger

    def __getitem__(self, group: str) -> GroupFit:
        """Return the fit of one group by its name."""
        for g in self.groups:
            if g.group == str(group):
                return g
        reason = self.not_estimable.get(str(group))
        raise OptionError(reason or f"no group {group!r}; there are {', '.join(g.group for g in self.groups)}")

    def annotated(self, note: str) -> PanelFit:
        """Return the same fit with a note on every group.

        Parameters
        ----------
        note : str
            What is said, after what each group's note says already.

        Returns
        -------
        PanelFit
            This fit is left as it is.

        Examples
        --------
        >>> import numpy as np
        >>> import pandas as pd
        >>> from models import panel
        >>> log = pd.DataFrame({"user": np.repeat(range(30), 4), "week": np.tile(range(4), 30)})
        >>> log[["x", "y"]] = np.random.default_rng(1).normal(size=(120, 2))
        >>> fitted = panel.fit("y ~ x", log, entity="user", time="week")
        >>> fitted.annotated("a random sample of users").glance()["note"].tolist()
        ['a random sample of users']
        """
        return replace(
            self, groups=tuple(replace(g, note=f"{g.note}; {note}" if g.note else note) for g in self.groups)
        )

    def tidy(self, level: float = choices.confidence) -> pd.DataFrame:
        """Tabulate the slopes.

        Parameters
        ----------
        level : float
            Coverage of the intervals.

        Returns
        -------
        DataFrame
            ``term group est se statistic pvalue ci_lower ci_upper nobs``, one row a term and group.

        Raises
        ------
        PanelError
            A level that is no share.
        """
        rows = [tidy_terms(g.estimate, level).assign(group=g.group, nobs=g.estimate.nobs) for g in self.groups]
        order = ["term", "group", "est", "se", "statistic", "pvalue", "ci_lower", "ci_upper", "nobs"]
        return pd.concat(rows, ignore_index=True)[order]

    def glance(self) -> pd.DataFrame:
        """Tabulate the groups.

        Returns
        -------
        DataFrame
            One row a group: sizes, fit, the convention of the errors with its factor, the engine, reasons.
        """
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
                    "cluster": " + ".join(self.spec.cluster) if e.n_clusters else "",
                    "intercept": "Intercept" in e.names,
                    "n_clusters": min(e.n_clusters) if e.n_clusters else e.nobs,
                    "se_type": self.spec.se_type,
                    "factor": e.factor,
                    "factor_formula": e.factor_formula,
                    "df": e.df,
                    "engine": e.engine,
                    "time_unit": g.time_unit,
                    "n_dropped": self.ledger.lost(g.group),
                    "note": g.note,
                }
            )
        for group, reason in self.not_estimable.items():
            rows.append(
                {
                    "group": group,
                    "nobs": 0,
                    "effects": self.spec.effects,
                    "se_type": self.spec.se_type,
                    "n_dropped": self.ledger.lost(group),
                    "note": str(reason),
                }
            )
        return pd.DataFrame(rows)

    def summary(self) -> Summary:
        """Return what ``print(fit)`` shows.

        Returns
        -------
        Summary
            Effects, convention of the errors, sample and slopes.
        """
        return self._summary()

    def _summary(self) -> Summary:
        spec, several = self.spec, len(self.groups) + len(self.not_estimable) > 1
        facts = [("Effects", spec.effects), ("Entity and time", f"{spec.entity}, {spec.time}")]
        facts += [("Standard errors", _errors(self)), ("Rows left out", rows_left_out(self.dropped))]
        tables = [("Groups" if several else "Sample", _sizes(self))]
        for g in self.groups:
            terms = tidy_terms(g.estimate).rename(columns={**HEAD, **_reference(g.estimate)})
            tables.append((f"Slopes, group {g.group}" if several else "Slopes", terms))
        reasons = [f"{group}: not estimable, {reason}" for group, reason in self.not_estimable.items()]
        notes = dict.fromkeys(g.note for g in self.groups if g.note)
        return Summary(f"Panel model {spec.formula}", facts, tables, [*reasons, *notes])

    def __repr__(self) -> str:
        """Return one line: formula, effects and sample."""
        n, groups = sum(g.estimate.nobs for g in self.groups), len(self.groups)
        return f"<PanelFit: {self.spec.formula}, {self.spec.effects}, nobs={n}, groups={groups}>"


HEAD = {"term": "Term", "est": "Estimate", "se": "Std.Err", "ci_lower": "CI lower", "ci_upper": "CI upper"}


def _reference(e: Estimate) -> dict[str, str]:
    letter = "t" if np.isfinite(e.df) else "z"
    return {"statistic": f"{letter}-value", "pvalue": f"P(>|{letter}|)"}


def _errors(fit: PanelFit) -> str:
    clustered = bool(fit.groups) and bool(fit.groups[0].estimate.n_clusters)
    clusters = f"clustered by {' + '.join(fit.spec.cluster)}" if clustered else "not clustered"
    factor = f", factor {fit.groups[0].estimate.factor_formula}" if fit.groups else ""
    return f"{fit.spec.se_type}, {clusters}{factor}"


def _sizes(fit: PanelFit) -> pd.DataFrame:
    columns = {
        "Group": [g.group for g in fit.groups],
        "Rows used": [g.estimate.nobs for g in fit.groups],
        "Entities": [g.n_entity for g in fit.groups],
        "Periods": [g.n_time for g in fit.groups],
        "Clusters": [min(g.estimate.n_clusters, default=g.estimate.nobs) for g in fit.groups],
        "R2 within": [g.estimate.r2_within for g in fit.groups],
    }
    return pd.DataFrame(columns)


def tidy_terms(e: Estimate, level: float = choices.confidence) -> pd.DataFrame:
    """Estimates with t (or, for infinite df, normal) inference."""
    check_level(level)
    se = np.sqrt(np.diag(e.cov))
    statistic = e.params / se
    half = t_quantile(0.5 + level / 2, e.df) * se
    return pd.DataFrame(
        {
            "term": list(e.names),
            "est": e.params,
            "se": se,
            "statistic": statistic,
            "pvalue": t_two_sided(statistic, e.df),
            "ci_lower": e.params - half,
            "ci_upper": e.params + half,
        }
    )
