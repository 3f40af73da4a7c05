"""Necessary-condition analysis: whether a high outcome never occurs without the condition."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.choices import choices
from models.measurement.errors import MeasurementError, TooFewRowsError
from models.measurement.necessity.ceilings import Ceiling, Scope, ce_fdh, ce_fdh_zones, cr_fdh, required
from models.measurement.scales.scales import numeric_items
from models.messages.summary import Summarised
from models.remarks import remark

SIDES = ("condition", "outcome")
CEILINGS = {"ce_fdh": ce_fdh, "cr_fdh": cr_fdh}


class ConstantVariableError(MeasurementError):
    """The condition or the outcome does not vary."""


@dataclass(frozen=True, eq=False, repr=False)
class NecessaryCondition(Summarised):
    """How much room above the ceiling there is, and whether chance makes such room.

    Attributes
    ----------
    effects : DataFrame
        One row a ceiling: ``ceiling d size pvalue accuracy ceiling_zone scope n_peers intercept slope necessary n
        note``.
    bottleneck : DataFrame
        One row a ceiling and level of the outcome: ``ceiling outcome_percent outcome condition_percent condition
        note``; the condition without which the level is not reached, in its unit and in per cent of its range.
    peers : DataFrame
        ``condition outcome``: the observations on the step ceiling.
    """

    effects: pd.DataFrame
    bottleneck: pd.DataFrame
    peers: pd.DataFrame

    def tidy(self) -> pd.DataFrame:
        """One row a ceiling."""
        return self.effects


def necessary_condition(
    condition: np.ndarray,
    outcome: np.ndarray,
    scope: tuple[tuple[float, float], tuple[float, float]] | None = None,
    n_permutations: int = 1000,
    min_effect: float = choices.necessity_effect,
    level: float = choices.alpha,
    steps: int = 10,
    seed: int | None = None,
) -> NecessaryCondition:
    r"""Test whether a high outcome needs a high condition.

    Parameters
    ----------
    condition, outcome : ndarray (n,)
        Scores; pairs with a missing value are left out.
    scope : ((lowest, highest) condition, (lowest, highest) outcome), optional
        Theoretical scope, for example the ends of the answer format; by default what was observed.
    n_permutations : int
        Random pairings of condition and outcome; the p-value is :math:`(1+\#\{d^*\ge d\})/(1+B)`.
    min_effect, level : float
        `necessary` when d is at least this large and p below `level` (Dul 2016; Dul, van der Laan & Kuik 2020).
    steps : int
        Levels of the outcome in the bottleneck table, from 0 to 100 per cent.
    seed : int, optional
        Seed of the pairings.

    Returns
    -------
    NecessaryCondition
        Effect and test of each ceiling, the bottleneck table, and the people on the ceiling.

    Raises
    ------
    MeasurementError
        Vectors of unequal length, fewer than ten pairs, or scores that do not vary.

    Notes
    -----
    Effect size :math:`d=C/S`: the empty zone above the ceiling as a share of the scope; 0 < d < 0.1 small, < 0.3
    medium, < 0.5 large. ``ce_fdh`` is the free disposal hull, the lowest non-decreasing step function above all
    observations; ``cr_fdh`` the regression line through its upper-left corners, the usual choice for many-valued
    scores. Necessity says nothing of sufficiency, and d is sensitive to single outlying people in the corner. The test
    is one of independence: any strong positive relation empties the corner too, so read p with d and the accuracy.

    References
    ----------
    Dul (2016), doi:10.1177/1094428115584005; Dul, van der Laan & Kuik (2020), doi:10.1177/1094428118795272.

    Examples
    --------
    >>> import numpy as np
    >>> from models import measurement
    >>> rng = np.random.default_rng(1)
    >>> trust = rng.uniform(size=100)
    >>> use = trust * rng.uniform(size=100)
    >>> found = measurement.necessary_condition(trust, use, n_permutations=99, seed=1)
    >>> found.effects[["ceiling", "d", "pvalue", "necessary"]].round(2)
      ceiling     d  pvalue  necessary
    0  ce_fdh  0.56    0.01       True
    1  cr_fdh  0.53    0.01       True
    """
    if np.shape(condition) != np.shape(outcome) or np.ndim(condition) != 1:
        shapes = f"condition has shape {np.shape(condition)}, outcome {np.shape(outcome)}"
        raise MeasurementError(f"{shapes}; expected two vectors of equal length")
    columns = [pd.Series(values).reset_index(drop=True) for values in (condition, outcome)]
    pairs = numeric_items(pd.DataFrame(dict(zip(SIDES, columns, strict=True))), SIDES)
    x, y = pairs["condition"].to_numpy(), pairs["outcome"].to_numpy()
    both = np.isfinite(x) & np.isfinite(y)
    x, y = x[both], y[both]
    if len(x) < 10:
        raise TooFewRowsError(remark("few_pairs", n=len(x), least=10))
    for key, values in (("constant_condition", x), ("constant_outcome", y)):
        if np.ptp(values) == 0:
            raise ConstantVariableError(remark(key, value=float(values[0])))
    box = Scope.of(x, y, scope)
    random = _permuted_effects(x, y, box, n_permutations, np.random.default_rng(seed))
    effects, bottleneck = [], []
    for name, fit in CEILINGS.items():
        ceiling = fit(x, y, box)
        d = ceiling.zone / box.area
        pvalue = (1 + int((random[name] >= d - 1e-12).sum())) / (1 + n_permutations) if n_permutations else np.nan
        effects.append(
            {
                "ceiling": name,
                "d": d,
                "size": _size(d),
                "pvalue": pvalue,
                "accuracy": float((y <= ceiling.height(x) + 1e-9 * box.height).mean()),
                "ceiling_zone": ceiling.zone,
                "scope": box.area,
                "n_peers": len(ceiling.peers),
                "intercept": ceiling.intercept,
                "slope": ceiling.slope,
                "necessary": bool(d >= min_effect and pvalue < level),
                "n": len(x),
                "note": ceiling.note,
            }
        )
        bottleneck += _bottleneck(name, ceiling, box, steps)
    peers = pd.DataFrame(ce_fdh(x, y, box).peers, columns=["condition", "outcome"])
    return NecessaryCondition(pd.DataFrame(effects), pd.DataFrame(bottleneck), peers)


def _permuted_effects(
    x: np.ndarray, y: np.ndarray, box: Scope, n_permutations: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    effects = {name: np.empty(n_permutations) for name in CEILINGS}
    order = np.argsort(x, kind="stable")
    x = x[order]
    for k in range(n_permutations):
        shuffled = rng.permutation(y)
        effects["ce_fdh"][k] = ce_fdh_zones(x, shuffled, box) / box.area
        effects["cr_fdh"][k] = cr_fdh(x, shuffled, box).zone / box.area
    return effects


def _size(d: float) -> str:
    if d <= 0:
        return "none"
    return ("small", "medium", "large", "very large")[int(np.searchsorted([0.1, 0.3, 0.5], d, side="right"))]


def _bottleneck(name: str, ceiling: Ceiling, box: Scope, steps: int) -> list[dict]:
    rows = []
    for share in np.linspace(0, 1, steps + 1):
        level = box.y_low + share * box.height
        needed = required(ceiling, level, box)
        note = ""
        if needed <= box.x_low:
            needed, note = np.nan, "not necessary"
        elif needed > box.x_high + 1e-9 * box.width:
            needed, note = np.nan, "not reached within the scope"
        rows.append(
            {
                "ceiling": name,
                "outcome_percent": 100 * share,
                "outcome": level,
                "condition_percent": 100 * (needed - box.x_low) / box.width,
                "condition": needed,
                "note": note,
            }
        )
    return rows
