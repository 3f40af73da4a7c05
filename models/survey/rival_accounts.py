r"""Do the answers speak against accounts in which the theory's arrows are not there or point the other way?

A structural part with every direct path fits any correlations of its constructs, so that its fit says nothing about
the arrows. What speaks are the restrictions of parsimonious accounts, compared on the latent correlations r of the main
model, whose covariance matrix V comes from its fit: each account is the minimum of
:math:`(r - \rho(\theta))' V^{-1} (r - \rho(\theta))`, asymptotically χ² (Browne 1984,
https://doi.org/10.1111/j.2044-8317.1984.tb00789.x), and :math:`BIC = \chi^2 + q \ln n` (Raftery 1995,
https://doi.org/10.2307/271063).

Accounts, with mechanisms x, identification m and stickiness y:

- *theory*: x → m → y, and y is not needed to explain x; the mechanisms correlate freely, equally or not at all, or
  equally while one of them also acts on y directly, or by a cause that it shares with y.
- *one source*: a common method or a common cause gives every correlation, :math:`\rho_{ij} = l_i l_j`, l equal or
  free; named where it is better than every account of the theory by `choices.rival_margin` in BIC.
- *reversed order*: y → m → x, so that mechanisms correlate no more than identification makes them,
  :math:`\rho_{ij} = r_{im} r_{mj}`. Where the mechanisms' residuals may correlate too, the reversed order and the
  theory fit alike and no cross-section can tell them apart (Lee & Hershberger 1990,
  https://doi.org/10.1207/s15327906mbr2503_4).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

from models import results, theory
from models.choices import choices
from models.sem.model.matrices import implied
from models.statistics.distributions import chi2_sf
from models.survey.equations import Structural

OUTCOME, CARRIER = "stickiness", "identification"


@dataclass(frozen=True, eq=False)
class Correlations:
    """Latent correlations `r` (pairs,) with their covariance `V` (pairs, pairs), over `names`; n people."""

    names: tuple[str, ...]
    r: np.ndarray
    V: np.ndarray
    n: int


def rival_accounts(model: Structural) -> pd.DataFrame:
    """The theory's account of the latent correlations against its rivals.

    Parameters
    ----------
    model : Structural
        The main model as fitted.

    Returns
    -------
    DataFrame
        Rows `rival_accounts` of the results table: for each account `chisq` (with df and p) and `bic`; `named` says
        whether a rival (`one_source`, `reversed_order`) explains the answers as well or better (1) or not (0). None
        where identification, stickiness or every mechanism is missing, or a factor has a variance below zero.
    """
    mechanisms = [row.rhs for row in model.fit.tidy().itertuples() if row.op == "~" and row.lhs == CARRIER]
    mechanisms = [name for name in dict.fromkeys(mechanisms) if name in model.built.latents and _mechanism(name)]
    if not mechanisms or not {OUTCOME, CARRIER} <= set(model.built.latents):
        return pd.DataFrame()
    found = latent_correlations(model, (*mechanisms, CARRIER, OUTCOME))
    if not (np.isfinite(found.r).all() and np.isfinite(found.V).all()):
        return pd.DataFrame()
    return results.rows(compared(found), model=model.spec, n=found.n)


def _mechanism(name: str) -> bool:
    """Whether a construct is a mechanism of the theory, or a level of one."""
    construct = theory.constructs()[name]
    return construct.role == "mechanism" or construct.part_of is not None


def latent_correlations(model: Structural, names: tuple[str, ...]) -> Correlations:
    """Correlations of factors as the fitted model implies them, with their covariance by the delta method."""
    task = model.fit.task
    cells = task.structure.groups[0]
    places = [task.structure.names.index(name) for name in names]
    i, j = np.triu_indices(len(names), 1)

    def correlations(theta: np.ndarray) -> np.ndarray:
        C = implied(cells, theta).C[np.ix_(places, places)]
        s = np.sqrt(np.diag(C))
        return (C / np.outer(s, s))[i, j]

    theta = model.fit.theta
    step = 1e-5
    J = np.array([correlations(theta + step * e) - correlations(theta - step * e) for e in np.eye(len(theta))]).T
    J /= 2 * step
    return Correlations(names, correlations(theta), J @ model.fit.vcov() @ J.T, model.fit.n)


def compared(found: Correlations) -> list[dict]:
    """Each account of the latent correlations, and which rivals are named; the last two names are m and y."""
    asked = {name: (forms, q) for name, (forms, q) in accounts(len(found.names) - 2).items() if q < len(found.r)}
    fitted = {name: nearest(found, forms, q) for name, (forms, q) in asked.items()}
    bic = {name: chisq + asked[name][1] * np.log(found.n) for name, (chisq, _) in fitted.items()}
    rows = []
    for name, (chisq, _) in fitted.items():
        df = len(found.r) - asked[name][1]
        common = {"table": "rival_accounts", "term": name}
        rows.append(common | {"quantity": "chisq", "estimate": chisq, "df": df, "pvalue": chi2_sf(chisq, df)})
        rows.append(common | {"quantity": "bic", "estimate": bic[name]})
    theory = min(value for name, value in bic.items() if name.startswith("theory"))
    one = min(value for name, value in bic.items() if name.startswith("one_source")) < theory - choices.rival_margin
    rows.append({"table": "rival_accounts", "term": "one_source", "quantity": "named", "estimate": float(one)})
    if "reversed_order" in fitted and "reversed_order_surplus" in fitted:
        surplus = np.sign(fitted["reversed_order_surplus"][1][-1]) * np.sqrt(
            max(fitted["reversed_order"][0] - fitted["reversed_order_surplus"][0], 0.0)
        )
        worse = fitted["reversed_order"][0] - fitted["theory_uncorrelated"][0]
        as_good = worse < choices.rival_uncorrelated
        rows.append(
            {"table": "rival_accounts", "term": "reversed_order", "quantity": "named"}
            | {"estimate": float(as_good and surplus < choices.rival_surplus), "statistic": surplus}
        )
    return rows


Form = Callable[[np.ndarray], np.ndarray]


def accounts(k: int) -> dict[str, tuple[tuple[Form, ...], int]]:
    """Account → correlations (k + 2, k + 2) that its parameters imply, in each of its ways, and how many they are."""
    pairs = k * (k - 1) // 2
    found: dict[str, tuple[tuple[Form, ...], int]] = {
        "theory_uncorrelated": ((lambda t: _theory(t, np.zeros(pairs)),), k + 1)
    }
    if pairs:
        found["theory_equal"] = ((lambda t: _theory(t[:-1], np.full(pairs, t[-1])),), k + 2)
        found["theory_direct"] = (tuple(partial(_direct, j) for j in range(k)), k + 3)
    if pairs > 1:
        found["theory_free"] = ((lambda t: _theory(t[: k + 1], t[k + 1 :]),), k + 1 + pairs)
    found["one_source_equal"] = ((lambda t: _source(np.full(k + 2, t[0])),), 1)
    found["one_source"] = ((_source,), k + 2)
    if pairs:
        found["reversed_order"] = ((_reversed,), k + 1)
        found["reversed_order_surplus"] = ((lambda t: _reversed(t[:-1], t[-1]),), k + 2)
    return found


def _theory(t: np.ndarray, rho: np.ndarray) -> np.ndarray:
    k = len(t) - 1
    X = np.zeros((k, k))
    X[np.triu_indices(k, 1)] = rho
    X = X + X.T + np.eye(k)
    with_carrier = X @ t[:k]
    R = np.eye(k + 2)
    R[:k, :k] = X
    R[:k, k] = R[k, :k] = with_carrier
    R[:k, k + 1] = R[k + 1, :k] = with_carrier * t[k]
    R[k, k + 1] = R[k + 1, k] = t[k]
    return R


def _direct(j: int, t: np.ndarray) -> np.ndarray:
    """Mechanisms that correlate equally (the last but one of t), the j-th of which also goes with y (the last)."""
    k = len(t) - 3
    R = _theory(t[: k + 1], np.full(k * (k - 1) // 2, t[-2]))
    beyond = t[-1] * R[j, : k + 1]
    R[: k + 1, k + 1] += beyond
    R[k + 1, : k + 1] += beyond
    return R


def _source(loadings: np.ndarray) -> np.ndarray:
    return np.outer(loadings, loadings)


def _reversed(t: np.ndarray, surplus: float = 0.0) -> np.ndarray:
    k = len(t) - 1
    R = _source(np.array([*t[:k], 1.0, t[k]]))
    R[:k, :k] += surplus
    return R


def nearest(found: Correlations, forms: tuple[Form, ...], q: int) -> tuple[float, np.ndarray]:
    """Minimum of the distance from the latent correlations over all forms and where it is, from two starts each."""
    root = np.linalg.cholesky(np.linalg.inv(found.V)).T
    upper = np.triu_indices(len(found.names), 1)

    def distance(t: np.ndarray, form: Form) -> np.ndarray:
        return root @ (form(t)[upper] - found.r)

    tries = [
        least_squares(distance, np.full(q, start), method="lm", args=(form,)) for form in forms for start in (0.2, 0.5)
    ]
    best = min(tries, key=lambda one: one.cost)
    return float(2 * best.cost), best.x
