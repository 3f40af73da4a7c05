"""Observed covariates beside the theory's causes: age, gender and the like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import pandas as pd

from models.choices import choices
from models.sem.language.editing import add, related
from models.sem.samples.answers import numbers
from models.specs import Built

PREFIX = "control"


def covariates(data: pd.DataFrame, controls: Iterable[str]) -> pd.DataFrame:
    """Numbers as they are, categories as indicator variables.

    Parameters
    ----------
    data
        One column a control; text is a category.
    controls
        Names of columns.

    Returns
    -------
    Columns `control_1`, `control_2`, …; missing where the control is. The reference category is the most frequent one
    together with those that too few people chose (`choices.smallest_category`), whose own coefficient nobody could
    estimate. Controls that do not vary are left out.
    """
    columns = []
    for name in controls:
        values = data[name]
        if pd.api.types.is_numeric_dtype(values):
            columns.append(pd.Series(numbers(values, name), values.index))
            continue
        sizes = values.value_counts()
        for category in sorted(sizes.index[1:][sizes.iloc[1:] >= choices.smallest_category]):
            columns.append((values == category).astype(float).where(values.notna()))
    varying = [column for column in columns if column.nunique() > 1]
    return pd.DataFrame({f"{PREFIX}_{k}": column for k, column in enumerate(varying, start=1)}, index=data.index)


def with_controls(built: Built, names: Sequence[str]) -> Built:
    """The model in which every construct may also depend on observed covariates.

    Outcomes are regressed on them beside their causes. So are the causes, which then correlate by what the covariates
    do not explain: otherwise the model would claim that nobody's age goes with their trust.
    """
    if not names:
        return built
    terms = " + ".join(names)
    indicators = {rhs for _, rhs in related(built.parsed, "=~")}
    constructs = [latent for latent in built.latents if latent not in indicators]
    outcomes = {lhs for lhs, _ in related(built.parsed, "~")}
    stated = {frozenset(pair) for pair in related(built.parsed, "~~")}
    causes = [construct for construct in constructs if construct not in outcomes]
    lines = [f"{construct} ~ {terms}" for construct in constructs]
    lines += [f"{a} ~~ {b}" for a, b in combinations(causes, 2) if frozenset((a, b)) not in stated]
    return built.saying(add(built.parsed, "\n".join(lines)))
