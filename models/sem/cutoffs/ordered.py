r"""Fit indices of a model of ordered answers in many samples of a population: drawn, cut, and fitted anew.

Every draw has as many respondents as the sample, in the same groups. Their latent responses come from the population
and are cut at the thresholds of the fit; who left an item unanswered leaves it in every draw (McNeish 2023,
https://doi.org/10.1037/amp0001213). All populations see the same normal numbers.

Where all items of a single group are ordered the indices are the robust ones, which estimate those that maximum
likelihood would have for the latent responses (Savalei 2021, https://doi.org/10.1080/00273171.2020.1717922): those of
diagonally weighted least squares, scaled or not, depend on its weights and look better at the same misfit (Xia & Yang
2019, https://doi.org/10.3758/s13428-018-1055-2). Else they are the scaled ones, to which a cut-off of the same model,
sample and estimator gives a meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.remarks import remark
from models.sem.errors import CategoryError, SemError
from models.sem.inference.estimated import Estimated
from models.sem.inference.fit_indices import uncorrected
from models.sem.inference.indices import srmr
from models.sem.inference.ordinal_indices import categorical
from models.sem.inference.robust_indices import Corrected
from models.sem.kernels.refits import at_sample
from models.sem.model.matrices import Cells, implied
from models.sem.samples.ordinal_sample import with_ordinal_moments
from models.sem.samples.sample import GroupSample
from models.sem.samples.thresholds import levels
from models.sem.solving.minimise import minimise

# Of so many steps; a draw that needs more has no minimum nearby.
_PATIENCE = 50


@dataclass(frozen=True, eq=False)
class Indices:
    """CFI, RMSEA and SRMR, one value a draw (B,); NaN where there is no fit."""

    cfi: np.ndarray
    rmsea: np.ndarray
    srmr: np.ndarray


def version_of(fit: Estimated) -> str:
    """Return which indices of a fit are simulated: ``"_robust"``, ``"_scaled"``, or plain ones."""
    if fit.scaled_test is None:
        return ""
    return "_robust" if categorical(fit) is not None and categorical(fit.baseline) is not None else "_scaled"


def refitted(
    fit: Estimated, means: np.ndarray, covs: np.ndarray, streams: Sequence[np.random.SeedSequence], version: str
) -> Indices:
    """Fit a model of ordered answers to samples of a population with latent moments (G, p) and (G, p, p).

    Parameters
    ----------
    streams
        Where the normal numbers of each draw come from.
    version
        As `version_of` names it.
    """
    found = np.full((3, len(streams)), np.nan)
    categories = _categories(fit)
    for b, stream in enumerate(streams):
        rng = np.random.default_rng(stream)
        groups = tuple(
            _drawn(group, cells, fit.theta, mean, cov, categories, rng)
            for group, cells, mean, cov in zip(
                fit.task.sample.groups, fit.task.structure.groups, means, covs, strict=True
            )
        )
        found[:, b] = _fitted(fit, groups, version)
    fitted = int(np.isfinite(found).all(axis=0).sum())
    if 2 * fitted < len(streams):
        raise CategoryError(
            remark("few_samples_fitted", n=len(streams), fitted=fitted),
            "Merge categories that few chose with their neighbours, or fit the model to the answers as numbers.",
        )
    return Indices(*found)


def _categories(fit: Estimated) -> list[np.ndarray]:
    """Return the answers to each ordered item, in their order."""
    sample, ordered = fit.task.sample, fit.table.variables.ordered
    names = [name for name in sample.names if name in ordered]
    at = [sample.names.index(name) for name in names]
    answers = np.vstack([group.data[:, at] for group in sample.groups])  # type: ignore[index]
    return [np.array(found) for found in levels(answers, names)]


def _drawn(
    group: GroupSample,
    cells: Cells,
    theta: np.ndarray,
    mean: np.ndarray,
    cov: np.ndarray,
    categories: list[np.ndarray],
    rng: np.random.Generator,
) -> GroupSample:
    """Return a group with answers of as many other people."""
    assert cells.ordinal is not None
    x = mean + rng.standard_normal((group.n, len(mean))) @ np.linalg.cholesky(cov).T
    tau = implied(cells, theta).tau
    for item, answers in zip(cells.ordinal.items, categories, strict=True):
        x[:, item] = answers[np.searchsorted(tau[cells.ordinal.owner == item], x[:, item])]
    x[np.isnan(group.data)] = np.nan  # type: ignore[arg-type]
    return replace(group, data=x, rows=None)


def _fitted(fit: Estimated, groups: tuple[GroupSample, ...], version: str) -> tuple[float, float, float]:
    """Return CFI, RMSEA and SRMR of a draw; NaN where nobody chose some category, or no minimum is found."""
    none = (np.nan, np.nan, np.nan)
    source = fit.task.sample
    try:
        sample = with_ordinal_moments(replace(source, groups=groups), fit.table.variables.ordered, source)
        task = at_sample(fit.task, sample)
        solution = minimise(task.objective, task.constraints, fit.theta, _PATIENCE)
        one = Estimated(task, solution, fit.settings)
        own, base = (categorical(each) if version == "_robust" else uncorrected(each) for each in (one, one.baseline))
    except (SemError, np.linalg.LinAlgError):
        return none
    if not solution.converged or own is None or base is None:
        return none
    excess, worst = _excess(own), max(_excess(own), _excess(base))
    rmsea = np.sqrt(excess * len(groups) / ((one.n - len(groups)) * one.df))
    return 1 - excess / worst if worst else 1.0, float(rmsea), srmr(task.structure, sample, one.theta)


def _excess(test: Corrected) -> float:
    return max(test.statistic - test.scaling * test.df, 0.0)
