"""A ladder of invariance as rows of the long results table."""

from __future__ import annotations

import pandas as pd

from models import measurement, results, sem
from models.analysis.rows import FIT, failed, long
from models.choices import choices
from models.measurement.options import Invariant
from models.remarks import packed
from models.statistics.seeding import SeedOf

DELTAS = ["delta_cfi", "delta_rmsea", "delta_srmr", "delta_chisq", "delta_df", "delta_pvalue", "held"]


def invariance_rows(
    seeds: SeedOf, data: pd.DataFrame, scales: dict[str, list[str]], group: str, kind: str
) -> list[pd.DataFrame]:
    """One ladder over one grouping: answers as numbers (`kind` is "") or as ordered categories ("ordered")."""
    estimator: Invariant = "WLSMV" if kind else choices.measurement_estimator
    seed = seeds("invariance", group, *filter(None, [kind]))
    try:
        found = measurement.invariance(data[data[group].notna()], scales, group, estimator=estimator, seed=seed)
    except (sem.SemError, measurement.MeasurementError) as error:
        return [failed(error, "invariance", group=group, model=kind)]
    return _ladder(found, group, kind)


def _ladder(found: measurement.Invariance, by: str, kind: str) -> list[pd.DataFrame]:
    """Rows of one ladder.

    Latent means, alignment and remarks on groups are those of the ladder of numbers, which every data set has.
    """
    ladder = found.ladder.assign(held=found.ladder["held"].astype(float))
    parts = [long(ladder, "invariance", "model", [*FIT, *DELTAS], versions=found.versions).assign(group=by)]
    single: list[dict] = [{"table": "invariance", "group": by, "term": found.level, "quantity": "level"}]
    if not found.testable:
        single.append({"table": "invariance", "group": by, "quantity": "failed", "note": packed(found.note)})
    single += [
        {"table": "invariance_freed", "group": by, "term": row.parameter, "quantity": row.step}
        | {"estimate": row.delta_chisq}
        for row in found.freed.itertuples()
    ]
    single += [
        {"table": "invariance_merged", "group": by, "term": item, "quantity": "answers", "estimate": left}
        for item, left in found.merged.items()
    ]
    if kind:
        return [pd.concat([*parts, results.rows(single)]).assign(model=kind)]
    single += [
        {"table": "remarks", "group": by, "term": str(row.group), "quantity": "small_group", "note": packed(row.note)}
        for row in found.groups[found.groups["used_as"] != found.groups["group"]].itertuples()
    ]
    return [*parts, results.rows(single), *_means(found.means, by), *_alignment(found, by)]


def _means(means: pd.DataFrame, by: str) -> list[pd.DataFrame]:
    if means.empty:
        return []
    rows_: list[dict] = []
    for row in means.itertuples():
        pair = {"table": "latent_means", "term": row.construct, "group": f"{by}: {row.group} − {row.reference}"}
        tested = {"estimate": row.difference, "se": row.se, "statistic": row.z, "pvalue": row.pvalue, "n": row.n}
        tested |= {"ci_lower": row.ci_lower, "ci_upper": row.ci_upper, "definition": "latent_mean"}
        rows_ += [
            pair | tested | {"quantity": "difference"},
            pair | {"quantity": "d", "estimate": row.d, "definition": "cohen_d"},
        ]
    return [results.rows(rows_)]


def _alignment(found: measurement.Invariance, by: str) -> list[pd.DataFrame]:
    """Aligned means and variances, and the parameters that do not agree with those of the other groups."""
    rows_: list[dict] = []
    for construct, aligned in found.alignments.items():
        share = {"table": "alignment", "term": construct, "group": by, "quantity": "noninvariant"}
        rows_.append(share | {"estimate": aligned.noninvariant})
        items = found.aligned[found.aligned["construct"] == construct]
        for group, mean, variance in zip(items["group"].unique(), aligned.means, aligned.variances, strict=True):
            own = {"table": "alignment", "term": construct, "group": f"{by}: {group}"}
            rows_ += [
                own | {"quantity": "mean", "estimate": mean},
                own | {"quantity": "variance", "estimate": variance},
            ]
        for kind in ("loading", "intercept"):
            rows_ += [
                {"table": "alignment_items", "term": row["item"], "group": f"{by}: {row['group']}"}
                | {"quantity": kind, "estimate": row[kind]}
                for row in items[~items[f"{kind}_invariant"]].to_dict("records")
            ]
    return [results.rows(rows_)] if rows_ else []
