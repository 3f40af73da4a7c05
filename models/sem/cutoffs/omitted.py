r"""What a misspecified model would have left out, level by level.

Several factors: each level leaves out one cross-loading more, up to one less than there are factors (McNeish & Wolf
2023, https://doi.org/10.1037/met0000425, after Hu & Bentler 1999, https://doi.org/10.1080/10705519909540118). The item
is the weakest of its factor, factors of three items and more first. It also loads on the factor of highest
reliability H with which the pair of factors is not used yet, with

.. math:: \min\left(|\lambda|,\ .95\left(\sqrt{\lambda^2\varphi^2 + 1 - \lambda^2} - |\lambda|\varphi\right)\right),

so never more than on its own factor, and never more than its residual variance allows. Where a second-order factor
stands above them, the factors are those that items load on. With several groups the loadings are means over people, and
φ that of the group that allows least.

One factor: residual correlations of pairs of items, weakest first, in a third, in two thirds and in all of the pairs
(McNeish & Wolf 2022, https://doi.org/10.3758/s13428-022-01847-y).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.sem.inference.estimated import Estimated
from models.sem.model.matrices import Implied, implied

# Share of what its residual variance allows that a cross-loading takes at most, and the least residual variance of an
# item, as a share of all, that leaves room for one.
_MOST, _ROOM = 0.95, 0.01


@dataclass(frozen=True)
class Omitted:
    """A relation that the population has and the model has not.

    Attributes
    ----------
    lhs, op, rhs
        As in model text: a loading (``=~``), a residual correlation (``~~``) or a path (``~``).
    size
        Standardised.
    """

    lhs: str
    op: str
    rhs: str
    size: float


Level = tuple[Omitted, ...]


@dataclass(frozen=True)
class _Item:
    """An item of one factor: positions of both, its standardised loading, how many items the factor has."""

    at: int
    factor: int
    loading: float
    of: int


def omitted_relations(fit: Estimated, most: int, correlation: float) -> tuple[Level, ...]:
    """Return the levels of misspecification of a factor model, mildest first; none without a factor of several items.

    Parameters
    ----------
    fit
        The model as estimated.
    most
        Number of levels.
    correlation
        Residual correlation of the items of a single factor.
    """
    p, names = fit.task.structure.n_observed, fit.task.structure.names
    states = [implied(cells, fit.theta) for cells in fit.task.structure.groups]
    shares = np.array([group.n for group in fit.task.sample.groups]) / fit.n
    loadings, correlations = [], []
    for state in states:
        sd = np.sqrt(np.maximum(np.diag(state.C), 0.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            loadings.append(state.A[:p, p:] * sd[p:] / sd[:p, None])
            correlations.append(state.C[p:, p:] / np.outer(sd[p:], sd[p:]))
    items = _items(np.tensordot(shares, loadings, 1), states[0])
    if len({item.factor for item in items}) > 1:
        chosen = _cross_loadings(items, np.array(loadings), np.array(correlations))
        left_out = [Omitted(names[p + factor], "=~", names[item.at], size) for item, factor, size in chosen]
        return tuple(tuple(left_out[: k + 1]) for k in range(len(left_out)))[:most]
    return _residual_correlations(items, names[:p], correlation)[:most]


def _items(loadings: np.ndarray, state: Implied) -> list[_Item]:
    """Return the items that load on one factor and covary with no other item but by it, the weakest first.

    Parameters
    ----------
    loadings : ndarray (p, factors)
        Standardised.
    """
    p = len(loadings)
    marked = loadings != 0
    company = marked.sum(axis=0)
    alone = (marked.sum(axis=1) == 1) & ~state.A[:p, :p].any(axis=1)
    alone &= (np.abs(state.S[:p, :p]) > 0).sum(axis=1) <= 1
    found = []
    for i in np.flatnonzero(alone):
        f = int(np.flatnonzero(marked[i])[0])
        size = float(loadings[i, f])
        if company[f] > 1 and size**2 < 1 - _ROOM:
            found.append(_Item(int(i), f, size, int(company[f])))
    return sorted(found, key=lambda item: (item.of < 3, abs(item.loading)))


def _cross_loadings(
    items: list[_Item], loadings: np.ndarray, correlations: np.ndarray
) -> list[tuple[_Item, int, float]]:
    """Return the item, the other factor and the loading of each level.

    Parameters
    ----------
    loadings : ndarray (G, p, factors)
        Of each group.
    correlations : ndarray (G, factors, factors)
        Of the factors in each group.
    """
    reliability = {f: _reliability([item.loading for item in items if item.factor == f]) for f in _order(items)}
    used: set[frozenset[int]] = set()
    chosen = []
    for own in list(_order(items))[: len(reliability) - 1]:
        item = next(item for item in items if item.factor == own)
        others = [f for f in reliability if f != own and frozenset((own, f)) not in used]
        if others:
            other = max(others, key=lambda f: reliability[f])
            used.add(frozenset((own, other)))
            room = _room(np.abs(loadings[:, item.at, own]), correlations[:, own, other])
            chosen.append((item, other, float(np.sign(item.loading)) * min(abs(item.loading), room)))
    return chosen


def _order(items: list[_Item]) -> dict[int, None]:
    """Return the factors in the order of their weakest items."""
    return dict.fromkeys(item.factor for item in items)


def _reliability(loadings: list[float]) -> float:
    """Return coefficient H (Hancock & Mueller 2001) of a factor."""
    total = sum(size**2 / (1 - size**2) for size in loadings)
    return total / (1 + total)


def _room(own: np.ndarray, correlations: np.ndarray) -> float:
    """Return the largest cross-loading that leaves an item a residual in every group (G,)."""
    return _MOST * float(np.min(np.sqrt(own**2 * correlations**2 + 1 - own**2) - own * correlations))


def _residual_correlations(items: list[_Item], names: tuple[str, ...], correlation: float) -> tuple[Level, ...]:
    pairs = [
        Omitted(names[a.at], "~~", names[b.at], correlation) for a, b in zip(items[::2], items[1::2], strict=False)
    ]
    if len(items) < 4:
        return ()
    counts = {4: (1,), 5: (1, 2)}.get(len(items), (len(pairs) // 3, 2 * len(pairs) // 3, len(pairs)))
    return tuple(tuple(pairs[:count]) for count in counts)
