"""`fit`: from model text and answers to a fitted model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from models.sem.errors import ArgumentError, nearest
from models.sem.estimate import problem, solve
from models.sem.fit import Fit, Settings
from models.sem.identification import check_count, require_identified
from models.sem.sample import Moments, from_data, from_moments, group_labels
from models.sem.syntax import parse
from models.sem.table import Options, build, classify

ESTIMATORS = ("ML", "GLS", "ULS", "MLR", "MLM", "MLMV")


def fit(
    syntax: str,
    data: pd.DataFrame | Moments | Mapping | Sequence[Moments],
    group: str | None = None,
    group_equal: str | Sequence[str] = (),
    group_partial: str | Sequence[str] = (),
    estimator: str = "ML",
    missing: str = "listwise",
    se: str = "standard",
    bootstrap: int = 0,
    seed: int | None = None,
    meanstructure: bool | None = None,
    ordered: str | Sequence[str] = (),
    std_lv: bool = False,
    cluster: str | None = None,
    orthogonal: bool = False,
    information: str | None = None,
    fixed_x: bool = True,
    auto: bool = True,
) -> Fit:
    """Fit a structural equation model.

    Parameters
    ----------
    syntax
        Model in lavaan syntax.
    data
        Answers, one row a respondent; or `Moments`, or a mapping group → `Moments`.
    group
        Column that names the groups; they keep the order in which they appear.
    group_equal, group_partial
        Families of parameters that are equal across groups, and the parameters released from that.
    estimator
        ``"ML"``, ``"GLS"``, ``"ULS"``, or robust ``"MLR"``, ``"MLM"``, ``"MLMV"``.
    missing
        ``"listwise"`` or ``"fiml"``.
    meanstructure
        Whether means are modelled; by default where groups, missing answers or intercepts in the text need them.
    information
        ``"expected"`` or ``"observed"``; by default observed with missing answers and MLR, else expected.
    auto
        Add what lavaan's `sem()` adds; False adds nothing, like `lavaan()`.

    Returns
    -------
    Fit

    Raises
    ------
    SemError
        One of its subclasses, with cause and remedy.
    """
    estimator = _choice("estimator", estimator, ESTIMATORS)
    missing = _choice("missing", {"ml": "fiml"}.get(missing, missing), ("listwise", "fiml"))
    errors, test = robustness(estimator, se, missing, cluster is not None)
    if information is None:
        information = "observed" if missing == "fiml" or errors == "robust.huber.white" else "expected"
    information = _choice("information", information, ("expected", "observed"))
    parsed = parse(syntax)
    given_moments = not isinstance(data, pd.DataFrame)
    if given_moments:
        labels = tuple(data) if isinstance(data, Mapping) else (1,) if isinstance(data, Moments) else None
        labels = labels or tuple(range(1, len(data) + 1))  # type: ignore[arg-type]
    else:
        labels = group_labels(data, group)
    if meanstructure is None:
        has_means = all(m.means is not None for m in _each(data)) if given_moments else True
        asked = any(t.op == "~1" for t in parsed.terms) or bool({"intercepts", "means"} & set(_names(group_equal)))
        meanstructure = (asked or missing == "fiml" or len(labels) > 1 or cluster is not None) and has_means
    options = Options(
        groups=labels,
        meanstructure=meanstructure,
        fixed_x=fixed_x,
        std_lv=std_lv,
        orthogonal=orthogonal,
        auto=auto,
        group_equal=_names(group_equal),
        group_partial=_names(group_partial),
        ordered=_names(ordered),
    )
    variables = classify(parsed, options)
    names = variables.observed
    if given_moments:
        sample = from_moments(data, names)  # type: ignore[arg-type]
    else:
        complete_on = variables.covariates if fixed_x else ()
        sample = from_data(data, names, group, missing, cluster, complete_on)
        if not all(part.complete for part in sample.groups):
            from models.sem.missing import with_moments

            sample = with_moments(sample)
    if estimator in ("GLS", "ULS"):
        sample = sample.unbiased()
    table = build(parsed, options)
    task = problem(table, sample, "ML" if estimator.startswith("ML") else estimator)
    check = Fit(task, None, Settings())  # type: ignore[arg-type]
    check_count(check.df, check.npar, check.moments)
    solution = solve(task)
    require_identified(task.objective.hessian(solution.theta, exact=False), task.constraints.K, table)
    return Fit(task, solution, Settings(estimator, missing, errors, test, information, bootstrap, seed))


def _names(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def robustness(estimator: str, se: str, missing: str, clustered: bool) -> tuple[str, str]:
    """Return the kinds of standard errors and of the test that an estimator implies, as in lavaan."""
    _choice("se", se, ("standard", "robust", "robust.sem", "robust.huber.white", "bootstrap"))
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


def _each(data: object) -> list[Moments]:
    if isinstance(data, Moments):
        return [data]
    return list(data.values()) if isinstance(data, Mapping) else list(data)  # type: ignore[call-overload]


def _choice(argument: str, value: str, options: Sequence[str]) -> str:
    if value not in options:
        hint = nearest(str(value), options)
        raise ArgumentError(f"{argument}={value!r} is unknown; possible are {', '.join(options)}. {hint}".strip())
    return value
