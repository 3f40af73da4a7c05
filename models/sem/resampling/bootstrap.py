"""Bootstrap: refit the model to resamples of its own respondents (Efron & Tibshirani 1993; Yung & Bentler 1996)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import get_args

import numpy as np
import pandas as pd

from models.choices import choices
from models.messages.summary import Summarised
from models.remarks import remark
from models.sem.arguments import choice, share
from models.sem.errors import ArgumentError, ConvergenceError
from models.sem.inference.estimated import Estimated
from models.sem.kernels.refits import at_sample
from models.sem.options import Drawn, Engine, Interval, Resampled
from models.sem.resampling import influence
from models.sem.resampling.interval import INTERVALS, acceleration, bca, bca_pvalue, percentile
from models.sem.resampling.refit import Replicates, own_values, refit_all, replicate_values
from models.sem.resampling.resample import KINDS, as_if_true, draws, pools, without_each
from models.statistics.processors import cores

# From so many respondents on influences stand for the jackknife: the acceleration, itself of order 1 / √n, then differs
# by less than a hundredth of it.
MANY = 1000
# So many refits tell whether the others are worth their time.
TRIAL = 200
QUANTITIES = get_args(Drawn)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False, repr=False)
class Bootstrap(Summarised):
    """Bootstrap draws of a fitted model.

    Attributes
    ----------
    kind, seed
        How and from which seed the samples were drawn.
    requested
        Number of samples drawn.
    failed
        Samples in which no minimum was found or nobody chose a category of an ordered item; they are left out.
    inadmissible
        Samples with a negative variance or a covariance matrix that is not positive definite; kept unless dropped by
        request.
    replicates
        The refits that count.
    progress
        Told what is done, how many refits are finished, and of how many.
    """

    fit: Estimated
    kind: Resampled
    seed: int | None
    requested: int
    failed: int
    inadmissible: int
    dropped: int
    replicates: Replicates
    interval: Interval = "percentile"
    engine: Engine = "auto"
    threads: int = 1
    progress: Progress | None = None

    @property
    def table(self) -> pd.DataFrame:
        """How many samples were drawn, failed, were inadmissible and count."""
        used = len(self.replicates.theta)
        return pd.DataFrame(
            [(self.kind, self.requested, self.failed, self.inadmissible, self.dropped, used)],
            columns=["kind", "requested", "failed", "inadmissible", "dropped", "used"],
        )

    def draws(self, quantity: Drawn = "est") -> np.ndarray:
        """Return the draws of all rows and defined parameters.

        Parameters
        ----------
        quantity : {"est", "std_lv", "std_all"}
            Raw estimates or standardised ones.

        Returns
        -------
        ndarray (used, rows)
            One row a refit that counts.

        Raises
        ------
        ArgumentError
            An unknown quantity.

        Examples
        --------
        >>> from models import sem
        >>> answers = sem.simulate("y ~ 0.5*x; x ~~ 1*x; y ~~ 1*y", 100, seed=1)
        >>> drawn = sem.bootstrap(sem.fit("y ~ x", answers), n=50, seed=1)
        >>> drawn.draws("std_all").shape
        (50, 3)
        """
        return self._values[choice("quantity", quantity, QUANTITIES)]

    @cached_property
    def _values(self) -> dict[str, np.ndarray]:
        return replicate_values(self.fit, self.replicates, QUANTITIES)

    @cached_property
    def _estimates(self) -> dict[str, np.ndarray]:
        return own_values(self.fit, QUANTITIES)

    def covariance(self) -> np.ndarray:
        """Return the covariance matrix of the free parameters over the draws.

        Returns
        -------
        ndarray (q, q)
            In the order of the free parameters.

        Examples
        --------
        >>> from models import sem
        >>> answers = sem.simulate("y ~ 0.5*x; x ~~ 1*x; y ~~ 1*y", 100, seed=1)
        >>> drawn = sem.bootstrap(sem.fit("y ~ x", answers), n=50, seed=1)
        >>> drawn.covariance().shape
        (2, 2)
        """
        return np.cov(self.replicates.theta.T).reshape(len(self.fit.theta), -1)

    def se(self, quantity: Drawn = "est") -> np.ndarray:
        """Return standard deviations over the draws.

        Parameters
        ----------
        quantity : {"est", "std_lv", "std_all"}
            Raw estimates or standardised ones.

        Returns
        -------
        ndarray (rows,)
            Zero for fixed parameters.

        Raises
        ------
        ArgumentError
            An unknown quantity.

        Examples
        --------
        >>> from models import sem
        >>> answers = sem.simulate("y ~ 0.5*x; x ~~ 1*x; y ~~ 1*y", 100, seed=1)
        >>> drawn = sem.bootstrap(sem.fit("y ~ x", answers), n=50, seed=1)
        >>> drawn.se().round(1).tolist()
        [0.1, 0.1, 0.0]
        """
        values = self.draws(quantity)
        spread = values.std(axis=0, ddof=1)
        return np.where(spread > 1e-12 * np.abs(values).max(axis=0, initial=0.0), spread, 0.0)

    def limits(
        self, quantity: Drawn = "est", level: float = choices.confidence, interval: Interval | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return lower and upper ends of the intervals of all rows.

        Parameters
        ----------
        quantity : {"est", "std_lv", "std_all"}
            Raw estimates or standardised ones.
        level : float
            Coverage.
        interval : {"percentile", "bca"}, optional
            That of the bootstrap by default.

        Returns
        -------
        tuple of ndarray (rows,)
            Lower ends, upper ends.

        Raises
        ------
        ArgumentError
            An unknown quantity or interval, or a level that is no share.
        ConvergenceError
            No refit of the jackknife that BCa intervals need converged.

        Examples
        --------
        >>> from models import sem
        >>> answers = sem.simulate("y ~ 0.5*x; x ~~ 1*x; y ~~ 1*y", 100, seed=1)
        >>> drawn = sem.bootstrap(sem.fit("y ~ x", answers), n=50, seed=1)
        >>> lower, upper = drawn.limits(level=0.9)
        >>> bool(lower[0] < drawn.tidy()["est"][0] < upper[0])
        True
        """
        interval = self.interval if interval is None else interval
        choice("interval", interval, INTERVALS)
        share("level", level)
        if interval == "percentile":
            return percentile(self.draws(quantity), level)
        return bca(self.draws(quantity), self._estimates[quantity], self._acceleration[quantity], level)

    def pvalues(self, quantity: Drawn = "est") -> np.ndarray:
        """Return for all rows the smallest α whose BCa interval leaves zero out.

        Parameters
        ----------
        quantity : {"est", "std_lv", "std_all"}
            Raw estimates or standardised ones.

        Returns
        -------
        ndarray (rows,)
            At least 2 / (draws + 1).

        Raises
        ------
        ArgumentError
            An unknown quantity.
        ConvergenceError
            No refit of the jackknife converged.

        Examples
        --------
        >>> from models import sem
        >>> answers = sem.simulate("y ~ 0.5*x; x ~~ 1*x; y ~~ 1*y", 100, seed=1)
        >>> drawn = sem.bootstrap(sem.fit("y ~ x", answers), n=50, seed=1)
        >>> bool(drawn.pvalues()[0] < 0.05)
        True
        """
        return bca_pvalue(self.draws(quantity), self._estimates[quantity], self._acceleration[quantity])

    @cached_property
    def jackknife(self) -> list[Replicates]:
        """Refits without each respondent (or cluster), a stratum an entry: as many refits as there are respondents.

        Raises
        ------
        ConvergenceError
            None of the refits converged.
        """
        task, drawn = self.fit.task, pools(self.fit.task.sample, self.kind)
        blocks = chain.from_iterable(without_each(drawn, pool) for pool in range(len(drawn.sizes)))
        done = _reporter(self.progress, "jackknife", sum(drawn.sizes))
        every = refit_all(task, self.fit.theta, blocks, self.threads, self.engine, done)
        pool = np.repeat(np.arange(len(drawn.sizes)), drawn.sizes)
        parts = [every.only(pool == k) for k in range(len(drawn.sizes))]
        if not any(part.converged.any() for part in parts):
            raise ConvergenceError(remark("no_jackknife"), "Use interval='percentile'.")
        return parts

    @cached_property
    def _acceleration(self) -> dict[str, np.ndarray]:
        """From influences of many respondents, from the jackknife of few."""
        if self.fit.n > MANY and influence.serves(self.fit):
            drawn = pools(self.fit.task.sample, self.kind)
            return {q: acceleration(influence.without_each(self.fit, drawn, q)) for q in QUANTITIES}
        values = [replicate_values(self.fit, part.only(part.converged), QUANTITIES) for part in self.jackknife]
        return {quantity: acceleration([part[quantity] for part in values]) for quantity in QUANTITIES}

    def tidy(self, interval: Interval | None = None, level: float = choices.confidence) -> pd.DataFrame:
        """Tabulate the parameters, raw and standardised, with bootstrap errors and intervals.

        Parameters
        ----------
        interval : {"percentile", "bca"}, optional
            That of the bootstrap by default; ``"bca"`` refits the model once a respondent, up to `MANY`.
        level : float
            Coverage.

        Returns
        -------
        DataFrame
            One row a parameter: estimate, bias, error and interval, also of the standardised values.

        Raises
        ------
        ArgumentError
            An unknown interval, or a level that is no share.
        ConvergenceError
            No refit of the jackknife that BCa intervals need converged.
        """
        frame = self.fit.names()
        for quantity in QUANTITIES:
            end = "" if quantity == "est" else f"_{quantity}"
            frame[quantity] = self._estimates[quantity]
            frame["bias" + end] = self.draws(quantity).mean(axis=0) - self._estimates[quantity]
            frame["se" + end] = self.se(quantity)
            frame["ci_lower" + end], frame["ci_upper" + end] = self.limits(quantity, level, interval)
        return frame

    @property
    def statistics(self) -> np.ndarray:
        """χ² of each refit against its own sample, of complete answers.

        Raises
        ------
        ArgumentError
            Answers are missing.
        """
        if not all(group.complete for group in self.fit.task.sample.groups):
            raise ArgumentError(
                "χ² of the refits needs complete answers: a resample's own saturated model is not fitted."
            )
        return 2 * self.fit.n * self.replicates.value

    @property
    def pvalue(self) -> float:
        """Share of samples from the model itself that fit worse than the data (Bollen & Stine 1992).

        Raises
        ------
        ArgumentError
            The samples were not drawn with ``kind="bollen_stine"``.

        Examples
        --------
        >>> from models import sem
        >>> answers = sem.simulate("y ~ 0.5*x; z ~ 0.5*y; x ~~ 1*x; y ~~ 1*y; z ~~ 1*z", 100, seed=1)
        >>> fitted = sem.fit("y ~ x; z ~ y", answers, fixed_x=False)
        >>> sem.bootstrap(fitted, n=50, seed=1, kind="bollen_stine").pvalue > 0.05
        True
        """
        if self.kind != "bollen_stine":
            raise ArgumentError("The bootstrap test of the model needs kind='bollen_stine'.")
        return float(np.mean(self.statistics >= self.fit.test.statistic))


