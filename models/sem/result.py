"""The fitted model as its user sees it: each verb hands over to the function that computes it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from models.messages.summary import Summarised, Summary
from models.remarks import Remark
from models.sem.errors import SemError
from models.sem.inference.admissible import improper
from models.sem.inference.estimated import Estimated
from models.sem.inference.factor_scores import factor_scores
from models.sem.inference.fit_indices import fit_indices
from models.sem.inference.parameters import parameters, standardised_parameters
from models.sem.inference.residuals import r_squared, residuals
from models.sem.inference.wald import wald
from models.sem.model.matrices import implied
from models.sem.options import Residual, Scores, Standardisation
from models.sem.resampling.bootstrap import Bootstrap, bootstrap
from models.sem.summary import glance, summary
from models.statistics.wald import WaldTest


@dataclass(frozen=True, eq=False, repr=False)
class Fit(Estimated, Summarised):
    """A fitted structural equation model.

    Attributes
    ----------
    task
        Table, sample, matrices, constraints and objective.
    solution
        Where the optimiser stopped.
    settings
        Estimator, standard errors and the like.
    remarks
        What follows from the model text without being written there, in words.
    """

    remarks: tuple[str, ...] = ()

    def vcov(self) -> np.ndarray:
        """Return the covariance matrix of the free parameters.

        Returns
        -------
        ndarray (q, q)
            Over the draws if a bootstrap was asked for.

        Examples
        --------
        >>> from models import sem
        >>> fitted = sem.fit("y ~ b*x", sem.Moments([[1, 0.5], [0.5, 1]], 200, names=["y", "x"]))
        >>> fitted.vcov().diagonal().round(5).tolist()
        [0.00375, 0.00557]
        """
        return self._vcov

    @cached_property
    def _vcov(self) -> np.ndarray:
        draws = self.bootstrap_result
        return self.asymptotic_vcov if draws is None else draws.covariance()

    @cached_property
    def bootstrap_result(self) -> Bootstrap | None:
        """The bootstrap that was asked for in `fit`, or None."""
        return bootstrap(self, self.settings.bootstrap, self.settings.seed) if self.settings.bootstrap else None

    def tidy(self) -> pd.DataFrame:
        """Tabulate the parameters with errors, tests, intervals and standardised values.

        Returns
        -------
        DataFrame
            One row a parameter, defined ones last: ``term lhs op rhs group label est se statistic z pvalue ci_lower
            ci_upper std_lv std_all``; ``statistic`` is the name that every model here gives to an estimate over
            its error, ``z`` is lavaan's.
        """
        return self._tidy.copy()

    @cached_property
    def _tidy(self) -> pd.DataFrame:
        draws = self.bootstrap_result
        if draws is None:
            return parameters(self)
        return parameters(self, draws.se(), draws.limits(level=self.settings.level))

    def standardised_solution(self, kind: Standardisation = "std_all") -> pd.DataFrame:
        """Tabulate standardised values with delta-method errors and tests.

        Parameters
        ----------
        kind : {"std_lv", "std_all", "std_nox"}
            Unit variance of the factors, of all variables, or of all but covariates.

        Returns
        -------
        DataFrame
            ``term lhs op rhs group label est se statistic z pvalue ci_lower ci_upper``, one row a parameter.

        Raises
        ------
        ArgumentError
            An unknown kind.

        Examples
        --------
        >>> from models import sem
        >>> cov = [[1, 0.5], [0.5, 1]]
        >>> found = sem.fit("y ~ x", sem.Moments(cov, 200, names=["y", "x"]))
        >>> found.standardised_solution()[["lhs", "op", "rhs", "est"]].head(1).round(2)
          lhs op rhs  est
        0   y  ~   x  0.5
        """
        return standardised_parameters(self, kind)

    def glance(self) -> pd.DataFrame:
        """Tabulate the fit in one row.

        Returns
        -------
        DataFrame
            Respondents used and left out, settings, test and every fit index.
        """
        return glance(self, self._indices)

    def summary(self) -> Summary:
        """Return what ``print(fit)`` shows.

        Returns
        -------
        Summary
            Test, indices, sample and parameters as lavaan orders them.
        """
        try:
            indices: dict[str, float] | SemError = self._indices
        except SemError as error:
            indices = error
        return summary(self, self._tidy, indices, (*self.remarks, *map(str, self.improper)))

    def _summary(self) -> Summary:
        return self.summary()

    def __repr__(self) -> str:
        """Return one line: estimator, sample and size of the model."""
        name, sample = self.settings.estimator, self.task.sample
        return f"<Fit: {name}, n={self.n}, n_dropped={sample.n_dropped}, npar={self.npar}, df={self.df}>"

    def implied(self) -> dict:
        """Return the implied moments of the observed variables.

        Returns
        -------
        dict
            Group → (means as a Series, covariances as a DataFrame).

        Examples
        --------
        >>> from models import sem
        >>> fitted = sem.fit("y ~ b*x", sem.Moments([[1, 0.5], [0.5, 1]], 200, names=["y", "x"]))
        >>> _, covariances = fitted.implied()[1]
        >>> covariances.round(2)
             y    x
        y  1.0  0.5
        x  0.5  1.0
        """
        names = list(self.task.sample.names)
        states = [implied(cells, self.theta) for cells in self.task.structure.groups]
        return {
            group.label: (pd.Series(state.mu, names), pd.DataFrame(state.sigma, names, names))
            for group, state in zip(self.task.sample.groups, states, strict=True)
        }

    def latent_covariance(self) -> dict:
        """Return the implied covariance matrix of the factors.

        Returns
        -------
        dict
            Group → DataFrame.

        Examples
        --------
        >>> from models import sem
        >>> cov = [[1, 0.5, 0.5, 0.5], [0.5, 1, 0.6, 0.4], [0.5, 0.6, 1, 0.5], [0.5, 0.4, 0.5, 1]]
        >>> fitted = sem.fit("F =~ a + b + c + d", sem.Moments(cov, 200, names=list("abcd")))
        >>> fitted.latent_covariance()[1].round(2)
              F
        F  0.46
        """
        names, p = list(self.table.variables.latent), self.task.structure.n_observed
        states = [implied(cells, self.theta) for cells in self.task.structure.groups]
        return {
            group.label: pd.DataFrame(state.C[p:, p:], names, names)
            for group, state in zip(self.task.sample.groups, states, strict=True)
        }

    def residuals(self, kind: Residual = "raw") -> pd.DataFrame:
        """Tabulate what the sample moments have and the implied ones do not.

        Parameters
        ----------
        kind : {"raw", "cor", "normalized", "standardized"}
            As they are, divided by the sample standard deviations, by the standard error of the sample moment, or by
            that of the residual.

        Returns
        -------
        DataFrame
            ``lhs op rhs group residual``, one row a moment and group.

        Raises
        ------
        ArgumentError
            An unknown kind.
        NotAvailableError
            A kind that the estimator does not give.

        Examples
        --------
        >>> from models import sem
        >>> cov = [[1, 0.5, 0.2], [0.5, 1, 0.3], [0.2, 0.3, 1]]
        >>> found = sem.fit("y ~ x; z ~ x; y ~~ 0*z", sem.Moments(cov, 200, names=["y", "x", "z"]))
        >>> left = found.residuals("cor")
        >>> left[left["residual"].abs() > 0.01].round(2)
          lhs  op rhs  group  residual
        1   y  ~~   z      1      0.05
        """
        return residuals(self, kind)

    def r_squared(self) -> pd.DataFrame:
        """Return the explained share of variance of every endogenous variable.

        Returns
        -------
        DataFrame
            One row a variable and group.

        Examples
        --------
        >>> from models import sem
        >>> fitted = sem.fit("y ~ b*x", sem.Moments([[1, 0.5], [0.5, 1]], 200, names=["y", "x"]))
        >>> fitted.r_squared().round(2)
          variable  group  r_squared
        0        y      1       0.25
        """
        return r_squared(self)

    def factor_scores(self, method: Scores = "regression") -> pd.DataFrame:
        """Return the scores of each respondent on each factor.

        Parameters
        ----------
        method : {"regression", "bartlett"}
            Bartlett's score is missing for a respondent who answered none of the factor's items.

        Returns
        -------
        DataFrame
            ``row group``, then a column a factor; one row a respondent.

        Raises
        ------
        ArgumentError
            An unknown method.
        NotAvailableError
            No factor, ordered items, or a model that was fitted to moments.

        Examples
        --------
        >>> from models import sem
        >>> answers = sem.simulate("trust =~ 0.8*t1 + 0.7*t2 + 0.6*t3", 50, seed=1)
        >>> list(sem.fit("trust =~ t1 + t2 + t3", answers).factor_scores("bartlett"))
        ['row', 'group', 'trust']
        """
        return factor_scores(self, method)

    def wald(self, restrictions: str) -> WaldTest:
        """Test restrictions that the model did not impose.

        Parameters
        ----------
        restrictions : str
            Equalities such as ``"a == b"`` of labels and defined parameters, separated by ``;``.

        Returns
        -------
        WaldTest
            Statistic, degrees of freedom and p-value.

        Raises
        ------
        ConstraintError
            As `sem.wald` raises it.

        Examples
        --------
        >>> from models import sem
        >>> fitted = sem.fit("y ~ b*x", sem.Moments([[1, 0.5], [0.5, 1]], 200, names=["y", "x"]))
        >>> test = fitted.wald("b == 0.4")
        >>> round(test.statistic, 2), test.df, round(test.pvalue, 3)
        (2.67, 1, 0.102)
        """
        return wald(self, restrictions)

    @cached_property
    def improper(self) -> tuple[Remark, ...]:
        """What is wrong with the solution; empty if it is admissible."""
        return improper(self)

    def fit_indices(self) -> dict[str, float]:
        """Return the fit indices.

        Returns
        -------
        dict of str to float
            Under lavaan's names with ``_`` for ``.``.

        Examples
        --------
        >>> from models import sem
        >>> cov = [[1, 0.5, 0.5, 0.5], [0.5, 1, 0.6, 0.4], [0.5, 0.6, 1, 0.5], [0.5, 0.4, 0.5, 1]]
        >>> fitted = sem.fit("F =~ a + b + c + d", sem.Moments(cov, 200, names=list("abcd")))
        >>> indices = fitted.fit_indices()
        >>> round(indices["cfi"], 3), round(indices["rmsea"], 3)
        (0.975, 0.122)
        """
        return dict(self._indices)

    @cached_property
    def _indices(self) -> dict[str, float]:
        return fit_indices(self)
