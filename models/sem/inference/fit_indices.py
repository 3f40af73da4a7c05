"""The dictionary of fit indices, under lavaan's names with ``_`` for ``.``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from models.sem.inference.estimated import Estimated
from models.sem.inference.indices import incremental, information_criteria, rmsea, srmr
from models.sem.inference.ordinal_indices import categorical
from models.sem.inference.robust_indices import Corrected, from_test, robust_indices, scaled_indices
from models.sem.samples.sample import Kind


def fit_indices(fit: Estimated) -> dict[str, float]:
    """Return every fit index that exists for a fit."""
    base, groups = fit.baseline, len(fit.task.sample.groups)
    likelihood = fit.task.discrepancy == "ML"
    n = fit.n if likelihood else fit.n - groups
    result: dict[str, float] = {
        "npar": fit.npar,
        "fmin": fit.solution.value,
        "chisq": fit.test.statistic,
        "df": fit.df,
        "pvalue": fit.test.pvalue,
        "baseline_chisq": base.test.statistic,
        "baseline_df": base.df,
        "baseline_pvalue": base.test.pvalue,
        **incremental(fit.test, base.test),
        **rmsea(fit.test.statistic, fit.df, n, groups),
        "srmr": srmr(fit.task.structure, fit.task.sample, fit.theta),
        "srmr_bentler_nomean": srmr(fit.task.structure, fit.task.sample, fit.theta, means=False),
        "ntotal": fit.n,
    }
    if likelihood:
        result |= {"logl": fit.logl, "unrestricted_logl": fit.unrestricted_logl}
        result |= information_criteria(fit.logl, fit.npar, fit.n)
    scaled, base_scaled = fit.scaled_test, base.scaled_test
    if scaled is not None and base_scaled is not None:
        result |= scaled_indices(scaled, base_scaled, fit.test.statistic, n, groups)
    both = ROBUST[fit.task.sample.kind](fit, base)
    if both is not None:
        result |= robust_indices(*both, n, groups)
    return result


def reported_index(indices: Mapping[str, float], name: str) -> str:
    """Name the version of an index by which a model is judged: robust where it is defined, else scaled, else plain.

    Parameters
    ----------
    indices : mapping of str to float
        Fit indices of the model, as `Fit.fit_indices` names them.
    name : str
        The plain index: ``"cfi"``, ``"tli"``, ``"rmsea"``, ``"chisq"`` (which is scaled at most), …

    Returns
    -------
    str
        A key of `indices` with a finite value; `name` where no version has one.

    Examples
    --------
    >>> from models import sem
    >>> sem.reported_index({"cfi": 0.95, "cfi_scaled": 0.94, "cfi_robust": 0.96}, "cfi")
    'cfi_robust'
    """
    versions = (f"{name}{suffix}" for suffix in ("_robust", "_scaled", ""))
    return next((key for key in versions if np.isfinite(indices.get(key, np.nan))), name)


def corrections(fit: Estimated) -> tuple[Corrected, Corrected]:
    """Return the tests of model and baseline as the robust indices take them, uncorrected where there are none."""
    both = ROBUST[fit.task.sample.kind](fit, fit.baseline)
    if both is not None and all(np.isfinite(one.scaling) for one in both):
        return both
    return uncorrected(fit), uncorrected(fit.baseline)


def uncorrected(fit: Estimated) -> Corrected:
    """Return the test of a fit, or its scaled one, as that of normal answers."""
    test = fit.test if fit.scaled_test is None else fit.scaled_test
    return Corrected(test.statistic, test.df, 1.0, test.statistic, 1.0)


def _from_tests(fit: Estimated, base: Estimated) -> tuple[Corrected, Corrected] | None:
    """Return the corrections that the scaled tests of complete answers imply."""
    scaled, base_scaled = fit.scaled_test, base.scaled_test
    if scaled is None or base_scaled is None:
        return None
    return from_test(fit.test.statistic, scaled), from_test(base.test.statistic, base_scaled)


def _as_if_complete(fit: Estimated, base: Estimated) -> tuple[Corrected, Corrected]:
    return fit.as_if_complete, base.as_if_complete


def _as_if_continuous(fit: Estimated, base: Estimated) -> tuple[Corrected, Corrected] | None:
    own, other = categorical(fit), categorical(base)
    return None if fit.scaled_test is None or own is None or other is None else (own, other)


ROBUST: dict[Kind, Callable[[Estimated, Estimated], tuple[Corrected, Corrected] | None]] = {
    "complete": _from_tests,
    "incomplete": _as_if_complete,
    "ordinal": _as_if_continuous,
}