def bootstrap(
    fit: Estimated,
    n: int = 1000,
    seed: int | None = None,
    kind: Resampled | None = None,
    interval: Interval = "percentile",
    drop_inadmissible: bool = False,
    engine: Engine = "auto",
    threads: int | None = None,
    progress: Progress | None = None,
    give_up: bool = False,
) -> Bootstrap:
    """Refit a model to `n` resamples of its respondents.

    Parameters
    ----------
    fit : Fit
        A model fitted to answers.
    n : int
        Resamples.
    seed : int, optional
        Seed of the draws.
    kind : {"stratified", "nonparametric", "cluster", "bollen_stine"}, optional
        ``"stratified"``: respondents are drawn within their groups, as lavaan does; ``"nonparametric"``: from all
        groups, so that the sizes of the groups vary; ``"cluster"``: whole clusters are drawn; ``"bollen_stine"``:
        from answers transformed so that the model is true, for a test of the model (Bollen & Stine 1992,
        https://doi.org/10.1177/0049124192021002004). By default clusters where the model has them, else stratified.
    interval : {"percentile", "bca"}
        Interval that `tidy` shows; BCa is that of Efron (1987), https://doi.org/10.1080/01621459.1987.10478410.
    drop_inadmissible : bool
        Leave inadmissible refits out. Their estimates are legitimate draws near a boundary, so the default keeps them.
    engine : {"auto", "compiled", "numpy"}
        See `models.sem.kernels.refits.refit`. It does not change the results.
    threads : int, optional
        By default all available processors. Their number does not change the results.
    progress : callable, optional
        Called now and then with what is done (``"bootstrap"``, ``"jackknife"``), refits finished, and of how many.
    give_up : bool
        Stop when more than half of the first `TRIAL` refits find no minimum or are inadmissible.

    Returns
    -------
    Bootstrap
        The refits, with their errors, intervals and tests.

    Raises
    ------
    ArgumentError
        If an argument is unknown or the model was fitted to moments.
    ConvergenceError
        If fewer than two refits converged, or the bootstrap was given up.

    Examples
    --------
    >>> from models import sem
    >>> answers = sem.simulate("y ~ 0.5*x; x ~~ 1*x; y ~~ 1*y", 100, seed=1)
    >>> drawn = sem.bootstrap(sem.fit("y ~ x", answers), n=50, seed=1)
    >>> drawn.draws().shape, drawn.failed
    ((50, 3), 0)
    """
    sample = fit.task.sample
    if kind is None:
        kind = "cluster" if sample.groups[0].clusters is not None else "stratified"
    choice("kind", kind, KINDS)
    choice("interval", interval, INTERVALS)
    if n < 2:
        raise ArgumentError(f"n={n} bootstrap samples are too few; 1000 are usual for intervals.")
    if any(group.data is None for group in sample.groups):
        raise ArgumentError("The bootstrap needs answers, but the model was fitted to moments. Fit it to a data frame.")
    task = fit.task
    if kind == "bollen_stine":
        if sample.kind != "complete":
            raise ArgumentError("kind='bollen_stine' needs complete, continuous answers; use missing='listwise'.")
        task = at_sample(task, as_if_true(task, fit.theta))
    threads = threads or cores()
    done = _reporter(progress, "bootstrap", n)
    blocks = iter(draws(pools(sample, kind), n, seed))
    if give_up and n > TRIAL:
        first = next(blocks)
        trial = refit_all(task, fit.theta, [[part[:TRIAL] for part in first]], threads, engine)
        _require_hope(trial, n)
        blocks = chain([first], blocks)
    every = refit_all(task, fit.theta, blocks, threads, engine, done)
    inadmissible = every.converged & ~every.admissible
    keep = every.converged & ~(inadmissible if drop_inadmissible else np.zeros(n, dtype=bool))
    if keep.sum() < 2:
        failed = int((~every.converged).sum())
        raise ConvergenceError(remark("refits_failed", draws=n, failed=failed, inadmissible=int(inadmissible.sum())))
    return Bootstrap(
        fit,
        kind,
        seed,
        n,
        int((~every.converged).sum()),
        int(inadmissible.sum()),
        int(every.converged.sum() - keep.sum()),
        every.only(keep),
        interval,
        engine,
        threads,
        progress,
    )


def _require_hope(trial: Replicates, n: int) -> None:
    """Raise where more than half of the first refits are of no use: the others would be like them."""
    failed, inadmissible = int((~trial.converged).sum()), int((trial.converged & ~trial.admissible).sum())
    if failed + inadmissible > len(trial.converged) / 2:
        found = {"failed": failed, "inadmissible": inadmissible}
        raise ConvergenceError(remark("bootstrap_given_up", tried=len(trial.converged), draws=n, **found))


def _reporter(progress: Progress | None, what: str, total: int) -> Callable[[int], None] | None:
    return None if progress is None else lambda finished: progress(what, finished, total)
