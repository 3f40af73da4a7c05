"""Answers simulated from a model: from a fit at its estimates, or from model text whose fixed values are the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from models.remarks import remark
from models.sem.errors import ArgumentError, ModelError, PopulationError
from models.sem.language.rows import Options, Row
from models.sem.language.syntax import Syntax, parse
from models.sem.language.table import ParameterTable, build
from models.sem.model.matrices import implied, structure
from models.sem.result import Fit


@dataclass(frozen=True, eq=False)
class Population:
    """What one group is drawn from.

    Attributes
    ----------
    label
        Value of the grouping variable.
    names
        The observed variables (p).
    mean, cov
        Moments (p,), (p, p); of the latent responses for ordinal items.
    thresholds
        Cuts of ordinal items in increasing order, by item.
    """

    label: str | int | float
    names: tuple[str, ...]
    mean: np.ndarray
    cov: np.ndarray
    thresholds: dict[str, np.ndarray]


def simulate(
    syntax_or_fit: str | Fit,
    n: int | Sequence[int],
    seed: int | None = None,
    group: str = "group",
    labels: Sequence[str | int | float] | None = None,
) -> pd.DataFrame:
    """Draw answers from a multivariate normal population; ordinal items are cut at their thresholds.

    Parameters
    ----------
    syntax_or_fit : str or Fit
        A fit, whose estimates are the population; or model text, where fixed and starting values are. In text, what
        has no value is as in lavaan's `simulateData`: loadings and (residual) variances 1, everything else 0. ``item
        | -1*t1 + 0.5*t2`` makes an item ordinal; its latent response has the model's mean and variance.
    n : int or sequence of int
        Respondents, or one number a group.
    seed : int, optional
        Seed of the generator.
    group : str
        Name of the column of the groups, where there are several.
    labels : sequence, optional
        Their values.

    Returns
    -------
    DataFrame
        One row a respondent, one column an item.

    Raises
    ------
    ModelError
        If the values imply a covariance matrix that is not positive definite.
    ArgumentError
        If the sizes are not positive or not one a group.

    Examples
    --------
    >>> from models import sem
    >>> answers = sem.simulate("F =~ 0.8*a + 0.7*b + 0.6*c; a | -0.5*t1 + 0.5*t2", 500, seed=1)
    >>> answers.shape, sorted(answers["a"].unique().tolist())
    ((500, 3), [1, 2, 3])
    """
    populations = _of_fit(syntax_or_fit) if isinstance(syntax_or_fit, Fit) else _of_text(syntax_or_fit, n, labels)
    sizes = [n] * len(populations) if isinstance(n, (int, np.integer)) else list(n)
    if len(sizes) != len(populations) or any(size < 1 for size in sizes):
        raise ArgumentError(f"n={n!r} must be a positive number, or {len(populations)} of them, one a group.")
    streams = np.random.default_rng(seed).spawn(len(populations))
    frames = []
    for population, size, stream in zip(populations, sizes, streams, strict=True):
        frame = draw(population, int(size), stream)
        if len(populations) > 1:
            frame.insert(0, group, population.label)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def draw(population: Population, n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw n respondents of one group."""
    values, vectors = np.linalg.eigh(population.cov)
    if values[0] <= 0:
        involved = [name for name, w in zip(population.names, vectors[:, 0], strict=True) if abs(w) > 0.3]
        raise PopulationError(
            remark("population_not_positive", smallest=float(values[0]), names=involved),
            "Raise their variances or weaken their relations.",
        )
    x = population.mean + rng.standard_normal((n, len(values))) @ np.linalg.cholesky(population.cov).T
    frame = pd.DataFrame(x, columns=list(population.names))
    for name, cuts in population.thresholds.items():
        frame[name] = 1 + np.searchsorted(cuts, frame[name].to_numpy())
    return frame


def _of_fit(fit: Fit) -> list[Population]:
    names, p = fit.task.structure.names, fit.task.structure.n_observed
    result = []
    for cells, sample in zip(fit.task.structure.groups, fit.task.sample.groups, strict=True):
        state = implied(cells, fit.theta)
        mean = state.mu if fit.table.options.meanstructure else sample.mean
        thresholds = {}
        if cells.ordinal is not None:
            thresholds = {names[item]: state.tau[cells.ordinal.owner == item] for item in cells.ordinal.items}
        result.append(Population(sample.label, names[:p], mean, state.C[:p, :p], thresholds))
    return result


def _of_text(text: str, n: int | Sequence[int], labels: Sequence[str | int | float] | None) -> list[Population]:
    whole = parse(text)
    if labels is None:
        count = 1 if isinstance(n, (int, np.integer)) else len(n)
        labels = range(1, max(count, _groups_of_text(whole)) + 1)
    options = Options(groups=tuple(labels), meanstructure=True, fixed_x=False)
    table = build(replace(whole, terms=tuple(t for t in whole.terms if t.op != "|"), relations=()), options)
    theta = _values(table)
    matrices = structure(table)
    p = matrices.n_observed
    result = []
    for g, (label, cells) in enumerate(zip(options.groups, matrices.groups, strict=True)):
        state = implied(cells, theta)
        cuts = _cuts(whole, g, matrices.names[:p])
        result.append(Population(label, matrices.names[:p], state.mu, state.C[:p, :p], cuts))
    return result


def _groups_of_text(syntax: Syntax) -> int:
    return max(len(values) for t in syntax.terms for values in (t.fixed or (), t.start or (), t.label or (), (0,)))


def _values(table: ParameterTable) -> np.ndarray:
    """Return θ: starting values, values of equally labelled parameters, or the defaults."""
    known: dict[str, float] = {}
    for row in table.rows:
        value = row.start if np.isnan(row.fixed) else row.fixed
        if row.label and np.isfinite(value):
            known.setdefault(row.label, value)
    rows = (table.rows[i] for i in table.free)
    return np.array([row.start if np.isfinite(row.start) else known.get(row.label, _default(row)) for row in rows])


def _default(row: Row) -> float:
    return 1.0 if row.op == "=~" or (row.op == "~~" and row.lhs == row.rhs) else 0.0


def _cuts(syntax: Syntax, group: int, names: Sequence[str]) -> dict[str, np.ndarray]:
    result: dict[str, list[float]] = {}
    for term in syntax.terms:
        if term.op != "|":
            continue
        given = term.fixed or term.start
        value = None if given is None else given[group if len(given) > 1 else 0]
        if value is None:
            raise ModelError(
                f"The threshold '{term.lhs} | {term.rhs}' has no value; write for example -0.5*{term.rhs}."
            )
        result.setdefault(term.lhs, []).append(float(value))
    for name, cuts in result.items():
        if name not in names:
            raise ModelError(f"'{name}' has thresholds but is no observed variable of the model.")
        if any(b <= a for a, b in zip(cuts[:-1], cuts[1:], strict=True)):
            raise ModelError(f"The thresholds of '{name}' must increase, found {cuts}.")
    return {name: np.array(cuts) for name, cuts in result.items()}
