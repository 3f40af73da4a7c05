"""Answers → sample moments a group, after every check that can be made before estimation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from models.messages.summary import Summarised
from models.remarks import remark
from models.sem.errors import (
    ArgumentError,
    CollinearItemsError,
    ConstantItemError,
    GroupTooSmallError,
    UnknownVariableError,
    in_group,
    nearest,
)
from models.sem.samples.answers import numbers
from models.sem.samples.ordinal_statistics import OrdinalMoments
from models.sem.samples.patterns import Patterns, patterns

Kind = Literal["complete", "incomplete", "ordinal"]


@dataclass(frozen=True, eq=False, repr=False)
class Moments(Summarised):
    """Moments in place of data.

    Attributes
    ----------
    cov
        Covariance matrix (p, p); a data frame brings its own names.
    n
        Number of respondents.
    means
        Means (p,), or None.
    names
        Names of the variables.
    unbiased
        Whether `cov` was divided by n − 1 rather than by n.
    """

    cov: np.ndarray | pd.DataFrame
    n: int
    means: np.ndarray | pd.Series | Sequence[float] | None = None
    names: Sequence[str] | None = None
    unbiased: bool = True


@dataclass(frozen=True, eq=False)
class GroupSample:
    """The sample of one group.

    Attributes
    ----------
    label
        Value of the grouping variable (1 without groups).
    n
        Number of respondents.
    mean, cov
        Moments (p,) and (p, p), the covariance divided by n; with missing answers the maximum likelihood estimates.
    data
        Answers (n, p), NaN where missing, or None when only moments are known.
    clusters
        Cluster of each respondent as codes (n,), or None.
    rows
        Positions of the respondents in the caller's data (n,), or None.
    ordinal
        Moments of ordered items; then `mean` and `cov` are those of the latent responses.
    memo
        What was derived from the sample alone, for the next model of the same answers.
    """

    label: str | int | float
    n: int
    mean: np.ndarray
    cov: np.ndarray
    data: np.ndarray | None = None
    clusters: np.ndarray | None = None
    rows: np.ndarray | None = None
    ordinal: OrdinalMoments | None = None
    memo: dict[tuple, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def complete(self) -> bool:
        """Whether no answer is missing."""
        return self.data is None or not bool(np.isnan(self.data).any())

    @cached_property
    def patterns(self) -> Patterns:
        """The answers by pattern of missingness."""
        assert self.data is not None
        return patterns(self.data)

    def explained(self, covariates: Sequence[int]) -> np.ndarray:
        """Return the part of the centred answers that is linear in some columns (n, p), complete answers."""
        y = self.data - self.mean
        x = y[:, list(covariates)]
        return x @ np.linalg.lstsq(x, y, rcond=None)[0]


@dataclass(frozen=True, eq=False, repr=False)
class Sample(Summarised):
    """The samples of all groups.

    Attributes
    ----------
    names
        Columns of every array.
    groups
        In the order in which they appear.
    has_means
        Whether the means are known.
    n_dropped
        Respondents left out because of missing answers.
    divisor
        What the covariances are divided by: ``"n"``, or ``"n-1"`` for least squares.
    """

    names: tuple[str, ...]
    groups: tuple[GroupSample, ...]
    has_means: bool = True
    n_dropped: int = 0
    divisor: Literal["n", "n-1"] = "n"

    def divided(self, divisor: Literal["n", "n-1"]) -> Sample:
        """Return the sample with covariances divided by n, or by n − 1."""
        if divisor == self.divisor:
            return self
        power = 1 if divisor == "n-1" else -1
        groups = tuple(replace(group, cov=group.cov * (group.n / (group.n - 1)) ** power) for group in self.groups)
        return replace(self, groups=groups, divisor=divisor)

    @property
    def is_ordinal(self) -> bool:
        """Whether there are ordered items."""
        return self.groups[0].ordinal is not None

    @property
    def kind(self) -> Kind:
        """What objective, inference and resampling depend on; one incomplete group makes the sample incomplete."""
        if self.is_ordinal:
            return "ordinal"
        return "complete" if all(group.complete for group in self.groups) else "incomplete"

    def moment_count(self, means: bool, n_covariates: int) -> int:
        """Return the number of moments that a model explains; fixed covariates' own moments do not count."""

        def count(p: int) -> int:
            return p * (p + 1) // 2 + (p if means else 0)

        if self.is_ordinal:
            return sum(len(group.ordinal.observed) for group in self.groups if group.ordinal is not None)
        return len(self.groups) * (count(len(self.names)) - count(n_covariates))

    @property
    def n(self) -> int:
        """Number of respondents in all groups."""
        return sum(group.n for group in self.groups)


