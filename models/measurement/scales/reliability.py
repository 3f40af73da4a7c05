"""Reliability of scales: alpha, omega, composite reliability, average variance extracted."""

import numpy as np
import pandas as pd
from scipy.special import fdtri

from models.choices import choices
from models.measurement.errors import check_share
from models.measurement.options import Gaps
from models.measurement.scales.confirm import FactorModel, FactorModelError, confirm, confirmed
from models.measurement.scales.scales import Scales, check_scales
from models.remarks import Remark, Remarks, remark

COEFFICIENTS = ("alpha", "alpha_ci_lower", "alpha_ci_upper", "spearman_brown", "omega", "cr", "ave", "mean_r")


def cronbach_alpha(covariance: np.ndarray) -> float:
    r"""Cronbach's alpha, :math:`\frac{k}{k-1}\left(1-\frac{\operatorname{tr} S}{1'S1}\right)`.

    Parameters
    ----------
    covariance : array (k, k)
        Covariance matrix of the items; a correlation matrix gives the standardised alpha.

    References
    ----------
    Cronbach (1951), doi:10.1007/BF02310555.
    """
    k = len(covariance)
    return float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum()))


def feldt_interval(alpha: float, n: int, k: int, level: float = choices.confidence) -> tuple[float, float]:
    r"""Interval for alpha of `k` items answered by `n` people, after Feldt.

    Notes
    -----
    :math:`(1-\alpha)/(1-\hat\alpha)` follows :math:`F` with :math:`n-1` and :math:`(n-1)(k-1)` degrees of freedom
    when items are normal and essentially tau-equivalent.

    References
    ----------
    Feldt (1965), doi:10.1007/BF02289499; Feldt, Woodruff & Salih (1987), doi:10.1177/014662168701100107.
    """
    tail = (1 - level) / 2
    upper, lower = fdtri(n - 1, (n - 1) * (k - 1), [1 - tail, tail])
    return 1 - (1 - alpha) * upper, 1 - (1 - alpha) * lower


def composite_reliability(loadings: np.ndarray, residuals: np.ndarray) -> float:
    r"""Share of a sum's variance due to its one factor, :math:`(\sum\lambda)^2/((\sum\lambda)^2+\sum\theta)`."""
    true = loadings.sum() ** 2
    return float(true / (true + residuals.sum()))


def reliability(
    data: pd.DataFrame,
    scales: Scales,
    level: float = choices.confidence,
    model: FactorModel | FactorModelError | None = None,
    missing: Gaps = choices.measurement_missing,
) -> pd.DataFrame:
    r"""Reliability of every scale.

    Parameters
    ----------
    data : DataFrame
        One row a respondent, items numeric and pointing the same way, missing as NaN.
    scales : mapping of str to list of str
        Construct → its items.
    level : float
        Confidence level of the interval of alpha.
    model : FactorModel or FactorModelError, optional
        The confirmatory factor model of all scales where it is fitted already (`confirmed`).
    missing : {"fiml", "listwise"}
        What becomes of missing answers in the model of each scale, which omega is read from.

    Returns
    -------
    DataFrame
        One row a scale: ``construct n_items n alpha alpha_ci_lower alpha_ci_upper spearman_brown omega cr ave mean_r
        note``. What does not apply is NaN and `note` says why.

    Raises
    ------
    MeasurementError
        Scales that contradict themselves, items that are no numeric columns, too few rows, or a level that is no share.

    Notes
    -----
    alpha
        Cronbach's, of raw items, with Feldt's interval (`feldt_interval`); rows complete for the scale. With two items
        it equals the Spearman–Brown coefficient only if their variances are equal, therefore two-item scales have
        `spearman_brown` beside it (Eisinga, te Grotenhuis & Pelzer 2013, doi:10.1007/s00038-012-0416-3).
    omega
        Omega total of the unidimensional congeneric model, fitted to the scale alone:
        :math:`\omega=(\sum\lambda)^2/((\sum\lambda)^2+\sum\theta)` with raw loadings, the reliability of the sum
        of the items (McDonald 1999; Raykov 1997, doi:10.1177/01466216970212006). It is not the hierarchical omega.
    cr, ave
        Composite reliability and average variance extracted of Fornell & Larcker (1981,
        doi:10.1177/002224378101800104), from completely standardised loadings of the confirmatory factor model of *all*
        scales: :math:`\mathrm{CR}=(\sum\lambda)^2/((\sum\lambda)^2+\sum(1-\lambda^2))`,
        :math:`\mathrm{AVE}=\sum\lambda^2/k`.
    mean_r
        Mean correlation between items.

    Examples
    --------
    >>> from models import measurement, sem
    >>> answers = sem.simulate("trust =~ t1 + t2 + t3; use =~ u1 + u2 + u3; trust ~~ 0.5*use", 200, seed=1)
    >>> scales = {"trust": ["t1", "t2", "t3"], "use": ["u1", "u2", "u3"]}
    >>> measurement.reliability(answers, scales)[["construct", "alpha", "omega", "ave"]].round(2)
      construct  alpha  omega   ave
    0     trust   0.75   0.75  0.50
    1       use   0.63   0.63  0.37
    """
    check_share("level", level)
    answers = check_scales(data, scales)
    model = confirmed(answers, scales, missing=missing) if model is None else model
    rows = [_scale_row(name, answers[list(columns)], model, level, missing) for name, columns in scales.items()]
    return pd.DataFrame(rows)


