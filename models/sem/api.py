"""`fit`: from model text and answers to a fitted model."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import get_args

import numpy as np
import pandas as pd

from models.sem.arguments import choice, column, draws, flag, names
from models.sem.arguments import seed as seed_of
from models.sem.errors import ArgumentError, ModelWarning
from models.sem.inference.estimated import Settings
from models.sem.language.remarks import remarks
from models.sem.language.rows import Options
from models.sem.language.syntax import parse
from models.sem.language.table import build, check_variables, classify
from models.sem.model.identification import check_count, require_identified
from models.sem.objective.missing import with_moments
from models.sem.options import Continuous, Errors, Estimator, Family, Information, Missing, Ordered, Parameterization
from models.sem.result import Fit
from models.sem.samples.ordinal_sample import check_ordered, threshold_counts, with_ordinal_moments
from models.sem.samples.sample import Moments, Sample, from_data, from_moments, group_labels
from models.sem.solving.estimate import solve, task_of

ESTIMATORS = get_args(Continuous)
ORDINAL_ESTIMATORS = {
    "WLSMV": ("robust.sem", "scaled.shifted"),
    "WLSM": ("robust.sem", "satorra.bentler"),
    "DWLS": ("standard", "standard"),
    "ULSMV": ("robust.sem", "scaled.shifted"),
    "ULS": ("standard", "standard"),
}


EVERY_ESTIMATOR, MISSING, ERRORS = get_args(Estimator), get_args(Missing), get_args(Errors)


def fit(
    syntax: str,
    data: pd.DataFrame | Sample | Moments | Mapping | Sequence[Moments],
    group: str | None = None,
    group_equal: Family | Sequence[Family] | None = (),
    group_partial: str | Sequence[str] | None = (),
    estimator: Estimator = "ML",
    missing: Missing = "listwise",
    se: Errors = "standard",
    bootstrap: int = 0,
    seed: int | None = None,
    meanstructure: bool | None = None,
    ordered: str | Sequence[str] | bool | None = (),
    std_lv: bool = False,
    cluster: str | None = None,
    orthogonal: bool = False,
    information: Information | None = None,
    fixed_x: bool = True,
    auto: bool = True,
    parameterization: Parameterization = "delta",
) -> Fit:
    """Fit a structural equation model.

    Parameters
    ----------
    syntax : str
        Model in lavaan syntax.
    data : DataFrame, Sample, Moments, or several Moments
        Answers, one row a respondent; or the sample of an earlier fit of the same variables (`fit.task.sample`),
        which saves what does not depend on the model; or `Moments`, or a mapping group → `Moments`.
    group : str, optional
        Column that names the groups; they keep the order in which they appear.
    group_equal : str or sequence of str, optional
        Families of parameters that are equal across groups: ``"loadings"``, ``"intercepts"``, ``"residuals"``,
        ``"residual.covariances"``, ``"lv.variances"``, ``"lv.covariances"``, ``"means"``, ``"regressions"``,
        ``"thresholds"``.
    group_partial : str or sequence of str, optional
        Parameters (such as ``"F=~x3"`` or ``"x2~1"``) or labels that are released from that.
    estimator : {"ML", "GLS", "ULS", "MLR", "MLM", "MLMV", "WLSMV", "WLSM", "DWLS", "ULSMV"}
        ``"ML"``, ``"GLS"``, ``"ULS"``, or robust ``"MLR"``, ``"MLM"``, ``"MLMV"``. With ordered items ``"WLSMV"`` (also
        what ``"ML"`` turns into), ``"WLSM"``, ``"DWLS"``, ``"ULSMV"``, ``"ULS"``.
    missing : {"listwise", "fiml", "ml", "pairwise"}
        ``"listwise"`` or ``"fiml"``; with ordered items ``"listwise"`` or ``"pairwise"``.
    se : {"standard", "robust", "robust.sem", "robust.huber.white", "bootstrap"}
        Standard errors: ``"standard"``, ``"robust"`` (the kind that suits the estimator), ``"robust.sem"``,
        ``"robust.huber.white"`` or ``"bootstrap"``; the robust estimators imply their own.
    bootstrap, seed : int, optional
        Number of samples and seed of a bootstrap (`sem.bootstrap`); `tidy` then shows its errors and intervals.
        ``se="bootstrap"`` alone draws 1000.
    meanstructure : bool, optional
        Whether means are modelled; by default where groups, missing answers or intercepts in the text need them.
    ordered : str, sequence of str or bool, optional
        Items whose answers are ordered categories, each a cut normal variable; True: all observed variables of the
        model but its covariates, as in lavaan.
    std_lv : bool
        Fix the variances of the factors at one and free their first loadings.
    cluster : str, optional
        Column of the clusters in which respondents are not independent; errors and test are then robust to it.
    orthogonal : bool
        Leave the factors uncorrelated.
    information : {"expected", "observed"}, optional
        By default observed with missing answers and MLR, else expected.
    fixed_x : bool
        Take the moments of exogenous observed covariates as fixed rather than estimate them.
    auto : bool
        Add what lavaan's `sem()` adds; False adds nothing, like `lavaan()`.
    parameterization : {"delta", "theta"}
        Of ordered items: unit variance of the latent responses, or of their residuals.

    Returns
    -------
    Fit
        Its `remarks` say what follows from the text without being written there.

    Raises
    ------
    SemError
        One of its subclasses, with cause and remedy.

    Warns
    -----
    ModelWarning
        Once for each of the `remarks`.

    Notes
    -----
    Syntax and conventions are those of lavaan (Rosseel 2012, https://doi.org/10.18637/jss.v048.i02).

    Examples
    --------
    >>> import numpy as np
    >>> from models import sem
    >>> cov = np.array([[1, 0.5, 0.5], [0.5, 1, 0.5], [0.5, 0.5, 1]])
    >>> found = sem.fit("F =~ a + b + c", sem.Moments(cov, 200, names=["a", "b", "c"]), std_lv=True)
    >>> found.tidy().query("op == '=~'")[["rhs", "std_all"]].round(3).to_records(index=False).tolist()
    [('a', 0.707), ('b', 0.707), ('c', 0.707)]
    """
    group, cluster = column("group", group), column("cluster", cluster)
    equal, partial = names("group_equal", group_equal), names("group_partial", group_partial)
    bootstrap, seed = draws(bootstrap), seed_of(seed)
    fixed_x, auto = flag("fixed_x", fixed_x), flag("auto", auto)
    std_lv, orthogonal = flag("std_lv", std_lv), flag("orthogonal", orthogonal)
    meanstructure = None if meanstructure is None else flag("meanstructure", meanstructure)
    choice("se", se, ERRORS)
    choice("estimator", estimator, EVERY_ESTIMATOR)
    choice("missing", missing, MISSING)
    parsed = parse(syntax)
    every = isinstance(ordered, (bool, np.bool_))
    items = (classify(parsed, Options()).endogenous if ordered else ()) if every else names("ordered", ordered)
    if items:
        estimator = choice("estimator", "WLSMV" if estimator == "ML" else estimator, get_args(Ordered))
        missing = choice("missing", missing, ("listwise", "pairwise"))
        errors, test = ORDINAL_ESTIMATORS[estimator]
        if cluster is not None:
            raise ArgumentError(
                "Clusters are not available with ordered items; treat the items as continuous with 'MLR'."
            )
        if se not in ("standard", "bootstrap", "robust", errors) or (se == "robust" and errors == "standard"):
            raise ArgumentError(f"estimator='{estimator}' of ordered items has {errors} errors, not se='{se}'.")
        if information == "observed":
            raise ArgumentError("Ordered items have expected information only; leave out information='observed'.")
    else:
        estimator = choice("estimator", estimator, ESTIMATORS)
        missing = choice("missing", "fiml" if missing == "ml" else missing, ("listwise", "fiml"))
        errors, test = robustness(estimator, se, missing, cluster is not None)
    if information is None:
        information = "observed" if missing == "fiml" or errors == "robust.huber.white" else "expected"
    information = choice("information", information, get_args(Information))
    if se == "bootstrap" and not bootstrap:
        bootstrap = 1000
    labels, has_means = describe(data, group)
    columns = [str(c) for c in data.columns.tolist()] if isinstance(data, pd.DataFrame) else []
    if meanstructure is None:
        asked = any(t.op == "~1" for t in parsed.terms) or bool({"intercepts", "means"} & set(equal))
        meanstructure = (asked or missing == "fiml" or len(labels) > 1 or cluster is not None) and has_means
    if items:
        meanstructure = True
    elif meanstructure and not has_means:
        raise ArgumentError("meanstructure=True needs means, but the moments were given without.")
    options = Options(
        groups=labels,
        meanstructure=meanstructure,
        fixed_x=fixed_x,
        std_lv=std_lv,
        orthogonal=orthogonal,
        auto=auto,
        group_equal=equal,
        group_partial=partial,
        ordered=items,
        parameterization=choice("parameterization", parameterization, get_args(Parameterization)),
    )
    variables = classify(parsed, options)
    observed = variables.observed
    if isinstance(data, pd.DataFrame):
        check_variables(parsed, variables, columns)
        keep = "fiml" if missing == "pairwise" else missing
        sample = from_data(
            data, observed, group, keep, cluster, variables.covariates if fixed_x else (), variables.ordered
        )
        if items:
            check_ordered(parsed, variables, options, columns)
            sample = with_ordinal_moments(sample, variables.ordered)
            options = replace(options, thresholds=threshold_counts(sample, variables.ordered))
        elif sample.kind == "incomplete":
            sample = with_moments(sample)
    elif isinstance(data, Sample):
        sample = _again(data, observed, bool(items))
        if items:
            options = replace(options, thresholds=threshold_counts(sample, variables.ordered))
    else:
        sample = from_moments(data, observed)
        if items:
            raise ArgumentError("Ordered items need answers; the data are moments.")
        if errors != "standard" or test != "standard":
            raise ArgumentError("Robust errors and tests need answers; the data are moments. Use estimator='ML'.")
    if estimator in ("GLS", "ULS") and not items:
        if sample.kind == "incomplete":
            raise ArgumentError(
                f"estimator='{estimator}' needs complete answers; use 'ML' or 'MLR' with missing='fiml'."
            )
        sample = sample.divided("n-1")
    table = build(parsed, options)
    task = task_of(table, sample, discrepancy(estimator))
    check_count(task.df, task.npar, task.n_moments)
    solution = solve(task)
    require_identified(task.objective.hessian(solution.theta, exact=False), task.constraints.K, table)
    said = remarks(table, columns)
    for remark in said:
        warnings.warn(remark, ModelWarning, stacklevel=2)
    return Fit(task, solution, Settings(estimator, missing, errors, test, information, bootstrap, seed), said)


def _again(sample: Sample, names: Sequence[str], ordinal: bool) -> Sample:
    """Return the sample of an earlier fit after checking that it is one of the same variables."""
    if sample.names != tuple(names) or sample.is_ordinal != ordinal:
        kind = "ordered" if sample.is_ordinal else "continuous"
        raise ArgumentError(
            f"The sample is one of the {kind} variables {', '.join(sample.names)}; the model has {', '.join(names)}. "
            f"Pass the answers instead."
        )
    return sample.divided("n")


def robustness(estimator: str, se: str, missing: str, clustered: bool) -> tuple[str, str]:
    """Return the kinds of standard errors and of the test that an estimator implies, as in lavaan."""
    choice("se", se, ERRORS)
    if clustered or estimator == "MLR":
        return "robust.huber.white", "yuan.bentler"
    test = {"MLM": "satorra.bentler", "MLMV": "scaled.shifted"}.get(estimator, "standard")
    if test != "standard":
        if missing == "fiml":
            raise ArgumentError(f"estimator='{estimator}' needs complete answers; use 'MLR' with missing='fiml'.")
        return "robust.sem", test
    if se == "robust":
        return ("robust.huber.white" if missing == "fiml" else "robust.sem"), test
    return ("standard" if se == "bootstrap" else se), test


def discrepancy(estimator: str) -> str:
    """Return what an estimator minimises: ``"ML"``, ``"GLS"``, ``"ULS"`` or ``"DWLS"``."""
    return {"WLSMV": "DWLS", "WLSM": "DWLS", "ULSMV": "ULS"}.get(
        estimator, "ML" if estimator.startswith("ML") else estimator
    )


def describe(data: object, group: str | None) -> tuple[tuple, bool]:
    """Return the labels of the groups, and whether the means are known."""
    if isinstance(data, pd.DataFrame):
        return group_labels(data, group), True
    if isinstance(data, Sample):
        return tuple(part.label for part in data.groups), data.has_means
    if group is not None:
        raise ArgumentError("group names a column of answers; for moments, give a mapping group → sem.Moments.")
    if isinstance(data, Moments):
        return (1,), data.means is not None
    if isinstance(data, Mapping) and all(isinstance(m, Moments) for m in data.values()):
        return tuple(data), all(m.means is not None for m in data.values())
    if isinstance(data, Sequence) and data and all(isinstance(m, Moments) for m in data):
        return tuple(range(1, len(data) + 1)), all(m.means is not None for m in data)
    raise ArgumentError(
        f"data must be a pandas DataFrame, sem.Moments, or sem.Moments by group; found {type(data).__name__}."
    )
