"""What a structural equation model shows of itself: test, indices, sample, parameters, as lavaan orders them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from models.messages.summary import Summary
from models.sem.errors import SemError
from models.sem.inference.estimated import Estimated

KINDS = {
    "=~": "Latent variables",
    "~": "Regressions",
    "~~": "Covariances",
    "~1": "Intercepts",
    "|": "Thresholds",
    "~*~": "Scales of the latent responses",
    ":=": "Defined parameters",
}
HEAD = {
    "est": "Estimate",
    "se": "Std.Err",
    "statistic": "z-value",
    "pvalue": "P(>|z|)",
    "std_all": "std.all",
}
INDICES = ("cfi", "tli", "rmsea", "rmsea_ci_lower", "rmsea_ci_upper", "rmsea_pvalue", "srmr")
LIKELIHOOD = ("logl", "aic", "bic")


def summary(
    fit: Estimated, tidy: pd.DataFrame, indices: Mapping[str, float] | SemError, notes: tuple[str, ...]
) -> Summary:
    """Return test, fit indices (or why there are none), sample and parameters of a fit, with notes under them."""
    return Summary(
        f"Structural equation model, estimator {fit.settings.estimator}",
        [*_sample(fit), *_test(fit), *_indices(indices)],
        list(_tables(fit, tidy)),
        notes,
    )


def glance(fit: Estimated, indices: Mapping[str, float]) -> pd.DataFrame:
    """Return one row: sample, settings, test and fit indices of a fit."""
    sample, settings = fit.task.sample, fit.settings
    row = {
        "nobs": fit.n,
        "n_dropped": sample.n_dropped,
        "n_groups": len(sample.groups),
        "estimator": settings.estimator,
        "missing": settings.missing,
        "se_type": "bootstrap" if settings.bootstrap else settings.se,
        "test": settings.test,
        "converged": fit.converged,
    }
    shown = {name: value for name, value in indices.items() if name not in ("ntotal", "fmin")}
    return pd.DataFrame([row | shown])


def _sample(fit: Estimated) -> Iterator[tuple[str, object]]:
    sample, settings = fit.task.sample, fit.settings
    yield "Respondents used", fit.n
    yield "Rows left out for missing answers", sample.n_dropped
    if len(sample.groups) > 1:
        yield "Groups", ", ".join(f"{group.label} ({group.n})" for group in sample.groups)
    if settings.missing != "listwise":
        yield "Missing answers", settings.missing
    yield "Free parameters", fit.npar
    yield "Standard errors", f"bootstrap, {settings.bootstrap} draws" if settings.bootstrap else settings.se


def _test(fit: Estimated) -> Iterator[tuple[str, object]]:
    yield "Test of the model: chi-squared", f"{fit.test.statistic:.3f}"
    yield "  degrees of freedom", fit.df
    yield "  P(chi-squared)", _probability(fit.test.pvalue)
    scaled = fit.scaled_test
    if scaled is not None:
        yield f"Corrected test ({fit.settings.test})", f"{scaled.statistic:.3f}"
        yield "  degrees of freedom", scaled.df
        yield "  P(chi-squared)", _probability(scaled.pvalue)
        yield "  scaling", f"{scaled.scaling:.3f}"


def _indices(found: Mapping[str, float] | SemError) -> Iterator[tuple[str, object]]:
    if isinstance(found, SemError):
        yield "Fit indices", f"none: {found}"
        return
    for name in INDICES:
        if name in found and found[name] == found[name]:
            robust = found.get(f"{name}_robust", found.get(f"{name}_scaled"))
            kind = "robust" if f"{name}_robust" in found else "scaled"
            yield name, f"{found[name]:.3f}" + ("" if robust is None else f" ({kind} {robust:.3f})")
    for name in LIKELIHOOD:
        if name in found:
            yield name, f"{found[name]:.3f}"


def _tables(fit: Estimated, tidy: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """One table a group and kind of parameter; variances apart from covariances."""
    kinds = tidy["op"].map(KINDS).mask((tidy["op"] == "~~") & (tidy["lhs"] == tidy["rhs"]), "Variances")
    several = len(fit.task.sample.groups) > 1
    order = [*dict.fromkeys([*KINDS.values()][:-1]), "Variances", KINDS[":="]]
    for group in dict.fromkeys(tidy["group"]):
        for kind in order:
            rows = tidy[(tidy["group"] == group) & (kinds == kind)]
            if len(rows):
                where = f", group {group}" if several and kind != KINDS[":="] else ""
                yield f"{kind}{where}", _parameters(rows)


def _parameters(rows: pd.DataFrame) -> pd.DataFrame:
    alone = {"~1", ":="} & set(rows["op"]) or (rows["lhs"] == rows["rhs"]).all()
    names = rows["lhs"] if alone else rows["lhs"] + " " + rows["op"] + " " + rows["rhs"]
    label = rows["label"].mask(rows["op"] == ":=", rows["rhs"])
    shown = rows[list(HEAD)].rename(columns=HEAD)
    shown.loc[rows["se"] == 0, "Std.Err"] = float("nan")
    shown.insert(0, "Parameter", names)
    if label.ne("").any():
        shown.insert(1, "Label", label)
    return shown


def _probability(value: float) -> str:
    return f"{value:.3f}" if value == value else ""