def _scale_row(
    construct: str, block: pd.DataFrame, model: FactorModel | FactorModelError, level: float, missing: Gaps
) -> dict:
    complete = block.dropna()
    n, k = complete.shape
    row: dict = {"construct": construct, "n_items": k, "n": n} | dict.fromkeys(COEFFICIENTS, np.nan)
    obstacle = _obstacle(complete)
    if obstacle:
        return row | {"note": Remarks.of(remark("not_applicable", why=obstacle))}
    covariance = complete.cov().to_numpy()
    notes = []
    columns = [str(item) for item in block]
    correlation = np.corrcoef(complete.to_numpy(), rowvar=False)
    row["mean_r"] = float(correlation[np.tril_indices(k, -1)].mean())
    row["alpha"] = cronbach_alpha(covariance)
    row["alpha_ci_lower"], row["alpha_ci_upper"] = feldt_interval(row["alpha"], n, k, level)
    if k == 2:
        row["spearman_brown"] = cronbach_alpha(correlation)
        notes.append(remark("omega_not_applicable", why=remark("factor_of_two")))
    else:
        try:
            own = confirm(block, {construct: columns}, missing=missing)
            if own.improper(columns):
                notes.append(remark("omega_not_applicable", why=_heywood(own.improper(columns))))
            else:
                row["omega"] = composite_reliability(own.loadings.to_numpy(), own.residuals.to_numpy())
        except FactorModelError as error:
            notes.append(remark("omega_not_applicable", why=error.remark))
    if isinstance(model, FactorModelError):
        notes.append(remark("cr_and_ave_not_applicable", why=model.remark))
    elif k == 2 and len(model.correlations) == 1:
        notes.append(remark("cr_and_ave_not_applicable", why=remark("factor_of_two")))
    elif model.improper(columns):
        notes.append(remark("cr_and_ave_not_applicable", why=_heywood(model.improper(columns))))
    else:
        standardised = model.standardised[columns].to_numpy()
        row["cr"] = composite_reliability(standardised, 1 - standardised**2)
        row["ave"] = float((standardised**2).mean())
    if row["alpha"] < 0:
        notes.append(remark("negative_alpha"))
    return row | {"note": Remarks.of(*notes)}


def _obstacle(complete: pd.DataFrame) -> Remark | None:
    """Why the answers to a scale have no reliability; None where they have one."""
    n, k = complete.shape
    if k == 1:
        return remark("no_consistency_of_one")
    if n < k + 2:
        return remark("few_complete_rows", n=n, k=k)
    constant = [item for item in complete if np.ptp(complete[item].to_numpy()) == 0]
    if constant:
        return remark("constant_items", items=constant)
    covariance = complete.cov().to_numpy()
    return remark("constant_sum") if covariance.sum() <= 1e-12 * np.trace(covariance) else None


def _heywood(items: list[str]) -> Remark:
    return remark("negative_residuals", items=items)
