"""What a parameter table is made of: its rows, the variables by role, and how it is completed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Row:
    """One parameter.

    Attributes
    ----------
    lhs, op, rhs
        The relation; a mean or intercept has `op` ``~1`` and an empty `rhs`.
    group
        Number of the group from 1.
    free
        Estimated, or fixed at `fixed`.
    fixed, start
        Fixed value and starting value of the user (NaN: none).
    label
        Parameters of one label are equal.
    exo
        A moment of a fixed exogenous covariate, taken from the sample.
    user
        Written by the user rather than added automatically.
    """

    lhs: str
    op: str
    rhs: str
    group: int
    free: bool = True
    fixed: float = np.nan
    start: float = np.nan
    label: str = ""
    exo: bool = False
    user: bool = True

    @property
    def key(self) -> tuple[str, str, str]:
        """Identity within a group; covariances are symmetric."""
        if self.op == "~~" and self.rhs < self.lhs:
            return self.rhs, self.op, self.lhs
        return self.lhs, self.op, self.rhs

    @property
    def name(self) -> str:
        """The relation as text, for example ``f=~x1``."""
        return f"{self.lhs}{self.op}{self.rhs}"


@dataclass(frozen=True)
class Variables:
    """The variables of a model by role; `observed` lists the endogenous before the fixed exogenous ones.

    `released` are those that would be fixed exogenous covariates if no formula had their moments.
    """

    observed: tuple[str, ...]
    latent: tuple[str, ...]
    covariates: tuple[str, ...]
    exogenous_latent: tuple[str, ...]
    dependent: tuple[str, ...]
    ordered: tuple[str, ...]
    released: tuple[str, ...] = ()

    @property
    def endogenous(self) -> tuple[str, ...]:
        """The observed variables that are not covariates."""
        return tuple(v for v in self.observed if v not in self.covariates)


@dataclass(frozen=True)
class Options:
    """How the table is completed; the names are those of `fit`."""

    groups: tuple[str | int | float, ...] = (1,)
    meanstructure: bool = False
    fixed_x: bool = True
    std_lv: bool = False
    orthogonal: bool = False
    auto: bool = True
    group_equal: tuple[str, ...] = ()
    group_partial: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()
    thresholds: tuple[tuple[str, int], ...] = ()
    parameterization: str = "delta"
