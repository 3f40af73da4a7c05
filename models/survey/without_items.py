"""Does one item carry the result: the main model without each item of the two ends of a path that decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from models import results, sem, specs
from models.remarks import packed
from models.statistics.distributions import two_sided
from models.survey.deciding_paths import Path, deciding_paths
from models.survey.equations import MAIN, Structural

LEAST = 2  # items of a scale; one alone would be taken as free of error


def without_items(model: Structural, scales: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Standardised paths without each item, from the moments of the answers.

    The moments are those that the fit rests on, with missing answers their maximum likelihood estimates, so that
    dozens of models cost what one of answers does; they minimise what the main model minimises. Errors of such fits are
    those of normal answers (of two-stage estimates, where answers are missing); each is multiplied by what the path's
    error in the main model is to that of the same model from moments, so that with all items the test is that of the
    main model.

    Returns
    -------
    Rows `without_items` of the results table: group = item left out, term, `std_all` with the statistic and p of the
    path; `failed` with its reason. Scales of two items keep both.
    """
    paths = deciding_paths(model)
    if not paths:
        return pd.DataFrame()
    task = model.fit.task
    (group,) = task.sample.groups
    names = list(task.sample.names)
    frame = pd.DataFrame(group.cov, index=names, columns=names)
    moments = sem.Moments(frame, group.n, unbiased=False)
    how: dict[str, Any] = {"estimator": task.discrepancy}
    main = model.fit.tidy()["se"].to_numpy()
    alone = sem.fit(model.built.syntax, moments, **how).tidy()["se"].to_numpy()
    ratio = {path.term: main[path.row] / alone[path.row] for path in paths}
    rows: list[dict] = []
    for item in dict.fromkeys(item for path in paths for item in path.items):
        fewer = {construct: [one for one in items if one != item] for construct, items in scales.items()}
        if any(len(items) < LEAST and item in scales[construct] for construct, items in fewer.items()):
            continue
        common = {"table": "without_items", "group": item, "n": group.n}
        built = specs.structural(specs.structural_specs()[MAIN], fewer)
        try:
            fit = sem.fit(built.syntax, moments, **how)
        except sem.SemError as error:
            rows.append(common | {"quantity": "failed", "note": packed([error.remark])})
            continue
        rows += [common | one for one in _rows(fit, [path for path in paths if item in path.items], ratio)]
    return results.rows(rows, model=MAIN)


def _rows(fit: sem.Fit, paths: list[Path], ratio: Mapping[str, float]) -> list[dict]:
    tidy = fit.tidy()
    tidy = tidy[tidy["op"] == "~"].assign(term=lambda t: t["lhs"] + " ~ " + t["rhs"]).set_index("term")
    found = []
    for path in paths:
        row = tidy.loc[path.term]
        z = row["est"] / (row["se"] * ratio[path.term])
        numbers = {"estimate": row["std_all"], "statistic": z, "pvalue": float(two_sided(z))}
        found.append({"term": path.term, "quantity": "std_all"} | numbers)
    return found
