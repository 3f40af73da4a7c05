"""Structural paths by group: loadings equal as far as they are, free paths, Wald tests of equality, differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from models import results, sem, theory
from models.analysis.group_differences import decided
from models.measurement import equal_loadings
from models.remarks import packed, remark
from models.sem.language import editing
from models.sem.options import Estimator, Missing
from models.statistics.wald import wald_test
from models.survey.equations import Structural, improper
from models.survey.given_weights import with_given_weights
from models.survey.group_units import anchored, of_each, of_everybody
from models.survey.mediation import Resampling, effect_rows
from models.theory import Contrast, Equivalence


def by_group(
    model: Structural,
    data: pd.DataFrame,
    by: str,
    min_group: int,
    estimator: Estimator,
    missing: Missing,
    resampling: Resampling | None = None,
) -> pd.DataFrame:
    """Fit the model in all groups at once with equal loadings and compare the paths of the group hypotheses.

    Loadings are equal across groups so that paths have the same unit (metric invariance; its test is another
    exhibit), but for those that the ladder of invariance releases. Groups with fewer than `min_group` people are left
    out, with a row that says so. Differences are expressed in the pooled model's standard deviations: raw difference ×
    (standardised path / raw path), pooled.

    Parameters
    ----------
    model
        The pooled model.
    data
        Answers with the column `by`.
    resampling
        How indirect, direct and total effects are resampled within groups; None leaves them out.

    Returns
    -------
    Rows `group_paths`, `equality`, `contrast` and, resampled, `effects` and `bootstrap` of the results table;
    `remarks` where no comparison is possible.
    """
    sizes = data[by].value_counts().sort_index()
    kept = [group for group, size in sizes.items() if size >= min_group]
    small = [remark("group_of_size", group=str(g), n=int(size)) for g, size in sizes.items() if size < min_group]
    remarks = []
    if small:
        note = packed([remark("small_groups", least=min_group, groups=small)])
        remarks.append({"table": "remarks", "term": by, "quantity": "small_group", "note": note})
    if len(kept) < 2:
        note = packed([remark("few_groups", k=len(kept), least=min_group)])
        remarks.append({"table": "remarks", "term": by, "quantity": "no_groups", "note": note})
        return results.rows(remarks, model=model.spec)
    sample = data[data[by].isin(kept)].sort_values(by, kind="stable")
    if model.fit.settings.missing == "listwise":
        missing = "listwise"
    how: dict[str, Any] = {"estimator": estimator, "missing": missing}
    equal = equal_loadings(sample, model.built.scales, by)
    syntax, pooled = model.built.parsed, model.fit
    if (other := with_given_weights(anchored(syntax, equal.freed), pooled)) != syntax:
        syntax, pooled = other, sem.fit(editing.write(other), data, **how)
    text = editing.write(editing.by_group(syntax, len(kept)))
    fit = sem.fit(text, sample, group=by, group_equal=("loadings",), group_partial=equal.freed, **how)
    for reason in improper(fit):
        said = {"table": "remarks", "group": by, "term": model.spec, "quantity": "inadmissible"}
        remarks.append(said | {"note": packed([reason])})
    paths = _paths(fit, kept)
    rows = [
        _path_rows(fit, by),
        _equality_rows(paths, fit, kept, by),
        _contrast_rows(model, pooled, paths, fit, kept, by, equal.doubted),
    ]
    if resampling is not None:
        try:
            rows.append(effect_rows(fit, resampling, {}, by))
        except sem.SemError as error:  # paths and their comparison stand without the intervals of effects
            note = packed([error.remark])
            remarks.append({"table": "remarks", "term": by, "quantity": "failed", "note": note})
    return pd.concat([*rows, results.rows(remarks)], ignore_index=True).assign(model=model.spec)


def _paths(fit: sem.Fit, groups: list[str]) -> dict[str, np.ndarray]:
    """Path → indices of its free parameter in each group."""
    found: dict[str, dict[str, int]] = {}
    names = fit.table.options.groups
    for index, row in enumerate(fit.table.rows):
        if row.op == "~" and index in fit.table.free:
            position = list(fit.table.free).index(index)
            found.setdefault(f"{row.lhs} ~ {row.rhs}", {})[str(names[row.group - 1])] = position
    return {term: np.array([at[str(g)] for g in groups]) for term, at in found.items() if len(at) == len(groups)}


def _path_rows(fit: sem.Fit, by: str) -> pd.DataFrame:
    tidy = fit.tidy()
    tidy = tidy[tidy["op"] == "~"]
    rows = []
    for row in tidy.itertuples():
        common = {"table": "group_paths", "group": f"{by}: {row.group}", "term": f"{row.lhs} ~ {row.rhs}"}
        rows.append(
            common
            | {
                "quantity": "estimate",
                "estimate": row.est,
                "se": row.se,
                "statistic": row.z,
                "pvalue": row.pvalue,
                "ci_lower": row.ci_lower,
                "ci_upper": row.ci_upper,
                "definition": "equal_loadings",
            }
        )
        rows.append(common | {"quantity": "std_all", "estimate": row.std_all})
    return results.rows(rows)


def _equality_rows(paths: dict[str, np.ndarray], fit: sem.Fit, groups: list[str], by: str) -> pd.DataFrame:
    rows, vcov = [], fit.vcov()
    for term, at in paths.items():
        differences = np.hstack([np.eye(len(groups) - 1), -np.ones((len(groups) - 1, 1))])
        gap, cov = differences @ fit.theta[at], differences @ vcov[np.ix_(at, at)] @ differences.T
        row = {"table": "equality", "group": by, "term": term, "quantity": "wald", "definition": "wald_equal"}
        if (test := wald_test(gap, cov)) is None:
            rows.append(row | {"n": fit.n, "note": packed([remark("singular_covariance")])})
        else:
            rows.append(row | {"statistic": test.statistic, "df": test.df, "pvalue": test.pvalue, "n": fit.n})
    return results.rows(rows)


def _contrast_rows(
    model: Structural,
    pooled: sem.Fit,
    slopes: dict[str, np.ndarray],
    fit: sem.Fit,
    groups: list[str],
    by: str,
    doubted: bool,
) -> pd.DataFrame:
    """Rows that decide the hypotheses on groups (rules `contrast` and `equivalence`).

    Without one of the paths or groups that a claim names, a comparison of the others is shown and decides nothing.
    Where it is in doubt that all loadings are equal it is not known which items kept their unit: a difference then has
    to show in each group's own deviations as well.
    """
    table = pooled.tidy()
    table = table[table["op"] == "~"].assign(term=lambda t: t["lhs"] + " ~ " + t["rhs"]).set_index("term")
    rows: list[dict] = []
    for hypothesis in theory.hypotheses().values():
        test = hypothesis.survey
        if not isinstance(test, Contrast | Equivalence) or test.by != by or test.spec != model.spec:
            continue
        terms = [t for t in slopes if t in table.index and table.loc[t, "label"] in test.labels]
        if not terms:
            continue
        named = (*test.plus, *test.minus) if isinstance(test, Contrast) else ()
        complete = set(test.members) <= set(terms) and set(named) <= set(groups)
        units = {t: table.loc[t, "std_all"] / table.loc[t, "est"] for t in terms}
        compared = [
            of_everybody(fit, slopes, groups, units),
            *([of_each(fit, slopes, groups, terms)] if doubted else []),
        ]
        rows += decided(test, compared, hypothesis.id if complete else "")
    return results.rows(rows, n=fit.n)
