r"""What surrounds the users and does not answer to them: strategy, rivals' prices, traits, instruments, a control.

An instrument is :math:`z = \sigma (c\,u/\sigma_u + \sqrt{1 - c^2}\,e)` with the shock :math:`u` of one level: it goes
with that level and reaches everything else only through it.
"""

from __future__ import annotations

import numpy as np

from models.benchmark.declaration import TRUTH, cells

AT_ONCE = ("rival_price",)


def entries() -> dict[str, dict]:
    """Measure → its declaration, of everything that surrounds the users."""
    declared = TRUTH["behaviour"]
    return declared["surroundings"] | declared["controls"] | declared["traits"] | declared["instruments"]


def deviations(cell: np.ndarray, shocks: dict[str, np.ndarray], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Deviations of every such measure from its mean, each (months, users).

    Parameters
    ----------
    cell
        (users,) cell of each user.
    shocks
        First-order measure → (months, users) what is new in it every month.
    """
    declared, platforms = TRUTH["behaviour"], cells()["platform_type"].to_numpy()[cell]
    shape = next(iter(shocks.values())).shape
    found = {}
    for name, entry in (declared["surroundings"] | declared["controls"]).items():
        found[name] = rng.normal(0, entry["innovation_sd"], shape)
        if "platform_sd" in entry:
            names, codes = np.unique(platforms, return_inverse=True)
            found[name] += rng.normal(0, entry["platform_sd"], (shape[0], len(names)))[:, codes]
    for name, entry in declared["traits"].items():
        found[name] = np.tile(entry["sd"] * rng.standard_normal(shape[1]), (shape[0], 1))
    for name, entry in declared["instruments"].items():
        r, shock = entry["correlation"], shocks[entry["shifts"]] / declared["levels"]["innovation_sd"]
        found[name] = entry["sd"] * (r * shock + np.sqrt(1 - r**2) * rng.standard_normal(shape))
    return found


def moderated(around: dict[str, np.ndarray], effect_scale: float) -> dict[tuple[str, str], np.ndarray]:
    """(cause, effect) → (users,) what a trait of the user adds to that slope."""
    declared = TRUTH["behaviour"]
    return {
        (entry["from"], entry["to"]): effect_scale
        * entry["value"]
        * around[entry["by"]][0]
        / declared["traits"][entry["by"]]["sd"]
        for entry in declared["moderation"]
    }
