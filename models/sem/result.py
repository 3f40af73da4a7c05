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
        """Return the covariance matrix of the free parameters (q, q), over the draws if a bootstrap was asked for."""
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
        """Return one row a parameter: estimate, error, test, interval, standardised values; defined ones last.

        Columns: ``lhs op rhs group label est se statistic z pvalue ci_lower ci_upper std_lv std_all``; ``statistic`` is
        the name that every model here gives to an estimate over its error, ``z`` is lavaan's.
        """
        return self._tidy.copy()

    @cached_property
    def _tidy(self) -> pd.DataFrame:
        draws = self.bootstrap_result
        if draws is None:
            return parameters(self)
        return parameters(self, draws.se(), draws.limits(level=self.settings.level))

    def standardised_solution(self, kind: Standardisation = "std_all") -> pd.DataFrame:
        """Return standardised values of a kind (`standardise.KINDS`) with delta-method errors and tests."""
        return standardised_parameters(self, kind)

    def glance(self) -> pd.DataFrame:
        """Return one row: respondents used and left out, settings, test and every fit index."""
        return glance(self, self._indices)

    def summary(self) -> Summary:
        """Return test, indices, sample and parameters as lavaan orders them; ``print(fit)`` shows the same."""
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
        """Return the implied moments: group → (mean series, covariance frame) of the observed variables."""
        names = list(self.task.sample.names)
        states = [implied(cells, self.theta) for cells in self.task.structure.groups]
        return {
            group.label: (pd.Series(state.mu, names), pd.DataFrame(state.sigma, names, names))
            for group, state in zip(self.task.sample.groups, states, strict=True)
        }

    def latent_covariance(self) -> dict:
        """Return the implied covariance matrix of the factors: group → frame."""
        names, p = list(self.table.variables.latent), self.task.structure.n_observed
        states = [implied(cells, self.theta) for cells in self.task.structure.groups]
        return {
            group.label: pd.DataFrame(state.C[p:, p:], names, names)
            for group, state in zip(self.task.sample.groups, states, strict=True)
        }

    def residuals(self, kind: Residual = "raw") -> pd.DataFrame:
        """Return residuals: ``"raw"``, ``"cor"``, ``"normalized"`` or ``"standardized"``."""
        return residuals(self, kind)

    def r_squared(self) -> pd.DataFrame:
        """Return the explained share of variance of every endogenous variable."""
        return r_squared(self)

    def factor_scores(self, method: Scores = "regression") -> pd.DataFrame:
        """Return factor scores, ``"regression"`` or ``"bartlett"``."""
        return factor_scores(self, method)

    def wald(self, restrictions: str) -> WaldTest:
        """Test restrictions such as ``"a == b"`` that the model did not impose."""
        return wald(self, restrictions)

    @cached_property
    def improper(self) -> tuple[Remark, ...]:
        """What is wrong with the solution; empty if it is admissible."""
        return improper(self)

    def fit_indices(self) -> dict[str, float]:
        """Return the fit indices under lavaan's names with ``_`` for ``.``."""
        return dict(self._indices)

    @cached_property
    def _indices(self) -> dict[str, float]:
        return fit_indices(self)
