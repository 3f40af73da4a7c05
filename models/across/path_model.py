"""The theory's paths on the correlations of several surveys: two-stage structural equation modelling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from models import results, specs, synthesis
from models.across.studies import Study
from models.remarks import packed, remark
from models.sem.errors import SemError

SURVEYS, CONSTRUCTS = 2, 3


def path_model(studies: Sequence[Study]) -> pd.DataFrame:
    """Mean latent correlations over surveys, and the paths that they carry.

    Parameters
    ----------
    studies : sequence of Study
        Observed data sets; those with a survey whose main model has a proper solution take part.

    Returns
    -------
    Rows `synthesis_correlations` and `synthesis_paths`, the latter with the constructs that are left out because a
    pair was not measured in two surveys; a remark where nothing is left.
    """
    found = {study.name: _correlations(study.rows) for study in studies}
    surveys = {name: one for name, one in found.items() if one is not None}
    kept = _shared({name: R for name, (R, _, _) in surveys.items()})
    said = [
        {"term": name, "quantity": "left_out", "note": packed([remark("in_few_surveys", construct=name)])}
        for name in specs.synthesis().constructs
        if name not in kept
    ]
    if len(kept) < CONSTRUCTS:
        said = [{"term": "", "quantity": "left_out", "note": packed([remark("too_few_surveys")])}]
        return results.rows(said, table="synthesis_paths", sample="survey")
    within = {n: one for n, one in surveys.items() if len(set(one[0].index) & set(kept)) > 1}
    pooled = synthesis.pool_correlations(
        {name: (R, n) for name, (R, n, _) in within.items()},
        kept,
        covariances={name: V for name, (_, _, V) in within.items()},
    )
    rows = [*said, *_paths("paths", _model(kept), pooled)]
    if {specs.synthesis().mediated.outcome, specs.synthesis().mediated.through} <= set(kept):
        rows += _paths("mediated", _model(kept, mediated=True), pooled)
    parts = [
        results.rows(_means(pooled), table="synthesis_correlations", sample="survey"),
        results.rows([{"n": pooled.n} | row for row in rows], table="synthesis_paths", sample="survey"),
    ]
    return pd.concat(parts, ignore_index=True)


def _correlations(rows: pd.DataFrame) -> tuple[pd.DataFrame, int, pd.DataFrame] | None:
    """Latent correlations of one survey, its people, and the sampling covariance by pair (`a ~~ b`)."""
    values = rows[rows["table"] == "construct_correlations"]
    errors = rows[rows["table"] == "correlation_errors"]
    if values.empty or errors.empty:
        return None
    names = list(dict.fromkeys([*values["term"], *values["group"]]))
    R = pd.DataFrame(np.eye(len(names)), names, names)
    for row in values.itertuples():
        R.loc[row.term, row.group] = R.loc[row.group, row.term] = row.estimate
    V = errors.pivot(index="term", columns="group", values="estimate")
    pairs = [f"{row.term} ~~ {row.group}" for row in values.itertuples()]
    V = V.reindex(index=pairs, columns=pairs)
    return R, int(values["n"].iloc[0]), V.where(V.notna(), V.T)


def _shared(matrices: Mapping[str, pd.DataFrame]) -> list[str]:
    """Most constructs of which every pair was measured in two surveys; of equally many, those declared first."""
    known = specs.synthesis().constructs
    for size in range(len(known), CONSTRUCTS - 1, -1):
        for names in combinations(known, size):
            pairs = combinations(names, 2)
            if all(sum({a, b} <= set(R.index) for R in matrices.values()) >= SURVEYS for a, b in pairs):
                return list(names)
    return []


def _model(kept: Sequence[str], mediated: bool = False) -> str:
    """The declared paths among the constructs, in lavaan syntax; without direct paths where it is mediated."""
    declared, lines, causes = specs.synthesis(), [], list[str]()
    only = declared.mediated
    for outcome, named in declared.paths.items():
        through = (only.through,) if mediated and outcome == only.outcome else named
        right = [name for name in through if name in kept]
        if outcome in kept and right:
            lines.append(f"{outcome} ~ " + " + ".join(right))
        causes += [name for name in named if name in kept and name not in declared.paths]
    lines += [f"{a} ~~ {b}" for a, b in combinations(dict.fromkeys(causes), 2)]
    return "\n".join(lines)


def _paths(name: str, model: str, pooled: synthesis.PooledCorrelations) -> list[dict]:
    try:
        found = synthesis.path_model(model, pooled)
    except (synthesis.SynthesisError, SemError) as error:
        note = packed([remark("no_path_model", why=error.remark)])
        return [{"model": name, "term": name, "quantity": "left_out", "note": note}]
    rows = [
        {"model": name, "term": f"{row.lhs} ~ {row.rhs}", "quantity": "std", "estimate": row.est, "se": row.se}
        | {"statistic": row.statistic, "pvalue": row.pvalue, "ci_lower": row.ci_lower, "ci_upper": row.ci_upper}
        for row in found.tidy().itertuples()
        if row.op == "~"
    ]
    if found.df:
        test = {"estimate": found.chisq, "statistic": found.chisq, "df": found.df, "pvalue": found.pvalue}
        rows.append({"model": name, "term": "chisq", "quantity": "chisq"} | test)
        measures = {"cfi": found.cfi, "rmsea": found.rmsea, "srmr": found.srmr}
        rows += [{"model": name, "term": key, "quantity": key, "estimate": value} for key, value in measures.items()]
    return rows


def _means(pooled: synthesis.PooledCorrelations) -> list[dict]:
    rows = []
    for row in pooled.tidy().itertuples():
        pair = {"term": row.a, "group": row.b, "n": row.sets}
        rows.append(pair | {"quantity": "correlation", "estimate": row.est, "se": row.se})
        rows.append(pair | {"quantity": "tau2", "estimate": row.tau2})
    return rows