def group_labels(data: pd.DataFrame, group: str | None) -> tuple:
    """Return the groups in the order in which they appear."""
    if group is None:
        return (1,)
    require_columns(data, [group], "the grouping variable")
    try:
        found = data[group].dropna().unique()
    except TypeError as error:
        raise ArgumentError(f"The grouping variable '{group}' holds {data[group].dtype} that name no group.") from error
    if not len(found):
        raise GroupTooSmallError(remark("nobody_grouped", group=group))
    return tuple(v.item() if isinstance(v, np.generic) else v for v in found)


def require_columns(data: pd.DataFrame, names: Sequence[str], what: str) -> None:
    """Raise if a column does not exist, naming its nearest neighbours."""
    columns = [str(c) for c in data.columns.tolist()]
    missing = [name for name in names if name not in columns]
    if missing:
        hints = [f"'{name}' ({nearest(name, columns) or 'nothing is near'})" for name in missing]
        raise UnknownVariableError(
            f"The data have no column for {what}: {', '.join(hints)}. Rename it in the model or in the data."
        )
    twice = [name for name in names if columns.count(name) > 1]
    if twice:
        raise ArgumentError(
            f"The data have several columns of the name {', '.join(twice)}. Rename or drop all but one."
        )


def from_data(
    data: pd.DataFrame,
    names: Sequence[str],
    group: str | None = None,
    missing: str = "listwise",
    cluster: str | None = None,
    complete_on: Sequence[str] = (),
    ordered: Sequence[str] = (),
) -> Sample:
    """Read the columns `names`, drop what `missing` says, and compute moments a group.

    Parameters
    ----------
    missing
        ``"listwise"`` keeps complete respondents; ``"fiml"`` keeps everyone with at least one answer.
    complete_on
        Columns that must be answered even under ``"fiml"`` (fixed covariates).
    ordered
        Columns of which only the order counts.
    """
    if not isinstance(data, pd.DataFrame):
        raise ArgumentError(f"data must be a pandas DataFrame or sem.Moments, found {type(data).__name__}.")
    require_columns(data, names, "a variable of the model")
    if cluster is not None:
        require_columns(data, [cluster], "the cluster")
    values = _numeric(data, names, ordered)
    answered = ~np.isnan(values)
    keep = answered.any(axis=1) if missing == "fiml" else answered.all(axis=1)
    for name in complete_on:
        keep &= answered[:, list(names).index(name)]
    for column in (group, cluster):
        if column is not None:
            keep &= data[column].notna().to_numpy()
    labels = group_labels(data, group)
    codes = np.zeros(len(data), dtype=int) if group is None else pd.Categorical(data[group], categories=labels).codes
    clusters = None if cluster is None else pd.factorize(data[cluster])[0]
    groups = []
    for code, label in enumerate(labels):
        where, own = label if group is not None else None, codes == code
        _check_answered(answered[own], names, where)
        rows = np.flatnonzero(keep & own)
        x = values[rows]
        _check_answers(x, names, where)
        mean, cov = _moments(x)
        if not np.isnan(cov).any():
            _check_covariance(cov, names, where)
        groups.append(GroupSample(label, len(x), mean, cov, x, None if clusters is None else clusters[rows], rows))
    return Sample(tuple(names), tuple(groups), True, int(len(data) - keep.sum()))


