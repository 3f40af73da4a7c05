r"""The survey's population: latent covariances and means in every cell and in any mixture of cells.

In cell :math:`g` the latent variables obey :math:`\eta = B_g \eta + \pi(\eta) + \zeta` with
:math:`\mathrm{cov}(\zeta) = \Psi` and centred products :math:`\pi`. A product of two centred normal variables is
uncorrelated with every normal variable (odd moments vanish) and has variance
:math:`\sigma_{aa}\sigma_{bb} + \sigma_{ab}^2` (Isserlis 1918, https://doi.org/10.1093/biomet/12.1-2.134), so it adds
to the disturbance of its effect and :math:`\Sigma_g = (I - B_g)^{-1} \Psi_g^* (I - B_g)^{-\top}`.

In a mixture of cells with equal covariances of the causes, the projection of an effect on its causes has the
share-weighted mean of the paths as coefficients: the truth of a model that ignores the groups. Group means differ only
where that leaves the projection alone (`declaration.check`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.benchmark.declaration import TRUTH, Product, Slope, cells, latents, products, slopes, spread


@dataclass(frozen=True, eq=False)
class Population:
    """The latent side of the survey.

    Attributes
    ----------
    names
        (k) latent variables, causes before effects.
    share
        (cells,) share of each cell.
    paths
        (cells, k, k) `B`: row effect, column cause, loadings of the levels included.
    disturbance
        (k, k) covariance of what nothing explains, products apart.
    covariance, mean
        (cells, k, k) and (cells, k) moments.
    slopes, products
        As declared, scaled.
    """

    names: list[str]
    share: np.ndarray
    paths: np.ndarray
    disturbance: np.ndarray
    covariance: np.ndarray
    mean: np.ndarray
    slopes: list[Slope]
    products: list[Product]

    def at(self, name: str) -> int:
        """Place of a construct."""
        return self.names.index(name)

    def mixture(self, members: np.ndarray) -> np.ndarray:
        """(k, k) covariance of the latent variables in the cells of a mask, differences in means included."""
        weight = self.share[members] / self.share[members].sum()
        mean = self.mean[members] - weight @ self.mean[members]
        return np.einsum("c,cij->ij", weight, self.covariance[members]) + np.einsum("c,ci,cj->ij", weight, mean, mean)


def population(effect_scale: float = 1.0) -> Population:
    """Latent moments implied by the declared truth, hypothesised effects multiplied by `effect_scale`."""
    survey, names = TRUTH["survey"], latents()
    k, share = len(names), cells()["share"].to_numpy()
    declared, interactions = slopes(survey["paths"], effect_scale), products(survey["interactions"], effect_scale)
    interactions.sort(key=lambda p: names.index(p.effect))

    paths = np.zeros((len(share), k, k))
    for slope in declared:
        paths[:, names.index(slope.effect), names.index(slope.cause)] = slope.by_cell
    variance = dict(survey["variances"])
    for mechanism, levels in survey["levels"].items():
        for level, entry in levels.items():
            paths[:, names.index(level), names.index(mechanism)] = entry["loading"]
            variance[level] = entry["disturbance"]
    disturbance = np.diag([variance[name] for name in names]).astype(float)
    for entry in survey["correlations"]:
        i, j = (names.index(name) for name in entry["between"])
        size = entry["value"] * (effect_scale if "hypothesis" in entry else 1.0)
        disturbance[i, j] = disturbance[j, i] = size * np.sqrt(disturbance[i, i] * disturbance[j, j])

    inverse = np.linalg.inv(np.eye(k) - paths)
    unexplained = np.repeat(disturbance[None], len(share), axis=0)
    covariance = inverse @ unexplained @ inverse.transpose(0, 2, 1)
    for interaction in interactions:
        a, b = (names.index(cause) for cause in interaction.causes)
        j = names.index(interaction.effect)
        spread_of_product = covariance[:, a, a] * covariance[:, b, b] + covariance[:, a, b] ** 2
        unexplained[:, j, j] += interaction.size**2 * spread_of_product
        covariance = inverse @ unexplained @ inverse.transpose(0, 2, 1)

    shift = np.zeros((len(share), k))
    for name, by_group in survey["means"].items():
        shift[:, names.index(name)] = spread(by_group)
    mean = np.einsum("cij,cj->ci", inverse, shift)
    return Population(names, share, paths, disturbance, covariance, mean, declared, interactions)
