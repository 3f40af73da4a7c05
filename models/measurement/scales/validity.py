"""Convergent and discriminant validity: Fornell–Larcker, HTMT and HTMT2."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from models.choices import choices
from models.measurement.errors import ScaleError, check_share
from models.measurement.scales.confirm import FactorModel, FactorModelError, confirmed
from models.measurement.scales.resampling import correlations, resample_counts
from models.measurement.scales.scales import Scales, check_scales
from models.messages.summary import Summarised
from models.remarks import Remark, Remarks, remark


@dataclass(frozen=True, eq=False, repr=False)
class Validity(Summarised):
    """Discriminant validity of a set of constructs.

    Attributes
    ----------
    fornell_larcker : DataFrame, constructs by constructs
        Correlations of the constructs, with the square root of the average variance extracted on the diagonal.
    pairs : DataFrame
        One row a pair of constructs: ``construct_a construct_b correlation htmt ci_lower ci_upper htmt2 htmt2_ci_lower
        htmt2_ci_upper fornell_larcker_ok htmt_ok note``.
    n_boot : int
        Bootstrap samples behind the intervals.
    """

    fornell_larcker: pd.DataFrame
    pairs: pd.DataFrame
    n_boot: int

    def tidy(self) -> pd.DataFrame:
        """Tabulate discriminant validity.

        Returns
        -------
        DataFrame
            One row a pair of constructs.
        """
        return self.pairs


def htmt(correlation: np.ndarray, first: list[int], second: list[int], geometric: bool = False) -> np.ndarray:
    r"""Heterotrait–monotrait ratio of two constructs.

    Parameters
    ----------
    correlation : array (..., p, p)
        Item correlations, one matrix or a stack of them.
    first, second : positions of the items of each construct
        A construct with one item counts as measured without error (monotrait correlation 1).
    geometric : bool
        Geometric instead of arithmetic means: HTMT2, consistent for congeneric items.

    Notes
    -----
    :math:`\overline{|r_{ab}|}/\sqrt{\overline{|r_{aa'}|}\;\overline{|r_{bb'}|}}` with absolute correlations.

    References
    ----------
    Henseler, Ringle & Sarstedt (2015), doi:10.1007/s11747-014-0403-8; HTMT2: Roemer, Schuberth & Henseler (2021),
    doi:10.1108/IMDS-02-2021-0082.
    """
    r = np.abs(correlation)

    def mean(values: np.ndarray) -> np.ndarray:
        if not geometric:
            return values.mean(axis=-1)
        with np.errstate(divide="ignore"):
            return np.exp(np.log(values).mean(axis=-1))

    def monotrait(items: list[int]) -> np.ndarray:
        if len(items) == 1:
            return np.ones(r.shape[:-2])
        i, j = np.array(list(combinations(items, 2))).T
        return mean(r[..., i, j])

    i, j = (a.ravel() for a in np.meshgrid(first, second, indexing="ij"))
    with np.errstate(divide="ignore", invalid="ignore"):
        return mean(r[..., i, j]) / np.sqrt(monotrait(first) * monotrait(second))


def validity(
    data: pd.DataFrame,
    scales: Scales,
    n_boot: int = 1000,
    seed: int | None = None,
    level: float = choices.confidence,
    threshold: float = choices.htmt,
    model: FactorModel | FactorModelError | None = None,
) -> Validity:
    """Discriminant validity of every pair of constructs.

    Parameters
    ----------
    data : DataFrame
        One row a respondent, items numeric and pointing the same way, missing as NaN.
    scales : mapping of str to list of str
        Construct → its items; at least two.
    n_boot : int
        Bootstrap samples of respondents for the percentile intervals of HTMT and HTMT2; 0 for none.
    seed : int, optional
        Seed of the bootstrap.
    level : float
        Confidence level.
    threshold : float
        `htmt_ok` is HTMT below this value: 0.85, or 0.90 for conceptually close constructs (Henseler, Ringle & Sarstedt
        2015, doi:10.1007/s11747-014-0403-8).
    model : FactorModel or FactorModelError, optional
        The confirmatory factor model of all scales where it is fitted already (`confirmed`).

    Returns
    -------
    Validity
        The matrix of Fornell and Larcker, and a row a pair of constructs.

    Raises
    ------
    MeasurementError
        Fewer than two scales, items that are no numeric columns, too few rows, or a level or threshold that is none.

    Notes
    -----
    Construct correlations and average variances extracted come from the confirmatory factor model of all scales;
    Fornell & Larcker (1981, doi:10.1177/002224378101800104) ask both square roots of AVE to exceed the correlation in
    size. HTMT uses pairwise complete item correlations, in the sample and in each bootstrap sample.

    Examples
    --------
    >>> from models import measurement, sem
    >>> answers = sem.simulate("trust =~ t1 + t2 + t3; use =~ u1 + u2 + u3; trust ~~ 0.5*use", 200, seed=1)
    >>> scales = {"trust": ["t1", "t2", "t3"], "use": ["u1", "u2", "u3"]}
    >>> found = measurement.validity(answers, scales, n_boot=0)
    >>> found.fornell_larcker.round(2)
           trust   use
    trust   0.71  0.56
    use     0.56  0.61
    """
    check_share("level", level)
    if not 0 < threshold <= 1:
        raise ScaleError(f"threshold is {threshold!r}; expected a ratio above 0 and up to 1, such as 0.85")
    if len(scales) < 2:
        raise ScaleError(remark("discriminant_of_one_scale", n=len(scales)))
    answers = check_scales(data, scales)
    constructs = list(scales)
    x = answers.to_numpy()
    position = {item: i for i, item in enumerate(answers.columns)}
    sample = correlations(x, np.ones((1, len(x))))[0]
    resamples = correlations(x, resample_counts(len(x), n_boot, seed)) if n_boot else np.empty((0, *sample.shape))

    reason: Remark | None = None
    root_ave: dict[str, float] = {}
    table = pd.DataFrame(np.nan, index=constructs, columns=constructs)
    model = confirmed(answers, scales) if model is None else model
    if isinstance(model, FactorModelError):
        reason = remark("correlation_not_applicable", why=model.remark)
    else:
        standardised = model.standardised
        root_ave = {c: float(np.sqrt((standardised[list(i)] ** 2).mean())) for c, i in scales.items()}
        table = model.correlations + np.diag([root_ave[c] - 1 for c in constructs])

    rows = []
    for a, b in combinations(constructs, 2):
        first, second = [position[i] for i in scales[a]], [position[i] for i in scales[b]]
        row: dict[str, Any] = {"construct_a": a, "construct_b": b, "correlation": table.loc[a, b]}
        lost = 0
        for name, prefix, geometric in (("htmt", "", False), ("htmt2", "htmt2_", True)):
            row[name] = float(htmt(sample, first, second, geometric))
            draws = htmt(resamples, first, second, geometric)
            row[f"{prefix}ci_lower"], row[f"{prefix}ci_upper"] = _percentile(draws, level)
            lost = max(lost, int((~np.isfinite(draws)).sum()))
        row["fornell_larcker_ok"] = None if reason else bool(abs(row["correlation"]) < min(root_ave[a], root_ave[b]))
        row["htmt_ok"] = bool(row["htmt"] < threshold) if np.isfinite(row["htmt"]) else None
        notes = [reason] if reason else []
        if abs(row["correlation"]) >= 1:
            notes.append(remark("one_construct"))
        if not np.isfinite(row["htmt"]):
            notes.append(remark("htmt_not_applicable", why=remark("constant_or_apart")))
        if lost:
            notes.append(remark("resamples_lost", lost=lost, draws=n_boot))
        row["note"] = Remarks.of(*notes)
        rows.append(row)
    return Validity(table, pd.DataFrame(rows), n_boot)


def _percentile(draws: np.ndarray, level: float) -> tuple[float, float]:
    draws = draws[np.isfinite(draws)]
    if not len(draws):
        return np.nan, np.nan
    lower, upper = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(lower), float(upper)
