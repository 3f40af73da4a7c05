"""Cross-lagged panel models as model text, with and without stable differences between respondents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from models.sem.errors import ArgumentError


def cross_lagged(waves: Mapping[str, Sequence[str]], equal: bool = False) -> str:
    """Return the text of a cross-lagged panel model.

    Parameters
    ----------
    waves : mapping of str to sequence of str
        Variable → its columns in order of time, the same number for each.
    equal : bool
        Whether each lagged path is the same at all times; its label is ``predictor_outcome``.

    Returns
    -------
    str
        Model text for `sem.fit`.

    Raises
    ------
    ArgumentError
        If the variables have different or too few times.

    Notes
    -----
    Residuals of one time covary. The paths mix change within respondents with stable differences between them; for the
    former alone see `random_intercept_cross_lagged`.

    Examples
    --------
    >>> from models import sem
    >>> print(sem.cross_lagged({"trust": ["t1", "t2"], "use": ["u1", "u2"]}), end="")
    t2 ~ t1 + u1
    u2 ~ t1 + u1
    t2 ~~ u2
    """
    times = _times(waves, 2)
    return "\n".join(_paths({name: list(columns) for name, columns in waves.items()}, times, equal)) + "\n"


def random_intercept_cross_lagged(waves: Mapping[str, Sequence[str]], equal: bool = True) -> str:
    """Return the text of a random-intercept cross-lagged panel model.

    Each column is the sum of a stable part of the respondent, ``between_<variable>``, and a passing one,
    ``within_<column>``; lagged paths connect the passing ones (Hamaker, Kuiper & Grasman 2015,
    https://doi.org/10.1037/a0038889).

    Parameters
    ----------
    waves : mapping of str to sequence of str
        Variable → its columns in order of time, at least three.
    equal : bool
        Whether each lagged path is the same at all times; its label is ``predictor_outcome``.

    Returns
    -------
    str
        Model text for `sem.fit`.

    Raises
    ------
    ArgumentError
        If the variables have different or too few times.

    Examples
    --------
    >>> from models import sem
    >>> text = sem.random_intercept_cross_lagged({"trust": ["t1", "t2", "t3"], "use": ["u1", "u2", "u3"]})
    >>> text.splitlines()[0]
    'between_trust =~ 1*t1 + 1*t2 + 1*t3'
    """
    times = _times(waves, 3)
    between = {name: f"between_{name}" for name in waves}
    within = {name: [f"within_{column}" for column in columns] for name, columns in waves.items()}
    lines = []
    for name, columns in waves.items():
        lines.append(f"{between[name]} =~ {' + '.join(f'1*{column}' for column in columns)}")
        lines += [f"{factor} =~ 1*{column}" for factor, column in zip(within[name], columns, strict=True)]
        lines += [f"{column} ~~ 0*{column}" for column in columns]
        lines += [f"{column} ~ 1" for column in columns]
    lines += _paths(within, times, equal)
    lines += [f"{factor} ~~ {factor}" for factors in within.values() for factor in factors]
    lines += [f"{factor} ~~ {factor}" for factor in between.values()]
    lines += [f"{a} ~~ {b}" for a, b in combinations(between.values(), 2)]
    lines += [f"{a[0]} ~~ {b[0]}" for a, b in combinations(within.values(), 2)]
    lines += [f"{a} ~~ 0*{factors[0]}" for a in between.values() for factors in within.values()]
    return "\n".join(lines) + "\n"


def _paths(series: Mapping[str, Sequence[str]], times: int, equal: bool) -> list[str]:
    """Return lagged paths, and covariances within each time but the first."""
    lines = []
    for t in range(1, times):
        for outcome, columns in series.items():
            terms = [(f"{p}_{outcome}*" if equal else "") + other[t - 1] for p, other in series.items()]
            lines.append(f"{columns[t]} ~ {' + '.join(terms)}")
    for t in range(1, times):
        lines += [f"{a[t]} ~~ {b[t]}" for a, b in combinations(series.values(), 2)]
    return lines


def _times(waves: Mapping[str, Sequence[str]], needed: int) -> int:
    lengths = {name: len(columns) for name, columns in waves.items()}
    if len(waves) < 2 or len(set(lengths.values())) != 1:
        raise ArgumentError(f"Two or more variables with the same number of times are needed, found {lengths}.")
    times = next(iter(lengths.values()))
    if times < needed:
        raise ArgumentError(f"At least {needed} times are needed, found {times}.")
    columns = [column for own in waves.values() for column in own]
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise ArgumentError(
            f"Columns stand twice: {', '.join(twice)}. Each time of each variable needs its own column."
        )
    return times
