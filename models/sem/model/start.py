r"""Starting values, equivariant to the units of the items.

Each factor's items give standardised loadings by principal factoring; weighted sums of the items then give the
covariances of factors (Thurstone's centroid idea, in the spirit of Hägglund 1982,
https://doi.org/10.1007/BF02293850), second-order loadings come from these in the same way, and regressions by least
squares.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from models.sem.language.rows import Row
from models.sem.language.table import ParameterTable
from models.sem.samples.sample import GroupSample, Sample

_WEAK = 0.2
_STRONG = 0.95


def starting_values(table: ParameterTable, sample: Sample) -> np.ndarray:
    """Return θ (n_free,) to start from: the user's values where given, else computed from the moments."""
    values = np.array([row.fixed for row in table.rows])
    for g, group in enumerate(sample.groups, 1):
        rows = [i for i, row in enumerate(table.rows) if row.group == g]
        _Group(table, rows, values, group, sample.names).fill()
    user = np.array([row.start for row in table.rows])
    values = np.where(np.isnan(user), values, user)
    return values[list(table.free)]


@dataclass(eq=False)
class _Group:
    """The rows of one group, and what is known of its variables.

    `phi` is a correlation matrix over observed variables and the factors placed so far, `scale` their standard
    deviations.
    """

    table: ParameterTable
    rows: list[int]
    values: np.ndarray
    sample: GroupSample
    names: tuple[str, ...]
    index: dict[str, int] = field(default_factory=dict)
    scale: dict[str, float] = field(default_factory=dict)
    phi: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    communality: dict[str, float] = field(default_factory=dict)
    loadings: dict[str, np.ndarray] = field(default_factory=dict)

    def fill(self) -> None:
        """Fill every free value of the group."""
        spread = np.sqrt(np.diag(self.sample.cov))
        self.phi = self.sample.cov / np.outer(spread, spread)
        if self.sample.ordinal is not None and self.table.options.parameterization == "theta":
            spread = np.where(self.sample.ordinal.ordinal, np.sqrt(2), spread)
        self.index = {name: i for i, name in enumerate(self.names)}
        self.scale = dict(zip(self.names, spread, strict=True))
        factors = self._factors()
        self.loadings = self._first_order(factors)
        while factors:
            ready = [f for f in factors if all(name in self.index for name, _ in factors[f])]
            for factor in ready or list(factors):
                self._place(factor, [(n, i) for n, i in factors.pop(factor) if n in self.index])
        residual = self._regressions()
        for i in self.rows:
            if np.isnan(self.values[i]):
                self.values[i] = self._moment(i, residual)

    def _factors(self) -> dict[str, list[tuple[str, int]]]:
        result: dict[str, list[tuple[str, int]]] = {}
        for i in self.rows:
            row = self.table.rows[i]
            if row.op == "=~":
                result.setdefault(row.lhs, []).append((row.rhs, i))
        return result

    def _first_order(self, factors: dict[str, list[tuple[str, int]]]) -> dict[str, np.ndarray]:
        """Return the standardised loadings of the factors of items, all factors of as many items at once."""
        sizes: dict[int, list[str]] = {}
        for factor, members in factors.items():
            if all(name in self.index for name, _ in members):
                sizes.setdefault(len(members), []).append(factor)
        result: dict[str, np.ndarray] = {}
        for alike in sizes.values():
            at = np.array([[self.index[name] for name, _ in factors[factor]] for factor in alike])
            result |= dict(zip(alike, _principal(self.phi[at[:, :, None], at[:, None, :]]), strict=True))
        return result

    def _variance(self, name: str) -> float:
        rows = self.table.rows
        found = [i for i in self.rows if rows[i].op == "~~" and rows[i].lhs == rows[i].rhs == name]
        return float(self.values[found[0]]) if found else np.nan

    def _place(self, factor: str, members: list[tuple[str, int]]) -> None:
        """Give a factor its loadings, its standard deviation and its correlations."""
        at = [self.index[name] for name, _ in members]
        loadings = self.loadings.get(factor)
        if loadings is None:
            loadings = _principal(self.phi[None, at][:, :, at])[0]
        fixed = [k for k, (_, i) in enumerate(members) if np.isfinite(self.values[i]) and self.values[i] != 0]
        if fixed:
            k = fixed[0]
            name, i = members[k]
            deviation = loadings[k] * self.scale[name] / self.values[i]
        else:
            variance = self._variance(factor)
            deviation = np.sqrt(variance) if np.isfinite(variance) and variance > 0 else 1.0
        if deviation < 0:
            deviation, loadings = -deviation, -loadings
        for loading, (name, i) in zip(loadings, members, strict=True):
            if np.isnan(self.values[i]):
                self.values[i] = loading * self.scale[name] / deviation
            self.communality[name] = min(_STRONG**2, self.communality.get(name, 0.0) + loading**2)
        correlations = loadings @ self.phi[at] / np.sum(loadings**2)
        correlations = np.minimum(np.maximum(correlations, -0.9), 0.9)
        correlations[at] = loadings
        if len(fixed) > 1:
            correlations[len(self.names) :] = 0.0
        size = len(self.phi)
        phi = np.eye(size + 1)
        phi[:size, :size] = self.phi
        phi[size, :size] = phi[:size, size] = correlations
        self.phi, self.index[factor], self.scale[factor] = phi, size, float(deviation)

    def _regressions(self) -> dict[str, float]:
        """Fill regressions by least squares and return the unexplained share of each outcome."""
        equations: dict[str, list[int]] = {}
        for i in self.rows:
            row = self.table.rows[i]
            if row.op == "~" and row.lhs in self.index and row.rhs in self.index:
                equations.setdefault(row.lhs, []).append(i)
        unexplained = {}
        for outcome, members in equations.items():
            at = [self.index[self.table.rows[i].rhs] for i in members]
            across = self.phi[np.ix_(at, at)]
            weight = np.linalg.solve(across + 0.05 * np.eye(len(at)), self.phi[at, self.index[outcome]])
            explained = float(weight @ across @ weight)
            if explained > 0.8:
                weight *= np.sqrt(0.8 / explained)
            for i, b in zip(members, weight, strict=True):
                row = self.table.rows[i]
                if np.isnan(self.values[i]):
                    self.values[i] = b * self.scale[outcome] / self.scale[row.rhs]
            unexplained[outcome] = 1 - min(explained, 0.8)
        return unexplained

    def _moment(self, i: int, residual: dict[str, float]) -> float:
        """Return a start for a variance, covariance or mean."""
        row = self.table.rows[i]
        if row.op in ("|", "~*~"):
            return self._cut(row)
        if row.op == "~1":
            return float(self.sample.mean[self.index[row.lhs]]) if row.lhs in self.names else 0.0
        if row.op != "~~" or row.lhs not in self.index or row.rhs not in self.index:
            return 0.0
        a, b = self.index[row.lhs], self.index[row.rhs]
        if a == b:
            share = residual.get(row.lhs, 1.0) * (1 - self.communality.get(row.lhs, 0.0))
            return max(share, 0.05) * self.scale[row.lhs] ** 2
        endogenous = {row.lhs, row.rhs} & (residual.keys() | self.communality.keys())
        return 0.0 if endogenous else float(self.phi[a, b]) * self.scale[row.lhs] * self.scale[row.rhs]

    def _cut(self, row: Row) -> float:
        """Return a start for a threshold or a scale of an ordered item."""
        if row.op == "~*~":
            return 1.0
        assert self.sample.ordinal is not None
        tau = self.sample.ordinal.thresholds[self.ordered[row.lhs]][int(row.rhs[1:]) - 1]
        return float(tau) * self.scale[row.lhs]

    @cached_property
    def ordered(self) -> dict[str, int]:
        """Place of each ordered item among those that have thresholds."""
        cut = dict(self.table.options.thresholds)
        return {name: k for k, name in enumerate(name for name in self.names if name in cut)}


def _principal(R: np.ndarray) -> np.ndarray:
    """Return loadings (f, m) of factors on m items each with correlations R (f, m, m), kept between weak and strong."""
    f, m, _ = R.shape
    if m == 1:
        return np.full((f, 1), _STRONG)
    k = np.arange(m)
    reduced = R.copy()
    reduced[:, k, k] = 0.0
    communality = np.abs(reduced).max(axis=1)
    for _ in range(10):
        reduced[:, k, k] = communality
        values, vectors = np.linalg.eigh(reduced)
        loadings = vectors[:, :, -1] * np.sqrt(np.maximum(values[:, -1:], 1e-8))
        communality = np.minimum(np.maximum(loadings**2, _WEAK**2), _STRONG**2)
    loadings = np.where(loadings.sum(axis=1, keepdims=True) >= 0, loadings, -loadings)
    return np.where(loadings < 0, -1.0, 1.0) * np.minimum(np.maximum(np.abs(loadings), _WEAK), _STRONG)
