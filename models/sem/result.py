"""The fitted model: estimates with their errors, tests, measures and standardised solutions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.messages.summary import Summarised, Summary
from models.remarks import Remark
from models.sem.inference.admissible import problems
from models.sem.inference.delta import labelled, row_jacobian, standardised_jacobian
from models.sem.inference.factor_scores import factor_scores
from models.sem.inference.fit_measures import fit_measures
from models.sem.inference.measures import ChiSquare, moment_count, saturated_logl
from models.sem.inference.ordinal_robust import ordinal_information, ordinal_sandwich, ordinal_test
from models.sem.inference.residuals import r_squared, residuals
from models.sem.inference.robust import ScaledTest, bread, sandwich, satorra_bentler, yuan_bentler
from models.sem.inference.wald import wald
from models.sem.language.constraints import named_values
from models.sem.language.definitions import with_definitions
from models.sem.language.table import ParameterTable
from models.sem.model.matrices import implied, row_values
from models.sem.model.standardise import standardised
from models.sem.solving.estimate import Problem, independence, problem, solve
from models.sem.solving.optimise import Solution
from models.sem.summary import glance, summary
from models.statistics.distributions import normal_quantile, two_sided
from models.statistics.wald import WaldTest

if TYPE_CHECKING:
    from models.sem.resampling.bootstrap import Bootstrap


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
    level: float = 0.95


@dataclass(frozen=True, eq=False, repr=False)
class Fit(Summarised):
    """A fitted structural equation model.

    Attributes
    ----------
    problem
        Table, sample, matrices, constraints and objective.
    solution
        Where the optimiser stopped.
    settings
        Estimator, standard errors and the like.
    remarks
        What follows from the model text without being written there, in words.
    """

    problem: Problem
    solution: Solution
    settings: Settings
    remarks: tuple[str, ...] = ()

    @property
    def table(self) -> ParameterTable:
        """The parameter table."""
        return self.problem.table

    @property
    def theta(self) -> np.ndarray:
        """Free parameters (q,), in the order of the free rows of the table."""
        return self.solution.theta

    @property
    def n(self) -> int:
        """Number of respondents used."""
        return self.problem.n

    @property
    def n_effective(self) -> int:
        """Divisor of the unit covariance of the estimates: n, with ordered items less one a group as in lavaan."""
        return self.n - (len(self.problem.sample.groups) if self.problem.sample.ordinal else 0)

    @property
    def converged(self) -> bool:
        """Whether a minimum was found; a fit that found none raises instead."""
        return self.solution.converged

    @cached_property
    def npar(self) -> int:
        """Number of free parameters after equality constraints."""
        return self.problem.constraints.K.shape[1] - int(self.problem.constraints.equalities.sum())

    @cached_property
    def moments(self) -> int:
        """Number of sample moments to explain."""
        sample, covariates = self.problem.sample, self.problem.fixed_covariates
        return moment_count(sample, self.table.options.meanstructure, len(covariates))

    @cached_property
    def df(self) -> int:
        """Degrees of freedom of the test against the unrestricted model."""
        return self.moments - self.npar

    @cached_property
    def test(self) -> ChiSquare:
        """The unscaled test of the model."""
        return ChiSquare(max(2 * self.n * self.solution.value, 0.0), self.df)

    @cached_property
    def information(self) -> np.ndarray:
        """Unit information of the free parameters (q, q), expected or observed as set."""
        if self.problem.sample.ordinal:
            return ordinal_information(self.problem, self.theta)
        return self.problem.objective.hessian(self.theta, exact=self.settings.information == "observed")

    @cached_property
    def basis(self) -> np.ndarray:
        """Directions (q, r) in which the parameters can move without breaking an active constraint."""
        K = self.problem.constraints.K
        if not self.problem.constraints.nonlinear:
            return K
        from models.sem.solving.nonlinear import tangent

        return tangent(self.problem.constraints, self.theta)

    def vcov(self) -> np.ndarray:
        """Return the covariance matrix of the free parameters (q, q), over the draws if a bootstrap was asked for."""
        return self._vcov

    @cached_property
    def _vcov(self) -> np.ndarray:
        return self.bootstrap_result.covariance() if self.bootstrap_result is not None else self.asymptotic_vcov

    @cached_property
    def bootstrap_result(self) -> Bootstrap | None:
        """The bootstrap that was asked for in `fit`, or None."""
        if not self.settings.bootstrap:
            return None
        from models.sem.resampling.bootstrap import bootstrap

        return bootstrap(self, self.settings.bootstrap, self.settings.seed)

    @cached_property
    def asymptotic_vcov(self) -> np.ndarray:
        """Covariance matrix of the free parameters (q, q) from the information, robust if so set."""
        inverse = bread(self.information, self.basis)
        if self.settings.se == "standard":
            return inverse / self.n_effective
        if self.problem.sample.ordinal:
            return ordinal_sandwich(self.problem, self.theta, inverse) / self.n_effective
        return sandwich(self.problem, self.theta, inverse, about_sample=self.settings.se == "robust.sem")

    @cached_property
    def scaled_test(self) -> ScaledTest | None:
        """The corrected test of a robust estimator, or None."""
        kind, statistic = self.settings.test, self.test.statistic
        if kind == "standard":
            return None
        if kind == "yuan.bentler":
            inverse = bread(self.information, self.basis)
            return yuan_bentler(self.problem, self.theta, inverse, statistic, self.df, self.npar)
        shifted = kind == "scaled.shifted"
        if self.problem.sample.ordinal:
            return ordinal_test(self.problem, self.theta, self.basis, statistic, self.df, shifted)
        return satorra_bentler(self.problem, self.theta, self.basis, statistic, self.df, shifted)

    def row_jacobian(self, function, theta: np.ndarray | None = None) -> np.ndarray:  # type: ignore[no-untyped-def]
        """Return central differences (rows, q) of a function of θ, with steps in units of the standard errors."""
        theta = self.theta if theta is None else theta
        steps = 1e-3 * np.sqrt(np.maximum(np.diag(self.asymptotic_vcov), 1e-12 * np.maximum(theta**2, 1e-8)))
        columns = []
        for k, h in enumerate(steps):
            shift = np.zeros(len(theta))
            shift[k] = h
            near = function(theta + shift) - function(theta - shift)
            far = function(theta + 2 * shift) - function(theta - 2 * shift)
            columns.append((8 * near - far) / (12 * h))
        return np.array(columns).T

    @cached_property
    def _row_slopes(self) -> np.ndarray:
        """Derivatives of the rows in θ (rows, q); some rows of ordinal models follow from the others."""
        if self.problem.sample.ordinal:
            return self.row_jacobian(lambda theta: row_values(self.table, self.problem.structure, theta))
        return row_jacobian(self.table)

    def labelled(self) -> tuple[dict[str, float], dict[str, np.ndarray]]:
        """Return the value and the derivatives in θ (q,) of every label and defined parameter."""
        return labelled(self.table, row_values(self.table, self.problem.structure, self.theta), self._row_slopes)

    def standardised(self, kind: str = "std_all") -> np.ndarray:
        """Return the standardised value of every row (``std_lv``, ``std_all``, ``std_nox``)."""
        return standardised(self.table, self.problem.structure, self.theta, kind)

    def definitions(self, values: dict) -> list:
        """Return the defined parameters at given values of the labels; NaN where one has no value."""
        values = with_definitions(self.table.ordered_definitions, values)
        return [values[definition.left.name] for definition in self.table.definitions]

    def defined(self, theta: np.ndarray) -> np.ndarray:
        """Return the defined parameters (``:=``) at parameters θ."""
        return np.array(self.definitions(named_values(self.table, theta)))

    def defined_standardised(self, theta: np.ndarray, kind: str) -> np.ndarray:
        """Return the defined parameters computed from standardised values."""
        values = standardised(self.table, self.problem.structure, theta, kind)
        return np.array(self.definitions({label: values[row] for label, row in self.table.labels().items()}))

    def tidy(self) -> pd.DataFrame:
        """Return one row a parameter: estimate, error, test, interval, standardised values; defined ones last.

        Columns: ``lhs op rhs group label est se statistic z pvalue ci_lower ci_upper std_lv std_all``; ``statistic`` is
        the name that every model here gives to an estimate over its error, ``z`` is lavaan's.
        """
        return self._tidy.copy()

    def glance(self) -> pd.DataFrame:
        """Return one row: respondents used and left out, settings, test and every fit measure."""
        return glance(self)

    def summary(self) -> Summary:
        """Return test, measures, sample and parameters as lavaan orders them; ``print(fit)`` shows the same."""
        return summary(self)

    def _summary(self) -> Summary:
        return summary(self)

    def __repr__(self) -> str:
        """Return one line: estimator, sample and size of the model."""
        name, sample = self.settings.estimator, self.problem.sample
        return f"<Fit: {name}, n={self.n}, n_dropped={sample.n_dropped}, npar={self.npar}, df={self.df}>"

    def names(self) -> pd.DataFrame:
        """Return ``lhs op rhs group label`` of every row of `tidy`."""
        names = [(r.lhs, r.op, r.rhs, self.table.options.groups[r.group - 1], r.label) for r in self.table.rows] + [
            (d.left.name, ":=", str(d.right), "", d.left.name) for d in self.table.definitions
        ]
        return pd.DataFrame(names, columns=["lhs", "op", "rhs", "group", "label"])

    @cached_property
    def _tidy(self) -> pd.DataFrame:
        variance = np.zeros(len(self.table.rows))
        variance[list(self.table.free)] = np.diag(self._vcov)
        est = row_values(self.table, self.problem.structure, self.theta)
        std = {kind: self.standardised(kind) for kind in ("std_lv", "std_all")}
        if self.table.definitions:
            value, slope = labelled(self.table, est, self._row_slopes)
            J = np.array([slope[d.left.name] for d in self.table.definitions])
            est = np.concatenate([est, [value[d.left.name] for d in self.table.definitions]])
            variance = np.concatenate([variance, np.einsum("ij,jk,ik->i", J, self._vcov, J)])
            std = {k: np.concatenate([v, self.defined_standardised(self.theta, k)]) for k, v in std.items()}
        draws = self.bootstrap_result
        frame = self._with_tests(self.names(), est, variance if draws is None else draws.se() ** 2)
        if draws is not None:
            frame["ci_lower"], frame["ci_upper"] = draws.limits(level=self.settings.level)
        frame["std_lv"], frame["std_all"] = std["std_lv"], std["std_all"]
        return frame

    def _with_tests(self, frame: pd.DataFrame, est: np.ndarray, variance: np.ndarray) -> pd.DataFrame:
        se = np.sqrt(np.where(variance <= 1e-14 * est**2, 0.0, variance))
        frame["est"], frame["se"] = est, se
        with np.errstate(divide="ignore", invalid="ignore"):
            frame["statistic"] = np.where(se > 0, est / se, np.nan)
        frame["z"] = frame["statistic"]
        frame["pvalue"] = two_sided(frame["z"].to_numpy())
        width = normal_quantile((1 + self.settings.level) / 2) * se
        frame["ci_lower"], frame["ci_upper"] = est - width, est + width
        return frame

    @cached_property
    def baseline(self) -> Fit:
        """The fitted independence model."""
        task = problem(independence(self.table, self.problem.sample), self.problem.sample, self.problem.estimator)
        return Fit(task, solve(task), self.settings)

    @cached_property
    def unrestricted_logl(self) -> float:
        """Log-likelihood of the saturated model, given the fixed covariates."""
        index = self.problem.fixed_covariates
        return sum(saturated_logl(group, index) for group in self.problem.sample.groups)

    @property
    def logl(self) -> float:
        """Log-likelihood, given the fixed covariates."""
        return self.unrestricted_logl - self.n * self.solution.value

    def standardised_solution(self, kind: str = "std_all") -> pd.DataFrame:
        """Return standardised values of a kind (`standardise.KINDS`) with delta-method errors and tests."""
        est, J = self.slopes(kind)
        return self._with_tests(self.names(), est, np.einsum("ij,jk,ik->i", J, self._vcov, J))

    def slopes(self, kind: str = "est") -> tuple[np.ndarray, np.ndarray]:
        """Return all rows and defined parameters, raw (``"est"``) or standardised, and their derivatives (rows, q)."""
        if kind == "est":
            est, J = row_values(self.table, self.problem.structure, self.theta), self._row_slopes
        elif self.problem.sample.ordinal:
            est = self.standardised(kind)
            J = self.row_jacobian(lambda theta: standardised(self.table, self.problem.structure, theta, kind))
        else:
            est = self.standardised(kind)
            J = standardised_jacobian(self.table, self.problem.structure, self.theta, kind)
        if self.table.definitions:
            value, slope = labelled(self.table, est, J)
            J = np.vstack([J, *(slope[d.left.name] for d in self.table.definitions)])
            est = np.concatenate([est, [value[d.left.name] for d in self.table.definitions]])
        return est, J

    def implied(self) -> dict:
        """Return the implied moments: group → (mean series, covariance frame) of the observed variables."""
        names = list(self.problem.sample.names)
        states = [implied(cells, self.theta) for cells in self.problem.structure.groups]
        return {
            group.label: (pd.Series(state.mu, names), pd.DataFrame(state.sigma, names, names))
            for group, state in zip(self.problem.sample.groups, states, strict=True)
        }

    def latent_covariance(self) -> dict:
        """Return the implied covariance matrix of the factors: group → frame."""
        names, p = list(self.table.variables.latent), self.problem.structure.n_observed
        states = [implied(cells, self.theta) for cells in self.problem.structure.groups]
        return {
            group.label: pd.DataFrame(state.C[p:, p:], names, names)
            for group, state in zip(self.problem.sample.groups, states, strict=True)
        }

    def residuals(self, kind: str = "raw") -> pd.DataFrame:
        """Return residuals: ``"raw"``, ``"cor"``, ``"normalized"`` or ``"standardized"``."""
        return residuals(self, kind)

    def r_squared(self) -> pd.DataFrame:
        """Return the explained share of variance of every endogenous variable."""
        return r_squared(self)

    def factor_scores(self, method: str = "regression") -> pd.DataFrame:
        """Return factor scores, ``"regression"`` or ``"bartlett"``."""
        return factor_scores(self, method)

    def wald(self, restrictions: str) -> WaldTest:
        """Test restrictions such as ``"a == b"`` that the model did not impose."""
        return wald(self, restrictions)

    @cached_property
    def problems(self) -> tuple[Remark, ...]:
        """What is wrong with the solution; empty if it is admissible."""
        return problems(self)

    def fit_measures(self) -> dict[str, float]:
        """Return the fit measures under lavaan's names with ``_`` for ``.``."""
        return dict(self._measures)

    @cached_property
    def _measures(self) -> dict[str, float]:
        return fit_measures(self)
