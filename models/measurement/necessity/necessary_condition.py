"""Necessary-condition analysis: whether a high outcome never occurs without the condition."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from models.choices import choices
from models.measurement.errors import MeasurementError, TooFewRowsError, check_share
from models.measurement.necessity.ceilings import Ceiling, Scope, ce_fdh, ce_fdh_zones, cr_fdh, required
from models.measurement.scales.scales import numeric_items
from models.messages.summary import Summarised
from models.remarks import Caused, remark

SIDES = ("condition", "outcome")
CEILINGS = {"ce_fdh": ce_fdh, "cr_fdh": cr_fdh}


class ConstantVariableError(Caused, MeasurementError):
    """The condition or the outcome does not vary."""


@dataclass(frozen=True, eq=False, repr=False)
class NecessaryCondition(Summarised):
    """How much room above the ceiling there is, and whether chance makes such room.

    Attributes
    ----------
    effects : DataFrame
        One row a ceiling: ``ceiling d size pvalue d_linear pvalue_linear accuracy ceiling_zone scope n_peers intercept
        slope necessary n note``; `d_linear` is the median among pairs as strongly related that have no ceiling.
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
        """Tabulate the ceilings.

        Returns
        -------
        DataFrame
            One row a ceiling.
        """
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
        Random samples behind each p-value, :math:`(1+\#\{d^*\ge d\})/(1+B)`: random pairings of condition and outcome
        (`pvalue`), and pairs as strongly related as the observed ones without any ceiling (`pvalue_linear`).
    min_effect, level : float
        `necessary` when d is at least this large and both p are below `level` (the first as Dul 2016; Dul, van der
        Laan & Kuik 2020).
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
        Vectors of unequal length, fewer than ten pairs, scores that do not vary, or a level that is no share.

    Notes
    -----
    Effect size :math:`d=C/S`: the empty zone above the ceiling as a share of the scope; 0 < d < 0.1 small, < 0.3
    medium, < 0.5 large. ``ce_fdh`` is the free disposal hull, the lowest non-decreasing step function above all
    observations; ``cr_fdh`` the regression line through its upper-left corners, the usual choice for many-valued
    scores. Necessity says nothing of sufficiency, and d is sensitive to single outlying people in the corner. Random
    pairing is a test of independence: any strong positive relation empties the corner too. The second p therefore asks
    whether the corner is emptier than where normal scores with the observed correlation have the observed margins.

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
    >>> found.effects[["ceiling", "d", "pvalue", "pvalue_linear"]].round(2)
      ceiling     d  pvalue  pvalue_linear
    0  ce_fdh  0.56    0.01           0.03
    1  cr_fdh  0.53    0.01           0.05
    """
    check_share("level", level)
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
    order = np.argsort(x, kind="stable")
    pairings, related = np.random.default_rng(seed), np.random.default_rng(None if seed is None else [seed, 1])
    random = _effects(lambda: (x[order], pairings.permutation(y)), box, n_permutations)
    linear = _effects(_as_related(x, y, related), box, n_permutations)
    effects, bottleneck = [], []
    for name, fit in CEILINGS.items():
        ceiling = fit(x, y, box)
        d = ceiling.zone / box.area
        pvalue, pvalue_linear = (_share_as_empty(d, drawn[name]) for drawn in (random, linear))
        effects.append(
            {
                "ceiling": name,
                "d": d,
                "size": _size(d),
                "pvalue": pvalue,
                "d_linear": float(np.median(linear[name])) if n_permutations else np.nan,
                "pvalue_linear": pvalue_linear,
                "accuracy": float((y <= ceiling.height(x) + 1e-9 * box.height).mean()),
                "ceiling_zone": ceiling.zone,
                "scope": box.area,
                "n_peers": len(ceiling.peers),
                "intercept": ceiling.intercept,
                "slope": ceiling.slope,
                "necessary": bool(d >= min_effect and max(pvalue, pvalue_linear) < level),
                "n": len(x),
                "note": ceiling.note,
            }
        )
        bottleneck += _bottleneck(name, ceiling, box, steps)
    peers = pd.DataFrame(ce_fdh(x, y, box).peers, columns=["condition", "outcome"])
    return NecessaryCondition(pd.DataFrame(effects), pd.DataFrame(bottleneck), peers)


def _effects(draw: Callable[[], tuple[np.ndarray, np.ndarray]], box: Scope, draws: int) -> dict[str, np.ndarray]:
    """Return d of each ceiling in so many drawn samples (draws,), whose condition is in ascending order."""
    effects = {name: np.empty(draws) for name in CEILINGS}
    for k in range(draws):
        x, y = draw()
        effects["ce_fdh"][k] = ce_fdh_zones(x, y, box) / box.area
        effects["cr_fdh"][k] = cr_fdh(x, y, box).zone / box.area
    return effects


def _as_related(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> Callable[[], tuple[np.ndarray, np.ndarray]]:
    """Draw pairs with the observed margins whose normal scores correlate as the observed ones and have no ceiling."""
    n = len(x)
    scores = [ndtri(pd.Series(values).rank().to_numpy() / (n + 1)) for values in (x, y)]
    r = float(np.corrcoef(scores)[0, 1])
    low_to_high, outcome = np.sort(x), np.sort(y)

    def draw() -> tuple[np.ndarray, np.ndarray]:
        first = np.sort(rng.standard_normal(n))
        second = r * first + np.sqrt(1 - r**2) * rng.standard_normal(n)
        return low_to_high, outcome[np.argsort(np.argsort(second))]

    return draw


def _share_as_empty(d: float, drawn: np.ndarray) -> float:
    """Return the p-value of d among drawn ones; NaN without any."""
    return (1 + int((drawn >= d - 1e-12).sum())) / (1 + len(drawn)) if len(drawn) else np.nan


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
