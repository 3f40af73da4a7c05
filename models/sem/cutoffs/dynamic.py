r"""Dynamic cut-offs: what the indices of this model would be in samples like this one, were the model right or wrong.

Fixed cut-offs hold for the model that they were simulated with. Here the model is fitted to draws from a population in
which it holds and from populations that have relations that it leaves out (`omitted`). A cut-off accepts at most one in
twenty of the misspecified models and rejects at most one in twenty of the right ones; where both cannot be, one in ten;
where not even that, the index has no cut-off at that level (McNeish & Wolf 2023, https://doi.org/10.1037/met0000425).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.messages.summary import Summarised
from models.sem.cutoffs.draws import moment_draws
from models.sem.cutoffs.indices import Statistics, expected_scaling, refitted
from models.sem.cutoffs.omitted import Level, omitted_relations
from models.sem.cutoffs.population import population
from models.sem.errors import ArgumentError, ModelError
from models.sem.inference.estimated import Estimated

# Index → whether more of it is better.
INDICES = {"cfi": True, "rmsea": False, "srmr": False}
# Shares of wrong decisions, strictest first, with room for the rounding of quantiles.
ERRORS = (0.05, 0.10)
# Draws of which fewer than this share have a solution say nothing.
_SOLVED = 0.9


@dataclass(frozen=True, eq=False, repr=False)
class DynamicCutoffs(Summarised):
    """Cut-offs of CFI, RMSEA and SRMR by level of misspecification.

    Attributes
    ----------
    levels : tuple of tuple of Omitted
        What a model of each level leaves out, mildest first.
    table : DataFrame
        ``level index cutoff error``, one row a level and index; `error` is the share of wrong decisions on either side;
        both NaN where the index cannot tell the level from a right model.
    version : str
        ``"_robust"`` where the cut-offs are those of the robust indices, else empty.
    """

    levels: tuple[Level, ...]
    table: pd.DataFrame
    version: str

    def tidy(self) -> pd.DataFrame:
        """One row a level and index."""
        return self.table

    def misfit(self, measures: Mapping[str, float]) -> float:
        """Return how many levels the misfit of a model may have reached.

        Parameters
        ----------
        measures
            Fit measures of the model, as `Fit.fit_measures` names them.

        Returns
        -------
        float
            0 if every index is better than its cut-off at the first level, k if at level k + 1 only, the number of levels
            if at none; NaN where no level has a cut-off.
        """
        wide = self.table.pivot(index="level", columns="index", values="cutoff")
        wide = wide.dropna(how="all")
        for level, cutoffs in wide.iterrows():
            if all(_better(index, measures, cutoff, self.version) for index, cutoff in cutoffs.dropna().items()):
                return float(level) - 1
        return float(len(self.levels)) if len(wide) else np.nan


def _better(index: object, measures: Mapping[str, float], cutoff: float, version: str) -> bool:
    value = measures[f"{index}{version}"] if f"{index}{version}" in measures else measures[str(index)]
    return bool(value > cutoff if INDICES[str(index)] else value < cutoff)


def dynamic_cutoffs(
    fit: Estimated,
    draws: int = 500,
    seed: int | None = None,
    levels: Sequence[Level] | None = None,
    most: int = 3,
    correlation: float = 0.3,
) -> DynamicCutoffs:
    """Simulate cut-offs of fit indices for a model and its sample.

    Parameters
    ----------
    fit : Fit
        A model of continuous answers, complete or not, by maximum likelihood, of one group or several.
    draws : int
        Samples of each population.
    seed : int, optional
        Of the draws.
    levels : sequence of tuple of Omitted, optional
        What the misspecified models leave out; by default cross-loadings, of a single factor residual correlations.
    most : int
        Number of levels, where they are not given.
    correlation : float
        Residual correlation of the items of a single factor.

    Returns
    -------
    DynamicCutoffs
        Without levels where the model has no factor of several items.

    Raises
    ------
    ArgumentError
        For a model of ordered items, or one not estimated by maximum likelihood.

    Notes
    -----
    Complete answers under ``"ML"`` are drawn from the normal distribution, all others as far from their population as
    the answers at hand let expect, whatever their distribution and their gaps (`draws`).

    References
    ----------
    McNeish & Wolf (2023), https://doi.org/10.1037/met0000425, and (2022), https://doi.org/10.3758/s13428-022-01847-y.

    Examples
    --------
    >>> from models import sem
    >>> text = "a =~ a1 + a2 + a3; b =~ b1 + b2 + b3; a ~~ 0.4*b"
    >>> fit = sem.fit(text.replace("0.4*", ""), sem.simulate(text, 300, seed=1))
    >>> found = sem.dynamic_cutoffs(fit, draws=100, seed=1)
    >>> len(found.levels), found.table["index"].tolist(), found.misfit(fit.fit_measures())
    (1, ['cfi', 'rmsea', 'srmr'], 0.0)
    """
    if fit.problem.estimator != "ML" or fit.problem.sample.ordinal:
        raise ArgumentError(
            f"Dynamic cut-offs are simulated for maximum likelihood of continuous answers, not for "
            f"estimator='{fit.settings.estimator}'."
        )
    wanted = omitted_relations(fit, most, correlation) if levels is None else tuple(levels)
    robust = fit.settings.test != "standard" or fit.problem.sample.kind == "incomplete"
    possible, populations = [], []
    for level in wanted if fit.df > 0 else ():
        try:
            populations.append(population(fit, level))
        except ModelError:
            break
        possible.append(level)
    right = population(fit)
    drawn = moment_draws(fit.problem.sample, draws, seed, not robust)
    sets = drawn.around(*right)
    scaling = expected_scaling(fit, *right, sets) if robust and possible else 1.0
    true = _indices(fit, refitted(fit, *right, sets), scaling) if possible else {}
    rows = []
    for k, moments in enumerate(populations, 1):
        wrong = _indices(fit, refitted(fit, *moments, drawn.around(*moments)), scaling)
        rows += [
            {"level": k, "index": index} | _cutoff(true[index], wrong[index], more) for index, more in INDICES.items()
        ]
    table = pd.DataFrame(rows, columns=["level", "index", "cutoff", "error"])
    return DynamicCutoffs(tuple(possible), table, "_robust" if robust else "")


def _indices(fit: Estimated, found: Statistics, scaling: float) -> dict[str, np.ndarray]:
    excess = np.maximum(found.model - scaling * fit.df, 0.0)
    worst = np.maximum(excess, np.maximum(found.baseline - scaling * fit.baseline.df, 0.0))
    groups = len(fit.problem.sample.groups)
    cfi = 1 - np.divide(excess, worst, out=np.zeros_like(excess), where=worst > 0)
    return {"cfi": cfi, "rmsea": np.sqrt(excess * groups / (fit.n * fit.df)), "srmr": found.srmr}


def _cutoff(true: np.ndarray, wrong: np.ndarray, more: bool) -> dict[str, float]:
    true, wrong = true[np.isfinite(true)], wrong[np.isfinite(wrong)]
    for error in ERRORS if min(len(true), len(wrong)) > 0 else ():
        accepted = np.quantile(true, error if more else 1 - error)
        cutoff = float(np.quantile(wrong, 1 - error if more else error))
        if accepted > cutoff if more else accepted < cutoff:
            return {"cutoff": cutoff, "error": error}
    return {"cutoff": np.nan, "error": np.nan}
