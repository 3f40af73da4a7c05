"""Latent growth curves as model text (Meredith & Tisak 1990, https://doi.org/10.1007/BF02294746)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from models.sem.arguments import choice
from models.sem.errors import ArgumentError
from models.sem.options import GrowthResiduals, Shape


def growth(
    items: Sequence[str],
    shape: Shape = "linear",
    times: Sequence[float] | None = None,
    names: Sequence[str] = ("intercept", "slope", "quadratic"),
    residuals: GrowthResiduals = "free",
) -> str:
    """Return the text of a growth model: latent means free, intercepts of the items zero.

    Parameters
    ----------
    items : sequence of str
        The repeated measure, in order of time.
    shape : {"linear", "quadratic", "latent_basis"}
        ``"latent_basis"``: the change from the first to the last time is one, the times between are estimated.
    times : sequence of float, optional
        Times of measurement; 0, 1, 2, … by default.
    names : sequence of str
        Names of the growth factors.
    residuals : {"free", "equal"}
        Whether the residual variance is the same at all times.

    Returns
    -------
    str
        Model text for `sem.fit`.

    Raises
    ------
    ArgumentError
        If the shape or the residuals are unknown, there are too few times or names, or times do not increase.

    Examples
    --------
    >>> from models import sem
    >>> print(sem.growth(["u1", "u2", "u3"]), end="")
    intercept =~ 1*u1 + 1*u2 + 1*u3
    slope =~ 0*u1 + 1*u2 + 2*u3
    intercept ~ 1
    slope ~ 1
    u1 ~ 0*1
    u2 ~ 0*1
    u3 ~ 0*1
    """
    choice("shape", shape, get_args(Shape))
    choice("residuals", residuals, get_args(GrowthResiduals))
    needed = {"linear": 3, "quadratic": 4, "latent_basis": 3}[shape]
    if len(items) < needed:
        raise ArgumentError(f"A {shape} growth model needs at least {needed} times, found {len(items)}.")
    times = list(range(len(items))) if times is None else list(times)
    if len(times) != len(items) or any(b <= a for a, b in zip(times[:-1], times[1:], strict=True)):
        raise ArgumentError(f"times={times} must be {len(items)} increasing numbers, one an item.")
    number = 3 if shape == "quadratic" else 2
    if len(names) < number:
        raise ArgumentError(f"names={tuple(names)} must name the {number} factors of a {shape} growth model.")
    weights: list[list[float | None]] = [[1.0] * len(items)]
    if shape == "latent_basis":
        weights.append([0.0, *[None] * (len(items) - 2), 1.0])
    else:
        weights.append([float(t) for t in times])
    if shape == "quadratic":
        weights.append([float(t) ** 2 for t in times])
    factors = list(names[: len(weights)])
    lines = [f"{factor} =~ {_sum(items, own)}" for factor, own in zip(factors, weights, strict=True)]
    lines += [f"{factor} ~ 1" for factor in factors]
    lines += [f"{item} ~ 0*1" for item in items]
    if residuals == "equal":
        lines += [f"{item} ~~ residual*{item}" for item in items]
    return "\n".join(lines) + "\n"


def _sum(items: Sequence[str], weights: Sequence[float | None]) -> str:
    return " + ".join(item if w is None else f"{w:.12g}*{item}" for item, w in zip(items, weights, strict=True))
