"""Answers as a survey would have them if no construct had anything to do with another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from models import measurement, theory
from models.analysis.setting import Questionnaire
from models.measurement.scales.confirm import FactorModelError


@dataclass(frozen=True, eq=False)
class Unrelated:
    """A survey of which many like it are drawn.

    Attributes
    ----------
    data
        The answers that were given, one row a respondent.
    loadings
        Item → standardised loading, of the items that a factor model can hold.
    owner
        Item → its construct.
    correlations
        Constructs by constructs; those of different mechanisms are zero.
    others
        Columns of answers that belong to no construct of the factor model.
    """

    data: pd.DataFrame
    loadings: pd.Series
    owner: Mapping[str, str]
    correlations: pd.DataFrame
    others: tuple[str, ...] = ()

    def draw(self, rng: np.random.Generator) -> pd.DataFrame:
        """The answers of as many people, with the gaps, groups and everything else but the answers as they are."""
        names = list(self.correlations)
        factors = rng.multivariate_normal(np.zeros(len(names)), self.correlations, len(self.data))
        out = self.data.copy()
        for item, loading in self.loadings.items():
            unique = np.sqrt(max(1 - loading**2, 0.0)) * rng.standard_normal(len(out))
            out[item] = dealt(self.data[item], loading * factors[:, names.index(self.owner[str(item)])] + unique)
        for item in self.others:
            out[item] = dealt(self.data[item], rng.standard_normal(len(out)))
        return out


def unrelated(asked: Questionnaire, data: pd.DataFrame) -> Unrelated:
    """The measurement model of a survey with all relations of its constructs taken out.

    Loadings are those of the factor model of all scales; answers are drawn from it, normal, and each item's own answers
    are dealt out in the order of what was drawn (as in normal-to-anything, Cario & Nelson 1997): means, skew and the
    answer format stay exactly as they are, correlations of items shrink a little where answers are few. Levels of one
    mechanism correlate alike, by their mean correlation: they are what one factor makes them, in no order. Groups say
    nothing about answers.

    Parameters
    ----------
    data
        The clean answers.

    Raises
    ------
    models.measurement.MeasurementError
        When there is no factor model of the scales.
    """
    asked = replace(asked, left_out=frozenset(measurement.not_estimable(data, asked.codebook)))
    model = measurement.confirmed(data, asked.scales)
    if isinstance(model, FactorModelError):
        raise model
    owner = {item: construct for construct, items in asked.scales.items() for item in items}
    others = tuple(item for item in asked.limits if item not in owner)
    return Unrelated(data, model.standardised.clip(-1, 1), owner, without_relations(model.correlations), others)


def without_relations(correlations: pd.DataFrame) -> pd.DataFrame:
    """Zero between constructs of different mechanisms; the mean correlation between levels of the same."""
    names = list(correlations)
    out = pd.DataFrame(np.eye(len(names)), index=names, columns=names)
    for construct in theory.constructs():
        same = [name for name in (construct, *theory.levels(construct)) if name in names]
        if theory.levels(construct) and len(same) > 1:
            block = correlations.loc[same, same].to_numpy(float)
            mean = np.clip(block[np.tril_indices(len(same), -1)].mean(), 0.0, 0.99)
            out.loc[same, same] = mean + (1 - mean) * np.eye(len(same))
    return out


def dealt(answers: pd.Series, order: np.ndarray) -> pd.Series:
    """The same answers, the lowest to whom the order (n,) is lowest; who gave none gets none."""
    there = answers.notna().to_numpy()
    out = answers.astype(float).to_numpy(copy=True)
    out[np.flatnonzero(there)[np.argsort(order[there])]] = np.sort(out[there])
    return pd.Series(out, index=answers.index)
