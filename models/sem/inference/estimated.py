"""What estimation has found: the state that inference, resampling and comparison read.

`models.sem.result.Fit` is this with the verbs of a user; nothing here or below knows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import get_args

import numpy as np
import pandas as pd

from models.choices import choices
from models.sem.arguments import choice
from models.sem.inference.by_kind import INFERENCE, Inference
from models.sem.inference.delta import labelled, row_jacobian, standardised_jacobian
from models.sem.inference.fiml_corrected import corrected
from models.sem.inference.indices import ChiSquare, saturated_logl
from models.sem.inference.robust import ScaledTest, bread, yuan_bentler
from models.sem.inference.robust_indices import Corrected
from models.sem.language.constraints import named_values
from models.sem.language.definitions import with_definitions
from models.sem.language.table import ParameterTable
from models.sem.model.matrices import row_values
from models.sem.model.standardise import standardised
from models.sem.options import Derived, Standardisation
from models.sem.solving.estimate import Task, baseline, independence
from models.sem.solving.nonlinear import tangent
from models.sem.solving.optimise import Solution


@dataclass(frozen=True)
class Settings:
    """What the user asked of the fit beyond the table.

    `se` is one of ``"standard"``, ``"robust.sem"``, ``"robust.huber.white"``; `test` one of ``"standard"``,
    ``"satorra.bentler"``, ``"scaled.shifted"``, ``"yuan.bentler"``.
    """

    estimator: str = "ML"
    missing: str = "listwise"
    se: str = "standard"
    test: str = "standard"
    information: str = "expected"
    bootstrap: int = 0
    seed: int | None = None
    level: float = choices.confidence


@dataclass(frozen=True, eq=False, repr=False)
class Estimated:
    """An estimated model, with what follows from task and solution alone.

    Attributes
    ----------
    task
        Table, sample, matrices, constraints and objective.
    solution
        Where the optimiser stopped.
    settings
        Estimator, standard errors and the like.
    """

    task: Task
    solution: Solution
    settings: Settings

    @property
    def table(self) -> ParameterTable:
        """The parameter table."""
        return self.task.table

    @property
    def theta(self) -> np.ndarray:
        """Free parameters (q,), in the order of the free rows of the table."""
        return self.solution.theta

    @property
    def n(self) -> int:
        """Number of respondents used."""
        return self.task.n

    @property
    def by_kind(self) -> Inference:
        """How errors and tests of this kind of sample are computed."""
        return INFERENCE[self.task.sample.kind]

    @property
    def n_effective(self) -> int:
        """Divisor of the unit covariance of the estimates: n, with ordered items less one a group as in lavaan."""
        return self.n - self.by_kind.lost * len(self.task.sample.groups)

    @property
    def converged(self) -> bool:
        """Whether a minimum was found; a fit that found none raises instead."""
        return self.solution.converged

    @property
    def npar(self) -> int:
        """Number of free parameters after equality constraints."""
        return self.task.npar

    @property
    def n_moments(self) -> int:
        """Number of sample moments to explain."""
        return self.task.n_moments

    @property
    def df(self) -> int:
        """Degrees of freedom of the test against the unrestricted model."""
        return self.task.df

    @cached_property
    def test(self) -> ChiSquare:
        """The unscaled test of the model."""
        return ChiSquare(max(2 * self.n * self.solution.value, 0.0), self.df)

    @cached_property
    def information(self) -> np.ndarray:
        """Unit information of the free parameters (q, q), expected or observed as set."""
        return self.by_kind.information(self.task, self.theta, self.settings.information == "observed")

    @cached_property
    def basis(self) -> np.ndarray:
        """Directions (q, r) in which the parameters can move without breaking an active constraint."""
        constraints = self.task.constraints
        return tangent(constraints, self.theta) if constraints.nonlinear else constraints.K

    def vcov(self) -> np.ndarray:
        """Return the covariance matrix of the free parameters.

        Returns
        -------
        ndarray (q, q)
            In the order of the free rows of the table.

        Examples
        --------
        >>> from models import sem
        >>> fitted = sem.fit("y ~ b*x", sem.Moments([[1, 0.5], [0.5, 1]], 200, names=["y", "x"]))
        >>> fitted.vcov().diagonal().round(5).tolist()
        [0.00375, 0.00557]
        """
        return self.asymptotic_vcov

    @cached_property
    def asymptotic_vcov(self) -> np.ndarray:
        """Covariance matrix of the free parameters (q, q) from the information, robust if so set."""
        inverse = bread(self.information, self.basis)
        if self.settings.se != "standard":
            inverse = self.by_kind.sandwich(self.task, self.theta, inverse, self.settings.se == "robust.sem")
        return inverse / self.n_effective

    @cached_property
    def scaled_test(self) -> ScaledTest | None:
        """The corrected test of a robust estimator, or None."""
        kind, statistic = self.settings.test, self.test.statistic
        if kind == "standard":
            return None
        if kind == "yuan.bentler":
            inverse = bread(self.information, self.basis)
            return yuan_bentler(self.task, self.theta, inverse, statistic, self.df, self.npar)
        corrected = self.by_kind.corrected_test
        return corrected(self.task, self.theta, self.basis, statistic, self.df, kind == "scaled.shifted")

    @cached_property
    def as_if_complete(self) -> Corrected:
        """The test that refers to complete data, of incomplete answers."""
        return corrected(self.task, self.theta, self.basis, normal=self.settings.test == "standard")

    @cached_property
    def baseline(self) -> Estimated:
        """The fitted independence model, which all models of a sample share that have the same one."""
        sample, memo = self.task.sample, self.task.sample.groups[0].memo
        alone = independence(self.table, sample)
        options = replace(alone.options, group_equal=(), group_partial=())
        key = ("baseline", self.task.discrepancy, self.settings, sample.n, alone.rows, alone.variables, options)
        if key not in memo:
            memo[key] = Estimated(*baseline(alone, sample, self.task.discrepancy), self.settings)
        return memo[key]

    @cached_property
    def unrestricted_logl(self) -> float:
        """Log-likelihood of the saturated model, given the fixed covariates."""
        index = self.task.fixed_covariates
        return sum(saturated_logl(group, index) for group in self.task.sample.groups)

    @property
    def logl(self) -> float:
        """Log-likelihood, given the fixed covariates."""
        return self.unrestricted_logl - self.n * self.solution.value

    def labelled(self) -> tuple[dict[str, float], dict[str, np.ndarray]]:
        """Return the value and the derivatives of every label and defined parameter.

        Returns
        -------
        tuple of dict
            Name → value, and name → derivatives in the free parameters (q,).

        Examples
        --------
        >>> from models import sem
        >>> fitted = sem.fit("y ~ b*x", sem.Moments([[1, 0.5], [0.5, 1]], 200, names=["y", "x"]))
        >>> values, slopes = fitted.labelled()
        >>> round(values["b"], 2), slopes["b"].tolist()
        (0.5, [1.0, 0.0])
        """
        return labelled(self.table, row_values(self.table, self.task.structure, self.theta), self._row_slopes)

    def standardised(self, kind: Standardisation = "std_all") -> np.ndarray:
        """Return the standardised value of every row of the table, without errors.

        Parameters
        ----------
        kind : {"std_lv", "std_all", "std_nox"}
            Unit variance of the factors, of all variables, or of all but covariates.

        Returns
        -------
        ndarray (rows,)
            Without the defined parameters, which `defined_standardised` gives.

        Raises
        ------
        ArgumentError
            An unknown kind.

        Examples
        --------
        >>> from models import sem
        >>> cov = [[1, 0.5], [0.5, 1]]
        >>> sem.fit("y ~ x", sem.Moments(cov, 200, names=["y", "x"])).standardised().round(2).tolist()
        [0.5, 0.75, 1.0]
        """
        choice("kind", kind, get_args(Standardisation))
        return standardised(self.table, self.task.structure, self.theta, kind)

    def slopes(self, kind: Derived = "est") -> tuple[np.ndarray, np.ndarray]:
        """Return all rows and defined parameters with their derivatives in the free parameters.

        Parameters
        ----------
        kind : {"est", "std_lv", "std_all", "std_nox"}
            Raw or standardised.

        Returns
        -------
        tuple of ndarray (rows,), (rows, q)
            Values and derivatives, defined parameters last.

        Raises
        ------
        ArgumentError
            An unknown kind.

        Examples
        --------
        >>> from models import sem
        >>> fitted = sem.fit("y ~ b*x; twice := 2*b", sem.Moments([[1, 0.5], [0.5, 1]], 200, names=["y", "x"]))
        >>> values, slopes = fitted.slopes()
        >>> float(values[-1].round(2)), slopes[-1].tolist()
        (1.0, [2.0, 0.0])
        """
        choice("kind", kind, get_args(Derived))
        if kind == "est":
            est, J = row_values(self.table, self.task.structure, self.theta), self._row_slopes
        else:
            est = self.standardised(kind)
            J = standardised_jacobian(self.table, self.task.structure, self.theta, kind)
        if self.table.definitions:
            value, slope = labelled(self.table, est, J)
            J = np.vstack([J, *(slope[d.left.name] for d in self.table.definitions)])
            est = np.concatenate([est, [value[d.left.name] for d in self.table.definitions]])
        return est, J

    def numerical_jacobian(self, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Return central differences of a function of the free parameters, with steps in units of their errors.

        Parameters
        ----------
        function : callable
            Free parameters (q,) → values.

        Returns
        -------
        ndarray (values, q)
            Derivatives at the estimates.

        Examples
        --------
        >>> from models import sem
        >>> fitted = sem.fit("y ~ x", sem.Moments([[1, 0.5], [0.5, 1]], 200, names=["y", "x"]))
        >>> abs(fitted.numerical_jacobian(lambda theta: theta[:1] ** 2)).round(6).tolist()
        [[1.0, 0.0]]
        """
        theta = self.theta
        steps = 1e-3 * np.sqrt(np.maximum(np.diag(self.asymptotic_vcov), 1e-12 * np.maximum(theta**2, 1e-8)))
        columns = []
        for k, step in enumerate(steps):
            shift = np.zeros(len(theta))
            shift[k] = step
            near = function(theta + shift) - function(theta - shift)
            far = function(theta + 2 * shift) - function(theta - 2 * shift)
            columns.append((8 * near - far) / (12 * step))
        return np.array(columns).T

    @cached_property
    def _row_slopes(self) -> np.ndarray:
        """Derivatives of the rows in θ (rows, q)."""
        return row_jacobian(self.table, self.task.structure, self.theta)

    def definitions(self, values: dict) -> list:
        """Return the defined parameters at given values of the labels.

        Parameters
        ----------
        values : dict
            Label → value, or an array of values.

        Returns
        -------
        list
            One entry a defined parameter, in the order of the model text; NaN where one has no value.

        Examples
        --------
        >>> from models import sem
        >>> fitted = sem.fit("y ~ b*x; twice := 2*b", sem.Moments([[1, 0.5], [0.5, 1]], 200, names=["y", "x"]))
        >>> [float(value) for value in fitted.definitions({"b": 3.0})]
        [6.0]
        """
        values = with_definitions(self.table.ordered_definitions, values)
        return [values[definition.left.name] for definition in self.table.definitions]

    def defined(self, theta: np.ndarray) -> np.ndarray:
        """Return the defined parameters (``:=``) at given free parameters.

        Parameters
        ----------
        theta : ndarray (q,)
            In the order of `Fit.theta`.

        Returns
        -------
        ndarray (defined,)
            In the order of the model text; NaN where one has no value.

        Examples
        --------
        >>> from models import sem
        >>> fitted = sem.fit("y ~ b*x; twice := 2*b", sem.Moments([[1, 0.5], [0.5, 1]], 200, names=["y", "x"]))
        >>> fitted.defined(fitted.theta).round(2).tolist()
        [1.0]
        """
        return np.array(self.definitions(named_values(self.table, theta)))

    def defined_standardised(self, theta: np.ndarray, kind: Standardisation) -> np.ndarray:
        """Return the defined parameters computed from standardised values.

        Parameters
        ----------
        theta : ndarray (q,)
            In the order of `Fit.theta`.
        kind : {"std_lv", "std_all", "std_nox"}
            As in `standardised`.

        Returns
        -------
        ndarray (defined,)
            In the order of the model text; NaN where one has no value.

        Raises
        ------
        ArgumentError
            An unknown kind.

        Examples
        --------
        >>> from models import sem
        >>> fitted = sem.fit("y ~ b*x; twice := 2*b", sem.Moments([[4, 1], [1, 1]], 200, names=["y", "x"]))
        >>> fitted.defined_standardised(fitted.theta, "std_all").round(2).tolist()
        [1.0]
        """
        choice("kind", kind, get_args(Standardisation))
        values = standardised(self.table, self.task.structure, theta, kind)
        return np.array(self.definitions({label: values[row] for label, row in self.table.labels.items()}))

    def names(self) -> pd.DataFrame:
        """Name every row of `tidy`.

        Returns
        -------
        DataFrame
            ``term lhs op rhs group label``, one row a parameter, defined ones last.

        Examples
        --------
        >>> from models import sem
        >>> fitted = sem.fit("y ~ b*x", sem.Moments([[1, 0.5], [0.5, 1]], 200, names=["y", "x"]))
        >>> fitted.names()["term"].tolist()
        ['y ~ x', 'y ~~ y', 'x ~~ x']
        """
        names = [(r.lhs, r.op, r.rhs, self.table.options.groups[r.group - 1], r.label) for r in self.table.rows] + [
            (d.left.name, ":=", str(d.right), "", d.left.name) for d in self.table.definitions
        ]
        frame = pd.DataFrame(names, columns=["lhs", "op", "rhs", "group", "label"])
        frame.insert(0, "term", [f"{lhs} {op} {rhs}".rstrip() for lhs, op, rhs, *_ in names])
        return frame
