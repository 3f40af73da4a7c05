"""Fit statistics of a model of ordered items over many draws of its moments.

The model is fitted to the moments of the population; around that solution the moments are linear in its parameters, so
that what a draw adds to the residuals is a projection.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.sem.cutoffs.indices import Statistics
from models.sem.inference.estimated import Estimated
from models.sem.inference.ordinal_robust import ordinal_spaces
from models.sem.kernels.refits import at_sample
from models.sem.samples.sample import GroupSample
from models.sem.solving.minimise import minimise
from models.sem.solving.optimise import restrict


def deviations(fit: Estimated, n: int, seed: int | None) -> list[np.ndarray]:
    """Draw errors of the moments of each group (n, m), with the covariance that their estimates have."""
    streams = np.random.default_rng(seed).spawn(len(fit.problem.sample.groups))
    found = []
    for group, stream in zip(fit.problem.sample.groups, streams, strict=True):
        assert group.ordinal is not None
        values, vectors = np.linalg.eigh(group.ordinal.gamma / group.n)
        spread = vectors * np.sqrt(np.maximum(values, 0.0))
        found.append(stream.standard_normal((n, len(values))) @ spread.T)
    return found


def projected(fit: Estimated, covs: np.ndarray, errors: list[np.ndarray]) -> Statistics:
    """Fit the model to a population with covariances (G, p, p) of latent responses, and to the draws around it."""
    task = fit.problem
    groups = tuple(_of_population(group, cov) for group, cov in zip(task.sample.groups, covs, strict=True))
    other = at_sample(task, replace(task.sample, groups=groups))
    theta = minimise(other.objective, other.constraints, fit.theta).theta
    rest, slope = [], 0.0
    information = np.zeros((len(theta), len(theta)))
    for space, group, own in zip(ordinal_spaces(other, theta), groups, errors, strict=True):
        assert group.ordinal is not None
        moved = np.zeros((len(own), len(theta)))
        moved[:, space.at] = group.n * (space.weights * own) @ space.own
        information[space.block] += group.n * space.own.T @ (space.weights[:, None] * space.own)
        slope = slope + moved
        rest.append((space, group.ordinal.observed - _implied(other, theta, group), own))
    change = slope @ fit.basis @ np.linalg.inv(restrict(information, fit.basis)) @ fit.basis.T
    model, baseline, srmr = (np.zeros(len(change)) for _ in range(3))
    for (space, residual, own), group in zip(rest, groups, strict=True):
        assert group.ordinal is not None
        left = residual + own - change[:, space.at] @ space.own.T
        model += group.n * (left**2 @ space.weights)
        pairs = slice(len(left.T) - len(group.ordinal.pairs[0]), None)
        baseline += group.n * ((group.ordinal.observed + own)[:, pairs] ** 2 @ space.weights[pairs])
        i, j = group.ordinal.pairs
        sd, p = np.sqrt(np.diag(group.cov)), len(group.cov)
        standardised = (left[:, pairs] / (sd[i] * sd[j])) ** 2
        srmr += group.n / fit.n * np.sqrt(standardised.sum(axis=1) / (p * (p + 1) / 2))
    return Statistics(model, baseline, srmr)


def _implied(task, theta: np.ndarray, group: GroupSample) -> np.ndarray:
    from models.sem.model.matrices import implied

    g = [other.label for other in task.sample.groups].index(group.label)
    return task.objective.groups[g].moments(implied(task.structure.groups[g], theta))


def _of_population(group: GroupSample, cov: np.ndarray) -> GroupSample:
    moments = group.ordinal
    assert moments is not None
    i, j = moments.pairs
    observed = moments.observed.copy()
    observed[len(observed) - len(i) :] = cov[i, j]
    return replace(group, cov=cov, ordinal=replace(moments, observed=observed, cov=cov))
