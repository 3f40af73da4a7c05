"""Do slopes differ between groups? Wald tests of equality and pairwise differences."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from models.choices import choices
from models.messages import near_or_all
from models.panel.engine.design import FloatArray
from models.panel.engine.joint import joint_covariance
from models.panel.engine.results import GroupFit, PanelFit
from models.panel.errors import ColumnError, NotEstimableError, check_level
from models.remarks import remark
from models.statistics.distributions import normal_quantile, two_sided
from models.statistics.multiple_testing import holm
from models.statistics.wald import WaldTest, wald_test


def stacked(fit: PanelFit, terms: Sequence[str]) -> tuple[list[GroupFit], FloatArray, FloatArray]:
    """Estimates (g·m,) of ``terms`` in each group that has them, with their joint covariance."""
    members = [g for g in fit.groups if set(terms) <= set(g.estimate.names)]
    if len(members) < 2:
        known = sorted({n for g in fit.groups for n in g.estimate.names})
        missing = next((t for t in terms if t not in known), None)
        if missing is not None:
            raise ColumnError(f"{missing!r} is not a term of the model; {near_or_all(missing, known)}")
        raise NotEstimableError(remark("two_groups_to_compare", terms=list(terms)), "fit with by=")
    picks = [[g.estimate.names.index(t) for t in terms] for g in members]
    params = np.concatenate([g.estimate.params[p] for g, p in zip(members, picks, strict=True)])
    blocks = joint_covariance(members, fit.spec)
    cov = np.block(
        [[b[np.ix_(p, q)] for b, q in zip(row, picks, strict=True)] for row, p in zip(blocks, picks, strict=True)]
    )
    return members, params, cov


def wald(fit: PanelFit, terms: str | Sequence[str], group: str = "all") -> WaldTest:
    """Test that one or several terms of a group are zero, such as the interactions with a moderator.

    Parameters
    ----------
    fit : PanelFit
        The model.
    terms : str or sequence of str
        What is zero under the null hypothesis.
    group : str
        Group of the fit.

    Returns
    -------
    WaldTest
        Statistic, degrees of freedom and p-value of χ².

    Raises
    ------
    PanelError
        An unknown term, or a covariance that is singular for the terms.

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
    >>> test = panel.wald(fitted, ["x", "z"])
    >>> round(test.statistic, 1), test.df, test.null
    (51.6, 2, 'x and z zero')
    """
    names = [terms] if isinstance(terms, str) else list(terms)
    e = fit[group].estimate
    for name in names:
        if name not in e.names:
            raise ColumnError(f"{name!r} is not a term of the model; {near_or_all(name, e.names)}")
    place = [e.names.index(n) for n in names]
    params, cov = e.params[place], e.cov[np.ix_(place, place)]
    return _tested(params, cov, f"{' and '.join(names)} zero", (group,))


def wald_equal(fit: PanelFit, terms: str | Sequence[str]) -> WaldTest:
    """Test that a term (or several, jointly) has the same slope in every group.

    Parameters
    ----------
    fit : PanelFit
        A fit with groups (``by``).
    terms : str or sequence of str
        What is equal under the null hypothesis.

    Returns
    -------
    WaldTest
        Statistic, degrees of freedom and p-value of χ².

    Raises
    ------
    PanelError
        An unknown term, fewer than two groups that have it, or a covariance that is singular for the terms.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> log = pd.DataFrame({"user": np.repeat(range(30), 4), "week": np.tile(range(4), 30), "x": rng.normal(size=120)})
    >>> log["y"] = 0.5 * log["x"] + rng.normal(size=120)
    >>> log["app"] = np.where(log["user"] < 15, "a", "b")
    >>> fitted = panel.fit("y ~ x", log, entity="user", time="week", by="app")
    >>> test = panel.wald_equal(fitted, "x")
    >>> test.df, test.null
    (1, 'x equal over app')
    """
    names = [terms] if isinstance(terms, str) else list(terms)
    members, params, cov = stacked(fit, names)
    m = len(names)
    contrast = np.hstack([np.eye(m * (len(members) - 1)), np.tile(-np.eye(m), (len(members) - 1, 1))])
    groups = tuple(g.group for g in members)
    null = f"{' and '.join(names)} equal over {fit.spec.by}"
    return _tested(contrast @ params, contrast @ cov @ contrast.T, null, groups)


def _tested(params: FloatArray, cov: FloatArray, null: str, groups: tuple[str, ...]) -> WaldTest:
    test = wald_test(params, cov, null, groups)
    if test is None:  # clusters that are no more than the hypotheses
        raise NotEstimableError(remark("singular_for_clusters", k=len(params)))
    return test


def pairwise(fit: PanelFit, term: str, level: float = choices.confidence) -> pd.DataFrame:
    """Differences of a slope between each two groups, p-values plain and Holm-adjusted over the pairs.

    Parameters
    ----------
    fit : PanelFit
        A fit with groups (``by``).
    term : str
        The slope.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        A row a pair: ``term group other est se statistic pvalue ci_lower ci_upper pvalue_holm``.

    Raises
    ------
    PanelError
        An unknown term or an impossible level, or fewer than two groups that have the term.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from models import panel
    >>> rng = np.random.default_rng(1)
    >>> log = pd.DataFrame({"user": np.repeat(range(30), 4), "week": np.tile(range(4), 30), "x": rng.normal(size=120)})
    >>> log["y"] = 0.5 * log["x"] + rng.normal(size=120)
    >>> log["app"] = np.where(log["user"] < 15, "a", "b")
    >>> fitted = panel.fit("y ~ x", log, entity="user", time="week", by="app")
    >>> panel.pairwise(fitted, "x")[["group", "other", "est", "se"]].round(2)
      group other   est    se
    0     a     b -0.23  0.28
    """
    check_level(level)
    members, params, cov = stacked(fit, [term])
    rows = []
    for i, j in combinations(range(len(members)), 2):
        difference = params[i] - params[j]
        se = float(np.sqrt(cov[i, i] + cov[j, j] - 2 * cov[i, j]))
        half = normal_quantile(0.5 + level / 2) * se
        rows.append(
            {
                "term": term,
                "group": members[i].group,
                "other": members[j].group,
                "est": difference,
                "se": se,
                "statistic": difference / se,
                "pvalue": two_sided(difference / se),
                "ci_lower": difference - half,
                "ci_upper": difference + half,
            }
        )
    table = pd.DataFrame(rows)
    return table.assign(pvalue_holm=holm(table["pvalue"].to_numpy()))
