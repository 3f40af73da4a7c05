"""The theory's panel specifications on one data set: slopes by group, tests of equal slopes, contrasts."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from models import panel, results, specs, theory
from models.analysis.group_differences import MEAN, difference, equivalence
from models.behaviour.dynamics import absorbed, alone, centred, dynamic_rows, measured, mediation_rows
from models.behaviour.estimated_so import defined
from models.behaviour.few_clusters import decisive
from models.behaviour.left_out import left_out
from models.behaviour.units import ALL, in_common_units, standardised
from models.panel.checks.diagnostics import group_diagnostics
from models.panel.checks.heterogeneity import stacked
from models.panel.errors import NotEstimableError
from models.panel.language.editing import without
from models.panel.language.formula import name_of, read
from models.remarks import Remark, packed, remark
from models.specs import PanelSpec
from models.statistics.seeding import SeedOf
from models.theory import Contrast, Equivalence, Sign


def with_mechanisms(data: pd.DataFrame, measures: Iterable[str]) -> tuple[pd.DataFrame, dict[str, Remark]]:
    """Add each mechanism measured by its levels only: their mean, standardised within platform, where all are known.

    Parameters
    ----------
    data
        One row an entity and period, with the columns of `measures` and perhaps `platform_type`.

    Returns
    -------
    A copy with the added columns, and mechanism → how it was made up.
    """
    out, made = data.copy(), {}
    for construct, levels in composites(measures).items():
        out[construct] = standardised(out, levels)[levels].mean(axis=1, skipna=False)
        made[construct] = _of_levels(out[construct], out[levels])
    return out, made


def _of_levels(mean: pd.Series, levels: pd.DataFrame) -> Remark:
    """What a mechanism is made of, and in how many rows that know a level it is missing for want of another."""
    known = levels.notna().any(axis=1)
    lost = int((known & mean.isna()).sum())
    if not lost:
        return remark("mean_of_levels", levels=list(levels))
    return remark("mean_of_levels_lost", levels=list(levels), n=lost, all=int(known.sum()))


def composites(measures: Iterable[str]) -> dict[str, list[str]]:
    """Mechanisms that are measured by their levels only → those levels."""
    offered = set(measures)
    levels = {c: [x for x in theory.levels(c) if x in offered] for c in theory.constructs() if c not in offered}
    return {construct: found for construct, found in levels.items() if found}


def slopes(
    name: str, data: pd.DataFrame, measures: set[str], seed_of: SeedOf
) -> tuple[pd.DataFrame, panel.PanelFit | None]:
    """Estimate a panel specification, by platform type where the data have it, else over all entities.

    Parameters
    ----------
    name
        Entry of `models/specs/panel.yaml`.
    data
        Panel with `entity`, `time`, measures and groups.
    measures
        The measures that the data set offers (mechanisms included).
    seed_of
        Names of a draw → its seed.

    Returns
    -------
    Rows `slopes`, `panel_fit`, `remarks` of the results table, and the fit in raw units (None when nothing is left).
    """
    spec = specs.panel_specs()[name]
    formula, left_out = specs.panel_formula(spec, measures)
    remarks = [
        {"table": "remarks", "model": name, "term": term, "quantity": "left_out"}
        | {"note": packed([remark("lacks_measures", constructs=list(lacking))])}
        for term, lacking in left_out
    ]
    if not stated(spec, measures):
        return results.rows(remarks), None
    rows = [results.rows(remarks)]
    by = spec.by if spec.by in data and data[spec.by].nunique() > 1 else None
    whole: panel.PanelFit | None = None
    estimator = spec.estimator
    for units, frame in (("raw", data), ("std", standardised(data, sorted(measures)))):
        if estimator == "gmm":
            parts = [(ALL, frame), *((f"{by}: {g}", p) for g, p in (frame.groupby(by, observed=True) if by else ()))]
            found = [row for group, part in parts for row in dynamic_rows(name, formula, part, units, group)]
            rows.append(results.rows(found))
            continue
        for group in dict.fromkeys((None, by)):
            if estimator == "mediation":
                rows.append(results.rows(_mediated(name, spec, frame, measures, units, group, seed_of)))
                continue
            try:
                fit = fit_spec(spec, formula, frame, group)
            except NotEstimableError as error:
                rows.append(_failed(name, group, error) if units == "raw" else pd.DataFrame())
                continue
            rows.append(slope_rows(fit, name, units, group, seed_of))
            if units == "raw":
                whole = fit if group is None else whole
                rows.append(fit_rows(fit, name, group))
                rows.append(_diagnostic_rows(fit, name, seed_of) if group is None else pd.DataFrame())
    return pd.concat(rows, ignore_index=True), whole


def _failed(name: str, group: str | None, error: NotEstimableError) -> pd.DataFrame:
    row = {"table": "remarks", "model": name, "term": group or ALL, "quantity": "failed"}
    row["note"] = packed([error.remark])
    return results.rows([row])


def stated(spec: PanelSpec, measures: set[str]) -> str:
    """The formula that the measures leave of a specification; empty where it would no longer say what it claims."""
    formula, _ = specs.panel_formula(spec, measures)
    lacking = [needed for needed in spec.needs if needed not in measures]
    return "" if lacking or not formula or alone(spec, formula) else formula


def _mediated(
    name: str, spec: PanelSpec, data: pd.DataFrame, measures: set[str], units: str, by: str | None, seed_of: SeedOf
) -> list[dict]:
    """Indirect effects from the two specifications that a mediation names; none when either cannot be estimated."""
    fits = []
    for part in (spec.to_mediator, spec.to_outcome):
        other = specs.panel_specs()[part]
        formula = stated(other, measures)
        if not formula:
            return []
        try:
            fits.append(fit_spec(other, formula, data, by))
        except NotEstimableError:
            return []
    decides = hypothesis_of(name) if by is None else {}
    rows = mediation_rows(name, spec, fits[0], fits[1], units, seed_of)
    return [row | {"hypothesis": decides.get(row["term"], "")} for row in rows]


def fit_spec(spec: PanelSpec, formula: str, data: pd.DataFrame, by: str | None) -> panel.PanelFit:
    """Fit a specification with its effects and clusters, by a group or over all."""
    if spec.cluster not in data:
        raise NotEstimableError(remark("no_group_for_clusters", by=spec.cluster))
    return panel.fit(
        _without_absorbed(spec, formula, data, by),
        centred(data, spec),
        entity="entity",
        time="time",
        effects=spec.effects,
        cluster=spec.cluster,
        by=by,
        se_type="stata",
    )


def _without_absorbed(spec: PanelSpec, formula: str, data: pd.DataFrame, by: str | None) -> str:
    """The formula less terms of `absorbed` of which the effects leave nothing in any group; their products stay."""
    parts = [part for _, part in data.groupby(by, observed=True)] if by else [data]
    stated = [name_of(term) for term in read(formula).terms]
    return without(formula, [t for t in spec.absorbed if t in stated and all(absorbed(part, t) for part in parts)])


def hypothesis_of(name: str) -> dict[str, str]:
    """Term of a panel specification → hypothesis that it decides."""
    tests = {h.id: h.panel for h in theory.hypotheses().values()}
    return {test.term: key for key, test in tests.items() if isinstance(test, Sign) and test.spec == name}


def slope_rows(fit: panel.PanelFit, name: str, units: str, by: str | None, seed_of: SeedOf) -> pd.DataFrame:
    """The pooled slope over platform types decides the hypothesis; slopes by type show where it comes from.

    With few clusters p and interval are those of the wild cluster bootstrap.
    """
    decides = hypothesis_of(name)
    rows = []
    for row in fit.tidy().itertuples():
        rows.append(
            {
                "table": "slopes",
                "model": name,
                "group": f"{by}: {row.group}" if by else ALL,
                "term": row.term,
                "quantity": units,
                "hypothesis": decides.get(row.term, "") if by is None else "",
                **measured(row),
                "definition": defined("two_way_clustered", fit),
                **decisive(fit, row.term, seed_of, name, group=row.group),
            }
        )
    for group, why in fit.not_estimable.items():
        lost = {"table": "slopes", "model": name, "group": f"{by}: {group}", "quantity": units}
        rows.append(lost | {"note": packed([why])})
    return results.rows(rows)


def fit_rows(fit: panel.PanelFit, name: str, by: str | None) -> pd.DataFrame:
    """Rows on the fit of a specification: sizes, R², and by which program and convention it was computed."""
    rows = []
    for row in fit.glance().itertuples():
        made = remark("computed_by", program=str(row.engine), convention=row.se_type)
        for quantity in ("nobs", "n_entity", "n_time", "n_clusters", "r2_within", "factor", "n_dropped"):
            rows.append(
                {
                    "table": "panel_fit",
                    "model": name,
                    "group": f"{by}: {row.group}" if by else ALL,
                    "term": quantity,
                    "quantity": quantity,
                    "estimate": getattr(row, quantity, np.nan),
                    "note": packed([made]) if quantity == "factor" else "",
                }
            )
    return results.rows([*rows, *left_out(fit.ledger.lines, name, by)])


def _diagnostic_rows(fit: panel.PanelFit, name: str, seed_of: SeedOf) -> pd.DataFrame:
    """A row a test; what it found, or why it does not apply, in the remarks."""
    rows = []
    for row in group_diagnostics(fit.groups[0], fit.spec.effects, seed_of("diagnostics", name)):
        rows.append(
            {
                "table": "panel_diagnostics",
                "model": name,
                "group": ALL,
                "term": row.test,
                "quantity": "test",
                "statistic": row.statistic,
                "df": row.df,
                "df2": row.df2,
                "pvalue": row.pvalue,
                "definition": "panel_test",
                "note": packed(row.remarks),
            }
        )
    return results.rows(rows)


def slopes_by(name: str, data: pd.DataFrame, measures: set[str], by: str) -> pd.DataFrame:
    """Compare slopes between groups, in units that all share: Wald tests of equality, pairs with Holm, contrasts.

    Returns
    -------
    Rows `equality`, `pairs` and `contrast` of the results table; `remarks` where no comparison is possible.
    """
    spec = specs.panel_specs()[name]
    formula, _ = specs.panel_formula(spec, measures)
    if not formula or spec.estimator != "within":
        return pd.DataFrame()
    known = data[data[by].notna()]
    if known[by].nunique() < 2:
        note = packed([remark("one_group_only", levels=[str(level) for level in known[by].unique()])])
        return results.rows([{"table": "remarks", "model": name, "term": by, "quantity": "no_groups", "note": note}])
    try:
        fit = fit_spec(spec, formula, in_common_units(known, sorted(measures)), by)
    except NotEstimableError as error:
        return _failed(name, by, error)
    return compared(name, fit, by)


def compared(name: str, fit: panel.PanelFit, by: str) -> pd.DataFrame:
    """Rows `equality`, `pairs` and `contrast` of a fit with slopes by group."""
    groups = [g.group for g in fit.groups]
    terms = [t for t in fit.groups[0].estimate.regressors if all(t in g.estimate.names for g in fit.groups)]
    if len(groups) < 2:
        return pd.DataFrame()
    rows: list[dict] = []
    for term in terms:
        test = panel.wald_equal(fit, term)
        rows.append(
            {
                "table": "equality",
                "group": by,
                "term": term,
                "quantity": "wald",
                "statistic": test.statistic,
                "df": test.df,
                "pvalue": test.pvalue,
                "definition": "wald_equal",
            }
        )
        for pair in panel.pairwise(fit, term).itertuples():
            rows.append(
                {
                    "table": "pairs",
                    "group": f"{pair.group} − {pair.other}",
                    "term": term,
                    "quantity": "difference",
                    "estimate": pair.est,
                    "se": pair.se,
                    "statistic": pair.statistic,
                    "pvalue": pair.pvalue_holm,
                    "ci_lower": pair.ci_lower,
                    "ci_upper": pair.ci_upper,
                    "definition": "holm_pairs",
                }
            )
    rows += _contrast_rows(name, fit, terms, groups, by)
    return results.rows(rows, model=name, n=sum(g.estimate.nobs for g in fit.groups))


def _contrast_rows(name: str, fit: panel.PanelFit, terms: list[str], groups: list[str], by: str) -> list[dict]:
    rows: list[dict] = []
    for hypothesis in theory.hypotheses().values():
        test = hypothesis.panel
        if not isinstance(test, Contrast | Equivalence) or test.by != by or test.spec != name:
            continue
        lacking = _lacking(test, terms, groups)
        decides = "" if lacking else hypothesis.id
        if lacking:
            rows.append({"table": "remarks", "term": by, "quantity": "incomplete", "note": packed(lacking)})
        if isinstance(test, Equivalence):
            rows += _equivalence_rows(decides, test.bound, fit, terms)
            continue
        plus, minus = ([g for g in groups if g in side] for side in (test.plus, test.minus))
        if not plus or not minus:
            continue
        members, params, cov = stacked(fit, terms)
        names = [m.group for m in members]
        weights = np.array([(g in plus) / len(plus) - (g in minus) / len(minus) for g in names])
        label = f"{' + '.join(plus)} − {' + '.join(minus)}"
        common = {"table": "contrast", "group": label, "definition": "contrast"}
        for position, term in enumerate(terms):
            one = np.zeros(len(terms))
            one[position] = 1
            found = difference(np.kron(weights, one), params, cov)
            rows.append(common | found | {"term": term, "quantity": "difference"})
        found = difference(np.kron(weights, np.full(len(terms), 1 / len(terms))), params, cov)
        rows.append(common | found | {"term": MEAN, "quantity": "decisive", "hypothesis": decides})
    return rows


def _lacking(test: Contrast | Equivalence, terms: list[str], groups: list[str]) -> list[Remark]:
    """Causes and groups that a claim names and the fit has no slopes of; empty where it has all."""
    causes = [term for term in test.members if term not in terms]
    named = (*test.plus, *test.minus) if isinstance(test, Contrast) else ()
    absent = [group for group in named if group not in groups]
    said = [remark("no_slopes_of", causes=causes)] if causes else []
    return [*said, remark("no_slopes_in", groups=absent)] if absent else said


def _equivalence_rows(hypothesis: str, bound: float, fit: panel.PanelFit, terms: list[str]) -> list[dict]:
    """Two one-sided tests that the difference of a slope between each two groups lies inside ± `bound`."""
    rows = []
    for term in terms:
        for pair in panel.pairwise(fit, term).itertuples():
            rows.append(
                {
                    "table": "contrast",
                    "group": f"{pair.group} − {pair.other}",
                    "term": term,
                    "quantity": "decisive",
                    "hypothesis": hypothesis,
                    "estimate": pair.est,
                    "se": pair.se,
                    "statistic": pair.statistic,
                    "definition": "equivalence",
                    **equivalence(pair.est, pair.se, bound),
                }
            )
    return rows
