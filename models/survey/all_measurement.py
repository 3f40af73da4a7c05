"""All that is asked of the items and scales of one survey, as pieces that may run beside each other."""

from __future__ import annotations

import pandas as pd

from models import measurement
from models.analysis.pieces import Piece
from models.analysis.setting import Doubtful, Questionnaire
from models.survey.answer_quality import Flagged, quality_rows
from models.survey.ladder_rows import invariance_rows
from models.survey.measurement_rows import (
    codebook_rows,
    dimension_rows,
    factor_fit_rows,
    factor_model,
    method_rows,
    misfit_rows,
    model_scales,
)
from models.survey.profile import profile_rows


def measurements(
    asked: Questionnaire, data: pd.DataFrame, flagged: Flagged, rule: Doubtful, place: str, draws: int
) -> list[Piece]:
    """Pieces in the order of their rows; ladders of many groups last longest.

    Parameters
    ----------
    data
        Answers of the people who stay.
    flagged
        Whose answers are how doubtful.
    rule, place
        Whose answers are doubted, and where that is declared.
    draws
        Resamples of the people for intervals of heterotrait–monotrait ratios.
    """
    model = factor_model(asked, data)
    pieces = [
        Piece("profile", profile_rows, (asked, data)),
        Piece("quality", quality_rows, (asked, data, flagged, rule, place)),
        Piece("scales", codebook_rows, (asked, data, draws, model), weight=3),
        Piece("factor_fit", factor_fit_rows, (model,), weight=2),
    ]
    asked = asked.without(measurement.not_estimable(data, asked.codebook))
    scales = model_scales(asked)
    if len(scales) > 1:
        pieces += [
            Piece("dimensionality", dimension_rows, (asked, data), weight=1),
            Piece("misfit", misfit_rows, (asked, data), weight=1),
            Piece("method", method_rows, (asked, data), weight=1),
        ]
        for group in (name for name in asked.groups if data[name].nunique() > 1):
            for kind in ("", "ordered") if group in asked.ordered_groups else ("",):
                weight = (2 if kind else 1) + 2 * data[group].nunique()
                pieces.append(Piece("invariance", invariance_rows, (data, scales, group, kind), weight=weight))
    return pieces
