"""Do effects differ with what data sets are, and do small ones show larger effects: made where there are enough."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from models import results, specs, synthesis
from models.choices import choices
from models.remarks import Remark, packed, remark

SMALL = "small_studies"


def explained(effects: pd.DataFrame) -> pd.DataFrame:
    """Meta-regressions on each declared moderator and the test of small-study effects, or why there are none.

    Parameters
    ----------
    effects : DataFrame
        What `effects` gives.

    Returns
    -------
    Rows `synthesis_checks` of every effect that two data sets have.
    """
    rows: list[dict] = []
    for (kind, of), part in effects[effects["pooled"].astype(bool)].groupby(["kind", "of"], sort=False):
        if len(part) < 2:
            continue
        found = [row for name in specs.synthesis().moderators for row in _moderated(part, name)]
        rows += [row | {"sample": kind, "term": of} for row in (*found, _small_studies(part))]
    return results.rows(rows, table="synthesis_checks")


def _moderated(part: pd.DataFrame, moderator: str) -> Iterator[dict]:
    known = part[part[moderator] != ""]
    least = choices.synthesis_moderator_sets
    if len(known) < least:
        said = remark("few_sets_for_moderator", moderator=moderator, n=len(known), least=least)
        yield _not_made(moderator, said, len(known))
        return
    if known[moderator].nunique() < 2:
        yield _not_made(moderator, remark("same_in_all_sets", moderator=moderator), len(known))
        return
    y, v = known["estimate"].to_numpy(float), known["se"].to_numpy(float) ** 2
    try:
        found = synthesis.moderators(y, v, known[[moderator]].reset_index(drop=True))
    except synthesis.SynthesisError as error:
        yield _not_made(moderator, remark("check_failed", moderator=moderator, why=error.remark), len(known))
        return
    test = {"statistic": found.statistic, "df": found.df, "df2": found.df2, "pvalue": found.pvalue_all}
    yield {"group": moderator, "quantity": "moderator", "n": len(known)} | test
    for level, at in known.groupby(moderator, sort=False):
        w = 1 / (at["se"].to_numpy(float) ** 2 + found.tau2)
        mean, se = float(np.average(at["estimate"].astype(float), weights=w)), float(w.sum() ** -0.5)
        yield {"group": f"{moderator}: {level}", "quantity": "level", "estimate": mean, "se": se, "n": len(at)}


def _small_studies(part: pd.DataFrame) -> dict:
    least = choices.synthesis_small_study_sets
    if len(part) < least:
        return _not_made(SMALL, remark("few_sets_for_small_studies", n=len(part), least=least), len(part))
    found = synthesis.small_studies(part["estimate"].to_numpy(float), part["se"].to_numpy(float) ** 2)
    test = {"statistic": found.statistic, "pvalue": found.pvalue, "estimate": found.limit}
    return {"group": SMALL, "quantity": "small_studies", "n": len(part)} | test


def _not_made(moderator: str, said: Remark, n: int) -> dict:
    return {"group": moderator, "quantity": "not_made", "n": n, "note": packed([said])}
