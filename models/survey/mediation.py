"""Indirect, direct and total effects of the mechanisms, with percentile and BCa intervals from a bootstrap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from models import results, sem, theory

DIRECT = "direct_"


@dataclass(frozen=True)
class Resampling:
    """How a model is resampled: number of draws, seed, and who is told (what, refits finished, of how many)."""

    draws: int
    seed: int
    progress: Callable[[str, int, int], None] | None = None


def effect_rows(fit: sem.Fit, how: Resampling, hypotheses: dict[str, str], by: str = "") -> pd.DataFrame:
    """Refit a model to resamples of its respondents and give the intervals of its effects.

    Effects are the defined parameters of the specification (indirect and total) and the direct paths that they are set
    against, those with a label `direct_…`. Each group of a multi-group model is resampled on its own, whole clusters
    where the model has them; missing answers stay missing in the resamples.

    Parameters
    ----------
    fit
        The fitted model; in a multi-group model a label ends in `__` and the number of its group.
    hypotheses
        Label → hypothesis that its effect decides.
    by
        The grouping of a multi-group model.

    Returns
    -------
    Rows `effects` of the results table, four an effect: `estimate` and `std_all` with BCa intervals (the former with
    the p-value that belongs to it, and the robust standard error of the estimate), `percentile` and
    `percentile_std_all`; of an indirect effect also its `share` of the total. Rows `bootstrap`: resamples drawn,
    without a minimum (left out), and inadmissible (kept).
    None where the model defines no effect.

    Raises
    ------
    models.sem.SemError
        When too few refits have a minimum, or most of the first are inadmissible; the message says how many.
    """
    frame = fit.tidy()
    if not (frame["op"] == ":=").any():
        return pd.DataFrame()
    found = sem.bootstrap(fit, how.draws, how.seed, progress=how.progress, give_up=True)
    ends = {(q, kind): found.limits(q, interval=kind) for q in ("est", "std_all") for kind in ("bca", "percentile")}
    frame["pvalue"] = found.pvalues()
    groups = fit.table.options.groups
    rows: list[dict] = []
    for at, row in frame[(frame["op"] == ":=") | frame["label"].str.startswith(DIRECT)].iterrows():
        term, number = _parted(row["label"], by)
        common = {"table": "effects", "term": term}
        if by:
            common["group"] = f"{by}: {groups[int(number) - 1]}"
        tested = {"hypothesis": hypotheses.get(term, "")}
        for quantity, value, kind, more in (
            ("estimate", "est", "bca", tested | {"se": row["se"], "pvalue": row["pvalue"]}),
            ("std_all", "std_all", "bca", tested),
            ("percentile", "est", "percentile", {}),
            ("percentile_std_all", "std_all", "percentile", {}),
        ):
            lower, upper = (end[at] for end in ends[value, kind])
            limits = {"ci_lower": lower, "ci_upper": upper, "definition": kind}
            rows.append(common | {"quantity": quantity, "estimate": row[value]} | limits | more)
    rows += _shares(frame, hypotheses, by, groups)
    counts = {"draws": found.requested, "failed": found.failed, "inadmissible": found.inadmissible}
    common = {"table": "bootstrap", "group": by, "quantity": "count", "definition": "bootstrap"}
    rows += [common | {"term": name, "estimate": count} for name, count in counts.items()]
    return results.rows(rows, n=fit.n)


def _parted(label: str, by: str) -> tuple[str, str]:
    """The label that the model text gives, and the number of the group that a model of groups puts behind it."""
    name, _, number = label.rpartition("__") if by else (label, "", "")
    return name, number


def _shares(frame: pd.DataFrame, hypotheses: dict[str, str], by: str, groups: Sequence[object]) -> list[dict]:
    """Each indirect effect as a share of the total, where both have one sign and it is no more than the whole."""
    size, found = frame[frame["label"] != ""].drop_duplicates("label").set_index("label")["est"], []
    for label, value in size.items():
        name, number = _parted(str(label), by)
        known = theory.hypotheses().get(hypotheses.get(name, ""))
        if known is None or not isinstance(known.survey, theory.Indirect):
            continue
        total = size.get(str(label).replace(name, f"total_{known.survey.needs.constructs[0]}", 1))
        if total is not None and 0 < value / total <= 1:
            where = {"group": f"{by}: {groups[int(number) - 1]}"} if by else {}
            row = {"table": "effects", "term": name, "quantity": "share", "estimate": value / total}
            found.append(row | where | {"definition": "mediated_share"})
    return found
