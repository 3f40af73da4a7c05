"""Cut-offs by level of misspecification, and how far the misfit of a model has come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.choices import choices
from models.messages.summary import Summarised
from models.remarks import remark
from models.sem.cutoffs.omitted import Level, omitted_relations
from models.sem.cutoffs.population import population
from models.sem.errors import ArgumentError, LikelihoodError, ModelError
from models.sem.inference.estimated import Estimated

# Index → whether more of it is better.
INDICES = {"cfi": True, "rmsea": False, "srmr": False}
# Share of draws → value of an index.
Quantiles = Callable[[float], float]


@dataclass(frozen=True, eq=False, repr=False)
class DynamicCutoffs(Summarised):
    """Cut-offs of fit indices by level of misspecification.

    Attributes
    ----------
    levels : tuple of tuple of Omitted
        What a model of each level leaves out, mildest first.
    table : DataFrame
        ``level index cutoff error worst``, one row a level and index; `error` is the share of wrong decisions on either
        side; both NaN where the index cannot tell the level from a right model. `worst` is what nineteen in twenty
        models of the level are better than.
    version : str
        ``"_robust"`` or ``"_scaled"`` where the cut-offs are those of such indices, else empty.
    """

    levels: tuple[Level, ...]
    table: pd.DataFrame
    version: str

    def tidy(self) -> pd.DataFrame:
        """Tabulate the cut-offs.

        Returns
        -------
        DataFrame
            ``level index cutoff error worst``, one row a level and index.
        """
        return self.table

    def misfit(self, indices: Mapping[str, float]) -> float:
        """Return how many levels the misfit of a model may have reached.

        Parameters
        ----------
        indices : mapping of str to float
            Fit indices of the model, as `Fit.fit_indices` names them.

        Returns
        -------
        float
            0 if every index is better than its cut-off at the first level, k if at level k + 1 only, the number of
            levels if at none; NaN where no level has a cut-off.

        Raises
        ------
        ArgumentError
            An index of the cut-offs is not among those of the model.

        Examples
        --------
        >>> from models import sem
        >>> fitted = sem.fit("F =~ a + b + c + d", sem.simulate("F =~ 0.8*a + 0.7*b + 0.6*c + 0.7*d", 300, seed=1))
        >>> cutoffs = sem.large_sample_cutoffs(fitted)
        >>> cutoffs.misfit(fitted.fit_indices())
        0.0
        """
        wide = self.table.pivot(index="level", columns="index", values="cutoff").dropna(how="all")
        for level, cutoffs in zip(wide.index, wide.to_dict("records"), strict=True):
            known = {index: cutoff for index, cutoff in cutoffs.items() if np.isfinite(cutoff)}
            if all(self._better(str(index), indices, cutoff) for index, cutoff in known.items()):
                return float(level) - 1
        return float(len(self.levels)) if len(wide) else np.nan

    def beyond(self, indices: Mapping[str, float], level: int) -> bool:
        """Tell whether a model fits worse, by every index, than nineteen in twenty of a level, or of the last.

        Parameters
        ----------
        indices : mapping of str to float
            Fit indices of the model, as `Fit.fit_indices` names them.
        level : int
            From one.

        Returns
        -------
        bool
            False where no level has a bound.

        Raises
        ------
        ArgumentError
            An index of the cut-offs is not among those of the model.

        Examples
        --------
        >>> from models import sem
        >>> fitted = sem.fit("F =~ a + b + c + d", sem.simulate("F =~ 0.8*a + 0.7*b + 0.6*c + 0.7*d", 300, seed=1))
        >>> cutoffs = sem.large_sample_cutoffs(fitted)
        >>> cutoffs.beyond(fitted.fit_indices(), level=1)
        False
        """
        own = self.table[self.table["level"] == min(level, len(self.levels))]
        pairs = zip(own["index"], own["worst"], strict=True)
        return len(own) > 0 and not any(self._better(str(index), indices, worst) for index, worst in pairs)

    def _better(self, index: str, indices: Mapping[str, float], bound: float) -> bool:
        if index not in indices:
            raise ArgumentError(f"indices have no {index!r}; take those of Fit.fit_indices().")
        value = indices.get(f"{index}{self.version}", indices[index])
        return bool(value >= bound if INDICES[index] else value <= bound)


def require_likelihood(fit: Estimated) -> None:
    """Raise for models of continuous answers whose statistic is not that of maximum likelihood."""
    if fit.task.discrepancy != "ML" and not fit.task.sample.is_ordinal:
        raise LikelihoodError(
            remark("cutoffs_of_likelihood", estimator=fit.settings.estimator), "Fit the model with 'ML' or 'MLR'."
        )


def is_robust(fit: Estimated) -> bool:
    """Return whether the indices of a model are robust ones."""
    return fit.settings.test != "standard" or fit.task.sample.kind == "incomplete"


def populations(
    fit: Estimated, levels: Sequence[Level] | None, most: int, correlation: float
) -> dict[Level, tuple[np.ndarray, np.ndarray]]:
    """Return the levels that a population can have, as far as that, with its moments (G, p) and (G, p, p)."""
    wanted = omitted_relations(fit, most, correlation) if levels is None else levels
    found: dict[Level, tuple[np.ndarray, np.ndarray]] = {}
    for level in wanted if fit.df > 0 else ():
        try:
            found[level] = population(fit, level)
        except ModelError:
            break
    return found


def between(true: Quantiles, wrong: Quantiles, more: bool) -> dict[str, float]:
    """Return the cut-off between right and wrong models, its error on either side, and the worst of the wrong models.

    The cut-off accepts a share `error` of the wrong models and rejects no more of the right ones: the stricter of the
    two that are declared, where it can (McNeish & Wolf 2023, https://doi.org/10.1037/met0000425).
    """
    strict = choices.fit_error
    worst = wrong(strict if more else 1 - strict)
    for error in (strict, choices.fit_error_most):
        accepted, cutoff = true(error if more else 1 - error), wrong(1 - error if more else error)
        if accepted > cutoff if more else accepted < cutoff:
            return {"cutoff": cutoff, "error": error, "worst": worst}
    return {"cutoff": np.nan, "error": np.nan, "worst": worst}


def collected(levels: Sequence[Level], rows: list[dict], version: str) -> DynamicCutoffs:
    """Return the cut-offs of rows ``level index cutoff error worst``."""
    columns = ["level", "index", "cutoff", "error", "worst"]
    return DynamicCutoffs(tuple(levels), pd.DataFrame(rows, columns=columns), version)
