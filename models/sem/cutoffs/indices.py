"""Fit indices of a model refitted to many draws of moments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models.sem.cutoffs.many import Many, many
from models.sem.inference.estimated import Estimated
from models.sem.kernels.refits import MomentSets, at_moments
from models.sem.model.matrices import Cells, implied, jacobian
from models.sem.solving.estimate import Task
from models.sem.solving.minimise import minimise
from models.sem.solving.optimise import restrict

# Steps after which the objective is far nearer to its minimum than its sampling error; by how much one is shortened.
_STEPS, _SHORTER = 5, 4


@dataclass(frozen=True, eq=False)
class Statistics:
    """Test statistics of model and independence model, and SRMR, one value a draw (B,); NaN where there is no fit."""

    model: np.ndarray
    baseline: np.ndarray
    srmr: np.ndarray


def refitted(fit: Estimated, means: np.ndarray, covs: np.ndarray, sets: MomentSets) -> Statistics:
    """Fit a model of continuous answers to a population with moments (G, p) and (G, p, p), then to draws around it.

    From the solution of the population Newton's steps with its Hessian lead to that of each draw; a step that does not
    lower the objective is made shorter.
    """
    task = at_moments(fit.task, means, covs, np.array([group.n for group in fit.task.sample.groups]))
    centre = minimise(task.objective, task.constraints, fit.theta).theta
    towards = np.linalg.inv(restrict(task.objective.hessian(centre, exact=True), fit.basis))
    theta = trial = np.tile(centre, (len(sets.means), 1))
    value, srmr, step = np.full(len(theta), np.inf), np.full(len(theta), np.nan), np.zeros_like(theta)
    for _ in range(_STEPS):
        F, residual, slope = np.zeros(len(theta)), np.zeros(len(theta)), np.zeros_like(theta)
        for cells, state, share in _states(task, trial, sets):
            F += share * state.discrepancy()
            residual += share * state.residuals(task.structure.meanstructure)
            slope[:, cells.theta] = share[:, None] / 2 * state.slopes()
        lower = value > F
        value, srmr = np.where(lower, F, value), np.where(lower, residual, srmr)
        theta = np.where(lower[:, None], trial, theta)
        step = np.where(lower[:, None], -slope @ fit.basis @ towards @ fit.basis.T, step / _SHORTER)
        trial = theta + step
    chisq = np.where(np.isfinite(value), fit.n * value, np.nan)
    return Statistics(chisq, _independence(task, sets), srmr)


def _states(task: Task, theta: np.ndarray, sets: MomentSets) -> Iterator[tuple[Cells, Many, np.ndarray]]:
    for g, cells in enumerate(task.structure.groups):
        share = sets.sizes[:, g] / sets.sizes.sum(axis=1)
        yield cells, many(cells, theta, sets, g, task.structure.meanstructure), share


def expected_scaling(fit: Estimated, means: np.ndarray, covs: np.ndarray, sets: MomentSets) -> float:
    """Return what the statistic of a true model is a degree of freedom, to second order in the draws.

    It is the mean over the draws of the squared distance of the moments from the model, as Satorra & Bentler's tr(UΓ).
    """
    task = at_moments(fit.task, means, covs, np.array([group.n for group in fit.task.sample.groups]))
    total, slope = np.zeros(len(sets.means)), np.zeros((len(sets.means), len(fit.theta)))
    curvature = np.zeros((len(fit.theta), len(fit.theta)))
    for g, (cells, group) in enumerate(zip(task.structure.groups, task.sample.groups, strict=True)):
        W = np.linalg.inv(group.cov)
        change, shift = sets.covs[:, g] - group.cov, sets.means[:, g] - group.mean
        weighted = W @ change @ W
        total += group.n * np.sum(weighted * change, axis=(1, 2)) / 2
        dmu, dsigma = jacobian(cells, implied(cells, fit.theta))
        half = np.einsum("bij,ijq->bq", weighted, dsigma, optimize=True) / 2
        both = np.einsum("ij,jkq,kl->ilq", W, dsigma, W, optimize=True)
        hessian = np.einsum("ijq,ijr->qr", both, dsigma, optimize=True) / 2
        if task.structure.meanstructure:
            total += group.n * np.sum((shift @ W) * shift, axis=1)
            half += shift @ W @ dmu
            hessian += dmu.T @ W @ dmu
        slope[:, cells.theta] += group.n * half
        curvature[cells.theta, cells.theta] += group.n * hessian
    moved = slope @ fit.basis
    explained = np.sum(moved * np.linalg.solve(fit.basis.T @ curvature @ fit.basis, moved.T).T, axis=1)
    return float(np.mean(total - explained)) / fit.df


def _independence(task: Task, sets: MomentSets) -> np.ndarray:
    covariates = task.fixed_covariates
    items = [i for i in range(sets.covs.shape[-1]) if i not in covariates]
    logs = np.log(np.diagonal(sets.covs, axis1=2, axis2=3)[..., items]).sum(axis=-1)
    if covariates:
        logs += np.linalg.slogdet(sets.covs[..., covariates, :][..., covariates])[1]
    return np.sum(sets.sizes * (logs - np.linalg.slogdet(sets.covs)[1]), axis=1)
