"""What the verdicts on one survey rest on, and nothing else: all pieces that decide, in this process."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import pandas as pd

from models import theory
from models.analysis.setting import Doubtful, Estimation, Questionnaire
from models.statistics.seeding import SeedOf
from models.survey.all_analyses import analyses, with_detectable
from models.survey.all_measurement import measurements
from models.survey.answer_quality import NO_FLAGS, Flagged
from models.theory import Contrast, Equivalence

# Pieces that only stand beside a verdict: how answers look, other choices, other models, a second program.
BESIDE = {
    "profile", "quality", "factor_fit", "dimensionality", "misfit", "method", "fit_cutoffs", "second_opinion", "rivals",
    "sensitivity", "leave_one_out", "without_items", "influential_people", "necessity", "invariance",
}  # fmt: skip


def deciding_rows(asked: Questionnaire, data: pd.DataFrame, options: Estimation, seeds: SeedOf) -> pd.DataFrame:
    """Rows that decide the hypotheses, and those of the threats that follow from them without another model.

    No ladder of invariance is climbed, which takes longest: groups are compared as if their loadings were alike, which
    they are where answers are simulated alike in all groups.

    Parameters
    ----------
    asked
        What people were asked; only groups that a hypothesis compares are looked at.
    data
        One row a respondent.
    options
        How models are estimated, and the resamples for intervals of effects and ratios.

    Returns
    -------
    Rows of the results table.
    """
    compared = [h.survey.by for h in theory.hypotheses().values() if isinstance(h.survey, Contrast | Equivalence)]
    asked = replace(asked, groups=tuple(by for by in asked.groups if by in compared), controls=())
    nobody = Flagged(NO_FLAGS, pd.DataFrame())
    rows = list(
        chain.from_iterable(
            piece(seeds)
            for piece in measurements(asked, data, nobody, Doubtful(), "", options.bootstrap)
            if piece.name not in BESIDE
        )
    )
    steps = analyses(asked, data, data.iloc[:0], options, NO_FLAGS, Doubtful(), lambda _: _silent)
    steps = [one for one in steps if one.name not in BESIDE]
    found = with_detectable([*(piece(seeds) for piece in steps), []], asked, data)
    return pd.concat([part for part in rows + found if len(part)], ignore_index=True)


def _silent(what: str, done: int, of: int) -> None:
    pass
