"""The dictionary of fit measures, under lavaan's names with ``_`` for ``.``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.sem.inference.measures import incremental, information_criteria, rmsea, srmr
from models.sem.inference.robust_measures import from_test, robust_measures, scaled_measures

if TYPE_CHECKING:
    from models.sem.result import Fit


def fit_measures(fit: Fit) -> dict[str, float]:
    """Return every fit measure that exists for a fit."""
    base, groups = fit.baseline, len(fit.problem.sample.groups)
    likelihood = fit.problem.estimator == "ML"
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
        "srmr": srmr(fit.problem.structure, fit.problem.sample, fit.theta),
        "ntotal": fit.n,
    }
    if likelihood:
        result |= {"logl": fit.logl, "unrestricted_logl": fit.unrestricted_logl}
        result |= information_criteria(fit.logl, fit.npar, fit.n)
    scaled, base_scaled = fit.scaled_test, base.scaled_test
    if scaled is not None and base_scaled is not None:
        result |= scaled_measures(scaled, base_scaled, fit.test.statistic, n, groups)
    if fit.settings.missing == "fiml" and not all(group.complete for group in fit.problem.sample.groups):
        from models.sem.inference.fiml_corrected import Estimate, corrected

        both = [Estimate(part.problem, part.theta, part.basis, part.df) for part in (fit, base)]
        model, baseline = corrected(both, normal=scaled is None)
        result |= robust_measures(model, baseline, n, groups)
    elif fit.problem.sample.ordinal:
        from models.sem.inference.ordinal_measures import categorical

        own, other = categorical(fit), categorical(base)
        if scaled is not None and own is not None and other is not None:
            result |= robust_measures(own, other, n, groups)
    elif scaled is not None and base_scaled is not None:
        model = from_test(fit.test.statistic, scaled)
        result |= robust_measures(model, from_test(base.test.statistic, base_scaled), n, groups)
    return result
