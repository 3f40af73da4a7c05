"""Which standardised effects of the data sets are put together, and with which standard errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from models import specs, theory
from models.across.studies import Study
from models.choices import choices
from models.statistics.distributions import normal_quantile

COLUMNS = ["data_set", "kind", "of", "hypothesis", "family", "model", "estimate", "se", "n", "pooled", "measure"]


def effects(studies: Sequence[Study]) -> pd.DataFrame:
    """One row an effect of a data set: of a hypothesis that it could test, or of a declared link.

    Parameters
    ----------
    studies : sequence of Study
        Observed data sets.

    Returns
    -------
    DataFrame
        `data_set`, `kind` (survey or panel), `of` (hypothesis or link), `hypothesis` and `family` (empty of a link),
        `model`, `estimate` and `se` in standard deviations, `n`, `pooled` (whether it enters a mean: the rule of the
        hypothesis lets it, and outcome and cause are not nearly one number in the log), `measure` (`proxy` where the
        card says so of a construct of the claim, else `direct`), and a column a declared moderator.

    Notes
    -----
    The standard error is read off the width of the interval (Cochrane Handbook for Systematic Reviews of Interventions
    5.1.0, 7.7.7.2, https://doi.org/10.1002/9780470712184): exact for intervals by the normal distribution, larger than
    the estimated one for those of Student's t with few clusters.
    """
    declared = specs.synthesis()
    moderators = [name for name in declared.moderators if name != "measure"]
    rows = [
        entry | {"data_set": study.name} | {name: study.traits.get(name, "") for name in moderators}
        for study in studies
        for entry in (*_of_hypotheses(study), *_of_links(study))
    ]
    found = pd.DataFrame(rows, columns=[*COLUMNS, *moderators])
    sound = np.isfinite(found[["estimate", "se"]].astype(float)).all(axis=1) & (found["se"].astype(float) > 0)
    return found[sound].reset_index(drop=True)


def _of_hypotheses(study: Study) -> Iterator[dict[str, Any]]:
    reach = normal_quantile(1 - choices.alpha)
    tested = study.verdicts[study.verdicts["verdict"] != "not_testable"]
    for row in tested.to_dict("records"):
        hypothesis = theory.hypotheses().get(row["hypothesis"])
        if hypothesis is None or row["kind"] not in specs.synthesis().estimands:
            continue
        test = hypothesis.survey if row["kind"] == "survey" else hypothesis.panel
        yield {
            "kind": row["kind"],
            "of": hypothesis.id,
            "hypothesis": hypothesis.id,
            "family": hypothesis.family,
            "model": row["model"],
            "estimate": row["standardised"],
            "se": (row["zero_upper"] - row["zero_lower"]) / (2 * reach),
            "n": row["n"],
            "pooled": row["rule"].partition(" ")[0] in specs.synthesis().rules
            and not _alike(study, row["model"], row["term"]),
            "measure": _measure(study, test.needs.constructs),
        }


def _of_links(study: Study) -> Iterator[dict[str, Any]]:
    rows = study.rows
    for name, link in specs.synthesis().links.items():
        of = (rows["table"] == "slopes") & (rows["quantity"] == "std") & rows["group"].isin(["", "all"])
        for row in rows[of & (rows["model"] == link.model) & (rows["term"] == link.term)].to_dict("records"):
            outcome = specs.panel_specs()[link.model].outcome
            yield {
                "kind": "panel",
                "of": name,
                "hypothesis": "",
                "family": "",
                "model": link.model,
                "estimate": row["estimate"],
                "se": (row["ci_upper"] - row["ci_lower"]) / (2 * normal_quantile(0.5 + choices.confidence / 2)),
                "n": row["n"],
                "pooled": not _alike(study, link.model, link.term),
                "measure": _measure(study, (outcome, name.removesuffix(f"_{outcome}"))),
            }


def _alike(study: Study, model: str, term: str) -> bool:
    """Whether outcome and cause are nearly one number in the log, so that a slope between them may be arithmetic."""
    rows = study.rows
    of = (rows["table"] == "alike") & (rows["model"] == model) & (rows["term"] == term)
    return bool((rows[of]["estimate"].abs() >= choices.synthesis_proxy_correlation).any())


def _measure(study: Study, constructs: Sequence[str]) -> str:
    """Whether the card calls what stands for one of the constructs, or for a level of it, a proxy."""
    known = theory.constructs()
    meant = {level for level in study.proxies if level in constructs or known[level].part_of in constructs}
    return "proxy" if meant else "direct"