def from_moments(moments: Moments | Mapping | Sequence, names: Sequence[str]) -> Sample:
    """Take moments: one `Moments`, or a mapping group → `Moments`."""
    if isinstance(moments, Moments):
        moments = {1: moments}
    elif not isinstance(moments, Mapping):
        moments = dict(enumerate(moments, 1))
    if not moments or not all(isinstance(given, Moments) for given in moments.values()):
        raise ArgumentError("data must be a pandas DataFrame, sem.Moments, or sem.Moments by group.")
    groups = []
    for label, given in moments.items():
        cov = np.asarray(given.cov, dtype=float)
        own = list(given.names) if given.names is not None else list(getattr(given.cov, "columns", []))
        if not own or cov.shape != (len(own), len(own)):
            raise ArgumentError(f"Moments need one name a variable: {len(own)} names for a matrix {cov.shape}.")
        if not np.allclose(cov, cov.T, rtol=1e-6, atol=1e-10 * np.abs(cov).max()):
            raise ArgumentError("The covariance matrix of the moments is not symmetric.")
        require_columns(pd.DataFrame(columns=own), names, "a variable of the model")
        index = [own.index(name) for name in names]
        cov = cov[np.ix_(index, index)] * ((given.n - 1) / given.n if given.unbiased else 1.0)
        mean = np.zeros(len(names)) if given.means is None else np.asarray(given.means, dtype=float)[index]
        _check_covariance(cov, names, label if len(moments) > 1 else None)
        groups.append(GroupSample(label, int(given.n), mean, (cov + cov.T) / 2))
    return Sample(tuple(names), tuple(groups), all(m.means is not None for m in moments.values()))


def _numeric(data: pd.DataFrame, names: Sequence[str], ordered: Sequence[str]) -> np.ndarray:
    return np.column_stack([numbers(data[name], name, name in ordered) for name in names])


def _check_answered(answered: np.ndarray, names: Sequence[str], label: object) -> None:
    nobody = [names[int(i)] for i in np.flatnonzero(~answered.any(axis=0))]
    if nobody:
        raise ConstantItemError(
            remark("nobody_answered", items=nobody, where=in_group(label)),
            "Drop the item from the model or the group from the data.",
        )


def _check_answers(x: np.ndarray, names: Sequence[str], label: object) -> None:
    if len(x) <= len(names):
        raise GroupTooSmallError(
            remark("few_respondents", n=len(x), p=len(names), where=in_group(label)),
            "Use more respondents, fewer items, leave the group out, or missing='fiml' where answers are missing.",
        )
    spread = np.fmax.reduce(x) - np.fmin.reduce(x)
    if (spread == 0).any():
        constant = [name for name, s in zip(names, spread, strict=True) if s == 0]
        raise ConstantItemError(remark("same_answer", items=constant, where=in_group(label)), "Drop it from the model.")


def _check_covariance(cov: np.ndarray, names: Sequence[str], label: object) -> None:
    variance = np.diag(cov)
    if (variance <= 0).any():
        constant = [name for name, v in zip(names, variance, strict=True) if v <= 0]
        raise ConstantItemError(remark("no_variance", items=constant, where=in_group(label)), "Drop it from the model.")
    scale = 1 / np.sqrt(variance)
    values, vectors = np.linalg.eigh(cov * np.outer(scale, scale))
    if values[0] < 1e-10:
        involved = [name for name, weight in zip(names, vectors[:, 0], strict=True) if abs(weight) > 0.05]
        raise CollinearItemsError(
            remark("linear_combinations", items=involved, where=in_group(label)),
            "Drop one of them (a total beside its parts, or a duplicate).",
        )


def _moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean = x.mean(axis=0)
    centred = x - mean
    return mean, centred.T @ centred / len(x)
