"""Power by simulation: how many people a path or an indirect effect needs, and what a sample can detect."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize
from scipy.special import ndtr

from models import sem
from models.choices import choices
from models.measurement.errors import MeasurementError, ScaleError, check_share, perhaps
from models.messages.summary import Summarised
from models.remarks import remark
from models.statistics.distributions import normal_quantile

_POPULATION = 200_000
_MONTE_CARLO = 2_000


class PowerError(MeasurementError):
    """Power cannot be computed from what was given."""


@dataclass(frozen=True, eq=False, repr=False)
class Power(Summarised):
    """Power at several sample sizes.

    Attributes
    ----------
    table : DataFrame
        One row a sample size and term: ``n term population power ci_lower ci_upper mean bias coverage draws failed``;
        the interval is Wilson's for the simulated share, `bias` relative to the population, `failed` counts samples in
        which the model could not be fitted (they count as not significant).
    needed : DataFrame
        One row a term: ``term target n extrapolated``, the sample size at which power reaches the target, and whether
        that is outside the sizes simulated.
    """

    table: pd.DataFrame
    needed: pd.DataFrame

    def tidy(self) -> pd.DataFrame:
        """Tabulate the power.

        Returns
        -------
        DataFrame
            One row a sample size and term.
        """
        return self.table


def power(
    population: str | sem.Fit,
    model: str,
    terms: Sequence[str],
    sizes: Sequence[int],
    draws: int = 500,
    target: float = choices.power,
    level: float = choices.alpha,
    std_lv: bool = False,
    seed: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Power:
    r"""Simulate samples from a population, fit the model, count how often a term is significant.

    Parameters
    ----------
    population : str or sem.Fit
        Model text with all values given, or a fitted model.
    model : str
        What is fitted to each sample.
    terms : sequence of str
        Names such as ``y ~ x``, or of a defined parameter.
        Significance of a parameter is that of the Wald test, of a defined one (an indirect effect) that of the
        Monte-Carlo interval, whose bounds are quantiles over draws from the estimates' normal law (MacKinnon, Lockwood
        & Williams 2004, doi:10.1207/s15327906mbr3901_4); the delta method would ask for more people than are needed.
    sizes : sequence of int
        Sizes of the samples.
    draws : int
        Samples a size.
    target : float
        Power aimed at.
    level : float
        Two-sided level.
    std_lv : bool
        Fix the variances of the factors at one, as in `sem.fit`.
    seed : int, optional
        Seed of the samples.
    progress : callable, optional
        Told the number of samples done and in all.

    Returns
    -------
    Power
        Simulated power of each term at each size, and the size that each term needs.

    Raises
    ------
    MeasurementError
        Too few draws, no sizes, a term that is no parameter of the model, or a level or target that is no share.

    Notes
    -----
    The needed size inverts :math:`\Phi(\delta\sqrt n-z_{1-\alpha/2})`, fitted to the simulated powers by maximum
    likelihood; its population value is that of the model fitted to one very large sample.

    References
    ----------
    Muthén & Muthén (2002), doi:10.1207/S15328007SEM0904_8.

    Examples
    --------
    >>> from models import measurement
    >>> found = measurement.power("y ~ 0.5*x", "y ~ x", terms=["y ~ x"], sizes=[20, 40], draws=20, seed=1)
    >>> found.table["n"].tolist(), found.table["power"].round(2).tolist()
    ([20, 40], [0.75, 0.95])
    """
    check_share("level", level)
    check_share("target", target)
    if draws < 20 or not sizes:
        raise ScaleError(f"{draws} draws at {len(sizes)} sizes; at least 20 draws and one size are needed")
    rng = np.random.default_rng(seed)

    def estimates(n: int) -> pd.DataFrame:
        fit = sem.fit(model, sem.simulate(population, n, int(rng.integers(2**31))), std_lv=std_lv)
        return _estimates(fit, rng)

    truth = estimates(_POPULATION)
    unknown = [t for t in map(_name, terms) if t not in truth.index]
    if unknown:
        known = list(truth.index)
        raise PowerError(remark("no_parameter_of_model", name=unknown[0], perhaps=perhaps(unknown[0], known)))
    rows = []
    for k, n in enumerate(sizes):
        found, failed = [], 0
        for draw in range(draws):
            try:
                found.append(estimates(n))
            except sem.SemError:
                failed += 1
            if progress is not None:
                progress(k * draws + draw + 1, len(sizes) * draws)
        rows += [_row(n, term, truth.loc[term, "est"], found, failed, draws, level) for term in map(_name, terms)]
    table = pd.DataFrame(rows)
    return Power(
        table, pd.DataFrame([_needed(t, part, target, level) for t, part in table.groupby("term", sort=False)])
    )


def minimum_detectable(fit: sem.Fit, target: float = choices.power, level: float = choices.alpha) -> pd.DataFrame:
    r"""Smallest value of each path that the sample of a fitted model would find significant with probability `target`.

    Parameters
    ----------
    fit : sem.Fit
        The fitted model.
    target : float
        Power.
    level : float
        Two-sided level.

    Returns
    -------
    DataFrame
        One row a regression or defined parameter and group: ``lhs op rhs group est se minimum_detectable``.

    Raises
    ------
    MeasurementError
        A target or level that is no share.

    Notes
    -----
    :math:`(z_{1-\alpha/2}+z_{1-\beta})\,\mathrm{se}` (Bloom 1995, doi:10.1177/0193841X9501900504). Not power at the
    observed estimate, which says no more than its p-value (Hoenig & Heisey 2001, doi:10.1198/000313001300339897).

    Examples
    --------
    >>> from models import measurement, sem
    >>> found = sem.fit("y ~ x", sem.Moments([[1, 0.3], [0.3, 1]], 200, names=["y", "x"]))
    >>> measurement.minimum_detectable(found, target=0.8)[["lhs", "rhs", "est", "minimum_detectable"]].round(3)
      lhs rhs  est  minimum_detectable
    0   y   x  0.3               0.189
    """
    table = fit.tidy()
    paths = table[table["op"].isin(["~", ":="]) & (table["se"] > 0)]
    result = paths[["lhs", "op", "rhs", "group", "est", "se"]].reset_index(drop=True)
    return result.assign(minimum_detectable=detectable_errors(target, level) * result["se"])


def detectable_errors(target: float = choices.power, level: float = choices.alpha) -> float:
    """How many standard errors an effect must measure for a two-sided test to find it with probability `target`."""
    check_share("target", target)
    check_share("level", level)
    return normal_quantile(1 - level / 2) + normal_quantile(target)


def _name(term: str) -> str:
    return "".join(term.split())


def _estimates(fit: sem.Fit, rng: np.random.Generator) -> pd.DataFrame:
    table = fit.tidy()
    defined = table["op"] == ":="
    if defined.any():
        draws = rng.multivariate_normal(fit.theta, fit.vcov(), size=_MONTE_CARLO, method="cholesky")
        below = (fit.defined(draws) <= 0).mean(axis=-1)
        table.loc[defined, "pvalue"] = 2 * np.minimum(below, 1 - below)
    names = (table["lhs"] + table["op"] + table["rhs"]).where(~defined, table["lhs"])
    return table.set_index(names.map(_name))[["est", "se", "pvalue"]]


def _row(n: int, term: str, truth: float, found: list[pd.DataFrame], failed: int, draws: int, level: float) -> dict:
    values = pd.DataFrame([f.loc[term] for f in found], columns=["est", "se", "pvalue"])
    hits = int((values["pvalue"] < level).sum())
    from scipy.stats import binomtest

    interval = binomtest(hits, draws).proportion_ci(method="wilson")
    covered = (values["est"] - truth).abs() <= normal_quantile(1 - level / 2) * values["se"]
    mean = float(values["est"].mean())
    return {
        "n": n,
        "term": term,
        "population": truth,
        "power": hits / draws,
        "ci_lower": interval.low,
        "ci_upper": interval.high,
        "mean": mean,
        "bias": mean / truth - 1 if abs(truth) > 1e-3 else np.nan,
        "coverage": float(covered.mean()),
        "draws": draws,
        "failed": failed,
    }


def _needed(term: str, table: pd.DataFrame, target: float, level: float) -> dict:
    z = normal_quantile(1 - level / 2)
    n, draws = table["n"].to_numpy(dtype=float), table["draws"].to_numpy(dtype=float)
    hits = table["power"].to_numpy() * draws

    def minus_logl(delta: float) -> float:
        p = np.clip(ndtr(delta * np.sqrt(n) - z), 1e-12, 1 - 1e-12)
        return -float((hits * np.log(p) + (draws - hits) * np.log1p(-p)).sum())

    delta = float(optimize.minimize_scalar(minus_logl, bounds=(1e-4, 6 / np.sqrt(n.min())), method="bounded").x)
    needed = int(np.ceil(((z + normal_quantile(target)) / delta) ** 2))
    return {"term": term, "target": target, "n": needed, "extrapolated": not n.min() <= needed <= n.max()}
